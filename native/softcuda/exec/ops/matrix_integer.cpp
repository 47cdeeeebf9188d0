#include "matrix.h"

// mma.sync of integers and of bits, and of doubles (m8n8k4). With g = lane / 4, t = lane % 4 and n = 32 / w elements of w bits a register:
//
//   A   register r    rows g + 8 (r % rows), elements k = 4 n (r / rows) + n t + e     rows: 1 of m8, 2 of m16
//   B   register r    column g, elements k = 4 n r + n t + e
//   C, D              c0 [g][2t]  c1 [g][2t+1]  c2 [g+8][2t]  c3 [g+8][2t+1]           m8: the first two
//
// (the PTX ISA, "Matrix Fragments for mma.m8n8k16" and its relatives). Sums are exact, then cut to 32 bits, or clamped with .satfinite.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

INLINE int64_t element(uint32_t r, int e, int width, bool is_signed) {
  const uint32_t v = r >> (width * e) & ((1u << width) - 1);
  const bool negative = is_signed && (v >> (width - 1) & 1) != 0;
  return static_cast<int64_t>(v) - (negative ? int64_t{1} << width : 0);
}

// What the decoder puts into imm.
struct Form {
  explicit Form(int64_t imm)
      : width(static_cast<int>(imm & 15)), groups(static_cast<int>(imm >> 4 & 3)), a_signed((imm & 64) != 0), b_signed((imm & 128) != 0),
        clamps((imm & 256) != 0), by_and((imm & 512) != 0) {}
  int width, groups;  // bits of an element, registers of B
  bool a_signed, b_signed, clamps, by_and;
};

INLINE int64_t dot(const Form& f, uint32_t a, uint32_t b) {
  if (f.width == 1) return __builtin_popcount(f.by_and ? a & b : a ^ b);
  int64_t sum = 0;
  for (int e = 0; e < 32 / f.width; ++e) sum += element(a, e, f.width, f.a_signed) * element(b, e, f.width, f.b_signed);
  return sum;
}

// Operands: d, c; a and b are those of the operation before, as in matrix.cpp.
template <int rows>
struct MultiplyIntegers {
  static void run(const Op* op, char* r, Warp*) {
    const Form f(op->imm);
    const Op* const factors = op - 1;
    uint32_t d[2 * rows][32];
    for (int part = 0; part < 2 * rows; ++part) {
      for (int lane = 0; lane < 32; ++lane) {
        int64_t sum = static_cast<int32_t>(at<uint32_t>(r, op->o[2 * rows + part])[lane]);
        const int column = lane % 4 * 2 + part % 2;
        for (int g = 0; g < f.groups; ++g) {
          const auto a = at<uint32_t>(r, factors->o[g * rows + part / 2]), b = at<uint32_t>(r, factors->o[f.groups * rows + g]);
          for (int t = 0; t < 4; ++t) sum += dot(f, a[lane / 4 * 4 + t], b[column * 4 + t]);
        }
        d[part][lane] = static_cast<uint32_t>(!f.clamps ? sum : sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : sum);
      }
    }
    for (int part = 0; part < 2 * rows; ++part) {
      auto to = at<uint32_t>(r, op->o[part]);
      LANES to[i] = d[part][i];
    }
  }
};

// m8n8k4 of doubles: one multiply-add after the other.
struct MultiplyDoubles {
  static void run(const Op* op, char* r, Warp*) {
    double d[2][32];
    const auto a = at<double>(r, op[-1].o[0]), b = at<double>(r, op[-1].o[1]);
    for (int part = 0; part < 2; ++part) {
      for (int lane = 0; lane < 32; ++lane) {
        double sum = at<double>(r, op->o[2 + part])[lane];
        for (int t = 0; t < 4; ++t) sum = __builtin_fma(a[lane / 4 * 4 + t], b[(lane % 4 * 2 + part) * 4 + t], sum);
        d[part][lane] = sum;
      }
    }
    for (int part = 0; part < 2; ++part) {
      auto to = at<double>(r, op->o[part]);
      LANES to[i] = d[part][i];
    }
  }
};

struct Operands {
  static const Op* full(const Op* op, char*, Warp*) { return op + 1; }
  static const Op* masked(const Op* op, char*, Warp*, uint32_t) { return op + 1; }
};

}  // namespace

TABLE void add_integer_matrix(const Registrar& g) {
  add<Operands>(g, "#mma.factors.2", "ww");
  add<Operands>(g, "#mma.factors.f64", "xx");
  add<WholeWarp<MultiplyIntegers<1>>>(g, "#mma.integers.m8", "WWww");
  add<WholeWarp<MultiplyIntegers<2>>>(g, "#mma.integers.m16", "WWWWwwww");
  add<WholeWarp<MultiplyDoubles>>(g, "#mma.m8n8k4.f64", "XXxx");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
