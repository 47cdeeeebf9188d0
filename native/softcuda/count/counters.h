#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "classes.h"

namespace softcuda {

// What was counted of one launch, or of all launches of a kernel. Whole numbers that depend on the program and its data alone.
struct Counters {
  uint64_t launches = 0, blocks = 0, threads = 0;
  uint64_t warp_instructions[kInstructionClasses] = {};    // PTX instructions, each once a warp that runs it
  uint64_t thread_instructions[kInstructionClasses] = {};  // likewise, times the threads that run it
  uint64_t branches = 0, divergent_branches = 0;           // conditional ones, a warp
  uint64_t flops_f32 = 0, flops_f64 = 0, flops_half = 0, flops_matrix_tf32 = 0, flops_matrix_half = 0;
  uint64_t special = 0;  // special functions, a thread
  // Global memory. A request is a warp's access; unique bytes count once what several of its threads ask for; a sector is 32
  // bytes, a line 128. An atomic operation both reads and writes; cp.async reads.
  struct Traffic {
    uint64_t requests = 0, requested_bytes = 0, unique_bytes = 0, sectors = 0, lines = 0;
  };
  Traffic load, store;
  uint64_t least_read_bytes = 0, least_written_bytes = 0;  // different bytes that a launch touched
  // Shared memory: 32 banks of 4 bytes, a wavefront takes one word of each.
  uint64_t shared_requests = 0, shared_bytes = 0, shared_wavefronts = 0, shared_ideal_wavefronts = 0;
  uint64_t local_bytes = 0, constant_bytes = 0, async_copy_bytes = 0;
  uint64_t barriers = 0;  // of a block, each time one opens

  uint64_t all_warp_instructions() const;
  uint64_t all_thread_instructions() const;
  uint64_t flops() const { return flops_f32 + flops_f64 + flops_half + flops_matrix_tf32 + flops_matrix_half; }
  uint64_t moved_bytes() const { return 32 * (load.sectors + store.sectors); }
  uint64_t least_bytes() const { return least_read_bytes + least_written_bytes; }
  uint64_t bank_conflicts() const { return shared_wavefronts - shared_ideal_wavefronts; }
  // The part of the lanes that are idle while their warp runs an instruction.
  double divergence() const;

  void add(const Counters& other);
  bool operator==(const Counters& other) const { return values() == other.values(); }
  // Every counter with its name in reports, in one order.
  std::vector<std::pair<std::string, uint64_t>> values() const;
};

}  // namespace softcuda
