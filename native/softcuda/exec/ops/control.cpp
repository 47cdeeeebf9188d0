#include "flow.h"

// Branches, exits and guards.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

// A warp that jumps back often gives the others a turn: one of them may hold what it waits for.
INLINE const Op* jump(const Op* op, Warp* w, uint32_t target) {
  const Op* to = w->ops + target;
  if (to <= op && --w->budget <= 0) {
    w->pc = target;
    w->event = Event::Yield;
    return nullptr;
  }
  return to;
}

INLINE void spend(const Op* op, Warp* w, uint32_t target) {
  if (w->ops + target <= op && --w->budget <= 0) w->event = Event::Yield;
}

struct Branch {
  static const Op* full(const Op* op, char*, Warp* w) { return jump(op, w, static_cast<uint32_t>(op->imm)); }
  static const Op* masked(const Op* op, char*, Warp* w, uint32_t m) {
    set_pc(w, m, static_cast<uint32_t>(op->imm));
    spend(op, w, static_cast<uint32_t>(op->imm));
    return nullptr;
  }
};

template <bool negated>
struct BranchIf {
  static const Op* full(const Op* op, char* r, Warp* w) {
    const uint32_t p = predicate(r, op->o[0]);
    const uint32_t taken = (negated ? ~p : p) & w->active;
    if (taken == 0) return op + 1;
    if (taken == w->active) return jump(op, w, static_cast<uint32_t>(op->imm));
    w->converged = false;
    return split(op, w, w->active, taken);
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const uint32_t p = predicate(r, op->o[0]);
    const uint32_t taken = (negated ? ~p : p) & m;
    if (taken == 0) return op + 1;
    return split(op, w, m, taken);
  }
  INLINE const Op* split(const Op* op, Warp* w, uint32_t m, uint32_t taken) {
    set_pc(w, taken, static_cast<uint32_t>(op->imm));
    set_pc(w, m & ~taken, index(op, w) + 1);
    spend(op, w, static_cast<uint32_t>(op->imm));
    return nullptr;
  }
};

struct BranchIndexed {
  static const Op* full(const Op* op, char* r, Warp* w) {
    w->converged = false;
    return masked(op, r, w, w->active);
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto* table = static_cast<const BranchTable*>(op->extra);
    const auto a = at<uint32_t>(r, op->o[0]);
    bool back = false;
    for (uint32_t i = 0; i < 32; ++i) {
      if (!bit(m, static_cast<int>(i))) continue;
      if (a[i] >= table->count) fail_text(w, op, 1u << i, kLaunchFailed, "the index of brx.idx is beyond its table");
      w->lane_pc[i] = table->data[a[i]];
      back |= w->ops + w->lane_pc[i] <= op;
    }
    if (back && --w->budget <= 0) w->event = Event::Yield;
    return nullptr;
  }
};

struct Exit {
  static const Op* full(const Op*, char*, Warp* w) {
    w->live = 0;
    w->event = Event::Exited;
    return nullptr;
  }
  // Whoever waits for the lanes that are gone looks again.
  static const Op* masked(const Op*, char*, Warp* w, uint32_t m) {
    w->live &= ~m;
    w->parked = 0;
    return nullptr;
  }
};

// Stands before a guarded operation.
template <bool negated>
struct Guard {
  static const Op* full(const Op* op, char* r, Warp* w) {
    const uint32_t p = predicate(r, op->o[0]);
    const uint32_t m = (negated ? ~p : p) & w->active;
    if (m == w->active) return op + 1;
    if (m != 0) op[1].masked(op + 1, r, w, m);
    return op + 2;
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t mask) {
    const uint32_t p = predicate(r, op->o[0]);
    const uint32_t m = (negated ? ~p : p) & mask;
    if (m != 0) op[1].masked(op + 1, r, w, m);
    return op + 2;
  }
};

struct Trap {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char*, Warp* w, uint32_t m) { fail_trap(w, op, m); }
};

struct Fence {
  static const Op* full(const Op* op, char*, Warp*) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t) { return full(op, r, w); }
};

struct Nothing {
  static const Op* full(const Op* op, char*, Warp*) { return op + 1; }
  static const Op* masked(const Op* op, char*, Warp*, uint32_t) { return op + 1; }
};

// A kernel that sleeps waits for another warp or block: let them run at once.
struct Sleep {
  static const Op* full(const Op* op, char*, Warp* w) {
    w->slept = true;
    w->pc = index(op, w) + 1;
    w->event = Event::Yield;
    return nullptr;
  }
  static const Op* masked(const Op* op, char*, Warp* w, uint32_t m) {
    w->slept = true;
    set_pc(w, m, index(op, w) + 1);
    w->event = Event::Yield;
    return nullptr;
  }
};

template <class T, bool nanoseconds>
struct Clock {
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    const T now = static_cast<T>(nanoseconds ? nanoseconds_now() : __builtin_ia32_rdtsc());
    auto d = at<T>(r, op->o[0]);
    LANES d[i] = bit(m, i) ? now : d[i];
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};

struct ActiveMask {
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    auto d = at<uint32_t>(r, op->o[0]);
    LANES d[i] = bit(m, i) ? m : d[i];
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

// Bases of the address windows, which differ from worker to worker.
enum Window { SharedWindow, LocalWindow, ParamWindow };
template <Window window, bool to_generic>
struct Convert {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    auto d = at<uint64_t>(r, op->o[0]);
    const auto a = at<uint64_t>(r, op->o[1]);
    const auto base = reinterpret_cast<uint64_t>(window == SharedWindow ? w->shared : window == LocalWindow ? w->local : w->params);
    const uint64_t pitch = window == LocalWindow ? w->local_bytes : 0;
    LANES {
      const uint64_t b = base + pitch * static_cast<uint64_t>(i);
      const uint64_t v = to_generic ? a[i] + b : a[i] - b;
      d[i] = bit(m, i) ? v : d[i];
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};

template <Window window, bool inside>
struct IsIn {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    uint32_t& p = predicate(r, op->o[0]);
    const auto a = at<uint64_t>(r, op->o[1]);
    const auto base = reinterpret_cast<uint64_t>(window == SharedWindow ? w->shared : w->local);
    const uint64_t size = window == SharedWindow ? w->shared_bytes : w->local_bytes * 32;
    uint32_t v = 0;
    for (int i = 0; i < 32; ++i) v |= static_cast<uint32_t>((a[i] - base < size) == inside) << i;
    p = (p & ~m) | (v & m);
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};

}  // namespace

TABLE void add_control(const Registrar& g) {
  add<Branch>(g, "#bra", "");
  add<BranchIf<false>>(g, "#bra.p", "p");
  add<BranchIf<true>>(g, "#bra.n", "p");
  add<BranchIndexed>(g, "#brx", "w");
  add<Exit>(g, "#exit", "");
  add<Guard<false>>(g, "#guard.p", "p");
  add<Guard<true>>(g, "#guard.n", "p");
  add<Trap>(g, "trap", "");
  add<Trap>(g, "brkpt", "");
  add<Fence>(g, "membar{.cta|.gl|.sys}", "");
  add<Fence>(g, "fence{|.sc|.acq_rel}{.cta|.cluster|.gpu|.sys}", "");
  add<Nothing>(g, "#nothing", "");
  add<Sleep>(g, "nanosleep.u32", "w");
  add<ActiveMask>(g, "activemask.b32", "W");
  add<Clock<uint32_t, false>>(g, "#clock", "W");
  add<Clock<uint64_t, false>>(g, "#clock64", "X");
  add<Clock<uint64_t, true>>(g, "#globaltimer", "X");
  add<Clock<uint32_t, true>>(g, "#globaltimer_lo", "W");
  add<Convert<SharedWindow, true>>(g, "cvta.shared.u64", "Xx");
  add<Convert<LocalWindow, true>>(g, "cvta.local.u64", "Xx");
  add<Convert<ParamWindow, true>>(g, "cvta.param.u64", "Xx");
  add<Convert<SharedWindow, false>>(g, "cvta.to.shared.u64", "Xx");
  add<Convert<LocalWindow, false>>(g, "cvta.to.local.u64", "Xx");
  add<Convert<ParamWindow, false>>(g, "cvta.to.param.u64", "Xx");
  add<IsIn<SharedWindow, true>>(g, "isspacep.shared", "Px");
  add<IsIn<LocalWindow, true>>(g, "isspacep.local", "Px");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
