#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

// f16 and bf16 by exact arithmetic, for tests.
namespace half_model {

enum Mode { Nearest, Zero, Down, Up };

struct Format {
  const char* name;
  int fraction, least, most;
  uint32_t infinity() const { return static_cast<uint32_t>(most - least + 2) << fraction; }
  bool nan(uint32_t a) const { return (a & 0x7fff) > infinity(); }
  bool finite(uint32_t a) const { return (a & 0x7fff) < infinity(); }
  double value(uint32_t a) const {
    const double sign = a & 0x8000 ? -1.0 : 1.0;
    const uint32_t field = (a & 0x7fff) >> fraction, low = a & ((1u << fraction) - 1);
    if (nan(a)) return NAN;
    if (!finite(a)) return sign * INFINITY;
    return sign * std::ldexp(low + (field ? 1 << fraction : 0), static_cast<int>(field ? field : 1) - 1 + least - fraction);
  }
};
inline const Format f16 = {"f16", 10, -14, 15}, bf16 = {"bf16", 7, -126, 127};

// The double v, rounded by the C library's rounding of integers.
inline uint32_t round16(const Format& f, double v, Mode mode) {
  if (v != v) return 0x7fff;
  const uint32_t sign = std::signbit(v) ? 0x8000u : 0u;
  if (std::isinf(v)) return sign | f.infinity();
  if (v == 0) return sign;
  const int unit = std::max(std::ilogb(v), f.least) - f.fraction;
  const double q = std::ldexp(v, -unit);  // exact
  double n = mode == Nearest ? std::nearbyint(q) : mode == Zero ? std::trunc(q) : mode == Down ? std::floor(q) : std::ceil(q);
  n = std::fabs(n);
  if (n == 0) return sign;
  const double r = std::ldexp(n, unit), largest = std::ldexp(2.0 - std::ldexp(1.0, -f.fraction), f.most);
  if (r > largest) {
    const bool to_largest = mode == Zero || (mode == Down && !sign) || (mode == Up && sign);
    return sign | (f.infinity() - (to_largest ? 1 : 0));
  }
  const int exponent = std::max(std::ilogb(r), f.least);
  const auto significand = static_cast<uint32_t>(std::ldexp(r, f.fraction - exponent));
  return sign | ((static_cast<uint32_t>(exponent - f.least) << f.fraction) + significand);
}

struct Exact {
  bool negative;
  __int128 significand;
  int exponent;
};
inline Exact exact(const Format& f, uint32_t a) {
  const uint32_t field = (a & 0x7fff) >> f.fraction, low = a & ((1u << f.fraction) - 1);
  return {(a & 0x8000) != 0, static_cast<__int128>(field ? low | 1u << f.fraction : low), static_cast<int>(field ? field : 1) - 1 + f.least - f.fraction};
}

// a b + c rounded to nearest even. A term that is far below the other counts as a trace of its sign.
inline uint32_t fma16(const Format& f, uint32_t a, uint32_t b, uint32_t c) {
  if (!f.finite(a) || !f.finite(b) || !f.finite(c)) {
    const double v = f.value(a) * f.value(b) + f.value(c);
    return v != v ? 0x7fff : round16(f, v, Nearest);
  }
  const Exact x = exact(f, a), y = exact(f, b);
  Exact p = {x.negative != y.negative, x.significand * y.significand, x.exponent + y.exponent}, q = exact(f, c);
  if (p.significand == 0 && q.significand == 0) return p.negative && q.negative ? 0x8000 : 0;
  if (p.significand == 0) p.exponent = q.exponent;
  if (q.significand == 0) q.exponent = p.exponent;
  Exact &high = p.exponent >= q.exponent ? p : q, &low = p.exponent >= q.exponent ? q : p;
  if (high.exponent - low.exponent > 90) {
    if (low.significand != 0) low.significand = 1;
    low.exponent = high.exponent - 90;
  }
  high.significand <<= high.exponent - low.exponent;
  const __int128 sum = (p.negative ? -p.significand : p.significand) + (q.negative ? -q.significand : q.significand);
  if (sum == 0) return 0;
  const bool negative = sum < 0;
  const auto m = static_cast<unsigned __int128>(negative ? -sum : sum);
  int top = 127;
  while (!(m >> top & 1)) --top;
  const int exponent = std::max(low.exponent + top, f.least), cut = exponent - f.fraction - low.exponent;
  uint32_t n;
  if (cut <= 0) {
    n = static_cast<uint32_t>(m << -cut);
  } else if (cut > 126) {
    n = 0;
  } else {
    n = static_cast<uint32_t>(m >> cut);
    const unsigned __int128 rest = m & ((static_cast<unsigned __int128>(1) << cut) - 1), tie = static_cast<unsigned __int128>(1) << (cut - 1);
    if (rest > tie || (rest == tie && n % 2)) ++n;
  }
  const uint32_t sign = negative ? 0x8000 : 0;
  if (exponent > f.most) return sign | f.infinity();
  return sign | std::min(f.infinity(), (static_cast<uint32_t>(exponent - f.least) << f.fraction) + n);
}

inline uint32_t one(const Format& f) { return static_cast<uint32_t>(-f.least + 1) << f.fraction; }

}  // namespace half_model
