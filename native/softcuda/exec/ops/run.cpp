#include "flow.h"

// The inner loop: runs one warp until it waits, has used up its turn, or has ended.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

constexpr uint32_t kNowhere = UINT32_MAX;

// The lanes to run next: those with the smallest program counter, which lets the paths of a branch meet again as early
// as possible. `limit`: where they may meet others.
INLINE uint32_t pick(Warp* w, uint32_t& mask, uint32_t& limit) {
  const uint32_t runnable = w->live & ~w->parked & ~w->waiting;
  alignas(64) uint32_t at[32];
  LANES {
    const uint32_t here = w->lane_pc[i];
    at[i] = bit(runnable, i) ? here : kNowhere;
  }
  uint32_t pc = kNowhere;
  if (w->turn != 0) {
    // Lanes that used up their turn spinning are passed over once.
    const uint32_t turn = w->turn;
    LANES {
      const uint32_t here = at[i] >= turn ? at[i] : kNowhere;
      pc = here < pc ? here : pc;
    }
    w->turn = 0;
  }
  if (pc == kNowhere) {
    LANES pc = at[i] < pc ? at[i] : pc;
  }
  // Three loops, because compilers vectorise them only apart.
  alignas(64) int32_t same[32];
  uint32_t next = kNowhere;
  LANES same[i] = at[i] == pc ? -1 : 0;
  LANES at[i] = at[i] > pc ? at[i] : kNowhere;
  LANES next = at[i] < next ? at[i] : next;
  mask = to_mask(same) & runnable;
  limit = next;
  return pc;
}

}  // namespace

void run_warp(Warp* w) {
  char* const r = w->registers;
  w->budget = w->turn_length;
  for (;;) {
    const Op* const ops = w->ops;  // translated code may hand over to the interpreter's
    w->event = Event::Continue;
    if (w->converged) {
      w->active = w->live;
      const Op* op = ops + w->pc;
      do op = op->full(op, r, w);
      while (op);
    } else {
      uint32_t mask, limit;
      const uint32_t pc = pick(w, mask, limit);
      if (mask == w->live) {
        w->converged = true;
        w->pc = pc;
        continue;
      }
      const Op* op = ops + pc;
      const Op* const stop = limit == kNowhere ? nullptr : ops + limit;
      w->active = mask;
      do op = op->masked(op, r, w, mask);
      while (op && op != stop);
      if (op) set_pc(w, mask, limit);
      if (w->event == Event::Yield) w->turn = pc + 1;
    }
    if (w->live == 0) w->event = Event::Exited;
    else if (w->event == Event::Continue && (w->live & ~w->parked & ~w->waiting) == 0) w->event = Event::Blocked;
    if (w->event != Event::Continue) return;
  }
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
