#pragma once
#include "effect.h"
#include "warp.h"

namespace softcuda {

// Looks on while a block runs: checks and counters. An observer belongs to one block at a time and is told of every operation with
// an effect, or of every operation, before and after it runs. What it finds wrong it throws as a Failure.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void block_begins() {}
  virtual void block_ends() {}
  // `mask`: the lanes that run it; of the operations that wait for others, the lanes that have come.
  virtual void before(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) = 0;
  // `mask`: the lanes for which it has run; 0 when they wait.
  virtual void after(Warp&, const Op&, const Effect&, uint32_t) {}
  // A barrier lets go the waiting lanes of each warp, which are still at its instruction; `all`: it counts every thread of the block.
  virtual void barrier_opens(uint32_t /*barrier*/, const uint32_t* /*lanes*/, bool /*all*/) {}
};

// The number of an operation in its program.
inline size_t index_of(const Warp& warp, const Op& op) { return static_cast<size_t>(&op - warp.ops); }

}  // namespace softcuda
