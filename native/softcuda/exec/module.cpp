#include <algorithm>
#include <cstring>
#include <new>

#include "../ptx/lexer.h"
#include "../ptx/parser.h"
#include "decode.h"
#include "engine.h"
#include "layout.h"
#include "translation.h"

// Module: from PTX text to kernels that can run.
namespace softcuda {

namespace {

// Module variables are bounded so that a wrong size is an error and not the end of the process.
constexpr size_t kMaxVariableBytes = size_t{1} << 31;

std::unique_ptr<Program> build(const ptx::Function& kernel, const Functions& functions, const Symbols& symbols) {
  auto program = std::make_unique<Program>();
  Program& p = *program;
  p.name = kernel.name;
  if (kernel.max_threads[0]) p.max_threads = std::min(1024, kernel.max_threads[0] * kernel.max_threads[1] * kernel.max_threads[2]);
  Linked linked = link(kernel, functions);
  for (auto& part : linked.parts) {
    part.first_call = p.calls.size();
    for (ptx::Call call : part.function->calls) {
      if (call.outer >= 0) call.outer += static_cast<int>(part.first_call);
      p.calls.push_back(call);
    }
  }
  Symbols shared;
  lay_out(linked, shared, p);
  Draft draft = decode(linked, symbols, shared, p);
  propagate_copies(draft);
  std::vector<uint32_t> offsets;
  assign_slots(draft, linked, p, offsets);
  assemble(draft, linked, offsets, p);
  fuse(p);
  const auto keep_name = [&](int number) {
    const auto file = functions.text.files.find(number);
    if (file != functions.text.files.end()) p.files.insert(*file);
  };
  for (const auto& where : p.where) keep_name(where.source_file);
  for (const auto& call : p.calls) keep_name(call.file);
  use_translation(p);
  return program;
}

}  // namespace

Kernel::Kernel(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Kernel::~Kernel() = default;
const std::string& Kernel::name() const { return program_->name; }
const std::vector<Param>& Kernel::params() const { return program_->params; }
size_t Kernel::param_bytes() const { return program_->param_bytes; }
int Kernel::max_threads_per_block() const { return program_->max_threads; }
size_t Kernel::static_shared() const { return program_->static_shared; }
int Kernel::registers() const { return program_->registers; }
size_t Kernel::local_bytes() const { return program_->local_bytes; }

std::unique_ptr<Module> Module::load(const char* ptx, size_t length, Memory& memory) {
  try {
    return load_text(ptx, length, memory);
  } catch (const std::bad_alloc&) {
    throw Failure(kOutOfMemory, "the host has no memory for a PTX module of " + std::to_string(length) + " bytes");
  }
}

std::unique_ptr<Module> Module::load_text(const char* ptx, size_t length, Memory& memory) {
  const ptx::Text text = ptx::parse(ptx, length);
  std::unique_ptr<Module> module(new Module(memory));
  const Functions functions(text);
  Symbols symbols;
  for (size_t i = 0; i < functions.all.size(); ++i) symbols[functions.all[i]->name] = {ptx::Variable::Space::Code, functions.base + i * Functions::kStep};
  for (const auto& alias : text.aliases) {
    if (const ptx::Function* f = functions.find(alias.first)) symbols[alias.first] = symbols.at(f->name);
  }
  size_t variable_bytes = 0;
  for (const auto& v : text.variables) {
    if (v.dynamic || v.size == 0) ptx::syntax_error(v.line, "variable '" + v.name + "' has no size");
    variable_bytes += v.size;
    limit(v, variable_bytes, kMaxVariableBytes, "module variables");
    const uint64_t address = memory.allocate(v.size, v.name.c_str());
    module->globals_[v.name] = {address, v.size};
    void* data = reinterpret_cast<void*>(address);
    std::memset(data, 0, v.size);
    if (!v.init.empty()) std::memcpy(data, v.init.data(), v.init.size());
    memory.initialise(address, v.size);
    symbols[v.name] = {v.space, address};
  }
  for (const auto& v : text.variables) {
    for (const auto& pointer : v.pointers) {
      const auto target = symbols.find(pointer.symbol);
      if (target == symbols.end()) ptx::syntax_error(v.line, "unknown symbol '" + pointer.symbol + "'");
      const uint64_t value = target->second.address + static_cast<uint64_t>(pointer.addend);
      std::memcpy(reinterpret_cast<char*>(module->globals_[v.name].address) + pointer.offset, &value, sizeof value);
    }
  }
  module->build_kernels(text, functions, symbols);
  return module;
}

// A kernel that cannot run here is no obstacle to the others; a module of which none can run is one.
void Module::build_kernels(const ptx::Text& text, const Functions& functions, const Symbols& symbols) {
  for (const auto& f : text.entries) {
    try {
      kernels_[f.name] = std::make_unique<Kernel>(build(f, functions, symbols));
    } catch (const Failure& failure) {
      if (failure.result != kInvalidPtx) throw;
      kernels_.erase(f.name);
      refused_.emplace(f.name, failure);
    }
  }
  if (kernels_.empty() && !refused_.empty()) throw refused_.at(text.entries.front().name);
}

void Module::require_kernel(const std::string& name) const {
  if (kernels_.count(name) != 0) return;
  const auto refused = refused_.find(name);
  if (refused != refused_.end()) throw refused->second;
  std::string known;
  for (const std::string& entry : kernel_names()) known += (known.empty() ? "" : ", ") + entry;
  throw Failure(kNotFound, "the module has no kernel " + name + "; it has: " + known);
}

Module::~Module() {
  for (const auto& g : globals_) {
    try {
      memory_.release(g.second.address);
    } catch (const Failure&) {
      // The program freed a module variable itself: nothing is left to free.
    }
  }
}

const Kernel* Module::kernel(const std::string& name) const {
  const auto found = kernels_.find(name);
  return found == kernels_.end() ? nullptr : found->second.get();
}

std::vector<std::string> Module::kernel_names() const {
  std::vector<std::string> names;
  for (const auto& k : kernels_) names.push_back(k.first);
  return names;
}

bool Module::global(const std::string& name, uint64_t* address, size_t* size) const {
  const auto found = globals_.find(name);
  if (found == globals_.end()) return false;
  if (address) *address = found->second.address;
  if (size) *size = found->second.size;
  return true;
}

}  // namespace softcuda
