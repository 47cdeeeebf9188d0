#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "../../exec/matrix_profile.h"

// mma by the PTX ISA and one element at a time, for tests.
namespace matrix_model {

using softcuda::MatrixInput;

struct Form {
  const char* name;
  MatrixInput input;
  int k;
  bool half;  // accumulator
  int per_register() const { return input == softcuda::kTf32 ? 1 : 2; }
  int b_registers() const { return k / (4 * per_register()); }
  int fraction() const { return input == softcuda::kBf16 ? 7 : 10; }
  int bias() const { return input == softcuda::kF16 ? 15 : 127; }
  int low_bits() const { return input == softcuda::kTf32 ? 13 : 0; }
  int c_registers() const { return half ? 2 : 4; }
  std::string opcode() const {
    const std::string c = half ? "f16" : "f32";
    return "mma.sync.aligned.m16n8k" + std::to_string(k) + ".row.col." + c + "." + name + "." + name + "." + c;
  }
};

inline const Form forms[] = {{"tf32", softcuda::kTf32, 4, false}, {"tf32", softcuda::kTf32, 8, false}, {"bf16", softcuda::kBf16, 8, false},
                      {"bf16", softcuda::kBf16, 16, false}, {"f16", softcuda::kF16, 8, false},  {"f16", softcuda::kF16, 16, false},
                      {"f16", softcuda::kF16, 8, true},     {"f16", softcuda::kF16, 16, true}};

// n registers from `first` on.
inline std::string list(const char* prefix, int first, int n) {
  std::string s = "{";
  for (int i = 0; i < n; ++i) s += (i ? ", " : "") + std::string(prefix) + std::to_string(first + i);
  return s + "}";
}

// One product: elements as their bits.
struct Problem {
  uint32_t a[16][16] = {}, b[16][8] = {}, c[16][8] = {};
};

// The formulas of the PTX ISA, "Matrix Fragments for mma": element i of a lane.
inline int a_row(const Form& f, int lane, int i) {
  const int register_of = i / f.per_register();
  return lane / 4 + (register_of % 2 ? 8 : 0);
}
inline int a_column(const Form& f, int lane, int i) {
  const int n = f.per_register(), register_of = i / n;
  return lane % 4 * n + i % n + (register_of >= 2 ? 4 * n : 0);
}
inline int b_row(const Form& f, int lane, int i) {
  const int n = f.per_register();
  return lane % 4 * n + i % n + i / n * 4 * n;
}

// The arithmetic of matrix_profile.h, one element at a time.
struct Number {
  bool negative, nan, infinite;
  int64_t significand;  // value = significand * 2^(exponent - fraction)
  int exponent, fraction;
};

inline Number decode(uint32_t bits, int fraction, int bias, int sign_bit) {
  const uint32_t field = bits >> fraction & static_cast<uint32_t>(2 * bias + 1), low = bits & ((1u << fraction) - 1);
  const bool odd = field == static_cast<uint32_t>(2 * bias + 1);
  return {(bits >> sign_bit & 1) != 0, odd && low != 0, odd && low == 0, field ? low | int64_t{1} << fraction : low, static_cast<int>(field ? field : 1) - bias, fraction};
}

// magnitude * 2^scale to bits of a format.
inline uint32_t round(unsigned __int128 magnitude, int scale, bool negative, bool half) {
  const int fraction = half ? 10 : 23, least = half ? -14 : -126, most = half ? 15 : 127;
  const uint32_t sign = negative ? (half ? 0x8000u : 0x80000000u) : 0u, infinity = half ? 0x7c00u : 0x7f800000u;
  int top = -1;
  for (int i = 0; i < 128; ++i) {
    if (magnitude >> i & 1) top = i;
  }
  if (top < 0) return 0;
  const int exponent = std::max(scale + top, least);
  const int cut = exponent - fraction - scale;  // bits to drop
  uint64_t q;
  if (cut <= 0) {
    q = static_cast<uint64_t>(magnitude << -cut);
  } else if (cut > 100) {
    q = 0;
  } else {
    q = static_cast<uint64_t>(magnitude >> cut);
    const unsigned __int128 rest = magnitude & ((static_cast<unsigned __int128>(1) << cut) - 1), tie = static_cast<unsigned __int128>(1) << (cut - 1);
    if (half && (rest > tie || (rest == tie && q % 2))) ++q;
  }
  const uint64_t bits = (static_cast<uint64_t>(exponent - least) << fraction) + q;
  if (exponent > most || bits >= infinity) return sign | infinity;
  return sign | static_cast<uint32_t>(bits);
}

inline uint32_t element(const Form& f, const softcuda::MatrixRounding& rounding, const Problem& p, int row, int column) {
  uint32_t c = p.c[row][column];
  for (int k0 = 0; k0 < f.k; k0 += std::min(rounding.terms, f.k)) {
    std::vector<Number> terms = {f.half ? decode(c, 10, 15, 15) : decode(c, 23, 127, 31)};
    bool nan = terms[0].nan, up = terms[0].infinite && !terms[0].negative, down = terms[0].infinite && terms[0].negative;
    for (int k = k0; k < k0 + std::min(rounding.terms, f.k); ++k) {
      const int sign_bit = 31 - (f.input == softcuda::kTf32 ? 13 : 16);
      const Number a = decode(p.a[row][k] >> f.low_bits(), f.fraction(), f.bias(), sign_bit);
      const Number b = decode(p.b[k][column] >> f.low_bits(), f.fraction(), f.bias(), sign_bit);
      const bool negative = a.negative != b.negative;
      if (a.nan || b.nan || (a.infinite && b.significand == 0) || (b.infinite && a.significand == 0)) nan = true;
      else if (a.infinite || b.infinite) (negative ? down : up) = true;
      else terms.push_back({negative, false, false, a.significand * b.significand, a.exponent + b.exponent, 2 * f.fraction()});
    }
    if (nan || (up && down)) return f.half ? 0x7fff : 0x7fffffff;
    if (up || down) {
      c = (f.half ? 0x7c00u : 0x7f800000u) | (down ? (f.half ? 0x8000u : 0x80000000u) : 0u);
      // Later blocks may still turn it into NaN.
      continue;
    }
    int top = rounding.floor;
    for (const auto& t : terms) {
      if (t.significand) top = std::max(top, t.exponent);
    }
    const int scale = top - 23 - rounding.extra;
    __int128 sum = 0;
    for (const auto& t : terms) {
      const int shift = t.exponent - t.fraction - scale;
      const __int128 v = shift >= 0 ? static_cast<__int128>(t.significand) << shift : shift < -63 ? 0 : t.significand >> -shift;
      sum += t.negative ? -v : v;
    }
    c = round(static_cast<unsigned __int128>(sum < 0 ? -sum : sum), scale, sum < 0, f.half);
  }
  return c;
}

}  // namespace matrix_model
