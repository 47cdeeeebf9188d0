#pragma once
#include "lanes.h"

namespace softcuda {

uint64_t nanoseconds_now();

namespace SOFTCUDA_ISA {

INLINE uint32_t index(const Op* op, const Warp* w) { return static_cast<uint32_t>(op - w->ops); }

INLINE void set_pc(Warp* w, uint32_t mask, uint32_t pc) {
  LANES w->lane_pc[i] = bit(mask, i) ? pc : w->lane_pc[i];
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
