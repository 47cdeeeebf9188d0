#include "flow.h"

// Calls of device functions, and the stack of a thread.
namespace softcuda {

// In exec/device_runtime.cpp.
void device_print(Warp* warp, const Op* op, uint32_t mask, const uint64_t* formats, const uint64_t* arguments, uint32_t* results);
[[noreturn]] void device_assert(Warp* warp, const Op* op, uint32_t mask);
uint64_t device_allocate(Warp* warp, const Op* op, uint32_t lane, uint64_t bytes);
void device_free(Warp* warp, const Op* op, uint32_t lane, uint64_t address);
[[noreturn]] void fail_stack(Warp* warp, const Op* op, uint32_t mask, const StackUse* use, uint64_t wanted);
[[noreturn]] void fail_call(Warp* warp, const Op* op, uint32_t mask, uint64_t pointer);

namespace SOFTCUDA_ISA {
namespace {

#define EACH(mask) for (uint32_t rest = (mask), i = 0; rest != 0 && (i = static_cast<uint32_t>(__builtin_ctz(rest)), true); rest &= rest - 1)

// Functions stand before the kernel, so that a call is a jump back.
struct Call {
  static const Op* full(const Op* op, char* r, Warp* w) {
    auto link = at<uint32_t>(r, op->o[0]);
    const uint32_t back = index(op, w) + 1, target = static_cast<uint32_t>(op->imm);
    LANES link[i] = back;
    if (target <= back && --w->budget <= 0) {
      w->pc = target;
      w->event = Event::Yield;
      return nullptr;
    }
    return w->ops + target;
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    auto link = at<uint32_t>(r, op->o[0]);
    const uint32_t back = index(op, w) + 1, target = static_cast<uint32_t>(op->imm);
    LANES link[i] = bit(m, i) ? back : link[i];
    set_pc(w, m, target);
    if (target <= back && --w->budget <= 0) w->event = Event::Yield;
    return nullptr;
  }
};

struct Return {
  static const Op* full(const Op* op, char* r, Warp* w) {
    const auto link = at<uint32_t>(r, op->o[0]);
    const uint32_t back = link[__builtin_ctz(w->active)];
    uint32_t different = 0;
    LANES different |= bit(w->active, i) ? link[i] ^ back : 0;
    if (different == 0) return w->ops + back;
    w->converged = false;
    return masked(op, r, w, w->active);
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto link = at<uint32_t>(r, op->o[0]);
    LANES w->lane_pc[i] = bit(m, i) ? link[i] : w->lane_pc[i];
    return nullptr;
  }
};

INLINE char* stack_of(const Warp* w, uint32_t lane, uint64_t offset) { return w->local + w->local_bytes * lane + offset; }

// Moves the stack pointer of lane i up; it stays `slack` below the end of local memory.
INLINE void take(const Op* op, Warp* w, const StackUse* use, uint64_t* stack, uint32_t i, uint64_t bytes) {
  const uint64_t last = w->local_bytes - use->slack;
  if (bytes > last || stack[i] > last - bytes) fail_stack(w, op, 1u << i, use, bytes);
  stack[i] += bytes;
}

struct Push {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto* frame = static_cast<const SavedFrame*>(op->extra);
    auto stack = at<uint64_t>(r, op->o[0]);
    EACH(m) {
      char* to = stack_of(w, i, stack[i]);
      take(op, w, &frame->stack, stack, i, frame->bytes);
      for (uint32_t k = 0; k < frame->count; ++k) {
        const SavedFrame::Slot slot = frame->data[k];
        if (slot.bytes == 8) {
          __builtin_memcpy(to, r + slot.offset + 8 * i, 8);
          to += 8;
          continue;
        }
        const uint32_t v = slot.bytes == 0 ? predicate(r, slot.offset) >> i & 1 : at<uint32_t>(r, slot.offset)[i];
        __builtin_memcpy(to, &v, 4);
        to += 4;
      }
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

struct Pop {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto* frame = static_cast<const SavedFrame*>(op->extra);
    auto stack = at<uint64_t>(r, op->o[0]);
    EACH(m) {
      stack[i] -= frame->bytes;
      const char* from = stack_of(w, i, stack[i]);
      for (uint32_t k = 0; k < frame->count; ++k) {
        const SavedFrame::Slot slot = frame->data[k];
        if (slot.bytes == 8) {
          __builtin_memcpy(r + slot.offset + 8 * i, from, 8);
          from += 8;
          continue;
        }
        uint32_t v;
        __builtin_memcpy(&v, from, 4);
        from += 4;
        if (slot.bytes == 0) predicate(r, slot.offset) = (predicate(r, slot.offset) & ~(1u << i)) | v << i;
        else at<uint32_t>(r, slot.offset)[i] = v;
      }
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

struct TakeStack {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    auto stack = at<uint64_t>(r, op->o[0]);
    EACH(m) take(op, w, static_cast<const StackUse*>(op->extra), stack, i, static_cast<uint64_t>(op->imm));
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

// d, stack pointer, bytes; imm: alignment. The stack pointer itself stays a multiple of 16.
struct Allocate {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    auto d = at<uint64_t>(r, op->o[0]), stack = at<uint64_t>(r, op->o[1]);
    const auto bytes = at<uint64_t>(r, op->o[2]);
    const auto* use = static_cast<const StackUse*>(op->extra);
    const auto alignment = static_cast<uint64_t>(op->imm);
    EACH(m) {
      // A lane's piece of local memory begins at any multiple of 16.
      const uint64_t here = reinterpret_cast<uint64_t>(stack_of(w, i, stack[i]));
      const uint64_t gap = (alignment - here % alignment) % alignment;
      const uint64_t wanted = bytes[i];
      if (wanted > w->local_bytes) fail_stack(w, op, 1u << i, use, wanted);
      const uint64_t begin = stack[i] + gap;
      take(op, w, use, stack, i, (gap + wanted + 15) / 16 * 16);
      d[i] = begin;
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

struct RestoreStack {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    auto stack = at<uint64_t>(r, op->o[0]);
    const auto a = at<uint64_t>(r, op->o[1]);
    const auto* use = static_cast<const StackUse*>(op->extra);
    EACH(m) {
      if (a[i] < use->begin || a[i] > stack[i] || a[i] % 16 != 0) {
        fail_text(w, op, 1u << i, kLaunchFailed, "stackrestore needs what stacksave gave in the same function, and no later one");
      }
      stack[i] = a[i];
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

// d, pointer, value of the module's first function; imm: how many there are, and the result when the pointer is none of them.
struct FunctionIndex {
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    auto d = at<uint32_t>(r, op->o[0]);
    const auto a = at<uint64_t>(r, op->o[1]), base = at<uint64_t>(r, op->o[2]);
    const auto n = static_cast<uint64_t>(op->imm);
    LANES {
      const uint64_t offset = a[i] - base[i];
      const uint64_t v = offset % 16 == 0 && offset / 16 < n ? offset / 16 : n;
      d[i] = bit(m, i) ? static_cast<uint32_t>(v) : d[i];
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};

struct BadCall {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) { fail_call(w, op, m, at<uint64_t>(r, op->o[0])[__builtin_ctz(m)]); }
};

// d, format, arguments
struct Print {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    w->wrote = true;
    device_print(w, op, m, at<uint64_t>(r, op->o[1]), at<uint64_t>(r, op->o[2]), at<uint32_t>(r, op->o[0]));
    return op + 1;
  }
};

struct Assert {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char*, Warp* w, uint32_t m) { device_assert(w, op, m); }
};

// d, bytes
struct Malloc {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    auto d = at<uint64_t>(r, op->o[0]);
    const auto bytes = at<uint64_t>(r, op->o[1]);
    w->wrote = true;
    EACH(m) d[i] = device_allocate(w, op, i, bytes[i]);
    return op + 1;
  }
};

struct Free {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto a = at<uint64_t>(r, op->o[0]);
    w->wrote = true;
    EACH(m) device_free(w, op, i, a[i]);
    return op + 1;
  }
};

}  // namespace

TABLE void add_call(const Registrar& g) {
  add<Call>(g, "#call", "W");
  add<Return>(g, "#return", "w");
  add<Push>(g, "#push", "X");
  add<Pop>(g, "#pop", "X");
  add<TakeStack>(g, "#stack.take", "X");
  add<Allocate>(g, "#alloca", "XXx!");
  add<RestoreStack>(g, "#stack.restore", "Xx");
  add<FunctionIndex>(g, "#function.index", "Wxx!");
  add<BadCall>(g, "#bad.call", "x");
  add<Print>(g, "#vprintf", "Wxx!");
  add<Assert>(g, "#assertfail", "xxwxx");
  add<Malloc>(g, "#malloc", "Xx");
  add<Free>(g, "#free", "x");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
