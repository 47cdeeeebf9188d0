#include "flow.h"

// Barriers, shuffles, votes, matches and reductions of a warp.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

// Lanes stop one by one; block.cpp lets them go. imm: 0 sync, 1 popc, 2 and, 3 or.
// Operands: barrier, thread count (0 = all), then for bar.red the predicate and the result.
template <bool reduces>
struct Barrier {
  static const Op* full(const Op* op, char* r, Warp* w) {
    const auto id = at<uint32_t>(r, op->o[0]), count = at<uint32_t>(r, op->o[1]);
    uint32_t different = 0;
    LANES different |= (id[i] ^ id[0]) | (count[i] ^ count[0]);
    if (different != 0 || id[0] > 15 || count[0] % 32 != 0) {
      w->converged = false;
      return masked(op, r, w, w->active);
    }
    w->pc = index(op, w);
    w->whole = true;
    w->whole_barrier = id[0];
    w->whole_count = count[0];
    if (reduces) w->barrier_predicate = predicate(r, op->o[2]);
    w->waiting = w->active;
    return nullptr;
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    set_pc(w, m, index(op, w));
    const auto id = at<uint32_t>(r, op->o[0]), count = at<uint32_t>(r, op->o[1]);
    LANES {
      w->barrier[i] = bit(m, i) ? id[i] : w->barrier[i];
      w->barrier_count[i] = bit(m, i) ? count[i] : w->barrier_count[i];
    }
    for (int i = 0; i < 32; ++i) {
      if (bit(m, i) && (id[i] > 15 || count[i] % 32 != 0)) {
        fail_text(w, op, 1u << i, kLaunchFailed, "a barrier's number must be at most 15 and its thread count a multiple of 32");
      }
    }
    if (reduces) w->barrier_predicate = (w->barrier_predicate & ~m) | (predicate(r, op->o[2]) & m);
    w->waiting |= m;
    return nullptr;
  }
};

struct Arrive {
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const auto id = at<uint32_t>(r, op->o[0]);
    const int lane = __builtin_ctz(m);
    if (id[lane] > 15) fail_text(w, op, m, kLaunchFailed, "a barrier's number must be at most 15");
    arrive_extra(w, id[lane], m == w->live ? 32 : static_cast<uint32_t>(__builtin_popcount(m)));
    return op + 1;
  }
};

// Gate of the *.sync operations: F::run executes for lanes whose members are all here (or gone); the others are parked.
// F::members is the operand with the member mask. F::anywhere: lanes may be at different instructions, whose `extra` is the same.
template <class F>
struct Together {
  static const Op* full(const Op* op, char* r, Warp* w) {
    F::run(op, r, w->active);
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const uint32_t pc = index(op, w);
    set_pc(w, m, pc);
    uint32_t here = m;
    for (int i = 0; i < 32; ++i) {
      if (!bit(w->parked & ~m, i)) continue;
      // __syncwarp() of two branches of one condition meet although they are two instructions.
      const Op* other = w->ops + w->lane_pc[i];
      if (other == op || (F::anywhere && other->extra == op->extra)) here |= 1u << i;
    }
    const auto members = at<uint32_t>(r, op->o[F::members]);
    uint32_t ready = 0;
    for (int i = 0; i < 32; ++i) {
      if (!bit(m & ~ready, i)) continue;
      const uint32_t need = members[i] & w->live;
      if ((need & ~here) == 0) ready |= need | 1u << i;
    }
    w->parked = (w->parked | m) & ~ready;
    if (ready != 0) {
      F::run(op, r, ready);
      LANES w->lane_pc[i] += bit(ready, i) ? 1u : 0u;
    }
    return nullptr;
  }
};

struct WarpBarrier {
  static constexpr int members = 0;
  static constexpr bool anywhere = true;
  INLINE void run(const Op*, char*, uint32_t) {}
};

enum ShuffleMode { Up, Down, Butterfly, Index };

// Operands: d, p, a, b, c, members.
template <ShuffleMode mode>
struct Shuffle {
  static constexpr int members = 5;
  static constexpr bool anywhere = false;
  INLINE void run(const Op* op, char* r, uint32_t m) {
    auto d = at<uint32_t>(r, op->o[0]);
    const auto a = at<uint32_t>(r, op->o[2]), b = at<uint32_t>(r, op->o[3]), c = at<uint32_t>(r, op->o[4]);
    alignas(64) int32_t from[32];
    alignas(64) int32_t ok[32];
    LANES {
      const int32_t segment = static_cast<int32_t>(c[i] >> 8 & 31), clamp = static_cast<int32_t>(c[i] & 31);
      const int32_t amount = static_cast<int32_t>(b[i] & 31);
      const int32_t last = (i & segment) | (clamp & ~segment);
      const int32_t j = mode == Up ? i - amount : mode == Down ? i + amount : mode == Butterfly ? i ^ amount : (i & segment) | (amount & ~segment);
      const bool inside = mode == Up ? j >= last : j <= last;
      from[i] = inside ? j & 31 : i;
      ok[i] = inside ? -1 : 0;
    }
    uint32_t& p = predicate(r, op->o[1]);
    p = (p & ~m) | (to_mask(ok) & m);
#ifdef __AVX512F__
    const __m512i low = _mm512_load_si512(a), high = _mm512_load_si512(a + 16);
    for (int k = 0; k < 32; k += 16) {
      _mm512_mask_store_epi32(d + k, static_cast<__mmask16>(m >> k), _mm512_permutex2var_epi32(low, _mm512_load_si512(from + k), high));
    }
#else
    alignas(64) uint32_t v[32], t[32];
    LANES v[i] = a[i];
    for (int i = 0; i < 32; ++i) t[i] = v[from[i]];
    LANES d[i] = bit(m, i) ? t[i] : d[i];
#endif
  }
};

// Calls body(group) for the lanes that share a member mask; nearly always one call.
template <class Body>
INLINE void by_members(char* r, uint32_t slot, uint32_t m, Body body) {
  const auto members = at<uint32_t>(r, slot);
  while (m != 0) {
    const int first = __builtin_ctz(m);
    uint32_t group = 0;
    for (int i = first; i < 32; ++i) group |= static_cast<uint32_t>(bit(m, i) && members[i] == members[first]) << i;
    body(group);
    m &= ~group;
  }
}

enum VoteMode { All, Any, Uniform };

template <VoteMode mode>
struct Vote {  // d, p, members
  static constexpr int members = 2;
  static constexpr bool anywhere = false;
  INLINE void run(const Op* op, char* r, uint32_t m) {
    uint32_t& d = predicate(r, op->o[0]);
    const uint32_t p = predicate(r, op->o[1]);
    by_members(r, op->o[2], m, [&](uint32_t group) {
      const uint32_t yes = p & group;
      const bool v = mode == All ? yes == group : mode == Any ? yes != 0 : yes == group || yes == 0;
      d = v ? d | group : d & ~group;
    });
  }
};

struct Ballot {
  static constexpr int members = 2;
  static constexpr bool anywhere = false;
  INLINE void run(const Op* op, char* r, uint32_t m) {
    auto d = at<uint32_t>(r, op->o[0]);
    const uint32_t p = predicate(r, op->o[1]);
    by_members(r, op->o[2], m, [&](uint32_t group) { LANES d[i] = bit(group, i) ? p & group : d[i]; });
  }
};

template <class T>
struct MatchAny {  // d, a, members
  static constexpr int members = 2;
  static constexpr bool anywhere = false;
  INLINE void run(const Op* op, char* r, uint32_t m) {
    auto d = at<uint32_t>(r, op->o[0]);
    const auto a = at<T>(r, op->o[1]);
    by_members(r, op->o[2], m, [&](uint32_t group) {
      while (group != 0) {
        const T v = a[__builtin_ctz(group)];
        uint32_t same = 0;
        for (int i = 0; i < 32; ++i) same |= static_cast<uint32_t>(bit(group, i) && a[i] == v) << i;
        for (int i = 0; i < 32; ++i) {
          if (bit(same, i)) d[i] = same;
        }
        group &= ~same;
      }
    });
  }
};

template <class T>
struct MatchAll {  // d, p, a, members
  static constexpr int members = 3;
  static constexpr bool anywhere = false;
  INLINE void run(const Op* op, char* r, uint32_t m) {
    auto d = at<uint32_t>(r, op->o[0]);
    uint32_t& p = predicate(r, op->o[1]);
    const auto a = at<T>(r, op->o[2]);
    by_members(r, op->o[3], m, [&](uint32_t group) {
      const T v = a[__builtin_ctz(group)];
      bool same = true;
      for (int i = 0; i < 32; ++i) same &= !bit(group, i) || a[i] == v;
      LANES d[i] = bit(group, i) ? (same ? group : 0u) : d[i];
      p = same ? p | group : p & ~group;
    });
  }
};

struct Sum { template <class T> INLINE T apply(T a, T b) { return a + b; } };
struct Least { template <class T> INLINE T apply(T a, T b) { return a < b ? a : b; } };
struct Most { template <class T> INLINE T apply(T a, T b) { return a > b ? a : b; } };
struct Both { template <class T> INLINE T apply(T a, T b) { return a & b; } };
struct Either { template <class T> INLINE T apply(T a, T b) { return a | b; } };
struct Differ { template <class T> INLINE T apply(T a, T b) { return a ^ b; } };

template <class F, class T>
struct Reduce {  // d, a, members
  static constexpr int members = 2;
  static constexpr bool anywhere = false;
  INLINE void run(const Op* op, char* r, uint32_t m) {
    auto d = at<T>(r, op->o[0]);
    const auto a = at<T>(r, op->o[1]);
    by_members(r, op->o[2], m, [&](uint32_t group) {
      const int first = __builtin_ctz(group);
      T v = a[first];
      for (int i = first + 1; i < 32; ++i) {
        if (bit(group, i)) v = F::apply(v, a[i]);
      }
      LANES d[i] = bit(group, i) ? v : d[i];
    });
  }
};

}  // namespace

TABLE void add_sync(const Registrar& g) {
  add<Barrier<false>>(g, "#bar.sync", "ww");
  add<Barrier<true>>(g, "#bar.red.w", "wwpW");
  add<Barrier<true>>(g, "#bar.red.p", "wwpP");
  add<Arrive>(g, "#bar.arrive", "ww");
  add<Together<WarpBarrier>>(g, "#bar.warp.sync", "w");
  add<Together<Shuffle<Up>>>(g, "#shfl.up", "WPwwww!");
  add<Together<Shuffle<Down>>>(g, "#shfl.down", "WPwwww!");
  add<Together<Shuffle<Butterfly>>>(g, "#shfl.bfly", "WPwwww!");
  add<Together<Shuffle<Index>>>(g, "#shfl.idx", "WPwwww!");
  add<Together<Vote<All>>>(g, "#vote.all", "Ppw!");
  add<Together<Vote<Any>>>(g, "#vote.any", "Ppw!");
  add<Together<Vote<Uniform>>>(g, "#vote.uni", "Ppw!");
  add<Together<Ballot>>(g, "#vote.ballot", "Wpw!");
  add<Together<MatchAny<uint32_t>>>(g, "#match.any.b32", "Www!");
  add<Together<MatchAny<uint64_t>>>(g, "#match.any.b64", "Wxw!");
  add<Together<MatchAll<uint32_t>>>(g, "#match.all.b32", "WPww!");
  add<Together<MatchAll<uint64_t>>>(g, "#match.all.b64", "WPxw!");
  add<Together<Reduce<Sum, uint32_t>>>(g, "#redux.add{.u32|.s32}", "Www!");
  add<Together<Reduce<Least, uint32_t>>>(g, "#redux.min.u32", "Www!");
  add<Together<Reduce<Most, uint32_t>>>(g, "#redux.max.u32", "Www!");
  add<Together<Reduce<Least, int32_t>>>(g, "#redux.min.s32", "Www!");
  add<Together<Reduce<Most, int32_t>>>(g, "#redux.max.s32", "Www!");
  add<Together<Reduce<Both, uint32_t>>>(g, "#redux.and.b32", "Www!");
  add<Together<Reduce<Either, uint32_t>>>(g, "#redux.or.b32", "Www!");
  add<Together<Reduce<Differ, uint32_t>>>(g, "#redux.xor.b32", "Www!");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
