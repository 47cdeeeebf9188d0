#include "blas.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "../driver/hook.h"

namespace softcuda {
namespace {

// Sharing a call costs some microseconds; below about 10 of them of work it does not pay.
constexpr double kSmallestShare = 1e6;
// Narrower parts waste OpenBLAS' packing.
constexpr int kNarrowest = 48;
// Boundaries of parts lie on multiples of its register tiles.
constexpr int kTile = 16;
// Diagonal blocks of this size are left to LAPACK.
constexpr int kBlock = 96;

// First index of part p of `parts` of 0 .. length.
int begin_of(int p, int parts, int length) {
  if (p == parts) return length;
  return std::min(length, static_cast<int>(static_cast<long long>(length) * p / parts + kTile / 2) / kTile * kTile);
}

// As above for a triangle's columns, with equal areas: the first column is the longest (lower), or the last one (upper).
int triangle_begin(int uplo, int p, int parts, int n) {
  if (p == parts) return n;
  const double share = static_cast<double>(p) / parts;
  const double at = uplo == kLower ? 1.0 - std::sqrt(1.0 - share) : std::sqrt(share);
  return std::min(n, static_cast<int>(at * n + kTile / 2) / kTile * kTile);
}

size_t offset(int i, int j, int ld) { return static_cast<size_t>(j) * static_cast<size_t>(ld) + static_cast<size_t>(i); }

int other(int trans) { return trans == kNoTrans ? kTrans : kNoTrans; }

// 0 = an invalid value.
int thread_count() {
  const char* const text = getenv("KRONGAUSS_BLAS_THREADS");
  if (text == nullptr || *text == 0) return softcudaProcessors();
  char* end = nullptr;
  const long value = strtol(text, &end, 10);
  return *end == 0 && value >= 1 && value <= 1024 ? static_cast<int>(value) : 0;
}

// op(A) op(B)^T on one triangle, by one thread. Off-diagonal blocks are whole products; a small diagonal block computes a triangle
// too much. OpenBLAS' own gemmt is slower than the whole square product.
struct Triangle {
  const OpenBlas& blas;
  int uplo, trans, k;
  float alpha;
  const float *a, *b;
  int lda, ldb;
  float beta;
  float* c;
  int ldc;

  const float* row(const float* x, int ld, int i) const { return trans == kNoTrans ? x + i : x + offset(0, i, ld); }

  void product(int i, int rows, int j, int columns, float scale, float* out, int ld) const {
    if (rows == 0 || columns == 0) return;
    blas.sgemm(kColumnMajor, trans, other(trans), rows, columns, k, alpha, row(a, lda, i), lda, row(b, ldb, j), ldb, scale, out, ld);
  }

  void small(int first, int n) const {
    float block[kBlock * kBlock];
    product(first, n, first, n, 0.f, block, kBlock);
    for (int j = 0; j < n; ++j) {
      const int begin = uplo == kLower ? j : 0, end = uplo == kLower ? n : j + 1;
      for (int i = begin; i < end; ++i) {
        float& to = c[offset(first + i, first + j, ldc)];
        to = beta == 0.f ? block[j * kBlock + i] : block[j * kBlock + i] + beta * to;
      }
    }
  }

  void diagonal(int first, int n) const {
    if (a == b && lda == ldb) {
      blas.ssyrk(kColumnMajor, uplo, trans, n, k, alpha, row(a, lda, first), lda, beta, c + offset(first, first, ldc), ldc);
    } else if (n <= kBlock) {
      small(first, n);
    } else {
      const int half = (n / 2 + kTile - 1) / kTile * kTile;
      diagonal(first, half);
      columns(first, first + half, first + n);
      diagonal(first + half, n - half);
    }
  }

  // The block beside the triangle `first .. middle` that lies between it and `end`.
  void columns(int first, int middle, int end) const {
    if (uplo == kLower) {
      product(middle, end - middle, first, middle - first, beta, c + offset(middle, first, ldc), ldc);
    } else {
      product(first, middle - first, middle, end - middle, beta, c + offset(first, middle, ldc), ldc);
    }
  }
};

}  // namespace

Blas* Blas::get() {
  static Blas* const blas = []() -> Blas* {
    const int threads = thread_count();
    if (threads == 0) {
      OpenBlas::complain("KRONGAUSS_BLAS_THREADS must be a number from 1 to 1024");
      return nullptr;
    }
    const OpenBlas* const open = OpenBlas::load();
    return open != nullptr ? new Blas(open, threads) : nullptr;
  }();
  return blas;
}

int Blas::parts(double flops, int length) const {
  return std::max(1, std::min({team_.size(), length / kNarrowest, static_cast<int>(std::min(flops / kSmallestShare, 1024.0))}));
}

template <class Part>
void Blas::by_tiles(int m, int n, int k, const Part& part) {
  const double flops = 2.0 * m * n * std::max(k, 1);
  // A grid of parts that are as square as the thread count allows: both operands are packed once for each part.
  int rows = 1, columns = 1;
  for (bool more = true; more;) {
    const bool down = static_cast<double>(m) / rows > static_cast<double>(n) / columns;
    const int r = rows + (down ? 1 : 0), s = columns + (down ? 0 : 1);
    more = r * s <= parts(flops, 1 << 30) && r <= parts(flops, m) && s <= parts(flops, n);
    if (more) {
      rows = r;
      columns = s;
    }
  }
  team_.run(rows * columns, [&](int p) {
    const int i = begin_of(p % rows, rows, m), height = begin_of(p % rows + 1, rows, m) - i;
    const int j = begin_of(p / rows, columns, n), width = begin_of(p / rows + 1, columns, n) - j;
    if (height != 0 && width != 0) part(i, height, j, width);
  });
}

void Blas::gemm(int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                float* c, int ldc) {
  if (m == 0 || n == 0) return;
  if (alpha == 0.f) k = 0;  // OpenBLAS multiplies in some of its kernels, and a NaN would come out
  by_tiles(m, n, k, [&](int i, int height, int j, int width) {
    open_->sgemm(kColumnMajor, trans_a, trans_b, height, width, k, alpha, trans_a == kNoTrans ? a + i : a + offset(0, i, lda), lda,
                 trans_b == kNoTrans ? b + offset(0, j, ldb) : b + j, ldb, beta, c + offset(i, j, ldc), ldc);
  });
}

void Blas::gemm(int trans_a, int trans_b, int m, int n, int k, double alpha, const double* a, int lda, const double* b, int ldb,
                double beta, double* c, int ldc) {
  if (m == 0 || n == 0) return;
  if (alpha == 0.0) k = 0;
  by_tiles(m, n, k, [&](int i, int height, int j, int width) {
    open_->dgemm(kColumnMajor, trans_a, trans_b, height, width, k, alpha, trans_a == kNoTrans ? a + i : a + offset(0, i, lda), lda,
                 trans_b == kNoTrans ? b + offset(0, j, ldb) : b + j, ldb, beta, c + offset(i, j, ldc), ldc);
  });
}

// Bound by writing C: shares of the matrices, whatever their size.
void Blas::outer(int m, int n, float alpha, const float* a, long long stride_a, const float* b, long long stride_b, float* c, int ldc,
                 long long stride_c, int count) {
  const int shares = parts(4.0 * m * n * count, count);
  team_.run(shares, [&](int p) {
    const long long end = static_cast<long long>(count) * (p + 1) / shares;
    for (long long i = static_cast<long long>(count) * p / shares; i < end; ++i) {
      const float* const x = a + i * stride_a;
      const float* const y = b + i * stride_b;
      for (int j = 0; j < n; ++j) {
        float* const to = c + i * stride_c + offset(0, j, ldc);
        for (int k = 0; k < m; ++k) to[k] = alpha * (x[k] * y[j]);
      }
    }
  });
}

// Bound by the memory, too.
void Blas::diagonal(int n, double alpha, const double* a, const double* x, double beta, double* y) {
  if (alpha == 0.0 && beta == 1.0) return;
  const int shares = parts(16.0 * n, n);
  team_.run(shares, [&](int p) {
    const int begin = begin_of(p, shares, n), end = begin_of(p + 1, shares, n);
    if (beta == 0.0 && alpha == 1.0) {
      for (int i = begin; i < end; ++i) y[i] = a[i] * x[i];
      return;
    }
    for (int i = begin; i < end; ++i) {
      y[i] = (alpha == 0.0 ? 0.0 : alpha * a[i] * x[i]) + (beta == 0.0 ? 0.0 : beta * y[i]);
    }
  });
}

void Blas::symm(int side, int uplo, int m, int n, float alpha, const float* a, int lda, const float* b, int ldb, float beta, float* c,
                int ldc) {
  if (m == 0 || n == 0 || (alpha == 0.f && beta == 1.f)) return;
  const bool left = side == kLeft;
  const int length = left ? n : m;
  if (length == 1) {  // bound by reading the triangle: ssymm would copy it first
    open_->ssymv(kColumnMajor, uplo, left ? m : n, alpha, a, lda, b, left ? 1 : ldb, beta, c, left ? 1 : ldc);
    return;
  }
  const int count = parts(2.0 * m * n * (left ? m : n), length);
  team_.run(count, [&](int p) {
    const int first = begin_of(p, count, length), size = begin_of(p + 1, count, length) - first;
    if (size == 0) return;
    const int i = left ? 0 : first, j = left ? first : 0;
    open_->ssymm(kColumnMajor, side, uplo, left ? m : size, left ? size : n, alpha, a, lda, b + offset(i, j, ldb), ldb, beta,
                 c + offset(i, j, ldc), ldc);
  });
}

void Blas::syrkx(int uplo, int trans, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta, float* c,
                 int ldc) {
  if (n == 0) return;
  if (alpha == 0.f) k = 0;
  const Triangle triangle{*open_, uplo, trans, k, alpha, a, b, lda, ldb, beta, c, ldc};
  const int count = parts(1.0 * n * n * std::max(k, 1), n);
  // A part is a range of columns: its diagonal triangle and, for the lower triangle, the block below it (above it for the upper one).
  team_.run(count, [&](int p) {
    const int first = triangle_begin(uplo, p, count, n), end = triangle_begin(uplo, p + 1, count, n);
    if (first == end) return;
    triangle.diagonal(first, end - first);
    if (uplo == kLower) {
      triangle.columns(first, end, n);
    } else {
      triangle.product(0, first, first, end - first, beta, c + offset(0, first, ldc), ldc);
    }
  });
}

void Blas::trsm(int side, int uplo, int trans, int diag, int m, int n, float alpha, const float* a, int lda, float* b, int ldb) {
  if (m == 0 || n == 0) return;
  const bool left = side == kLeft;
  const int length = left ? n : m;
  if (left && n == 1) {  // bound by reading the factor: strsm would copy it first
    for (int i = 0; i < m; ++i) b[i] = alpha == 0.f ? 0.f : alpha * b[i];
    if (alpha != 0.f) open_->strsv(kColumnMajor, uplo, trans, diag, m, a, lda, b, 1);
    return;
  }
  const int count = parts(1.0 * m * n * (left ? m : n), length);
  team_.run(count, [&](int p) {
    const int first = begin_of(p, count, length), size = begin_of(p + 1, count, length) - first;
    if (size == 0) return;
    open_->strsm(kColumnMajor, side, uplo, trans, diag, left ? m : size, left ? size : n, alpha, a, lda,
                 b + (left ? offset(0, first, ldb) : offset(first, 0, ldb)), ldb);
  });
}

void Blas::trmm(int side, int uplo, int trans, int diag, int m, int n, float alpha, const float* a, int lda, float* b, int ldb) {
  if (m == 0 || n == 0) return;
  const bool left = side == kLeft;
  const int length = left ? n : m;
  const int count = parts(1.0 * m * n * (left ? m : n), length);
  team_.run(count, [&](int p) {
    const int first = begin_of(p, count, length), size = begin_of(p + 1, count, length) - first;
    if (size == 0) return;
    open_->strmm(kColumnMajor, side, uplo, trans, diag, left ? m : size, left ? size : n, alpha, a, lda,
                 b + (left ? offset(0, first, ldb) : offset(first, 0, ldb)), ldb);
  });
}

}  // namespace softcuda
