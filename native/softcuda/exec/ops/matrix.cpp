#include "matrix.h"

#include "fragments.h"
#include "half.h"

// mma.sync.aligned: D = A B + C, D and C 16 x 8, A 16 x k, B k x 8, spread over the lanes as the PTX ISA says (9.7.15, "Matrix Fragments
// for mma.m16n8k..."). With g = lane / 4 and t = lane % 4, a register holds
//
//   C, D (f32)     c0 [g][2t]      c1 [g][2t+1]      c2 [g+8][2t]      c3 [g+8][2t+1]       (f16: c0 and c1 in one register, c2 and c3)
//   A  tf32 k4     a0 [g][t]       a1 [g+8][t]
//      tf32 k8     a0 [g][t]       a1 [g+8][t]       a2 [g][t+4]       a3 [g+8][t+4]
//      16-bit k8   a0 [g][2t,+1]   a1 [g+8][2t,+1]
//      16-bit k16  a0 [g][2t,+1]   a1 [g+8][2t,+1]   a2 [g][2t+8,+9]   a3 [g+8][2t+8,+9]
//   B  tf32        b0 [t][g]       b1 [t+4][g]
//      16-bit      b0 [2t,+1][g]   b1 [2t+8,+9][g]                                           (lower index in the lower half)
//
// So the elements of row g of A are in the four lanes that hold row g of D, and a step of k is one product for 32 elements of D.
// The arithmetic is matrix_profile.h's. Every step on a processor is exact or truncates: its own rounding never enters.
namespace softcuda {
namespace SOFTCUDA_ISA {

// ordinary.cpp: TF32 in a fraction of the time. False, and nothing is done, where a number is an infinity, NaN, subnormal or near them.
template <int k>
bool multiply_ordinary(const Op* factors, char* r, const MatrixRounding& rounding, const uint32_t (*c)[32], uint32_t (*d)[32]);

namespace {

// A sum of aligned terms: low + high times 2^scale. Together they may need 33 bits.
struct Sum {
  Ints low, high, scale;
};

// c + the products k0 .. k0 + terms - 1.
template <int k, int terms>
INLINE Sum block(const Factors<k>& f, int half, int odd, int lane, int k0, const MatrixRounding& rounding, Reals c, Ints c_exponent) {
  Ints e[terms];
  Ints top = larger(c_exponent, Ints{} + rounding.floor);
  for (int j = 0; j < terms; ++j) {
    e[j] = load<Ints>(f.a_exponent[half][k0 + j] + lane) + load<Ints>(f.b_exponent[odd][k0 + j]);
    top = larger(top, e[j]);
  }
  const int kept = 23 + rounding.extra;
  // A term is cut at 2^(top - kept): as a float it is scaled, which is exact, and truncated to an integer. What is shifted out whole
  // stays above a float's least exponent.
  const Ints base = 127 + kept - top, least = Ints{} + 80;
  const auto align = [&](Reals significand, Ints exponent) {
    return __builtin_convertvector(significand * bits<Reals>(larger(exponent + base, least) << 23), Ints);
  };
  Sum s{align(c, c_exponent), Ints{}, top - kept};
  for (int j = 0; j < terms; ++j) {
    const Ints term = align(load<Reals>(f.a[half][k0 + j] + lane) * load<Reals>(f.b[odd][k0 + j]), e[j]);
    if (j < 8) s.low += term;
    else s.high += term;
  }
  return s;
}

// Sign and magnitude of low + high.
INLINE Ints split(const Sum& s, Words& magnitude) {
  const Words sum = bits<Words>(s.low) + bits<Words>(s.high);
  const Ints overflows = ~(s.low ^ s.high) & (s.low ^ bits<Ints>(sum));
  const Ints negative = (bits<Ints>(sum) ^ (overflows & bits<Ints>(sum ^ bits<Words>(s.low)))) >> 31;
  magnitude = (sum ^ bits<Words>(negative)) - bits<Words>(negative);
  return negative;
}

// The sum as the bits of a float, cut toward zero. An exact zero is +0.
INLINE Words to_single(const Sum& s) {
  Words m;
  const Ints negative = split(s, m);
  // The place of the leading bit, from a conversion that cannot round up to the next power of two.
  const Words half = m >> 1;
  const Ints leading = bits<Ints>(__builtin_convertvector(bits<Ints>(half & ~(half >> 1)), Reals)) >> 23;
  const Ints place = half == 0 ? Ints{} : leading - 126;
  const Ints exponent = s.scale + place;
  const Words significand = (m << bits<Words>(31 - place)) >> 8;
  const Ints below = -126 - exponent;
  const Words subnormal = significand >> bits<Words>(below > 31 ? Ints{} + 31 : below);
  const Words normal = bits<Words>((exponent + 126) << 23) + significand;
  Words r = below > 0 ? subnormal : normal;
  r = exponent > 127 ? Words{} + 0x7f800000u : r;
  return m == 0 ? Words{} : r | (bits<Words>(negative) & 0x80000000u);
}

template <int k, int terms>
INLINE Words singles(const Factors<k>& f, int half, int odd, int lane, const MatrixRounding& rounding, Words c) {
  const Words infinity = Words{} + 0x7f800000u, sign = Words{} + 0x80000000u;
  for (int k0 = 0; k0 < k; k0 += terms) {
    const Ints field = bits<Ints>(c >> 23 & 0xff);
    const Words fraction = c & 0x7fffff;
    const Words whole = fraction | (field != 0 ? Words{} + 0x800000u : Words{});
    const Reals magnitude = __builtin_convertvector(bits<Ints>(field == 255 ? Words{} : whole), Reals) * (1.0f / 0x800000);
    const Ints exponent = field == 255 || whole == 0 ? Ints{} + kNoExponent : larger(field, Ints{} + 1) - 127;
    const Words r = to_single(block<k, terms>(f, half, odd, lane, k0, rounding, bits<Reals>(bits<Words>(magnitude) | (c & sign)), exponent));
    const Words kept = (c & ~sign) > infinity ? Words{} + 0x7fffffffu : c;
    c = field == 255 ? kept : r;
  }
  return c;
}

// An f16 accumulator is rounded to nearest after each block. Lane by lane: nothing here is in a hurry.
template <int k, int terms>
INLINE Words halves(const Factors<k>& f, int half, int odd, int lane, const MatrixRounding& rounding, Words c) {
  for (int k0 = 0; k0 < k; k0 += terms) {
    Reals significand;
    Ints exponent;
    for (int i = 0; i < kWidth; ++i) {
      const uint32_t field = c[i] >> 10 & 31, whole = (c[i] & 0x3ff) | (field != 0 ? 0x400u : 0u);
      const float magnitude = field == 31 ? 0.0f : static_cast<float>(whole) * (1.0f / 0x400);
      significand[i] = c[i] & 0x8000 ? -magnitude : magnitude;
      exponent[i] = field == 31 || whole == 0 ? kNoExponent : static_cast<int32_t>(field != 0 ? field : 1) - 15;
    }
    const Sum s = block<k, terms>(f, half, odd, lane, k0, rounding, significand, exponent);
    for (int i = 0; i < kWidth; ++i) {
      if ((c[i] & 0x7c00) == 0x7c00) {
        if (c[i] & 0x3ff) c[i] = 0x7fff;
        continue;
      }
      const double sum = static_cast<double>(static_cast<int64_t>(s.low[i]) + s.high[i]);
      c[i] = narrow<Half, Round::Nearest>(sum * bits<double>(static_cast<uint64_t>(s.scale[i] + 1023) << 52));
    }
  }
  return c;
}

// [register][lane] of the 16 x 8 results, as floats or as f16 in the lower half.
template <int k, int terms, bool half_accumulator>
void compute(const Factors<k>& f, const MatrixRounding& rounding, const uint32_t (*c)[32], uint32_t (*d)[32]) {
  for (int part = 0; part < 4; ++part) {
    for (int lane = 0; lane < 32; lane += kWidth) {
      Words v = load<Words>(c[part] + lane);
      if constexpr (half_accumulator) v = halves<k, terms>(f, part / 2, part % 2, lane, rounding, v);
      else v = singles<k, terms>(f, part / 2, part % 2, lane, rounding, v);
      __builtin_memcpy(d[part] + lane, &v, sizeof v);
    }
  }
}

// Results that an infinity or a NaN of A or B enters.
template <class F, int k, bool half_accumulator>
void put_special(const Op* operands, char* r, const uint32_t (*c)[32], uint32_t (*d)[32]) {
  constexpr int n = F::per_register, registers = k / (4 * n);
  constexpr uint32_t infinity = kExponentMask<F> << F::fraction, magnitude = infinity | kFractionMask<F>;
  constexpr uint32_t c_infinity = half_accumulator ? 0x7c00 : 0x7f800000, c_magnitude = half_accumulator ? 0x7fff : 0x7fffffff;
  for (int part = 0; part < 4; ++part) {
    for (int lane = 0; lane < 32; ++lane) {
      bool nan = (c[part][lane] & c_magnitude) > c_infinity, up = c[part][lane] == c_infinity, down = c[part][lane] == (c_infinity | (c_magnitude + 1));
      bool enters = false;
      const int column = lane % 4 * 2 + part % 2;
      for (int j = 0; j < k; ++j) {
        const int t = j / n % 4, g = j / (4 * n);
        const uint32_t a = F::element(at<uint32_t>(r, operands->o[2 * g + part / 2])[lane / 4 * 4 + t], j % n);
        const uint32_t b = F::element(at<uint32_t>(r, operands->o[2 * registers + g])[column * 4 + t], j % n);
        const uint32_t x = a & magnitude, y = b & magnitude;
        if (x < infinity && y < infinity) continue;
        enters = true;
        nan |= x > infinity || y > infinity || x == 0 || y == 0;
        const bool negative = ((a ^ b) >> kSignBit<F> & 1) != 0;
        up |= !negative;
        down |= negative;
      }
      if (!enters) continue;
      d[part][lane] = nan || (up && down) ? c_magnitude : up ? c_infinity : c_infinity | (c_magnitude + 1);
    }
  }
}

// Operands: d, c; a and b are those of the operation before this one, which does nothing else.
template <class F, int k, bool half_accumulator>
struct Multiply {
  static void multiply(const Op* factors, char* r, const uint32_t (*c)[32], uint32_t (*d)[32]) {
    const MatrixRounding& rounding = matrix_rounding(F::input);
    if constexpr (F::input == kTf32) {
      if (multiply_ordinary<k>(factors, r, rounding, c, d)) return;
    }
    Factors<k> f;
    prepare<F, k>(factors, r, f);
    if (rounding.terms == 4) compute<k, 4, half_accumulator>(f, rounding, c, d);
    else if (rounding.terms == 8) compute<k, k < 8 ? k : 8, half_accumulator>(f, rounding, c, d);
    else compute<k, k, half_accumulator>(f, rounding, c, d);
    if (f.special) put_special<F, k, half_accumulator>(factors, r, c, d);
  }

  static void run(const Op* op, char* r, Warp*) {
    alignas(64) uint32_t c[4][32];
    alignas(64) uint32_t d[4][32];
    if constexpr (half_accumulator) {
      for (int g = 0; g < 2; ++g) {
        const auto v = at<uint32_t>(r, op->o[2 + g]);
        LANES c[2 * g][i] = v[i] & 0xffff;
        LANES c[2 * g + 1][i] = v[i] >> 16;
      }
    } else {
      for (int g = 0; g < 4; ++g) {
        const auto v = at<uint32_t>(r, op->o[4 + g]);
        LANES c[g][i] = v[i];
      }
    }
    multiply(op - 1, r, c, d);
    if constexpr (half_accumulator) {
      for (int g = 0; g < 2; ++g) {
        auto v = at<uint32_t>(r, op->o[g]);
        LANES v[i] = d[2 * g][i] | d[2 * g + 1][i] << 16;
      }
    } else {
      for (int g = 0; g < 4; ++g) {
        auto v = at<uint32_t>(r, op->o[g]);
        LANES v[i] = d[g][i];
      }
    }
  }
};

struct Operands {
  static const Op* full(const Op* op, char*, Warp*) { return op + 1; }
  static const Op* masked(const Op* op, char*, Warp*, uint32_t) { return op + 1; }
};

// ldmatrix: lane 8 j + i has the address of row i of matrix j, 8 elements of 16 bits. A lane gets elements 2t and 2t+1 of row g of each
// matrix; transposed, of column g. Operands: address, results.
template <int matrices, bool transposed>
struct LoadMatrix {
  static void run(const Op* op, char* r, Warp* w) {
    const auto a = at<uint32_t>(r, op->o[0]);
    alignas(64) uint16_t element[matrices][8][8];
    for (int j = 0; j < matrices; ++j) {
      for (int i = 0; i < 8; ++i) __builtin_memcpy(element[j][i], w->shared + static_cast<uint32_t>(a[8 * j + i] + static_cast<uint32_t>(op->imm)), 16);
    }
    for (int j = 0; j < matrices; ++j) {
      auto d = at<uint32_t>(r, op->o[1 + j]);
      for (int i = 0; i < 32; ++i) {
        const int g = i / 4, t = 2 * (i % 4);
        d[i] = transposed ? element[j][t][g] | static_cast<uint32_t>(element[j][t + 1][g]) << 16
                          : element[j][g][t] | static_cast<uint32_t>(element[j][g][t + 1]) << 16;
      }
    }
  }
};

// movmatrix: the same transposition, from registers. Operands: d, a.
struct MoveMatrix {
  static void run(const Op* op, char* r, Warp*) {
    uint16_t element[8][8];
    __builtin_memcpy(element, at<uint32_t>(r, op->o[1]), sizeof element);
    auto d = at<uint32_t>(r, op->o[0]);
    for (int i = 0; i < 32; ++i) d[i] = element[2 * (i % 4)][i / 4] | static_cast<uint32_t>(element[2 * (i % 4) + 1][i / 4]) << 16;
  }
};

}  // namespace

TABLE void add_matrix(const Registrar& g) {
  add<Operands>(g, "#mma.factors.3", "www");
  add<Operands>(g, "#mma.factors.6", "wwwwww");
  add<WholeWarp<Multiply<Tf32, 4, false>>>(g, "#mma.m16n8k4.f32.tf32", "WWWWwwww");
  add<WholeWarp<Multiply<Tf32, 8, false>>>(g, "#mma.m16n8k8.f32.tf32", "WWWWwwww");
  add<WholeWarp<Multiply<Bf16, 8, false>>>(g, "#mma.m16n8k8.f32.bf16", "WWWWwwww");
  add<WholeWarp<Multiply<Bf16, 16, false>>>(g, "#mma.m16n8k16.f32.bf16", "WWWWwwww");
  add<WholeWarp<Multiply<F16, 8, false>>>(g, "#mma.m16n8k8.f32.f16", "WWWWwwww");
  add<WholeWarp<Multiply<F16, 16, false>>>(g, "#mma.m16n8k16.f32.f16", "WWWWwwww");
  add<WholeWarp<Multiply<F16, 8, true>>>(g, "#mma.m16n8k8.f16.f16", "WWww");
  add<WholeWarp<Multiply<F16, 16, true>>>(g, "#mma.m16n8k16.f16.f16", "WWww");
  add<WholeWarp<LoadMatrix<1, false>>>(g, "#ldmatrix.x1", "wW");
  add<WholeWarp<LoadMatrix<2, false>>>(g, "#ldmatrix.x2", "wWW");
  add<WholeWarp<LoadMatrix<4, false>>>(g, "#ldmatrix.x4", "wWWWW");
  add<WholeWarp<LoadMatrix<1, true>>>(g, "#ldmatrix.x1.trans", "wW");
  add<WholeWarp<LoadMatrix<2, true>>>(g, "#ldmatrix.x2.trans", "wWW");
  add<WholeWarp<LoadMatrix<4, true>>>(g, "#ldmatrix.x4.trans", "wWWWW");
  add<WholeWarp<MoveMatrix>>(g, "#movmatrix.trans", "Ww");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
