// Cholesky factor, inverse and solution by recursive halving: everything but small diagonal blocks is a product or a triangular solve,
// which the team shares.
#include <algorithm>
#include <cmath>

#include "blas.h"

namespace softcuda {
namespace {

constexpr int kBlock = 96;
constexpr int kTile = 16;

const char* text(int uplo) { return uplo == kLower ? "L" : "U"; }

int half_of(int n) { return (n / 2 + kTile - 1) / kTile * kTile; }

// The blocks of a matrix that is split after `half`: the off-diagonal one is A21 (lower) or A12 (upper).
struct Halves {
  int half, rest;
  float *first, *between, *second;
  Halves(int uplo, int n, float* a, int lda) : half(half_of(n)), rest(n - half), first(a) {
    const size_t column = static_cast<size_t>(half) * static_cast<size_t>(lda);
    between = uplo == kLower ? a + half : a + column;
    second = a + column + half;
  }
};

}  // namespace

int Blas::potrf(int uplo, int n, float* a, int lda) {
  const int info = factor(uplo, n, a, lda);
  // OpenBLAS takes a NaN for a good pivot.
  const int good = info > 0 ? info - 1 : n;
  for (int i = 0; i < good; ++i) {
    if (!std::isfinite(a[static_cast<size_t>(i) * (static_cast<size_t>(lda) + 1)])) return i + 1;
  }
  return info;
}

int Blas::factor(int uplo, int n, float* a, int lda) {
  if (n <= kBlock) {
    int info = 0;
    if (n > 0) open_->spotrf(text(uplo), &n, a, &lda, &info);
    return info;
  }
  const Halves h(uplo, n, a, lda);
  if (const int info = factor(uplo, h.half, h.first, lda)) return info;
  if (uplo == kLower) {
    trsm(kRight, kLower, kTrans, kNonUnit, h.rest, h.half, 1.f, h.first, lda, h.between, lda);
    syrkx(kLower, kNoTrans, h.rest, h.half, -1.f, h.between, lda, h.between, lda, 1.f, h.second, lda);
  } else {
    trsm(kLeft, kUpper, kTrans, kNonUnit, h.half, h.rest, 1.f, h.first, lda, h.between, lda);
    syrkx(kUpper, kTrans, h.rest, h.half, -1.f, h.between, lda, h.between, lda, 1.f, h.second, lda);
  }
  const int info = factor(uplo, h.rest, h.second, lda);
  return info > 0 ? info + h.half : info;
}

int Blas::potri(int uplo, int n, float* a, int lda) {
  for (int i = 0; i < n; ++i) {
    if (a[static_cast<size_t>(i) * (static_cast<size_t>(lda) + 1)] == 0.f) return i + 1;
  }
  invert(uplo, n, a, lda);
  multiply(uplo, n, a, lda);
  return 0;
}

// The triangular factor becomes its inverse.
void Blas::invert(int uplo, int n, float* a, int lda) {
  if (n <= kBlock) {
    int info = 0;
    if (n > 0) open_->strtri(text(uplo), "N", &n, a, &lda, &info);
    return;
  }
  const Halves h(uplo, n, a, lda);
  invert(uplo, h.half, h.first, lda);
  invert(uplo, h.rest, h.second, lda);
  // A21 := -L22^-1 A21 L11^-1, A12 := -U11^-1 A12 U22^-1; products with the inverses, since those are faster than solves.
  if (uplo == kLower) {
    trmm(kLeft, kLower, kNoTrans, kNonUnit, h.rest, h.half, -1.f, h.second, lda, h.between, lda);
    trmm(kRight, kLower, kNoTrans, kNonUnit, h.rest, h.half, 1.f, h.first, lda, h.between, lda);
  } else {
    trmm(kLeft, kUpper, kNoTrans, kNonUnit, h.half, h.rest, -1.f, h.first, lda, h.between, lda);
    trmm(kRight, kUpper, kNoTrans, kNonUnit, h.half, h.rest, 1.f, h.second, lda, h.between, lda);
  }
}

// The triangle becomes that of L^T L, or of U U^T.
void Blas::multiply(int uplo, int n, float* a, int lda) {
  if (n <= kBlock) {
    int info = 0;
    if (n > 0) open_->slauum(text(uplo), &n, a, &lda, &info);
    return;
  }
  const Halves h(uplo, n, a, lda);
  multiply(uplo, h.half, h.first, lda);
  if (uplo == kLower) {
    syrkx(kLower, kTrans, h.half, h.rest, 1.f, h.between, lda, h.between, lda, 1.f, h.first, lda);
    trmm(kLeft, kLower, kTrans, kNonUnit, h.rest, h.half, 1.f, h.second, lda, h.between, lda);
  } else {
    syrkx(kUpper, kNoTrans, h.half, h.rest, 1.f, h.between, lda, h.between, lda, 1.f, h.first, lda);
    trmm(kRight, kUpper, kTrans, kNonUnit, h.half, h.rest, 1.f, h.second, lda, h.between, lda);
  }
  multiply(uplo, h.rest, h.second, lda);
}

void Blas::potrs(int uplo, int n, int nrhs, const float* a, int lda, float* b, int ldb) {
  const int first = uplo == kLower ? kNoTrans : kTrans, then = uplo == kLower ? kTrans : kNoTrans;
  trsm(kLeft, uplo, first, kNonUnit, n, nrhs, 1.f, a, lda, b, ldb);
  trsm(kLeft, uplo, then, kNonUnit, n, nrhs, 1.f, a, lda, b, ldb);
}

}  // namespace softcuda
