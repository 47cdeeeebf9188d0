#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../ptx/ast.h"
#include "effect.h"
#include "engine.h"

namespace softcuda {

struct CountPlan;
struct Op;
struct Operation;
struct Warp;

// A handler runs one operation for 32 lanes and returns the next one, or nullptr when it has changed the flow of control.
// Full: every live lane of the warp is here; register operations may also write lanes that do not exist.
// Masked: only the lanes of `mask` may be changed.
using Full = const Op* (*)(const Op* op, char* registers, Warp* warp);
using Masked = const Op* (*)(const Op* op, char* registers, Warp* warp, uint32_t mask);

// One decoded operation: a cache line. o[] are byte offsets into the warp's register file, in the order of the
// operation's signature (operations.h); constants live there too, so that every operand is an offset.
struct alignas(64) Op {
  Full full;
  Masked masked;
  uint32_t o[8];
  int64_t imm;
  const void* extra;
};

struct Location {
  int ptx_line = 0, source_file = 0, source_line = 0, call = -1;
};

// A register that holds the same value for a whole launch (or block), written before the kernel starts.
struct Constant {
  enum Kind { Bits, ParamValue, TidX, TidY, TidZ, NtidX, NtidY, NtidZ, NctaidX, NctaidY, NctaidZ, LaneId, WarpId, NwarpId,
              LaneEq, LaneLe, LaneLt, LaneGe, LaneGt, DynamicShared, TotalShared, ReservedBegin, ReservedEnd, ReservedCap, Zero,
              CtaidX, CtaidY, CtaidZ };
  Kind kind = Bits;
  int bytes = 4;
  bool sign = false;       // ParamValue: extend the sign
  int param_bytes = 4;     // ParamValue: width in the parameter block
  bool address = false;    // Bits: where a module variable lies, another value in every process
  uint64_t bits = 0;       // Bits: the value; ParamValue: the offset
  uint32_t offset = 0;     // in the register file
  bool per_block() const { return kind >= CtaidX; }
  // From lane to lane; all those are 32 bits wide.
  bool varies() const { return (kind >= TidX && kind <= TidZ) || kind == LaneId || (kind >= LaneEq && kind <= LaneGt); }
};

// One fused multiply-add of a run (extra of the run's first operation).
struct FmaStep {
  uint32_t d, a, b, c;
};

struct FmaRun {
  uint32_t count = 0;
  bool shared_a = false;  // every step multiplies by the same register, which no step but the last writes
  std::vector<FmaStep> steps;
  const FmaStep* data = nullptr;
};

struct BranchTable {
  std::vector<uint32_t> targets;
  const uint32_t* data = nullptr;
  uint32_t count = 0;
};

// What an operation that moves the stack of a thread needs to know. The stack is the upper part of its local memory.
struct StackUse {
  std::string function;
  uint64_t begin = 0, slack = 0;  // the stack pointer stays at or above begin, and slack bytes below the end
};

// The registers of a function that may be under way several times, which its caller keeps on the stack.
struct SavedFrame {
  struct Slot {
    uint32_t offset;
    int bytes;  // 4 or 8 a lane; 0: predicate
  };
  StackUse stack;
  uint32_t bytes = 0, count = 0;
  std::vector<Slot> slots;
  const Slot* data = nullptr;
};

// The operations of a device function, for reports.
struct FunctionRange {
  std::string name;
  uint32_t begin = 0, end = 0;
  uint32_t link = 0;  // place of the register with the operation to return to
  bool recursive = false;
  bool dispatches = false;  // stands for an indirect call: no function of the program's
};

struct Program {
  std::string name;
  std::vector<Param> params;
  size_t param_bytes = 0;
  int max_threads = 1024;
  size_t static_shared = 0, local_bytes = 0;
  // Kernels that call themselves or allocate on the stack: where that begins in local memory, and what lies above its limit. 0: none.
  size_t stack_begin = 0, stack_slack = 0;
  uint32_t dynamic_shared_offset = 0;
  bool reserves_shared = false;  // names the shared memory behind its own that is the system's
  int registers = 0;
  size_t register_file_bytes = 0;
  std::vector<Op> ops;             // those of device functions, then those of the kernel, which end with an exit
  uint32_t entry = 0;              // where the kernel begins
  std::vector<FunctionRange> functions;
  std::vector<std::unique_ptr<StackUse>> stack_uses;
  std::vector<std::unique_ptr<SavedFrame>> saved_frames;  // by the number of the function
  std::vector<Op> plain;           // the same before runs of multiply-adds were joined
  std::vector<Effect> effects;     // of each op
  std::vector<const Operation*> operations;  // of each op, before runs were joined
  std::vector<Location> where;     // of each op
  std::vector<ptx::Call> calls;    // that were inlined
  std::vector<char> begins;        // of each op: it is the first of a PTX instruction
  std::vector<std::string> text;   // opcode of each op, for reports
  std::vector<Constant> constants;
  std::vector<std::unique_ptr<FmaRun>> runs;
  std::vector<std::unique_ptr<BranchTable>> tables;
  std::map<int, std::string> files;

  // The same with translated code at the head of each basic block that has been translated (translation.h); empty without any.
  std::vector<Op> translated;

  // The operations with handlers that call observers (observe.h): those with an effect, or every one. Made at the first use.
  const std::vector<Op>& watched(bool every) const;

  // What the counters do at each operation (count/counter.h). Made at the first use.
  const CountPlan& counting() const;

 private:
  mutable std::mutex mutex_;
  mutable std::vector<Op> watched_[2];
  mutable std::shared_ptr<const CountPlan> count_plan_;
};

}  // namespace softcuda
