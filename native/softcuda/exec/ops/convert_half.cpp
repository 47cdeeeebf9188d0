#include "half.h"

// cvt to f16, bf16 and tf32, and from f16 and bf16 to floating point. From f16 to integers: convert.cpp.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <int f> struct HalfToFloat { INLINE float apply(uint16_t a) { return out<f>(half_to_float(a)); } };
template <int f> struct HalfToDouble { INLINE double apply(uint16_t a) { return static_cast<double>(out<f>(half_to_float(a))); } };
// 0 to 1, NaN to 0.
INLINE uint16_t saturate16(uint16_t a) { return (a & 0x8000) || a > 0x7c00 ? uint16_t{0} : (a > 0x3c00 ? uint16_t{0x3c00} : a); }
template <int f> struct HalfToHalf { INLINE uint16_t apply(uint16_t a) { return f ? saturate16(a) : a; } };
struct BrainToFloat { INLINE float apply(uint16_t a) { return brain_to_float(a); } };

// Negative numbers become zero; a NaN stays.
INLINE uint16_t relu(uint16_t a) { return a & 0x8000 ? uint16_t{0} : a; }

// The processor's conversion is the same rounding, and faster than narrow<Half>().
template <Round round> INLINE uint16_t half(float a) {
  constexpr int mode = round == Round::Nearest ? _MM_FROUND_TO_NEAREST_INT : round == Round::Zero ? _MM_FROUND_TO_ZERO
                       : round == Round::Down ? _MM_FROUND_TO_NEG_INF : _MM_FROUND_TO_POS_INF;
  return a != a ? uint16_t{0x7fff} : static_cast<uint16_t>(_cvtss_sh(a, mode));
}
template <Round round> INLINE uint16_t brain(float a) {
  const uint32_t u = bits<uint32_t>(a);
  const bool away = (round == Round::Up && u < 0x80000000u) || (round == Round::Down && u >= 0x80000000u);
  const bool finite = (u & 0x7f800000u) != 0x7f800000u;
  const uint32_t r = (u + (round == Round::Nearest ? 0x7fff + ((u >> 16) & 1) : away && finite ? 0xffffu : 0u)) >> 16;
  return static_cast<uint16_t>(a != a ? 0x7fff : r);
}

template <Round round, int f = 0> struct FloatToHalf { INLINE uint16_t apply(float a) { return half<round>(in<f>(a)); } };
template <Round round, int f> struct FloatToHalfSaturated { INLINE uint16_t apply(float a) { return half<round>(saturate(in<f>(a))); } };
template <Round round> struct DoubleToHalfSaturated { INLINE uint16_t apply(double a) { return saturate16(narrow<Half, round>(a)); } };
template <class S> struct IntegerToHalfSaturated { INLINE uint16_t apply(S a) { return a > S{0} ? uint16_t{0x3c00} : uint16_t{0}; } };
template <Round round> struct DoubleToHalf { INLINE uint16_t apply(double a) { return narrow<Half, round>(a); } };
// An integer too large for double to hold is too large for f16 too.
template <class S, Round round> struct IntegerToHalf { INLINE uint16_t apply(S a) { return narrow<Half, round>(static_cast<double>(a)); } };
template <Round round> struct FloatToHalfRelu { INLINE uint16_t apply(float a) { return relu(half<round>(a)); } };
// A subnormal float is one in bf16 too.
template <Round round, int f> struct FloatToBrain { INLINE uint16_t apply(float a) { return brain<round>(in<f>(a)); } };
template <Round round> struct FloatToBrainRelu { INLINE uint16_t apply(float a) { return relu(brain<round>(a)); } };

// The first source goes to the upper half.
template <class M> struct Two { INLINE uint32_t apply(float a, float b) { return static_cast<uint32_t>(M::apply(a)) << 16 | M::apply(b); } };

template <Round round, bool saturates> struct Integral {
  INLINE uint16_t apply(uint16_t a) {
    const float v = half_to_float(a);
    const float r = round == Round::Nearest ? __builtin_rintf(v) : round == Round::Zero ? __builtin_truncf(v)
                    : round == Round::Down ? __builtin_floorf(v) : __builtin_ceilf(v);
    return saturates ? saturate16(half<Round::Nearest>(r)) : half<Round::Nearest>(r);
  }
};

// 10 bits of fraction in the place of a float's 23. `away`: ties go away from zero, else to even.
template <bool away> INLINE uint32_t to_tf32(float a) {
  const uint32_t u = bits<uint32_t>(a);
  const uint32_t r = (u + (away ? 0x1000u : 0xfffu + (u >> 13 & 1))) & 0xffffe000u;
  return a != a ? 0x7fffffffu : (u & 0x7fffffffu) == 0x7f800000u ? u : r;
}
INLINE uint32_t positive(uint32_t a) { return a & 0x80000000u ? 0u : a; }
struct Away { INLINE uint32_t apply(float a) { return to_tf32<true>(a); } };
struct Even { INLINE uint32_t apply(float a) { return to_tf32<false>(a); } };
struct EvenRelu { INLINE uint32_t apply(float a) { return positive(to_tf32<false>(a)); } };
struct Cut { INLINE uint32_t apply(float a) { return a != a ? 0x7fffffffu : bits<uint32_t>(a) & 0xffffe000u; } };
struct CutRelu { INLINE uint32_t apply(float a) { return positive(Cut::apply(a)); } };

template <Round round>
void mode(const Registrar& g, const char* name) {
  char key[64];
  const auto with = [&](const char* types) {
    __builtin_snprintf(key, sizeof key, "cvt.%s%s", name, types);
    return static_cast<const char*>(key);
  };
  add<Map1<FloatToHalf<round>, uint16_t, float>>(g, with(".f16.f32"), "Ww");
  add<Map1<FloatToHalf<round, 1>, uint16_t, float>>(g, with(".ftz.f16.f32"), "Ww");
  add<Map1<FloatToBrain<round, 0>, uint16_t, float>>(g, with(".bf16.f32"), "Ww");
  add<Map1<FloatToBrain<round, 1>, uint16_t, float>>(g, with(".ftz.bf16.f32"), "Ww");
  add<Map1<BrainToFloat, float, uint16_t>>(g, with(".f32.bf16"), "Ww");
  add<Map1<DoubleToHalfSaturated<round>, uint16_t, double>>(g, with(".sat.f16.f64"), "Wx");
  add<Map1<FloatToHalfSaturated<round, 0>, uint16_t, float>>(g, with(".sat.f16.f32"), "Ww");
  add<Map1<FloatToHalfSaturated<round, 1>, uint16_t, float>>(g, with(".ftz.sat.f16.f32"), "Ww");
  add<Map1<DoubleToHalf<round>, uint16_t, double>>(g, with(".f16.f64"), "Wx");
  add<Map1<IntegerToHalf<uint8_t, round>, uint16_t, uint8_t>>(g, with(".f16.u8"), "Ww");
  add<Map1<IntegerToHalfSaturated<uint8_t>, uint16_t, uint8_t>>(g, with(".sat.f16.u8"), "Ww");
  add<Map1<IntegerToHalf<int8_t, round>, uint16_t, int8_t>>(g, with(".f16.s8"), "Ww");
  add<Map1<IntegerToHalfSaturated<int8_t>, uint16_t, int8_t>>(g, with(".sat.f16.s8"), "Ww");
  add<Map1<IntegerToHalf<uint16_t, round>, uint16_t, uint16_t>>(g, with(".f16.u16"), "Ww");
  add<Map1<IntegerToHalfSaturated<uint16_t>, uint16_t, uint16_t>>(g, with(".sat.f16.u16"), "Ww");
  add<Map1<IntegerToHalf<int16_t, round>, uint16_t, int16_t>>(g, with(".f16.s16"), "Ww");
  add<Map1<IntegerToHalfSaturated<int16_t>, uint16_t, int16_t>>(g, with(".sat.f16.s16"), "Ww");
  add<Map1<IntegerToHalf<uint32_t, round>, uint16_t, uint32_t>>(g, with(".f16.u32"), "Ww");
  add<Map1<IntegerToHalfSaturated<uint32_t>, uint16_t, uint32_t>>(g, with(".sat.f16.u32"), "Ww");
  add<Map1<IntegerToHalf<int32_t, round>, uint16_t, int32_t>>(g, with(".f16.s32"), "Ww");
  add<Map1<IntegerToHalfSaturated<int32_t>, uint16_t, int32_t>>(g, with(".sat.f16.s32"), "Ww");
  add<Map1<IntegerToHalf<uint64_t, round>, uint16_t, uint64_t>>(g, with(".f16.u64"), "Wx");
  add<Map1<IntegerToHalfSaturated<uint64_t>, uint16_t, uint64_t>>(g, with(".sat.f16.u64"), "Wx");
  add<Map1<IntegerToHalf<int64_t, round>, uint16_t, int64_t>>(g, with(".f16.s64"), "Wx");
  add<Map1<IntegerToHalfSaturated<int64_t>, uint16_t, int64_t>>(g, with(".sat.f16.s64"), "Wx");
  add<Map1<Integral<round, false>, uint16_t, uint16_t>>(g, with("i.f16.f16"), "Ww");
  add<Map1<Integral<round, true>, uint16_t, uint16_t>>(g, with("i.sat.f16.f16"), "Ww");
}

// The modes of conversions to two numbers.
template <Round round>
void packed(const Registrar& g, const char* name) {
  char key[64];
  const auto with = [&](const char* types) {
    __builtin_snprintf(key, sizeof key, "cvt.%s%s", name, types);
    return static_cast<const char*>(key);
  };
  add<Map1<FloatToHalfRelu<round>, uint16_t, float>>(g, with(".relu.f16.f32"), "Ww");
  add<Map2<Two<FloatToHalf<round>>, uint32_t, float, float>>(g, with(".f16x2.f32"), "Www");
  add<Map2<Two<FloatToHalfRelu<round>>, uint32_t, float, float>>(g, with(".relu.f16x2.f32"), "Www");
  add<Map1<FloatToBrainRelu<round>, uint16_t, float>>(g, with(".relu.bf16.f32"), "Ww");
  add<Map2<Two<FloatToBrain<round, 0>>, uint32_t, float, float>>(g, with(".bf16x2.f32"), "Www");
  add<Map2<Two<FloatToBrainRelu<round>>, uint32_t, float, float>>(g, with(".relu.bf16x2.f32"), "Www");
}

}  // namespace

TABLE void add_convert_half(const Registrar& g) {
  add<Map1<HalfToFloat<0>, float, uint16_t>>(g, "cvt{.ftz|}.f32.f16", "Ww");
  add<Map1<HalfToFloat<2>, float, uint16_t>>(g, "cvt{.ftz|}.sat.f32.f16", "Ww");
  add<Map1<HalfToDouble<0>, double, uint16_t>>(g, "cvt.f64.f16", "Xw");
  add<Map1<HalfToDouble<2>, double, uint16_t>>(g, "cvt.sat.f64.f16", "Xw");
  add<Map1<HalfToHalf<0>, uint16_t, uint16_t>>(g, "cvt.f16.f16", "Ww");
  add<Map1<HalfToHalf<2>, uint16_t, uint16_t>>(g, "cvt.sat.f16.f16", "Ww");
  add<Map1<BrainToFloat, float, uint16_t>>(g, "cvt.f32.bf16", "Ww");
  mode<Round::Nearest>(g, "rn");
  mode<Round::Zero>(g, "rz");
  mode<Round::Down>(g, "rm");
  mode<Round::Up>(g, "rp");
  packed<Round::Nearest>(g, "rn");
  packed<Round::Zero>(g, "rz");
  add<Map1<Away, uint32_t, float>>(g, "cvt.rna.tf32.f32", "Ww");
  add<Map1<Even, uint32_t, float>>(g, "cvt.rn.tf32.f32", "Ww");
  add<Map1<EvenRelu, uint32_t, float>>(g, "cvt.rn.relu.tf32.f32", "Ww");
  add<Map1<Cut, uint32_t, float>>(g, "cvt.rz.tf32.f32", "Ww");
  add<Map1<CutRelu, uint32_t, float>>(g, "cvt.rz.relu.tf32.f32", "Ww");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
