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

// What a GPU of compute capability 8.0 and its compiler accept at most. Module variables are bounded so that a wrong size is an error
// and not the end of the process.
constexpr size_t kMaxParamBytes = 32764, kMaxLocalBytes = 512 * 1024, kMaxVariableBytes = size_t{1} << 31;

void limit(const ptx::Variable& v, size_t bytes, size_t most, const char* what) {
  if (bytes <= most) return;
  ptx::syntax_error(v.line, "with '" + v.name + "' there are " + std::to_string(bytes) + " bytes of " + what + ", of at most " + std::to_string(most));
}

size_t align_up(size_t v, size_t alignment) { return (v + alignment - 1) / alignment * alignment; }

// The names of one kernel among those of its module, which may be thousands.
class KernelSymbols {
 public:
  explicit KernelSymbols(Symbols& symbols) : symbols_(symbols) {}
  ~KernelSymbols() {
    for (const auto& name : added_) symbols_.erase(name);
    for (const auto& old : hidden_) symbols_[old.first] = old.second;
  }
  KernelSymbols(const KernelSymbols&) = delete;
  KernelSymbols& operator=(const KernelSymbols&) = delete;
  void add(const std::string& name, Symbol symbol) {
    const auto old = symbols_.find(name);
    if (old != symbols_.end()) hidden_.insert(*old);
    else added_.push_back(name);
    symbols_[name] = symbol;
  }

 private:
  Symbols& symbols_;
  Symbols hidden_;
  std::vector<std::string> added_;
};

std::unique_ptr<Program> build(const ptx::Function& f, Symbols& module_symbols, const std::map<int, std::string>& files) {
  auto program = std::make_unique<Program>();
  Program& p = *program;
  p.name = f.name;
  p.calls = f.calls;
  KernelSymbols symbols(module_symbols);
  for (const auto& v : f.params) {
    const size_t offset = align_up(p.param_bytes, v.align);
    p.params.push_back({offset, v.size});
    p.param_bytes = offset + v.size;
    limit(v, p.param_bytes, kMaxParamBytes, "parameters");
    symbols.add(v.name, {ptx::Variable::Space::Param, offset});
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
    if (v.space == ptx::Variable::Space::Shared) limit(v, used, kMaxSharedBytes, "shared memory");
    else limit(v, used, kMaxLocalBytes, "local memory a thread");
    symbols.add(v.name, {v.space, offset});
  }
  p.dynamic_shared_offset = static_cast<uint32_t>(align_up(p.static_shared, dynamic_align));
  for (const auto& v : f.variables) {
    if (v.dynamic) symbols.add(v.name, {v.space, p.dynamic_shared_offset});
  }
  if (f.max_threads[0]) p.max_threads = std::min(1024, f.max_threads[0] * f.max_threads[1] * f.max_threads[2]);

  Draft draft = decode(f, module_symbols, p);
  propagate_copies(draft);
  std::vector<uint32_t> offsets;
  assign_slots(draft, p, offsets);
  assemble(draft, offsets, p);
  fuse(p);
  const auto keep_name = [&](int number) {
    const auto file = files.find(number);
    if (file != files.end()) p.files.insert(*file);
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
  Symbols symbols;
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
