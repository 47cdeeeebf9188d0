#pragma once
#include <cstddef>
#include <cstdint>

#include "program.h"

// The state of a running warp, read and written by the operations. Plain data: the operations are compiled once per
// instruction set, so nothing here may be an inline function that the linker could merge.
namespace softcuda {

enum class Event : int32_t { Continue, Yield, Blocked, Exited };

// Bytes under way by cp.async: copied when their group is waited for.
struct AsyncCopy {
  uint32_t mask, group, bytes;
  const Op* op;
  uint64_t source[32];
  uint32_t target[32];
  uint32_t valid[32];  // bytes to read, the rest is zero-filled
};

struct Block;

struct Warp {
  char* registers;
  const Op* ops;
  const Op* interpreted;  // what translated code goes on with when lanes are missing
  uint32_t active;      // lanes being run
  uint32_t live;        // lanes that exist and have not exited
  uint32_t parked;      // at a *.sync operation whose members are not all here yet
  uint32_t waiting;     // at a barrier
  bool converged;       // all live lanes are at pc and none is parked or waiting
  bool wrote;           // memory may have changed in this turn: the warp does not merely spin
  Event event;
  uint32_t pc;
  uint32_t lane_pc[32];
  int32_t turn_length;  // backward branches of a turn
  int32_t budget;       // those left
  uint32_t turn;        // fairness among diverged lanes

  char* shared;
  char* local;          // of lane 0; lanes are local_bytes apart
  const char* params;
  uint64_t shared_bytes, local_bytes, param_bytes;
  Block* block;
  uint32_t index;       // in the block
  bool slept;           // nanosleep since the block's last turn

  // A warp that stops at a barrier as a whole, the usual case, stays converged: pc, these two, and nothing by lane.
  bool whole;
  uint32_t whole_barrier, whole_count;
  uint32_t barrier[32];          // named barrier each waiting lane is at
  uint32_t barrier_count[32];    // threads it waits for; 0 = all
  uint32_t barrier_predicate;    // bar.red operands
  uint32_t copy_group[32];       // open cp.async group of each lane
  AsyncCopy* copies;             // grows; owned by the worker
  uint32_t copy_count;
};

// Slow paths in plain x86-64 (report.cpp, block.cpp). They throw Failure.
[[noreturn]] void fail_trap(Warp* warp, const Op* op, uint32_t mask);
[[noreturn]] void fail_text(Warp* warp, const Op* op, uint32_t mask, int result, const char* what);
AsyncCopy* new_copy(Warp* warp);
void arrive_extra(Warp* warp, uint32_t barrier, uint32_t threads);

}  // namespace softcuda
