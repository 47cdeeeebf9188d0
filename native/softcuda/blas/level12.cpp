// Vector and matrix-vector operations.
#include <cmath>

#include "cublas_handle.h"

extern "C" int cuStreamSynchronize(void* stream);

namespace softcuda {
namespace {

// Where element i of a BLAS vector lies: a negative increment counts from the end.
struct Vector {
  float* first;
  ptrdiff_t increment;
  Vector(const float* x, int n, int incx) : first(const_cast<float*>(x)), increment(incx) {
    if (incx < 0 && n > 0) first -= static_cast<ptrdiff_t>(n - 1) * incx;
  }
  float& operator[](int i) const { return first[i * increment]; }
};

// A call with one scalar result, which goes to device memory or, after waiting, to the host.
template <class Compute>
int reduce(CublasHandle* h, CublasCall& call, float* result, Compute compute) {
  call.require(result != nullptr, "result");
  if (h->device_pointers) call.writes(Shape::vector(result, 1, 1), "result");
  const int status = call.run([=] { *result = compute(); });
  if (status != kCublasSuccess || h->device_pointers) return status;
  return cuStreamSynchronize(h->stream) == 0 ? kCublasSuccess : kCublasExecutionFailed;
}

}  // namespace
}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT int cublasSgemv_v2(void* handle, int trans, int m, int n, const float* alpha, const float* a, int lda, const float* x,
                                   int incx, const float* beta, float* y, int incy) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSgemv");
  const int inputs = trans == 0 ? n : m, outputs = trans == 0 ? m : n;
  call.require(trans_of(trans) != 0, "trans").require(m >= 0, "m").require(n >= 0, "n").require(lda >= std::max(1, m), "lda");
  call.require(incx != 0, "incx").require(incy != 0, "incy");
  const Scalar al = call.scalar(alpha, "alpha"), be = call.scalar(beta, "beta");
  if (m > 0 && n > 0) {
    call.reads(Shape::matrix(a, m, n, lda), "A", al).reads(Shape::vector(x, inputs, incx), "x", al);
    call.updates(Shape::vector(y, outputs, incy), "y", be);
  }
  return call.run([=] {
    if (m == 0 || n == 0) return;
    const float factor = be.get();
    if (factor == 0.f) {
      // OpenBLAS scales y by zero here, which would keep a NaN.
      const Vector out(y, outputs, incy);
      for (int i = 0; i < outputs; ++i) out[i] = 0.f;
    }
    Blas::get()->single().sgemv(kColumnMajor, trans_of(trans), m, n, al.get(), a, lda, x, incx, factor == 0.f ? 1.f : factor, y, incy);
  });
}

SOFTCUDA_EXPORT int cublasSger_v2(void* handle, int m, int n, const float* alpha, const float* x, int incx, const float* y, int incy, float* a,
                                  int lda) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSger");
  call.require(m >= 0, "m").require(n >= 0, "n").require(incx != 0, "incx").require(incy != 0, "incy").require(lda >= std::max(1, m), "lda");
  const Scalar al = call.scalar(alpha, "alpha");
  if (m > 0 && n > 0) {
    call.reads(Shape::vector(x, m, incx), "x", al).reads(Shape::vector(y, n, incy), "y", al);
    call.reads(Shape::matrix(a, m, n, lda), "A", al).writes(Shape::matrix(a, m, n, lda), "A", al);
  }
  return call.run([=] {
    if (m == 0 || n == 0) return;
    Blas::get()->single().sger(kColumnMajor, m, n, al.get(), x, incx, y, incy, a, lda);
  });
}

SOFTCUDA_EXPORT int cublasSdot_v2(void* handle, int n, const float* x, int incx, const float* y, int incy, float* result) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSdot");
  call.reads(Shape::vector(x, n, incx), "x").reads(Shape::vector(y, n, incy), "y");
  return reduce(h, call, result, [=] { return n > 0 ? Blas::get()->single().sdot(n, x, incx, y, incy) : 0.f; });
}

SOFTCUDA_EXPORT int cublasSnrm2_v2(void* handle, int n, const float* x, int incx, float* result) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSnrm2");
  call.reads(Shape::vector(x, incx > 0 ? n : 0, incx), "x");
  return reduce(h, call, result, [=] { return n > 0 && incx > 0 ? Blas::get()->single().snrm2(n, x, incx) : 0.f; });
}

SOFTCUDA_EXPORT int cublasSasum_v2(void* handle, int n, const float* x, int incx, float* result) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSasum");
  call.reads(Shape::vector(x, incx > 0 ? n : 0, incx), "x");
  return reduce(h, call, result, [=] { return n > 0 && incx > 0 ? Blas::get()->single().sasum(n, x, incx) : 0.f; });
}

SOFTCUDA_EXPORT int cublasSscal_v2(void* handle, int n, const float* alpha, float* x, int incx) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSscal");
  const Scalar al = call.scalar(alpha, "alpha");
  call.updates(Shape::vector(x, incx > 0 ? n : 0, incx), "x");
  return call.run([=] {
    const float factor = al.get();
    for (int i = 0; incx > 0 && i < n; ++i) x[static_cast<ptrdiff_t>(i) * incx] *= factor;
  });
}

SOFTCUDA_EXPORT int cublasSaxpy_v2(void* handle, int n, const float* alpha, const float* x, int incx, float* y, int incy) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasSaxpy");
  const Scalar al = call.scalar(alpha, "alpha");
  call.reads(Shape::vector(x, n, incx), "x", al).reads(Shape::vector(y, n, incy), "y", al).writes(Shape::vector(y, n, incy), "y", al);
  return call.run([=] {
    const float factor = al.get();
    if (factor == 0.f) return;
    const Vector from(x, n, incx), to(y, n, incy);
    for (int i = 0; i < n; ++i) to[i] += factor * from[i];
  });
}

SOFTCUDA_EXPORT int cublasScopy_v2(void* handle, int n, const float* x, int incx, float* y, int incy) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasScopy");
  call.reads(Shape::vector(x, n, incx), "x").writes(Shape::vector(y, n, incy), "y");
  return call.run([=] {
    const Vector from(x, n, incx), to(y, n, incy);
    for (int i = 0; i < n; ++i) to[i] = from[i];
  });
}
