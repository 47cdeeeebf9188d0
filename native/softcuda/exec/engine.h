#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../check/memory.h"
#include "failure.h"
#include "options.h"

namespace softcuda {

struct Program;  // exec/program.h: the decoded form of one kernel
struct Functions;  // exec/linked.h
struct Symbol;
namespace ptx {
struct Text;
}

struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
};

struct Param {
  size_t offset = 0, size = 0;
};

class Kernel {
 public:
  explicit Kernel(std::unique_ptr<Program> program);
  ~Kernel();
  const std::string& name() const;
  // In the order of the PTX entry; offsets follow the parameters' alignment as on a GPU.
  const std::vector<Param>& params() const;
  size_t param_bytes() const;
  // From .maxntid (product of its extents), else 1024.
  int max_threads_per_block() const;
  size_t static_shared() const;
  // 32-bit registers a thread would need; an estimate (widest live set), since ptxas did not run.
  int registers() const;
  size_t local_bytes() const;  // without the stack
  const Program& program() const { return *program_; }

 private:
  std::unique_ptr<Program> program_;
};

class Module {
 public:
  // Parses and decodes the whole text. Throws Failure(218) that names instruction and PTX line; where other kernels can run, one that cannot
  // fails when it is asked for.
  // Module variables (.global, .const) are allocated in `memory`, which must outlive the module.
  static std::unique_ptr<Module> load(const char* ptx, size_t length, Memory& memory);
  ~Module();
  // Throws Failure: 500 when there is no such entry, 218 with the reason when it cannot run here.
  void require_kernel(const std::string& name) const;
  // nullptr when there is no such entry, or it cannot run here.
  const Kernel* kernel(const std::string& name) const;
  std::vector<std::string> kernel_names() const;
  bool global(const std::string& name, uint64_t* address, size_t* size) const;

 private:
  struct Variable {
    uint64_t address;
    size_t size;
  };
  static std::unique_ptr<Module> load_text(const char* ptx, size_t length, Memory& memory);
  explicit Module(Memory& memory) : memory_(memory) {}
  void build_kernels(const ptx::Text& text, const Functions& functions, const std::map<std::string, Symbol>& symbols);
  Memory& memory_;
  std::map<std::string, std::unique_ptr<Kernel>> kernels_;
  std::map<std::string, Failure> refused_;
  std::map<std::string, Variable> globals_;
};

// What cuCtxSetLimit sets: the stack of a thread, of which there is never less than kLeastStack, and the heap of malloc in kernels.
struct Limits {
  size_t stack = 1024, heap = size_t{8} << 20;
};
constexpr size_t kLeastStack = size_t{64} << 10, kMostStack = size_t{512} << 10;

struct LaunchConfig {
  const Kernel* kernel = nullptr;
  Dim3 grid, block;
  uint32_t dynamic_shared = 0;
  Limits limits;
  std::vector<unsigned char> params;  // param_bytes() bytes, packed at the offsets of params()
  uint32_t operation = 0;             // the launch's number in `order`
  const Order* order = nullptr;       // null: every earlier operation has ended
};

// Largest sum of static and dynamic shared memory of a block.
constexpr size_t kMaxSharedBytes = 227 * 1024;

// Runs the grid to its end on Options::workers threads. Calls from several threads are run one after the other.
// Throws Failure: 1 (bad shape), 700/716 (memory), 701 (too many threads), 715/719 (trap, deadlock) with a report of several lines.
void execute(const LaunchConfig& launch, Memory& memory);

// "avx512" or "avx2": which compilation of the operations this processor runs.
const char* instruction_set();

}  // namespace softcuda
