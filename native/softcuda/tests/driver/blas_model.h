#pragma once
// Matrices with NaN where nothing may be read, and the comparison of a cuBLAS call with naive loops in double. The bound is c n eps:
// |error| <= 2 (k + 2) eps sum |terms|.
#include <cfloat>
#include <cmath>

#include "libraries.h"

namespace {

constexpr int kLower = 0, kUpper = 1, kLeft = 0;

struct Blas {
  TestContext context;
  void* handle = nullptr;
  Blas() { CHECK_EQUAL(0, cublasCreate_v2(&handle)); }
  ~Blas() { CHECK_EQUAL(0, cublasDestroy_v2(handle)); }
};

// A column-major matrix on the host; what lies between its rows and ld is NaN and must stay untouched.
struct Matrix {
  int rows, columns, ld;
  std::vector<float> data;
  Matrix(int r, int c, int pad, Random& random) : rows(r), columns(c), ld(r + pad), data(static_cast<size_t>(ld) * c, NAN) {
    for (int j = 0; j < c; ++j) {
      for (int i = 0; i < r; ++i) at(i, j) = random.next();
    }
  }
  float& at(int i, int j) { return data[static_cast<size_t>(j) * ld + i]; }
  double at(int i, int j) const { return data[static_cast<size_t>(j) * ld + i]; }
  // Element of op(this).
  double op(int trans, int i, int j) const { return trans != 0 ? at(j, i) : at(i, j); }
  void poison_triangle(int uplo_kept) {
    for (int j = 0; j < columns; ++j) {
      for (int i = 0; i < rows; ++i) {
        if (uplo_kept == kLower ? i < j : i > j) at(i, j) = NAN;
      }
    }
  }
  double symmetric(int uplo, int i, int j) const { return (uplo == kLower) == (i >= j) ? at(i, j) : at(j, i); }
  double triangular(int uplo, int trans, int diag, int i, int j) const {
    if (trans != 0) std::swap(i, j);
    if (i == j) return diag == 1 ? 1.0 : at(i, i);
    return (uplo == kLower) == (i > j) ? at(i, j) : 0.0;
  }
};

bool same_bits(float a, float b) { return memcmp(&a, &b, 4) == 0; }

// Compares C with alpha * (sum of terms) + beta * before, where `term(i, j, l)` is one product; elements outside `inside` and the
// padding must keep their bits.
template <class Term, class Inside>
void check_product(const char* what, const Matrix& before, const std::vector<float>& got, int k, float alpha, float beta, Term term, Inside inside) {
  int bad = 0;
  for (int j = 0; j < before.columns; ++j) {
    for (int i = 0; i < before.ld; ++i) {
      const float value = got[static_cast<size_t>(j) * before.ld + i];
      const float old = before.data[static_cast<size_t>(j) * before.ld + i];
      ++checks();
      if (i >= before.rows || !inside(i, j)) {
        if (!same_bits(value, old) && bad++ == 0) printf("%s: element (%d, %d) outside was written\n", what, i, j);
        continue;
      }
      double sum = 0, size = 0;
      for (int l = 0; l < k; ++l) {
        const double t = term(i, j, l);
        sum += t;
        size += std::fabs(t);
      }
      const double rest = beta == 0.f ? 0.0 : static_cast<double>(beta) * old;
      const double wanted = alpha * sum + rest, bound = 2.0 * (k + 2) * FLT_EPSILON * (std::fabs(alpha) * size + std::fabs(rest)) + 1e-30;
      if (!(std::fabs(value - wanted) <= bound) && bad++ == 0) {
        printf("%s: element (%d, %d): wanted %.9g, got %.9g, error/bound %.3g\n", what, i, j, wanted, value, std::fabs(value - wanted) / bound);
      }
    }
  }
  if (bad != 0) {
    printf("%s: %d wrong\n", what, bad);
    ++failures();
  }
}

const auto everywhere = [](int, int) { return true; };

std::string label(const char* name, std::initializer_list<int> numbers) {
  std::string text = name;
  for (int n : numbers) text += " " + std::to_string(n);
  return text;
}

void poison(Matrix& c, float beta) {
  if (beta != 0.f) return;
  for (float& value : c.data) value = NAN;
}

}  // namespace
