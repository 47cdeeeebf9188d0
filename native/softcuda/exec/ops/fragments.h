#pragma once
#include "../matrix_profile.h"
#include "lanes.h"

// The operands of mma as vectors over the lanes of D. matrix.cpp draws where the elements come from.
namespace softcuda {
namespace SOFTCUDA_ISA {

#ifdef __AVX512F__
constexpr int kWidth = 16;
#else
constexpr int kWidth = 8;
#endif
using Reals = float __attribute__((vector_size(4 * kWidth)));
using Ints = int32_t __attribute__((vector_size(4 * kWidth)));
using Words = uint32_t __attribute__((vector_size(4 * kWidth)));

template <class V, class T> INLINE V load(const T* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
// Each lane gets what lane t of its quad has.
template <class V, class T> INLINE void from_quad(const T* from, const Ints& place, T* to) {
  for (int lane = 0; lane < 32; lane += kWidth) {
#ifdef __AVX512F__
    const V v = bits<V>(_mm512_permutexvar_epi32(bits<__m512i>(place), _mm512_loadu_si512(from + lane)));
#else
    const V v = bits<V>(_mm256_permutevar8x32_epi32(bits<__m256i>(load<V>(from + lane)), bits<__m256i>(place)));
#endif
    __builtin_memcpy(to + lane, &v, sizeof v);
  }
}
// Lane i gets what lane place[i] has.
template <class V, class T> INLINE void from_lanes(const T* from, const Ints& place, T* to) {
#ifdef __AVX512F__
  const V v = bits<V>(_mm512_permutex2var_epi32(_mm512_loadu_si512(from), bits<__m512i>(place), _mm512_loadu_si512(from + 16)));
#else
  const V v = bits<V>(_mm256_i32gather_epi32(reinterpret_cast<const int*>(from), bits<__m256i>(place), 4));
#endif
  __builtin_memcpy(to, &v, sizeof v);
}
alignas(64) constexpr int32_t kQuads[16] = {0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12};
alignas(64) constexpr int32_t kEighths[16] = {0, 8, 16, 24, 0, 8, 16, 24, 0, 8, 16, 24, 0, 8, 16, 24};
INLINE Ints larger(Ints a, Ints b) { return a > b ? a : b; }

// A number is significand * 2^exponent, 1 <= |significand| < 2, less for subnormal ones. Zero must not decide an alignment.
constexpr int32_t kNoExponent = -4000;

struct Tf32 {
  static constexpr MatrixInput input = kTf32;
  static constexpr int fraction = 10, bias = 127, per_register = 1;
  INLINE uint32_t element(uint32_t r, int) { return r >> 13; }  // the lower bits do not exist for the hardware
};
struct F16 {
  static constexpr MatrixInput input = kF16;
  static constexpr int fraction = 10, bias = 15, per_register = 2;
  INLINE uint32_t element(uint32_t r, int part) { return r >> (16 * part) & 0xffff; }
};
struct Bf16 {
  static constexpr MatrixInput input = kBf16;
  static constexpr int fraction = 7, bias = 127, per_register = 2;
  INLINE uint32_t element(uint32_t r, int part) { return r >> (16 * part) & 0xffff; }
};

template <class F> constexpr uint32_t kFractionMask = (1u << F::fraction) - 1;
template <class F> constexpr uint32_t kExponentMask = 2 * F::bias + 1;
template <class F> constexpr int kSignBit = F::input == kTf32 ? 18 : 15;

// A and B taken apart. Infinities and NaN count as zero here.
template <int k>
struct Factors {
  alignas(64) float a[2][k][32];
  alignas(64) int32_t a_exponent[2][k][32];  // [upper half of D][k][lane of D]
  alignas(64) float b[2][k][kWidth];
  alignas(64) int32_t b_exponent[2][k][kWidth];  // [odd column of D][k][lane of D]: every four lanes are alike
  bool special = false;
};

template <class F>
INLINE bool take_apart(const uint32_t* r, int part, float* significand, int32_t* exponent) {
  uint32_t special = 0;
  LANES {
    const uint32_t v = F::element(r[i], part);
    const uint32_t field = v >> F::fraction & kExponentMask<F>, fraction = v & kFractionMask<F>;
    const bool odd = field == kExponentMask<F>;
    const uint32_t whole = fraction | (field != 0 ? 1u << F::fraction : 0u);
    const float magnitude = static_cast<float>(static_cast<int32_t>(odd ? 0 : whole)) * (1.0f / (1 << F::fraction));
    significand[i] = bits<float>(bits<uint32_t>(magnitude) | (v >> kSignBit<F>) << 31);
    exponent[i] = odd || whole == 0 ? kNoExponent : static_cast<int32_t>(field != 0 ? field : 1) - F::bias;
    special |= odd ? 1u : 0u;
  }
  return special != 0;
}

template <class F, int k>
INLINE void prepare(const Op* operands, char* r, Factors<k>& f) {
  constexpr int n = F::per_register, registers = k / (4 * n);  // of B; A has twice as many
  alignas(64) float significand[32];
  alignas(64) int32_t exponent[32];
  for (int g = 0; g < 2 * registers; ++g) {
    for (int part = 0; part < n; ++part) {
      f.special |= take_apart<F>(at<uint32_t>(r, operands->o[g]), part, significand, exponent);
      for (int t = 0; t < 4; ++t) {
        const int column = g / 2 * 4 * n + t * n + part;
        const Ints place = load<Ints>(kQuads) + t;
        from_quad<Reals>(significand, place, f.a[g % 2][column]);
        from_quad<Ints>(exponent, place, f.a_exponent[g % 2][column]);
      }
    }
  }
  for (int g = 0; g < registers; ++g) {
    for (int part = 0; part < n; ++part) {
      f.special |= take_apart<F>(at<uint32_t>(r, operands->o[2 * registers + g]), part, significand, exponent);
      for (int t = 0; t < 4; ++t) {
        const int row = g * 4 * n + t * n + part;
        for (int odd = 0; odd < 2; ++odd) {
          const Ints place = load<Ints>(kEighths) + (4 * odd + t);
          from_lanes<Reals>(significand, place, f.b[odd][row]);
          from_lanes<Ints>(exponent, place, f.b_exponent[odd][row]);
        }
      }
    }
  }
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
