#include "real.h"

// Logic, shifts, bit fields, moves and selections.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

INLINE uint64_t reverse64(uint64_t v) {
  v = (v >> 1 & 0x5555555555555555u) | (v & 0x5555555555555555u) << 1;
  v = (v >> 2 & 0x3333333333333333u) | (v & 0x3333333333333333u) << 2;
  v = (v >> 4 & 0x0f0f0f0f0f0f0f0fu) | (v & 0x0f0f0f0f0f0f0f0fu) << 4;
  return __builtin_bswap64(v);
}

#define OP2(name, expression) \
  template <class T> struct name { INLINE T apply(T a, T b) { return static_cast<T>(expression); } };
#define OP1(name, expression) \
  template <class T> struct name { INLINE T apply(T a) { return static_cast<T>(expression); } };

OP2(And, a & b)
OP2(Or, a | b)
OP2(Xor, a ^ b)
OP1(Not, ~a)
OP1(Cnot, a == 0 ? 1 : 0)
OP1(Move, a)

// Shift amounts are clamped to the width, not taken modulo it.
template <class T> struct Shl {
  INLINE T apply(T a, uint32_t s) { return s >= 8 * sizeof(T) ? T{0} : static_cast<T>(a << (s & (8 * sizeof(T) - 1))); }
};
template <class T> struct Shr {
  INLINE T apply(T a, uint32_t s) {
    constexpr uint32_t top = 8 * sizeof(T) - 1;
    if (static_cast<T>(-1) < T{0}) return static_cast<T>(a >> (s > top ? top : s));
    return s > top ? T{0} : static_cast<T>(a >> (s & top));
  }
};

template <bool left, bool wrap> struct Funnel {
  INLINE uint32_t apply(uint32_t a, uint32_t b, uint32_t c) {
    const uint32_t n = wrap ? c & 31 : (c > 32 ? 32 : c);
    const uint64_t v = static_cast<uint64_t>(b) << 32 | a;
    return left ? static_cast<uint32_t>(v << n >> 32) : static_cast<uint32_t>(v >> n);
  }
};

template <class T> struct Clz { INLINE uint32_t apply(T a) {
  if (a == 0) return 8 * sizeof(T);
  return static_cast<uint32_t>(sizeof(T) == 8 ? __builtin_clzll(a) : __builtin_clz(static_cast<uint32_t>(a)));
} };
template <class T> struct Popc { INLINE uint32_t apply(T a) {
  return static_cast<uint32_t>(sizeof(T) == 8 ? __builtin_popcountll(a) : __builtin_popcount(static_cast<uint32_t>(a)));
} };
OP1(Reverse, sizeof(T) == 8 ? reverse64(a) : reverse64(a) >> 32)
#undef OP1

// Position of the most significant bit that differs from the sign; shiftamt: how far to shift it to the top.
template <class T, bool amount> struct Find {
  INLINE uint32_t apply(T a) {
    const auto u = static_cast<uint64_t>(sizeof(T) == 8 ? static_cast<uint64_t>(a) : static_cast<uint64_t>(static_cast<uint32_t>(a)));
    const bool negative = static_cast<T>(-1) < T{0} && a < T{0};
    const uint64_t w = negative ? (sizeof(T) == 8 ? ~u : static_cast<uint32_t>(~u)) : u;
    if (w == 0) return 0xffffffffu;
    const auto position = static_cast<uint32_t>(63 - __builtin_clzll(w));
    return amount ? 8 * sizeof(T) - 1 - position : position;
  }
};

template <class T> struct Extract {
  INLINE T apply(T a, uint32_t b, uint32_t c) {
    constexpr uint32_t width = 8 * sizeof(T);
    const uint32_t position = b & 0xff, length = c & 0xff;
    const bool is_signed = static_cast<T>(-1) < T{0};
    if (length == 0) return 0;
    const auto u = static_cast<uint64_t>(a);
    const auto masked = sizeof(T) == 8 ? u : u & 0xffffffffu;
    uint64_t v = position >= width ? 0 : masked >> position;
    const uint32_t top = position + length - 1 > width - 1 ? width - 1 : position + length - 1;
    const bool sign = is_signed && ((masked >> top) & 1);
    if (length < 64) v &= (uint64_t{1} << length) - 1;
    const uint32_t have = position >= width ? 0 : (position + length > width ? width - position : length);
    if (sign && have < 64) v |= ~uint64_t{0} << have;
    return static_cast<T>(v);
  }
};

// bfi f, a, b, c, d: four sources, so no Map.
template <class T> struct Insert {
  INLINE T value(T a, T b, uint32_t c, uint32_t d) {
    constexpr uint32_t width = 8 * sizeof(T);
    const uint32_t position = c & 0xff, length = d & 0xff;
    if (position >= width || length == 0) return b;
    T mask = length >= width ? static_cast<T>(~T{0}) : static_cast<T>((T{1} << length) - 1);
    mask = static_cast<T>(mask << position);
    return static_cast<T>((b & ~mask) | (static_cast<T>(a << position) & mask));
  }
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    auto f = at<T>(r, op->o[0]);
    const auto a = at<T>(r, op->o[1]), b = at<T>(r, op->o[2]);
    const auto c = at<uint32_t>(r, op->o[3]), d = at<uint32_t>(r, op->o[4]);
    LANES f[i] = bit(m, i) ? value(a[i], b[i], c[i], d[i]) : f[i];
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};

struct Lop3 {
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    auto d = at<uint32_t>(r, op->o[0]);
    const auto a = at<uint32_t>(r, op->o[1]), b = at<uint32_t>(r, op->o[2]), c = at<uint32_t>(r, op->o[3]);
    uint32_t term[8];
    for (int k = 0; k < 8; ++k) term[k] = (op->imm >> k) & 1 ? ~0u : 0u;
    LANES {
      const uint32_t x = a[i], y = b[i], z = c[i];
      const uint32_t v = (term[0] & ~x & ~y & ~z) | (term[1] & ~x & ~y & z) | (term[2] & ~x & y & ~z) | (term[3] & ~x & y & z) |
                         (term[4] & x & ~y & ~z) | (term[5] & x & ~y & z) | (term[6] & x & y & ~z) | (term[7] & x & y & z);
      d[i] = bit(m, i) ? v : d[i];
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};

struct Permute {
  INLINE uint32_t apply(uint32_t a, uint32_t b, uint32_t s) {
    const uint64_t v = static_cast<uint64_t>(b) << 32 | a;
    uint32_t d = 0;
    for (int k = 0; k < 4; ++k) {
      const uint32_t select = s >> (4 * k);
      uint32_t byte = static_cast<uint32_t>(v >> (8 * (select & 7))) & 0xff;
      if (select & 8) byte = byte & 0x80 ? 0xff : 0;
      d |= byte << (8 * k);
    }
    return d;
  }
};

// prmt with a mode: the place of byte k comes from a formula in k and the lower bits of the selector.
enum PermuteMode { Forward, Backward, Replicate8, ClampLeft, ClampRight, Replicate16 };
template <PermuteMode mode> struct PermuteBy {
  INLINE uint32_t apply(uint32_t a, uint32_t b, uint32_t s) {
    const uint64_t v = static_cast<uint64_t>(b) << 32 | a;
    const uint32_t n = s & 3;
    uint32_t d = 0;
    for (uint32_t k = 0; k < 4; ++k) {
      const uint32_t from = mode == Forward ? n + k : mode == Backward ? (n - k) & 7 : mode == Replicate8 ? n : mode == ClampLeft ? (k > n ? k : n)
                            : mode == ClampRight ? (k < n ? k : n) : (n & 1) * 2 + (k & 1);
      d |= (static_cast<uint32_t>(v >> (8 * from)) & 0xff) << (8 * k);
    }
    return d;
  }
};

// fns: the place of the |offset|-th set bit of the mask, from base upward or downward; -1: there is none.
struct FindNthSet {
  INLINE uint32_t apply(uint32_t mask, uint32_t base, int32_t offset) {
    const int step = offset < 0 ? -1 : 1;
    int64_t left = offset < 0 ? -static_cast<int64_t>(offset) : offset;
    if (offset == 0) return base < 32 && (mask >> base & 1) != 0 ? base : ~0u;
    for (int64_t at = base; at >= 0 && at < 32; at += step) {
      if ((mask >> at & 1) != 0 && --left == 0) return static_cast<uint32_t>(at);
    }
    return ~0u;
  }
};

template <class T> struct Select {
  static const Op* full(const Op* op, char* r, Warp*) {
    auto d = at<T>(r, op->o[0]);
    const auto a = at<T>(r, op->o[1]), b = at<T>(r, op->o[2]);
    const uint32_t p = predicate(r, op->o[3]);
    LANES d[i] = bit(p, i) ? a[i] : b[i];
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    auto d = at<T>(r, op->o[0]);
    const auto a = at<T>(r, op->o[1]), b = at<T>(r, op->o[2]);
    const uint32_t p = predicate(r, op->o[3]);
    LANES {
      const T v = bit(p, i) ? a[i] : b[i];
      d[i] = bit(m, i) ? v : d[i];
    }
    return op + 1;
  }
};

template <class T, class C, int f = 0> struct SelectSign { INLINE T apply(T a, T b, C c) { return in<f>(c) >= C{0} ? a : b; } };

template <class F> struct Logic2 {
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    uint32_t& d = predicate(r, op->o[0]);
    d = (d & ~m) | (F::apply(predicate(r, op->o[1]), predicate(r, op->o[2])) & m);
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};
template <class F> struct Logic1 {
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    uint32_t& d = predicate(r, op->o[0]);
    d = (d & ~m) | (F::apply(predicate(r, op->o[1])) & m);
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};

struct Pack2x16 { INLINE uint32_t apply(uint16_t a, uint16_t b) { return a | static_cast<uint32_t>(b) << 16; } };
struct Pack2x32 { INLINE uint64_t apply(uint32_t a, uint32_t b) { return a | static_cast<uint64_t>(b) << 32; } };
template <class D, class S, int shift> struct Part { INLINE D apply(S a) { return static_cast<D>(a >> shift); } };

}  // namespace

TABLE void add_bits(const Registrar& g) {
  add<Map2<And<uint32_t>, uint32_t, uint32_t, uint32_t>>(g, "and{.b16|.b32}", "Www");
  add<Map2<Or<uint32_t>, uint32_t, uint32_t, uint32_t>>(g, "or{.b16|.b32}", "Www");
  add<Map2<Xor<uint32_t>, uint32_t, uint32_t, uint32_t>>(g, "xor{.b16|.b32}", "Www");
  add<Map1<Not<uint32_t>, uint32_t, uint32_t>>(g, "not{.b16|.b32}", "Ww");
  add<Map1<Cnot<uint32_t>, uint32_t, uint32_t>>(g, "cnot.b32", "Ww");
  add<Map1<Cnot<uint16_t>, uint16_t, uint16_t>>(g, "cnot.b16", "Ww");
  add<Map2<And<uint64_t>, uint64_t, uint64_t, uint64_t>>(g, "and.b64", "Xxx");
  add<Map2<Or<uint64_t>, uint64_t, uint64_t, uint64_t>>(g, "or.b64", "Xxx");
  add<Map2<Xor<uint64_t>, uint64_t, uint64_t, uint64_t>>(g, "xor.b64", "Xxx");
  add<Map1<Not<uint64_t>, uint64_t, uint64_t>>(g, "not.b64", "Xx");
  add<Map1<Cnot<uint64_t>, uint64_t, uint64_t>>(g, "cnot.b64", "Xx");
  add<Logic2<And<uint32_t>>>(g, "and.pred", "Ppp");
  add<Logic2<Or<uint32_t>>>(g, "or.pred", "Ppp");
  add<Logic2<Xor<uint32_t>>>(g, "xor.pred", "Ppp");
  add<Logic1<Not<uint32_t>>>(g, "not.pred", "Pp");
  add<Logic1<Move<uint32_t>>>(g, "mov.pred", "Pp");
  add<Map2<Shl<uint16_t>, uint16_t, uint16_t, uint32_t>>(g, "shl.b16", "Www");
  add<Map2<Shl<uint32_t>, uint32_t, uint32_t, uint32_t>>(g, "shl.b32", "Www");
  add<Map2<Shl<uint64_t>, uint64_t, uint64_t, uint32_t>>(g, "shl.b64", "Xxw");
  add<Map2<Shr<uint16_t>, uint16_t, uint16_t, uint32_t>>(g, "shr{.b16|.u16}", "Www");
  add<Map2<Shr<int16_t>, int16_t, int16_t, uint32_t>>(g, "shr.s16", "Www");
  add<Map2<Shr<uint32_t>, uint32_t, uint32_t, uint32_t>>(g, "shr{.b32|.u32}", "Www");
  add<Map2<Shr<int32_t>, int32_t, int32_t, uint32_t>>(g, "shr.s32", "Www");
  add<Map2<Shr<uint64_t>, uint64_t, uint64_t, uint32_t>>(g, "shr{.b64|.u64}", "Xxw");
  add<Map2<Shr<int64_t>, int64_t, int64_t, uint32_t>>(g, "shr.s64", "Xxw");
  add<Map3<Funnel<true, true>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "shf.l.wrap.b32", "Wwww");
  add<Map3<Funnel<true, false>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "shf.l.clamp.b32", "Wwww");
  add<Map3<Funnel<false, true>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "shf.r.wrap.b32", "Wwww");
  add<Map3<Funnel<false, false>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "shf.r.clamp.b32", "Wwww");
  add<Map1<Clz<uint32_t>, uint32_t, uint32_t>>(g, "clz.b32", "Ww");
  add<Map1<Clz<uint64_t>, uint32_t, uint64_t>>(g, "clz.b64", "Wx");
  add<Map1<Popc<uint32_t>, uint32_t, uint32_t>>(g, "popc.b32", "Ww");
  add<Map1<Popc<uint64_t>, uint32_t, uint64_t>>(g, "popc.b64", "Wx");
  add<Map1<Reverse<uint32_t>, uint32_t, uint32_t>>(g, "brev.b32", "Ww");
  add<Map1<Reverse<uint64_t>, uint64_t, uint64_t>>(g, "brev.b64", "Xx");
  add<Map1<Find<uint32_t, false>, uint32_t, uint32_t>>(g, "bfind.u32", "Ww");
  add<Map1<Find<int32_t, false>, uint32_t, int32_t>>(g, "bfind.s32", "Ww");
  add<Map1<Find<uint64_t, false>, uint32_t, uint64_t>>(g, "bfind.u64", "Wx");
  add<Map1<Find<int64_t, false>, uint32_t, int64_t>>(g, "bfind.s64", "Wx");
  add<Map1<Find<uint32_t, true>, uint32_t, uint32_t>>(g, "bfind.shiftamt.u32", "Ww");
  add<Map1<Find<int32_t, true>, uint32_t, int32_t>>(g, "bfind.shiftamt.s32", "Ww");
  add<Map1<Find<uint64_t, true>, uint32_t, uint64_t>>(g, "bfind.shiftamt.u64", "Wx");
  add<Map1<Find<int64_t, true>, uint32_t, int64_t>>(g, "bfind.shiftamt.s64", "Wx");
  add<Map3<Extract<uint32_t>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "bfe.u32", "Wwww");
  add<Map3<Extract<int32_t>, int32_t, int32_t, uint32_t, uint32_t>>(g, "bfe.s32", "Wwww");
  add<Map3<Extract<uint64_t>, uint64_t, uint64_t, uint32_t, uint32_t>>(g, "bfe.u64", "Xxww");
  add<Map3<Extract<int64_t>, int64_t, int64_t, uint32_t, uint32_t>>(g, "bfe.s64", "Xxww");
  add<Insert<uint32_t>>(g, "bfi.b32", "Wwwww");
  add<Insert<uint64_t>>(g, "bfi.b64", "Xxxww");
  add<Lop3>(g, "lop3.b32", "Wwwwi");
  add<Map3<Permute, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "prmt.b32", "Wwww");
  add<Map3<PermuteBy<Forward>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "prmt.b32.f4e", "Wwww");
  add<Map3<PermuteBy<Backward>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "prmt.b32.b4e", "Wwww");
  add<Map3<PermuteBy<Replicate8>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "prmt.b32.rc8", "Wwww");
  add<Map3<PermuteBy<ClampLeft>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "prmt.b32.ecl", "Wwww");
  add<Map3<PermuteBy<ClampRight>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "prmt.b32.ecr", "Wwww");
  add<Map3<PermuteBy<Replicate16>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "prmt.b32.rc16", "Wwww");
  add<Map3<FindNthSet, uint32_t, uint32_t, uint32_t, int32_t>>(g, "fns.b32", "Wwww");
  add<Select<uint32_t>>(g, "selp{.b16|.u16|.s16|.b32|.u32|.s32|.f32}", "Wwwp");
  add<Select<uint64_t>>(g, "selp{.b64|.u64|.s64|.f64}", "Xxxp");
  add<Map3<SelectSign<uint32_t, int32_t>, uint32_t, uint32_t, uint32_t, int32_t>>(g, "slct{.b16|.u16|.s16|.b32|.u32|.s32|.f32}.s32", "Wwww");
  add<Map3<SelectSign<uint64_t, int32_t>, uint64_t, uint64_t, uint64_t, int32_t>>(g, "slct{.b64|.u64|.s64|.f64}.s32", "Xxxw");
  add<Map3<SelectSign<uint32_t, float>, uint32_t, uint32_t, uint32_t, float>>(g, "slct{.b16|.u16|.s16|.b32|.u32|.s32|.f32}.f32", "Wwww");
  add<Map3<SelectSign<uint32_t, float, 1>, uint32_t, uint32_t, uint32_t, float>>(g, "slct.ftz{.b16|.u16|.s16|.b32|.u32|.s32|.f32}.f32", "Wwww");
  add<Map3<SelectSign<uint64_t, float>, uint64_t, uint64_t, uint64_t, float>>(g, "slct{.b64|.u64|.s64|.f64}.f32", "Xxxw");
  add<Map3<SelectSign<uint64_t, float, 1>, uint64_t, uint64_t, uint64_t, float>>(g, "slct.ftz{.b64|.u64|.s64|.f64}.f32", "Xxxw");
  add<Map1<Move<uint32_t>, uint32_t, uint32_t>>(g, "mov{.b16|.u16|.s16|.b32|.u32|.s32|.f32}", "Ww");
  add<Map1<Move<uint64_t>, uint64_t, uint64_t>>(g, "mov{.b64|.u64|.s64|.f64}", "Xx");
  add<Map2<Pack2x16, uint32_t, uint16_t, uint16_t>>(g, "#pack.2x16", "Www");
  add<Map2<Pack2x32, uint64_t, uint32_t, uint32_t>>(g, "#pack.2x32", "Xww");
  add<Map1<Part<uint16_t, uint32_t, 0>, uint16_t, uint32_t>>(g, "#part.16.0", "Ww");
  add<Map1<Part<uint16_t, uint32_t, 16>, uint16_t, uint32_t>>(g, "#part.16.1", "Ww");
  add<Map1<Part<uint32_t, uint64_t, 0>, uint32_t, uint64_t>>(g, "#part.32.0", "Wx");
  add<Map1<Part<uint32_t, uint64_t, 32>, uint32_t, uint64_t>>(g, "#part.32.1", "Wx");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
