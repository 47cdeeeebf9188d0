#include "half.h"

// cvt between integers and from floating point to integers, f16 included.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <class T> struct Range;
#define RANGE(T, low, high) template <> struct Range<T> { static constexpr T least = low, most = high; };
RANGE(uint8_t, 0, UINT8_MAX)
RANGE(int8_t, INT8_MIN, INT8_MAX)
RANGE(uint16_t, 0, UINT16_MAX)
RANGE(int16_t, INT16_MIN, INT16_MAX)
RANGE(uint32_t, 0, UINT32_MAX)
RANGE(int32_t, INT32_MIN, INT32_MAX)
RANGE(uint64_t, 0, UINT64_MAX)
RANGE(int64_t, INT64_MIN, INT64_MAX)

template <class D, class S> struct Plain { INLINE D apply(S a) { return static_cast<D>(a); } };

template <class D, class S> struct Clamp {
  INLINE D apply(S a) {
    const bool negative = a < S{0};
    if (negative && Range<D>::least == 0) return 0;
    if (negative) return static_cast<int64_t>(a) < static_cast<int64_t>(Range<D>::least) ? Range<D>::least : static_cast<D>(a);
    return static_cast<uint64_t>(a) > static_cast<uint64_t>(Range<D>::most) ? Range<D>::most : static_cast<D>(a);
  }
};

enum Mode { Nearest, Zero, Down, Up };
template <Mode mode> INLINE float integral(float a) {
  return mode == Nearest ? __builtin_rintf(a) : mode == Zero ? __builtin_truncf(a) : mode == Down ? __builtin_floorf(a) : __builtin_ceilf(a);
}
template <Mode mode> INLINE double integral(double a) {
  return mode == Nearest ? __builtin_rint(a) : mode == Zero ? __builtin_trunc(a) : mode == Down ? __builtin_floor(a) : __builtin_ceil(a);
}

// Out of range: the nearest integer of the type. NaN: 0, or the highest bit alone where one of the two types has 64 bits.
template <class D, class S, Mode mode, int f> struct ToInteger {
  INLINE D apply(S a0) {
    const S a = integral<mode>(in<f>(a0));
    // One past the largest is a power of two, exact in every floating-point type.
    constexpr S above = static_cast<S>(Range<D>::most / 2 + 1) * S{2};
    constexpr S least = static_cast<S>(Range<D>::least);
    const bool high = a >= above, low = a < least, nan = a != a;
    const D v = static_cast<D>(high || low || nan ? S{0} : a);
    constexpr D of_nan = sizeof(S) == 8 || sizeof(D) == 8 ? static_cast<D>(uint64_t{1} << (8 * sizeof(D) - 1)) : D{0};
    return nan ? of_nan : high ? Range<D>::most : low ? Range<D>::least : v;
  }
};

template <class D, Mode mode> struct HalfToInteger { INLINE D apply(uint16_t a) { return ToInteger<D, float, mode, 0>::apply(half_to_float(a)); } };

template <class D, class S>
void pair(const Registrar& g, const char* d, const char* s) {
  char key[64];
  const char* signature = sizeof(D) == 8 ? (sizeof(S) == 8 ? "Xx" : "Xw") : (sizeof(S) == 8 ? "Wx" : "Ww");
  __builtin_snprintf(key, sizeof key, "cvt.%s.%s", d, s);
  add<Map1<Plain<D, S>, D, S>>(g, key, signature);
  __builtin_snprintf(key, sizeof key, "cvt.sat.%s.%s", d, s);
  add<Map1<Clamp<D, S>, D, S>>(g, key, signature);
}

template <class D>
void from_integers(const Registrar& g, const char* d) {
  pair<D, uint8_t>(g, d, "{u8|b8}");
  pair<D, int8_t>(g, d, "s8");
  pair<D, uint16_t>(g, d, "{u16|b16}");
  pair<D, int16_t>(g, d, "s16");
  pair<D, uint32_t>(g, d, "{u32|b32}");
  pair<D, int32_t>(g, d, "s32");
  pair<D, uint64_t>(g, d, "{u64|b64}");
  pair<D, int64_t>(g, d, "s64");
}

template <class D, class S, Mode mode>
void to_integer(const Registrar& g, const char* round, const char* d, const char* s) {
  char key[64];
  const char* signature = sizeof(D) == 8 ? (sizeof(S) == 8 ? "Xx" : "Xw") : (sizeof(S) == 8 ? "Wx" : "Ww");
  __builtin_snprintf(key, sizeof key, "cvt.%s{.sat|}.%s.%s", round, d, s);
  add<Map1<ToInteger<D, S, mode, 0>, D, S>>(g, key, signature);
  if constexpr (sizeof(S) == 4) {
    __builtin_snprintf(key, sizeof key, "cvt.%s.ftz{.sat|}.%s.%s", round, d, s);
    add<Map1<ToInteger<D, S, mode, 1>, D, S>>(g, key, signature);
  }
}

template <class D, Mode mode>
void from_half(const Registrar& g, const char* round, const char* d) {
  char key[64];
  __builtin_snprintf(key, sizeof key, "cvt.%s{.ftz|}{.sat|}.%s.f16", round, d);
  add<Map1<HalfToInteger<D, mode>, D, uint16_t>>(g, key, sizeof(D) == 8 ? "Xw" : "Ww");
}

template <class D>
void from_real(const Registrar& g, const char* d) {
  to_integer<D, float, Nearest>(g, "rni", d, "f32");
  to_integer<D, float, Zero>(g, "rzi", d, "f32");
  to_integer<D, float, Down>(g, "rmi", d, "f32");
  to_integer<D, float, Up>(g, "rpi", d, "f32");
  to_integer<D, double, Nearest>(g, "rni", d, "f64");
  to_integer<D, double, Zero>(g, "rzi", d, "f64");
  to_integer<D, double, Down>(g, "rmi", d, "f64");
  to_integer<D, double, Up>(g, "rpi", d, "f64");
  from_half<D, Nearest>(g, "rni", d);
  from_half<D, Zero>(g, "rzi", d);
  from_half<D, Down>(g, "rmi", d);
  from_half<D, Up>(g, "rpi", d);
}

template <class D>
void all(const Registrar& g, const char* d) {
  from_integers<D>(g, d);
  from_real<D>(g, d);
}

}  // namespace

TABLE void add_convert(const Registrar& g) {
  all<uint8_t>(g, "u8");
  all<int8_t>(g, "s8");
  all<uint16_t>(g, "u16");
  all<int16_t>(g, "s16");
  all<uint32_t>(g, "u32");
  all<int32_t>(g, "s32");
  all<uint64_t>(g, "u64");
  all<int64_t>(g, "s64");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
