#include <algorithm>
#include <cstring>
#include <new>

#include "../ptx/lexer.h"
#include "../ptx/parser.h"
#include "decode.h"
#include "engine.h"
#include "translation.h"

// Module: from PTX text to kernels that can run.
namespace softcuda {

namespace {

size_t align_up(size_t v, size_t alignment) { return (v + alignment - 1) / alignment * alignment; }

std::unique_ptr<Program> build(const ptx::Function& f, Symbols symbols, const std::map<int, std::string>& files) {
  auto program = std::make_unique<Program>();
  Program& p = *program;
  p.name = f.name;
  p.files = files;
  for (const auto& v : f.params) {
    const size_t offset = align_up(p.param_bytes, v.align);
    p.params.push_back({offset, v.size});
    p.param_bytes = offset + v.size;
    symbols[v.name] = {ptx::Variable::Space::Param, offset};
  }
  size_t dynamic_align = 16;
  for (const auto& v : f.variables) {
    if (v.dynamic) {
      dynamic_align = std::max(dynamic_align, v.align);
      continue;
    }
    size_t& used = v.space == ptx::Variable::Space::Shared ? p.static_shared : p.local_bytes;
    const size_t offset = align_up(used, v.align);
    used = offset + v.size;
    symbols[v.name] = {v.space, offset};
  }
  p.dynamic_shared_offset = static_cast<uint32_t>(align_up(p.static_shared, dynamic_align));
  for (const auto& v : f.variables) {
    if (v.dynamic) symbols[v.name] = {v.space, p.dynamic_shared_offset};
  }
  if (p.static_shared > kMaxSharedBytes) {
    ptx::syntax_error(f.line, "kernel '" + f.name + "' has " + std::to_string(p.static_shared) + " bytes of static shared memory");
  }
  if (f.max_threads[0]) p.max_threads = std::min(1024, f.max_threads[0] * f.max_threads[1] * f.max_threads[2]);

  Draft draft = decode(f, symbols, p);
  propagate_copies(draft);
  std::vector<uint32_t> offsets;
  assign_slots(draft, p, offsets);
  assemble(draft, offsets, p);
  fuse(p);
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
  Symbols symbols;
  for (const auto& v : text.variables) {
    if (v.dynamic || v.size == 0) ptx::syntax_error(v.line, "variable '" + v.name + "' has no size");
    const uint64_t address = memory.allocate(v.size, v.name.c_str());
    module->globals_[v.name] = {address, v.size};
    void* data = reinterpret_cast<void*>(address);
    std::memset(data, 0, v.size);
    if (!v.init.empty()) std::memcpy(data, v.init.data(), v.size);
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
  for (const auto& f : text.entries) module->kernels_[f.name] = std::make_unique<Kernel>(build(f, symbols, text.files));
  return module;
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
