#include "half.h"

#include "approximate.h"
#include "comparisons.h"

// Arithmetic and comparisons on f16 and bf16, one number (in the low half of a register) or two.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <class F> constexpr uint16_t kInfinity = static_cast<uint16_t>((F::most - F::least + 2) << F::fraction);
constexpr uint16_t kNan = 0x7fff;

template <class F> INLINE bool is_nan(uint16_t a) { return (a & 0x7fff) > kInfinity<F>; }
template <class F> INLINE uint16_t flush16(uint16_t a) { return static_cast<uint16_t>((a & 0x7fff) < 1u << F::fraction ? a & 0x8000 : a); }

// What may follow the operation; a bit each.
enum Modifier { Flush = 1, Saturate = 2, Relu = 4 };

template <class F, int modifiers> INLINE double input(uint16_t a) {
  return static_cast<double>(F::value(modifiers & Flush ? flush16<F>(a) : a));
}
template <class F, int modifiers> INLINE uint16_t output(double v) {
  uint16_t r = narrow<F, Round::Nearest>(v);
  if constexpr (modifiers & Flush) r = flush16<F>(r);
  if constexpr (modifiers & Saturate) {
    constexpr uint16_t one = static_cast<uint16_t>(-F::least + 1) << F::fraction;
    r = is_nan<F>(r) || (r & 0x8000) ? uint16_t{0} : (r > one ? one : r);
  }
  if constexpr (modifiers & Relu) r = !is_nan<F>(r) && (r & 0x8000) ? uint16_t{0} : r;
  return r;
}

// Products are exact in double. Sums are rounded to odd there, so that rounding them again is as good as rounding once.
template <class F, int m> struct Add { INLINE uint16_t apply(uint16_t a, uint16_t b) { return output<F, m>(sum_to_odd(input<F, m>(a), input<F, m>(b))); } };
template <class F, int m> struct Sub { INLINE uint16_t apply(uint16_t a, uint16_t b) { return output<F, m>(sum_to_odd(input<F, m>(a), -input<F, m>(b))); } };
template <class F, int m> struct Mul { INLINE uint16_t apply(uint16_t a, uint16_t b) { return output<F, m>(input<F, m>(a) * input<F, m>(b)); } };
template <class F, int m> struct Fma {
  INLINE uint16_t apply(uint16_t a, uint16_t b, uint16_t c) { return output<F, m>(sum_to_odd(input<F, m>(a) * input<F, m>(b), input<F, m>(c))); }
};
template <class F, int m> struct Neg { INLINE uint16_t apply(uint16_t a) { return static_cast<uint16_t>((m & Flush ? flush16<F>(a) : a) ^ 0x8000); } };
template <class F, int m> struct Abs { INLINE uint16_t apply(uint16_t a) { return static_cast<uint16_t>((m & Flush ? flush16<F>(a) : a) & 0x7fff); } };

// Bits that order as the numbers do, -0 below +0.
INLINE int rank(uint16_t a) { return a & 0x8000 ? -1 - (a & 0x7fff) : a; }

template <class F, int m, bool larger, bool nan> struct Extreme {
  INLINE uint16_t apply(uint16_t a0, uint16_t b0) {
    const uint16_t a = m & Flush ? flush16<F>(a0) : a0, b = m & Flush ? flush16<F>(b0) : b0;
    const bool a_nan = is_nan<F>(a), b_nan = is_nan<F>(b);
    const uint16_t better = (rank(a) > rank(b)) == larger ? a : b;
    const uint16_t number = a_nan ? (b_nan ? kNan : b) : (b_nan ? a : better);
    return nan && (a_nan || b_nan) ? kNan : number;
  }
};
template <class F, int m> using Min = Extreme<F, m, false, false>;
template <class F, int m> using Max = Extreme<F, m, true, false>;
template <class F, int m> using MinNan = Extreme<F, m, false, true>;
template <class F, int m> using MaxNan = Extreme<F, m, true, true>;

template <class F, int m> struct Ex2 { INLINE uint16_t apply(uint16_t a) { return output<F, m>(static_cast<double>(exp2(F::value(m & Flush ? flush16<F>(a) : a)))); } };
template <class F, int m> struct Tanh { INLINE uint16_t apply(uint16_t a) { return output<F, m>(static_cast<double>(hyperbolic_tangent(F::value(a)))); } };

// Both halves of a register.
template <class M> struct Twice {
  INLINE uint32_t apply(uint32_t a) {
    return M::apply(static_cast<uint16_t>(a)) | static_cast<uint32_t>(M::apply(static_cast<uint16_t>(a >> 16))) << 16;
  }
  INLINE uint32_t apply(uint32_t a, uint32_t b) {
    return M::apply(static_cast<uint16_t>(a), static_cast<uint16_t>(b)) |
           static_cast<uint32_t>(M::apply(static_cast<uint16_t>(a >> 16), static_cast<uint16_t>(b >> 16))) << 16;
  }
  INLINE uint32_t apply(uint32_t a, uint32_t b, uint32_t c) {
    return M::apply(static_cast<uint16_t>(a), static_cast<uint16_t>(b), static_cast<uint16_t>(c)) |
           static_cast<uint32_t>(M::apply(static_cast<uint16_t>(a >> 16), static_cast<uint16_t>(b >> 16), static_cast<uint16_t>(c >> 16))) << 16;
  }
};

template <class M, int operands>
void one(const Registrar& g, const char* before, const char* type, const char* twice) {
  char key[96];
  __builtin_snprintf(key, sizeof key, "%s.%s", before, twice);
  if constexpr (operands == 1) add<Map1<Twice<M>, uint32_t, uint32_t>>(g, key, "Ww");
  if constexpr (operands == 2) add<Map2<Twice<M>, uint32_t, uint32_t, uint32_t>>(g, key, "Www");
  if constexpr (operands == 3) add<Map3<Twice<M>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, key, "Wwww");
  __builtin_snprintf(key, sizeof key, "%s.%s", before, type);
  if constexpr (operands == 1) add<Map1<M, uint16_t, uint16_t>>(g, key, "Ww");
  if constexpr (operands == 2) add<Map2<M, uint16_t, uint16_t, uint16_t>>(g, key, "Www");
  if constexpr (operands == 3) add<Map3<M, uint16_t, uint16_t, uint16_t, uint16_t>>(g, key, "Wwww");
}

template <template <class, int> class M, int operands>
void f16(const Registrar& g, const char* name, bool saturates) {
  char key[64];
  const auto with = [&](const char* modifiers) {
    __builtin_snprintf(key, sizeof key, "%s%s", name, modifiers);
    return static_cast<const char*>(key);
  };
  one<M<Half, 0>, operands>(g, with(""), "f16", "f16x2");
  one<M<Half, Flush>, operands>(g, with(".ftz"), "f16", "f16x2");
  if (!saturates) return;
  one<M<Half, Saturate>, operands>(g, with(".sat"), "f16", "f16x2");
  one<M<Half, Flush | Saturate>, operands>(g, with(".ftz.sat"), "f16", "f16x2");
}

// set: the result is a number (1 or 0) or a mask.
template <class F, class C, int m> INLINE bool compare(uint16_t a, uint16_t b) {
  return C::template holds<float>(F::value(m & Flush ? flush16<F>(a) : a), F::value(m & Flush ? flush16<F>(b) : b));
}
template <class F, class C, int m> struct Predicate { INLINE bool apply(uint16_t a, uint16_t b) { return compare<F, C, m>(a, b); } };
template <class F, class C, int m> struct Number {
  INLINE uint16_t apply(uint16_t a, uint16_t b) { return compare<F, C, m>(a, b) ? static_cast<uint16_t>((-F::least + 1) << F::fraction) : uint16_t{0}; }
};
template <class F, class C, int m> struct Mask16 { INLINE uint16_t apply(uint16_t a, uint16_t b) { return compare<F, C, m>(a, b) ? 0xffff : 0; } };
template <class F, class C, int m> struct Mask32 { INLINE uint32_t apply(uint16_t a, uint16_t b) { return compare<F, C, m>(a, b) ? ~0u : 0u; } };

template <class F, class C, int m>
void comparison(const Registrar& g, const char* name, const char* type) {
  char key[64];
  const char* flush = m & Flush ? ".ftz" : "";
  const auto with = [&](const char* pattern) {
    __builtin_snprintf(key, sizeof key, pattern, name, flush, type, type);
    return static_cast<const char*>(key);
  };
  add<Compare<Predicate<F, C, m>, uint16_t>>(g, with("#setp.%s%s.%s"), "Pww");
  add<Map2<Number<F, C, m>, uint16_t, uint16_t, uint16_t>>(g, with("set.%s%s.%s.%s"), "Www");
  add<Map2<Twice<Number<F, C, m>>, uint32_t, uint32_t, uint32_t>>(g, with("set.%s%s.%sx2.%sx2"), "Www");
  add<Map2<Mask16<F, C, m>, uint16_t, uint16_t, uint16_t>>(g, with("set.%s%s{.u16|.s16}.%s"), "Www");
  add<Map2<Mask32<F, C, m>, uint32_t, uint16_t, uint16_t>>(g, with("set.%s%s{.u32|.s32}.%s"), "Www");
  add<Map2<Twice<Mask16<F, C, m>>, uint32_t, uint32_t, uint32_t>>(g, with("set.%s%s{.u32|.s32}.%sx2"), "Www");
}

template <class C>
void comparisons(const Registrar& g, const char* name) {
  comparison<Half, C, 0>(g, name, "f16");
  comparison<Half, C, Flush>(g, name, "f16");
  comparison<Brain, C, 0>(g, name, "bf16");
}

}  // namespace

TABLE void add_half(const Registrar& g) {
  f16<Add, 2>(g, "add{.rn|}", true);
  f16<Sub, 2>(g, "sub{.rn|}", true);
  f16<Mul, 2>(g, "mul{.rn|}", true);
  f16<Fma, 3>(g, "fma.rn", true);
  one<Fma<Half, Relu>, 3>(g, "fma.rn.relu", "f16", "f16x2");
  one<Fma<Half, Flush | Relu>, 3>(g, "fma.rn.ftz.relu", "f16", "f16x2");
  f16<Neg, 1>(g, "neg", false);
  f16<Abs, 1>(g, "abs", false);
  f16<Min, 2>(g, "min", false);
  f16<Max, 2>(g, "max", false);
  one<MinNan<Half, 0>, 2>(g, "min.NaN", "f16", "f16x2");
  one<MaxNan<Half, 0>, 2>(g, "max.NaN", "f16", "f16x2");
  one<MinNan<Half, Flush>, 2>(g, "min.ftz.NaN", "f16", "f16x2");
  one<MaxNan<Half, Flush>, 2>(g, "max.ftz.NaN", "f16", "f16x2");
  one<Ex2<Half, 0>, 1>(g, "ex2.approx", "f16", "f16x2");
  one<Ex2<Brain, Flush>, 1>(g, "ex2.approx.ftz", "bf16", "bf16x2");
  one<Tanh<Half, 0>, 1>(g, "tanh.approx", "f16", "f16x2");
  one<Tanh<Brain, 0>, 1>(g, "tanh.approx", "bf16", "bf16x2");
  one<Add<Brain, 0>, 2>(g, "add{.rn|}", "bf16", "bf16x2");
  one<Sub<Brain, 0>, 2>(g, "sub{.rn|}", "bf16", "bf16x2");
  one<Mul<Brain, 0>, 2>(g, "mul{.rn|}", "bf16", "bf16x2");
  one<Fma<Brain, 0>, 3>(g, "fma.rn", "bf16", "bf16x2");
  one<Fma<Brain, Relu>, 3>(g, "fma.rn.relu", "bf16", "bf16x2");
  one<Neg<Brain, 0>, 1>(g, "neg", "bf16", "bf16x2");
  one<Abs<Brain, 0>, 1>(g, "abs", "bf16", "bf16x2");
  one<Min<Brain, 0>, 2>(g, "min", "bf16", "bf16x2");
  one<Max<Brain, 0>, 2>(g, "max", "bf16", "bf16x2");
  one<MinNan<Brain, 0>, 2>(g, "min.NaN", "bf16", "bf16x2");
  one<MaxNan<Brain, 0>, 2>(g, "max.NaN", "bf16", "bf16x2");
  each_comparison([&](auto c, const char* name) { comparisons<decltype(c)>(g, name); });
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
