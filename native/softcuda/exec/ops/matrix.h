#pragma once
#include "flow.h"

// Operations that all 32 lanes do together: mma, ldmatrix, movmatrix.
namespace softcuda {
namespace SOFTCUDA_ISA {

// Lanes that come one after the other wait, as `.sync` says; lanes that can no longer come are an error.
template <class F>
struct WholeWarp {
  static const Op* full(const Op* op, char* r, Warp* w) {
    if (w->live != ~0u) missing(op, w, w->live);
    F::run(op, r, w);
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const uint32_t pc = index(op, w);
    set_pc(w, m, pc);
    uint32_t here = m;
    for (int i = 0; i < 32; ++i) here |= static_cast<uint32_t>(bit(w->parked, i) && w->lane_pc[i] == pc) << i;
    if (w->live != ~0u || w->waiting != 0 || (w->parked & ~here) != 0) missing(op, w, here);
    w->parked |= here;
    if (here == ~0u) {
      w->parked = 0;
      F::run(op, r, w);
      LANES w->lane_pc[i] = pc + 1;
    }
    return nullptr;
  }
  [[noreturn]] static void missing(const Op* op, Warp* w, uint32_t here) {
    fail_text(w, op, here, kLaunchFailed,
              "an instruction for the whole warp (.aligned) runs without all 32 lanes: others have exited, or wait at a barrier or at another .sync instruction");
  }
};

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
