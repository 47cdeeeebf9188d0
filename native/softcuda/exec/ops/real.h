#pragma once
#include "lanes.h"

// What the floating-point operations share.
namespace softcuda {
namespace SOFTCUDA_ISA {

INLINE float absolute(float a) { return bits<float>(bits<uint32_t>(a) & 0x7fffffffu); }
INLINE double absolute(double a) { return bits<double>(bits<uint64_t>(a) & 0x7fffffffffffffffu); }
// Of the bits, because compilers fold a minus into a following multiply-add, where the sign of a NaN is another.
INLINE float negated(float a) { return bits<float>(bits<uint32_t>(a) ^ 0x80000000u); }
INLINE double negated(double a) { return bits<double>(bits<uint64_t>(a) ^ uint64_t{1} << 63); }
INLINE float with_sign(float magnitude, float sign) {
  return bits<float>((bits<uint32_t>(magnitude) & 0x7fffffffu) | (bits<uint32_t>(sign) & 0x80000000u));
}
INLINE double with_sign(double magnitude, double sign) {
  return bits<double>((bits<uint64_t>(magnitude) & ~(uint64_t{1} << 63)) | (bits<uint64_t>(sign) & (uint64_t{1} << 63)));
}
INLINE float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
INLINE double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
INLINE float root(float a) { return __builtin_sqrtf(a); }
INLINE double root(double a) { return __builtin_sqrt(a); }

template <class T> INLINE T canonical_nan() {
  if constexpr (sizeof(T) == 4) return bits<float>(0x7fffffffu);
  else return bits<double>(uint64_t{0x7fffffffffffffff});
}

// Denormals to zero of the same sign.
INLINE float flush(float a) {
  const uint32_t u = bits<uint32_t>(a);
  return bits<float>((u & 0x7fffffffu) < 0x00800000u ? u & 0x80000000u : u);
}
// To [0, 1]; NaN becomes 0.
INLINE float saturate(float a) { return a > 0.0f ? (a < 1.0f ? a : 1.0f) : 0.0f; }
INLINE double saturate(double a) { return a > 0.0 ? (a < 1.0 ? a : 1.0) : 0.0; }

template <int f, class T> INLINE T in(T a) {
  if constexpr (f & 1) return flush(a);
  else return a;
}
template <int f, class T> INLINE T out(T a) {
  if constexpr (f & 1) a = flush(a);
  if constexpr (f & 2) a = saturate(a);
  return a;
}

// A NaN loses against a number, and -0 is less than +0.
INLINE float minimum(float a, float b) {
  const float tie = bits<float>(bits<uint32_t>(a) | bits<uint32_t>(b));
  const float less = a < b ? a : (b < a ? b : tie);
  return a != a ? b : (b != b ? a : less);
}
INLINE float maximum(float a, float b) {
  const float tie = bits<float>(bits<uint32_t>(a) & bits<uint32_t>(b));
  const float more = a > b ? a : (b > a ? b : tie);
  return a != a ? b : (b != b ? a : more);
}
INLINE double minimum(double a, double b) {
  const double tie = bits<double>(bits<uint64_t>(a) | bits<uint64_t>(b));
  const double less = a < b ? a : (b < a ? b : tie);
  return a != a ? b : (b != b ? a : less);
}
INLINE double maximum(double a, double b) {
  const double tie = bits<double>(bits<uint64_t>(a) & bits<uint64_t>(b));
  const double more = a > b ? a : (b > a ? b : tie);
  return a != a ? b : (b != b ? a : more);
}

// Runs what is between construction and destruction in another rounding mode (0x2000 down, 0x4000 up, 0x6000 to zero).
// The memory clobbers keep the loads and stores of the loop inside, and with them the arithmetic.
struct Rounding {
  unsigned old;
  __attribute__((always_inline)) explicit Rounding(unsigned mode) : old(_mm_getcsr()) {
    _mm_setcsr((old & ~0x6000u) | mode);
    asm volatile("" ::: "memory");
  }
  __attribute__((always_inline)) ~Rounding() {
    asm volatile("" ::: "memory");
    _mm_setcsr(old);
  }
};

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
