#pragma once
#include "real.h"

// The 16-bit formats. Arithmetic on them is done in double and rounded once.
namespace softcuda {
namespace SOFTCUDA_ISA {

INLINE float half_to_float(uint16_t a) { return (a & 0x7fff) > 0x7c00 ? canonical_nan<float>() : _cvtsh_ss(a); }
INLINE float brain_to_float(uint16_t a) { return (a & 0x7fff) > 0x7f80 ? canonical_nan<float>() : bits<float>(static_cast<uint32_t>(a) << 16); }

struct Half {
  static constexpr int fraction = 10, least = -14, most = 15;  // bits of the fraction, exponents of normal numbers
  INLINE float value(uint16_t a) { return half_to_float(a); }
};
struct Brain {
  static constexpr int fraction = 7, least = -126, most = 127;
  INLINE float value(uint16_t a) { return brain_to_float(a); }
};

enum class Round { Nearest, Zero, Down, Up };

// A double to a 16-bit format, rounded once. Overflow gives infinity, or the largest number where the direction says so. NaN: 0x7fff.
template <class F, Round round>
INLINE uint16_t narrow(double v) {
  const uint64_t u = bits<uint64_t>(v);
  const bool negative = (u >> 63) != 0;
  const auto field = static_cast<int>(u >> 52 & 0x7ff);
  const int exponent = field - 1023;
  const int above = exponent > F::least ? exponent - F::least : 0;
  const int below = exponent < F::least ? F::least - exponent : 0;
  // Two bits below the least subnormal nothing is left but that it is not zero.
  const int shift = 52 - F::fraction + (below < F::fraction + 2 ? below : F::fraction + 2);
  const uint64_t significand = (u & 0xfffffffffffffu) | (field != 0 ? uint64_t{1} << 52 : 0);
  uint64_t q = significand >> shift;
  const uint64_t rest = significand & ((uint64_t{1} << shift) - 1);
  const uint64_t half = uint64_t{1} << (shift - 1);
  if (round == Round::Nearest) q += (rest > half || (rest == half && (q & 1) != 0)) ? 1 : 0;
  if (round == Round::Down) q += negative && rest != 0 ? 1 : 0;
  if (round == Round::Up) q += !negative && rest != 0 ? 1 : 0;
  constexpr uint32_t infinity = static_cast<uint32_t>(F::most - F::least + 2) << F::fraction;
  const bool to_largest = round == Round::Zero || (round == Round::Down && !negative) || (round == Round::Up && negative);
  uint32_t r = (static_cast<uint32_t>(above) << F::fraction) + static_cast<uint32_t>(q);
  if (exponent > F::most) r = to_largest && field != 0x7ff ? infinity - 1 : infinity;
  r |= negative ? 0x8000u : 0u;
  return static_cast<uint16_t>(v != v ? 0x7fffu : r);
}

// a + b rounded to odd: the last bit is set when the sum is inexact, so that a second rounding to fewer bits is as good as one.
INLINE double sum_to_odd(double a, double b) {
  const double s = a + b, other = s - a;
  const double error = (a - (s - other)) + (b - other);
  const uint64_t u = bits<uint64_t>(s);
  const bool inexact = error != 0.0 && error == error && (u & 1) == 0;
  const bool away = (error > 0.0) == (s > 0.0);
  return bits<double>(inexact ? (away ? u + 1 : u - 1) : u);
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
