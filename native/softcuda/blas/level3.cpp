// Matrix-matrix operations. Every array is column-major; beta == 0 never reads C.
#include <cstdint>
#include <memory>

#include "cublas_handle.h"

namespace softcuda {
namespace {

int atleast1(int n) { return n > 1 ? n : 1; }

int gemm_check(CublasCall& call, int transa, int transb, int m, int n, int k, int lda, int ldb, int ldc) {
  call.require(trans_of(transa) != 0, "transa").require(trans_of(transb) != 0, "transb");
  call.require(m >= 0, "m").require(n >= 0, "n").require(k >= 0, "k");
  call.require(lda >= atleast1(transa == 0 ? m : k), "lda").require(ldb >= atleast1(transb == 0 ? k : n), "ldb");
  call.require(ldc >= atleast1(m), "ldc");
  return call.status();
}

void gemm_ranges(Ranges& ranges, int transa, int transb, int m, int n, int k, const Scalar& alpha, const float* a, int lda, const float* b,
                 int ldb, const Scalar& beta, float* c, int ldc) {
  if (m == 0 || n == 0) return;
  ranges.reads(transa == 0 ? Shape::matrix(a, m, k, lda) : Shape::matrix(a, k, m, lda), "A", alpha);
  ranges.reads(transb == 0 ? Shape::matrix(b, k, n, ldb) : Shape::matrix(b, n, k, ldb), "B", alpha);
  ranges.updates(Shape::matrix(c, m, n, ldc), "C", beta);
}

// Matrices of one shape, `stride` apart. Where each lies in one piece, they are one matrix whose columns these pieces are.
struct Batch {
  const float* first;
  int rows, columns, ld;
  long long stride;

  bool one_piece() const {
    const long long piece = static_cast<long long>(rows) * columns;
    return (columns == 1 || rows == ld) && stride >= piece && stride <= INT32_MAX && piece > 0;
  }
  Shape whole(int count) const { return Shape::matrix(first, rows * columns, count, static_cast<int>(stride)); }
};

// One range an operand where all lie in one piece; false where some do not, and nothing is declared.
bool batch_ranges(Ranges& ranges, const Batch& a, const Batch& b, const Batch& c, int count, const Scalar& alpha, const Scalar& beta) {
  if (!a.one_piece() || !b.one_piece() || !c.one_piece()) return false;
  ranges.reads(a.whole(count), "A", alpha).reads(b.whole(count), "B", alpha).updates(c.whole(count), "C", beta);
  return true;
}

}  // namespace
}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT int cublasSgemm_v2(void* handle, int transa, int transb, int m, int n, int k, const float* alpha, const float* a, int lda,
                                   const float* b, int ldb, const float* beta, float* c, int ldc) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSgemm");
  gemm_check(call, transa, transb, m, n, k, lda, ldb, ldc);
  const Scalar al = call.scalar(alpha, "alpha"), be = call.scalar(beta, "beta");
  gemm_ranges(call, transa, transb, m, n, k, al, a, lda, b, ldb, be, c, ldc);
  return call.run([=] {
    Blas::get()->gemm(trans_of(transa), trans_of(transb), m, n, k, al.get(), a, lda, b, ldb, be.get(), c, ldc);
  });
}

SOFTCUDA_EXPORT int cublasSgemmStridedBatched(void* handle, int transa, int transb, int m, int n, int k, const float* alpha, const float* a,
                                              int lda, long long stride_a, const float* b, int ldb, long long stride_b, const float* beta,
                                              float* c, int ldc, long long stride_c, int count) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSgemmStridedBatched");
  gemm_check(call, transa, transb, m, n, k, lda, ldb, ldc);
  call.require(count >= 0, "batchCount");
  const Scalar al = call.scalar(alpha, "alpha"), be = call.scalar(beta, "beta");
  const Batch batch_a{a, transa == 0 ? m : k, transa == 0 ? k : m, lda, stride_a};
  const Batch batch_b{b, transb == 0 ? k : n, transb == 0 ? n : k, ldb, stride_b};
  if (call.valid() && !batch_ranges(call, batch_a, batch_b, Batch{c, m, n, ldc, stride_c}, count, al, be)) {
    for (long long i = 0; i < count; ++i) {
      gemm_ranges(call, transa, transb, m, n, k, al, a + i * stride_a, lda, b + i * stride_b, ldb, be, c + i * stride_c, ldc);
    }
  }
  return call.run([=] {
    if (k == 1 && transa == 0 && ldb == 1 && al.get() != 0.f && be.get() == 0.f) {
      Blas::get()->outer(m, n, al.get(), a, stride_a, b, stride_b, c, ldc, stride_c, count);
      return;
    }
    for (long long i = 0; i < count; ++i) {
      Blas::get()->gemm(trans_of(transa), trans_of(transb), m, n, k, al.get(), a + i * stride_a, lda, b + i * stride_b, ldb,
                             be.get(), c + i * stride_c, ldc);
    }
  });
}

SOFTCUDA_EXPORT int cublasSgemmBatched(void* handle, int transa, int transb, int m, int n, int k, const float* alpha, const float* const a[],
                                       int lda, const float* const b[], int ldb, const float* beta, float* const c[], int ldc, int count) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSgemmBatched");
  gemm_check(call, transa, transb, m, n, k, lda, ldb, ldc);
  call.require(count >= 0, "batchCount");
  const Scalar al = call.scalar(alpha, "alpha"), be = call.scalar(beta, "beta");
  // The arrays of pointers lie in device memory; what they point to is known only when the call runs.
  for (const void* list : {static_cast<const void*>(a), static_cast<const void*>(b), static_cast<const void*>(c)}) {
    call.reads(Shape::matrix(list, 2, count, 2), "array of pointers");
  }
  return call.run([=] {
    Ranges ranges;
    for (int i = 0; i < count; ++i) gemm_ranges(ranges, transa, transb, m, n, k, al, a[i], lda, b[i], ldb, be, c[i], ldc);
    if (!ranges.look()) return;
    for (int i = 0; i < count; ++i) {
      Blas::get()->gemm(trans_of(transa), trans_of(transb), m, n, k, al.get(), a[i], lda, b[i], ldb, be.get(), c[i], ldc);
    }
  });
}

SOFTCUDA_EXPORT int cublasSsymm_v2(void* handle, int side, int uplo, int m, int n, const float* alpha, const float* a, int lda,
                                   const float* b, int ldb, const float* beta, float* c, int ldc) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSsymm");
  const int order = side == 0 ? m : n;
  call.require(side_of(side) != 0, "side").require(uplo_of(uplo) != 0, "uplo").require(m >= 0, "m").require(n >= 0, "n");
  call.require(lda >= atleast1(order), "lda").require(ldb >= atleast1(m), "ldb").require(ldc >= atleast1(m), "ldc");
  const Scalar al = call.scalar(alpha, "alpha"), be = call.scalar(beta, "beta");
  if (m > 0 && n > 0) {
    call.reads(Shape::triangle(a, uplo_of(uplo), order, lda), "A", al).reads(Shape::matrix(b, m, n, ldb), "B", al);
    call.updates(Shape::matrix(c, m, n, ldc), "C", be);
  }
  return call.run([=] {
    Blas::get()->symm(side_of(side), uplo_of(uplo), m, n, al.get(), a, lda, b, ldb, be.get(), c, ldc);
  });
}

SOFTCUDA_EXPORT int cublasSsyrk_v2(void* handle, int uplo, int trans, int n, int k, const float* alpha, const float* a, int lda,
                                   const float* beta, float* c, int ldc) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSsyrk");
  call.require(uplo_of(uplo) != 0, "uplo").require(trans_of(trans) != 0, "trans").require(n >= 0, "n").require(k >= 0, "k");
  call.require(lda >= atleast1(trans == 0 ? n : k), "lda").require(ldc >= atleast1(n), "ldc");
  const Scalar al = call.scalar(alpha, "alpha"), be = call.scalar(beta, "beta");
  call.reads(trans == 0 ? Shape::matrix(a, n, k, lda) : Shape::matrix(a, k, n, lda), "A", al);
  call.updates(Shape::triangle(c, uplo_of(uplo), n, ldc), "C", be);
  return call.run([=] {
    Blas::get()->syrkx(uplo_of(uplo), trans_of(trans), n, k, al.get(), a, lda, a, lda, be.get(), c, ldc);
  });
}

SOFTCUDA_EXPORT int cublasSsyrkx(void* handle, int uplo, int trans, int n, int k, const float* alpha, const float* a, int lda,
                                 const float* b, int ldb, const float* beta, float* c, int ldc) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSsyrkx");
  const int rows = trans == 0 ? n : k, columns = trans == 0 ? k : n;
  call.require(uplo_of(uplo) != 0, "uplo").require(trans_of(trans) != 0, "trans").require(n >= 0, "n").require(k >= 0, "k");
  call.require(lda >= atleast1(rows), "lda").require(ldb >= atleast1(rows), "ldb").require(ldc >= atleast1(n), "ldc");
  const Scalar al = call.scalar(alpha, "alpha"), be = call.scalar(beta, "beta");
  call.reads(Shape::matrix(a, rows, columns, lda), "A", al).reads(Shape::matrix(b, rows, columns, ldb), "B", al);
  call.updates(Shape::triangle(c, uplo_of(uplo), n, ldc), "C", be);
  return call.run([=] {
    Blas::get()->syrkx(uplo_of(uplo), trans_of(trans), n, k, al.get(), a, lda, b, ldb, be.get(), c, ldc);
  });
}

SOFTCUDA_EXPORT int cublasStrsm_v2(void* handle, int side, int uplo, int trans, int diag, int m, int n, const float* alpha, const float* a,
                                   int lda, float* b, int ldb) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasStrsm");
  const int order = side == 0 ? m : n;
  call.require(side_of(side) != 0, "side").require(uplo_of(uplo) != 0, "uplo").require(trans_of(trans) != 0, "trans");
  call.require(diag_of(diag) != 0, "diag").require(m >= 0, "m").require(n >= 0, "n");
  call.require(lda >= atleast1(order), "lda").require(ldb >= atleast1(m), "ldb");
  const Scalar al = call.scalar(alpha, "alpha");
  if (m > 0 && n > 0) {
    call.reads(Shape::triangle(a, uplo_of(uplo), order, lda, diag_of(diag)), "A", al).updates(Shape::matrix(b, m, n, ldb), "B", al);
  }
  return call.run([=] {
    Blas::get()->trsm(side_of(side), uplo_of(uplo), trans_of(trans), diag_of(diag), m, n, al.get(), a, lda, b, ldb);
  });
}

SOFTCUDA_EXPORT int cublasStrmm_v2(void* handle, int side, int uplo, int trans, int diag, int m, int n, const float* alpha, const float* a,
                                   int lda, const float* b, int ldb, float* c, int ldc) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasStrmm");
  const int order = side == 0 ? m : n;
  call.require(side_of(side) != 0, "side").require(uplo_of(uplo) != 0, "uplo").require(trans_of(trans) != 0, "trans");
  call.require(diag_of(diag) != 0, "diag").require(m >= 0, "m").require(n >= 0, "n");
  call.require(lda >= atleast1(order), "lda").require(ldb >= atleast1(m), "ldb").require(ldc >= atleast1(m), "ldc");
  const Scalar al = call.scalar(alpha, "alpha");
  if (m > 0 && n > 0) {
    call.reads(Shape::triangle(a, uplo_of(uplo), order, lda, diag_of(diag)), "A", al).reads(Shape::matrix(b, m, n, ldb), "B", al);
    call.writes(Shape::matrix(c, m, n, ldc), "C");
  }
  return call.run([=] {
    copy_matrix(m, n, b, ldb, c, ldc);
    Blas::get()->trmm(side_of(side), uplo_of(uplo), trans_of(trans), diag_of(diag), m, n, al.get(), a, lda, c, ldc);
  });
}

// C = alpha op(A) + beta op(B); C may be A or B where that one is not transposed. alpha or beta == 0: the matrix is not read.
SOFTCUDA_EXPORT int cublasSgeam(void* handle, int transa, int transb, int m, int n, const float* alpha, const float* a, int lda,
                                const float* beta, const float* b, int ldb, float* c, int ldc) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSgeam");
  call.require(trans_of(transa) != 0, "transa").require(trans_of(transb) != 0, "transb").require(m >= 0, "m").require(n >= 0, "n");
  call.require(lda >= atleast1(transa == 0 ? m : n), "lda").require(ldb >= atleast1(transb == 0 ? m : n), "ldb");
  call.require(ldc >= atleast1(m), "ldc");
  call.require(!(c == a && (transa != 0 || lda != ldc)) && !(c == b && (transb != 0 || ldb != ldc)), "C: it overlaps an operand");
  const Scalar al = call.scalar(alpha, "alpha"), be = call.scalar(beta, "beta");
  // Which operand counts is known only when the call runs if the scalars are on the device; null then means the other alone.
  if (m > 0 && n > 0) {
    if (a != nullptr) call.reads(transa == 0 ? Shape::matrix(a, m, n, lda) : Shape::matrix(a, n, m, lda), "A", al);
    if (b != nullptr) call.reads(transb == 0 ? Shape::matrix(b, m, n, ldb) : Shape::matrix(b, n, m, ldb), "B", be);
    call.writes(Shape::matrix(c, m, n, ldc), "C");
  }
  return call.run([=] {
    const float fa = al.get(), fb = be.get();
    const size_t row_a = transa == 0 ? 1 : lda, column_a = transa == 0 ? lda : 1;
    const size_t row_b = transb == 0 ? 1 : ldb, column_b = transb == 0 ? ldb : 1;
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < m; ++i) {
        const float x = fa == 0.f ? 0.f : fa * a[i * row_a + j * column_a];
        const float y = fb == 0.f ? 0.f : fb * b[i * row_b + j * column_b];
        c[static_cast<size_t>(j) * ldc + i] = x + y;
      }
    }
  });
}

// C = diag(x) A (side left) or A diag(x) (side right).
SOFTCUDA_EXPORT int cublasSdgmm(void* handle, int side, int m, int n, const float* a, int lda, const float* x, int incx, float* c, int ldc) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSdgmm");
  const int length = side == 0 ? m : n;
  call.require(side_of(side) != 0, "side").require(m >= 0, "m").require(n >= 0, "n");
  call.require(lda >= atleast1(m), "lda").require(ldc >= atleast1(m), "ldc");
  if (m > 0 && n > 0) {
    call.reads(Shape::matrix(a, m, n, lda), "A").reads(Shape::vector(x, length, incx), "x").writes(Shape::matrix(c, m, n, ldc), "C");
  }
  return call.run([=] {
    const float* const first = incx < 0 ? x - static_cast<ptrdiff_t>(length - 1) * incx : x;
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < m; ++i) {
        const float scale = first[static_cast<ptrdiff_t>(side == 0 ? i : j) * incx];
        c[static_cast<size_t>(j) * ldc + i] = a[static_cast<size_t>(j) * lda + i] * scale;
      }
    }
  });
}
