#include "fragments.h"

// mma of TF32 where all numbers are ordinary: finite, not subnormal, and so far from the ends of the exponents that every float on the way
// is exact. Same bits as matrix.cpp's general way, in a fraction of the time.
//
// A vector is a row of D, columns 0 2 4 6 1 3 5 7: what the row's four lanes have of c0 (of c2), then of c1 (c3). So an element of A is one
// number, an element of B one a column. A and C are multiplied by 2^kLift before, and D divided by it, so that nothing on the way is
// subnormal; exponents here are the biased ones of lifted numbers.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

using Row = float __attribute__((vector_size(32)));
using RowInts = int32_t __attribute__((vector_size(32)));
using RowWords = uint32_t __attribute__((vector_size(32)));

constexpr int kLift = 24;
constexpr float kLifted = 1 << kLift;
// Of products, and of C where it is not zero. Terms cut at most 25 bits below the least are whole multiples of the least subnormal float.
constexpr int kLeastExponent = 27, kMostExponent = 230;

// The exponents of what is not zero.
struct ExponentRange {
  RowWords greatest{}, least = ~RowWords{};
};

INLINE void include(ExponentRange& range, RowWords number) {
  const RowWords magnitude = number << 1, below = magnitude - 1;  // zero becomes the greatest
  range.greatest = magnitude > range.greatest ? magnitude : range.greatest;
  range.least = below < range.least ? below : range.least;
}
INLINE int greatest(const ExponentRange& range) {
  uint32_t v = 0;
  for (int i = 0; i < 8; ++i) v = range.greatest[i] > v ? range.greatest[i] : v;
  return static_cast<int>(v >> 24);
}
// May be one less than the least is; 255 if all are zero.
INLINE int least(const ExponentRange& range) {
  uint32_t v = ~0u;
  for (int i = 0; i < 8; ++i) v = range.least[i] < v ? range.least[i] : v;
  return static_cast<int>(v >> 24);
}

template <int k>
struct OrdinaryFactors {
  alignas(32) float a[k / 2][32];  // as they lie in the registers: [2 (k / 4) + lower half of D][4 (row % 8) + k % 4]
  alignas(32) int32_t a_exponent[k / 2][32];
  Row b[k];
  RowInts b_exponent[k];  // without the bias
};

INLINE RowInts exponents(RowWords number) {
  const RowWords magnitude = number << 1;
  return bits<RowInts>(magnitude >> 24) + (bits<RowInts>(magnitude == 0) & kNoExponent);
}

// Vectors of the elements of each k from a register of B: 4 x 4 transpositions.
INLINE void columns(const RowWords* v, RowWords* to) {
  __m256i in[4];
  for (int q = 0; q < 4; ++q) in[q] = bits<__m256i>(v[q]);
  const __m256i a = _mm256_unpacklo_epi32(in[0], in[1]), b = _mm256_unpacklo_epi32(in[2], in[3]);
  const __m256i c = _mm256_unpackhi_epi32(in[0], in[1]), d = _mm256_unpackhi_epi32(in[2], in[3]);
  to[0] = bits<RowWords>(_mm256_unpacklo_epi64(a, b));
  to[1] = bits<RowWords>(_mm256_unpackhi_epi64(a, b));
  to[2] = bits<RowWords>(_mm256_unpacklo_epi64(c, d));
  to[3] = bits<RowWords>(_mm256_unpackhi_epi64(c, d));
}

// False if the factors are not ordinary.
template <int k>
INLINE bool prepare(const Op* operands, char* r, OrdinaryFactors<k>& f) {
  const RowWords exists = RowWords{} + 0xffffe000u;  // the bits that TF32 has
  ExponentRange a, b;
  for (int g = 0; g < k / 2; ++g) {
    const uint32_t* const from = at<uint32_t>(r, operands->o[g]);
    for (int lane = 0; lane < 32; lane += 8) {
      const Row lifted = bits<Row>(load<RowWords>(from + lane) & exists) * kLifted;
      include(a, bits<RowWords>(lifted));
      const RowInts exponent = exponents(bits<RowWords>(lifted));
      __builtin_memcpy(f.a[g] + lane, &lifted, sizeof lifted);
      __builtin_memcpy(f.a_exponent[g] + lane, &exponent, sizeof exponent);
    }
  }
  for (int g = 0; g < k / 4; ++g) {
    const uint32_t* const from = at<uint32_t>(r, operands->o[k / 2 + g]);
    RowWords v[4], column[4];
    for (int q = 0; q < 4; ++q) {
      v[q] = load<RowWords>(from + 8 * q) & exists;
      include(b, v[q]);
    }
    columns(v, column);
    for (int t = 0; t < 4; ++t) {
      f.b[4 * g + t] = bits<Row>(column[t]);
      f.b_exponent[4 * g + t] = exponents(column[t]) - 127;
    }
  }
  const int bias = 127;
  // A subnormal element of A is lifted to a normal one below kLift.
  return greatest(a) < 255 && greatest(b) < 255 && least(a) > kLift && least(b) > 0 && greatest(a) + greatest(b) - bias <= kMostExponent &&
         least(a) + least(b) - bias >= kLeastExponent;
}

INLINE bool ordinary(const uint32_t (*c)[32]) {
  ExponentRange range;
  for (int part = 0; part < 4; ++part) {
    for (int lane = 0; lane < 32; lane += 8) include(range, load<RowWords>(c[part] + lane));
  }
  return greatest(range) + kLift <= kMostExponent && least(range) + kLift >= kLeastExponent;
}

INLINE Row beside(const uint32_t* low, const uint32_t* high) {
  return bits<Row>(_mm256_inserti128_si256(_mm256_castsi128_si256(load<__m128i>(low)), load<__m128i>(high), 1));
}

// To a float, cut toward zero. Rounded to nearest, and one bit less where that went away from zero.
INLINE Row cut(RowInts sum) {
  const Row nearest = __builtin_convertvector(sum, Row);
  const RowInts further = __builtin_convertvector(nearest, RowInts) - sum;
  const RowInts away = bits<RowInts>(_mm256_sign_epi32(bits<__m256i>(further), bits<__m256i>(sum))) > 0;
  return bits<Row>(bits<RowInts>(nearest) + away);
}

INLINE RowInts most(RowInts a, RowInts b) { return a > b ? a : b; }

// c + the products k0 .. k0 + terms - 1, for a row of the upper and one of the lower half: as MatrixRounding says, but with no floor, since
// nothing here is as small. Two rows at once, since each is a long chain of dependent steps.
template <int k, int terms>
INLINE void block(const OrdinaryFactors<k>& f, int row, int k0, int kept, Row* c) {
  RowInts top[2], scale[2], sum[2];
  for (int half = 0; half < 2; ++half) {
    top[half] = RowInts{} + kLeastExponent;
    for (int j = k0; j < k0 + terms; ++j) top[half] = most(top[half], f.b_exponent[j] + f.a_exponent[j / 4 * 2 + half][4 * row + j % 4]);
  }
  for (int half = 0; half < 2; ++half) {
    top[half] = most(top[half], bits<RowInts>(bits<RowWords>(c[half]) << 1 >> 24));
    scale[half] = (254 + kept - top[half]) << 23;
    sum[half] = __builtin_convertvector(c[half] * bits<Row>(scale[half]), RowInts);
  }
  for (int j = k0; j < k0 + terms; ++j) {
    for (int half = 0; half < 2; ++half) {
      const Row product = f.b[j] * f.a[j / 4 * 2 + half][4 * row + j % 4];
      sum[half] += __builtin_convertvector(product * bits<Row>(scale[half]), RowInts);
    }
  }
  for (int half = 0; half < 2; ++half) c[half] = cut(sum[half]) * bits<Row>((254 << 23) - scale[half]);
}

// [register][lane] as in matrix.cpp. Sums of up to eight products fit into an Int.
template <int k, int terms>
void compute(const OrdinaryFactors<k>& f, int kept, const uint32_t (*c)[32], uint32_t (*d)[32]) {
  static_assert(terms <= 8);
  for (int row = 0; row < 8; ++row) {
    Row v[2];
    for (int half = 0; half < 2; ++half) v[half] = beside(c[2 * half] + 4 * row, c[2 * half + 1] + 4 * row) * kLifted;
    for (int k0 = 0; k0 < k; k0 += terms) block<k, terms>(f, row, k0, kept, v);
    for (int half = 0; half < 2; ++half) {
      v[half] *= 1 / kLifted;
      _mm_store_ps(reinterpret_cast<float*>(d[2 * half] + 4 * row), _mm256_castps256_ps128(v[half]));
      _mm_store_ps(reinterpret_cast<float*>(d[2 * half + 1] + 4 * row), _mm256_extractf128_ps(v[half], 1));
    }
  }
}

}  // namespace

// See matrix.cpp.
template <int k>
bool multiply_ordinary(const Op* factors, char* r, const MatrixRounding& rounding, const uint32_t (*c)[32], uint32_t (*d)[32]) {
  OrdinaryFactors<k> f;
  if (!prepare(factors, r, f) || !ordinary(c)) return false;
  const int kept = 23 + rounding.extra;
  if (rounding.terms == 4) compute<k, 4>(f, kept, c, d);
  else compute<k, k>(f, kept, c, d);
  return true;
}
template bool multiply_ordinary<4>(const Op*, char*, const MatrixRounding&, const uint32_t (*)[32], uint32_t (*)[32]);
template bool multiply_ordinary<8>(const Op*, char*, const MatrixRounding&, const uint32_t (*)[32], uint32_t (*)[32]);

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
