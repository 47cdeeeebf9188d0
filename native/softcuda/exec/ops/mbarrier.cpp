#include "address.h"
#include "flow.h"

// mbarrier: a barrier in shared memory that counts arrivals phase by phase. PTX leaves its 64 bits open; here
//   bits 0..19   arrivals that this phase still waits for
//   bits 20..39  arrivals of the next phase
//   bits 40..63  number of the phase
// A state, which arrive gives and test_wait takes, is the object as it was before the arrival.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

constexpr uint64_t kCount = (1u << 20) - 1;

INLINE uint64_t* object(const Op* op, char* r, Warp* w, uint32_t lane) {
  const uint32_t place = at<uint32_t>(r, op->o[0])[lane] + static_cast<uint32_t>(op->imm);
  return reinterpret_cast<uint64_t*>(w->shared + place);
}

struct Init {  // address, count
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto count = at<uint32_t>(r, op->o[1]);
    EACH_LANE(m) {
      if (count[i] == 0 || count[i] > kCount) {
        fail_text(w, op, 1u << i, kLaunchFailed, "an mbarrier's count must be 1 to 1048575");
      }
      *object(op, r, w, i) = count[i] | static_cast<uint64_t>(count[i]) << 20;
    }
    w->wrote = true;
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

struct Invalidate {  // address
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    EACH_LANE(m) *object(op, r, w, i) = ~uint64_t{0};
    w->wrote = true;
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

// address, count, state. drops: the thread leaves the later phases too; completes: the last arrival ends the phase.
template <bool drops, bool completes>
struct ArriveAt {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto count = at<uint32_t>(r, op->o[1]);
    auto state = at<uint64_t>(r, op->o[2]);
    EACH_LANE(m) {
      uint64_t* const p = object(op, r, w, i);
      uint64_t v = *p;
      const uint64_t pending = v & kCount, next = v >> 20 & kCount, n = count[i];
      if (n == 0 || n > pending || (!completes && n == pending) || (drops && n > next)) {
        fail_text(w, op, 1u << i, kLaunchFailed,
                  n == pending && n != 0 ? "an arrival with .noComplete at an mbarrier completes its phase"
                                         : "more arrivals at an mbarrier than its phase waits for, or the mbarrier was not initialised");
      }
      state[i] = v;
      v -= n + (drops ? n << 20 : 0);
      if ((v & kCount) == 0) v = ((v >> 40) + 1) << 40 | (v & kCount << 20) | (v >> 20 & kCount);
      *p = v;
    }
    w->wrote = true;
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

// p, address, and the state of the phase that must have ended, or its parity. The address stands first for the checks.
template <bool parity>
struct TestWait {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    uint32_t& p = predicate(r, op->o[1]);
    uint32_t ended = 0;
    EACH_LANE(m) {
      const uint64_t phase = *object(op, r, w, i) >> 40;
      bool over;
      if constexpr (parity) over = (phase & 1) != (at<uint32_t>(r, op->o[2])[i] & 1);
      else over = phase != at<uint64_t>(r, op->o[2])[i] >> 40;
      ended |= static_cast<uint32_t>(over) << i;
    }
    p = (p & ~m) | (ended & m);
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

struct Pending { INLINE uint32_t apply(uint64_t state) { return static_cast<uint32_t>(state & kCount); } };

}  // namespace

TABLE void add_mbarrier(const Registrar& g) {
  add<Init>(g, "#mbarrier.init", "ww");
  add<Invalidate>(g, "#mbarrier.inval", "w");
  add<ArriveAt<false, true>>(g, "#mbarrier.arrive", "wwX");
  add<ArriveAt<false, false>>(g, "#mbarrier.arrive.noComplete", "wwX");
  add<ArriveAt<true, true>>(g, "#mbarrier.arrive_drop", "wwX");
  add<ArriveAt<true, false>>(g, "#mbarrier.arrive_drop.noComplete", "wwX");
  add<TestWait<false>>(g, "#mbarrier.test_wait", "wPx");
  add<TestWait<true>>(g, "#mbarrier.test_wait.parity", "wPw");
  add<Map1<Pending, uint32_t, uint64_t>>(g, "mbarrier.pending_count.b64", "Wx");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
