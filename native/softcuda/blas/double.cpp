// Products in double.
#include "cublas_handle.h"

namespace softcuda {
namespace {

// As Scalar. Of a double the upper half tells whether it is zero, but for those below 2^-1042.
class WideScalar {
 public:
  WideScalar(const double* pointer, bool on_device) : pointer_(on_device ? pointer : nullptr), value_(on_device ? 0.0 : *pointer) {}
  double get() const { return pointer_ != nullptr ? *pointer_ : value_; }
  const double* device_pointer() const { return pointer_; }
  Scalar upper_half() const {
    if (pointer_ != nullptr) return Scalar(reinterpret_cast<const float*>(pointer_) + 1, true);
    const float value = value_ != 0.0 ? 1.f : 0.f;
    return Scalar(&value, false);
  }

 private:
  const double* pointer_;
  double value_;
};

WideScalar scalar(CublasCall& call, const CublasHandle& handle, const double* pointer, const char* what) {
  static const double kNothing = 0;
  call.require(pointer != nullptr, what);
  const WideScalar value(pointer != nullptr ? pointer : &kNothing, pointer != nullptr && handle.device_pointers);
  if (value.device_pointer() != nullptr) call.reads(Shape::matrix(value.device_pointer(), 2, 1, 2), what);
  return value;
}

Shape wide(const double* p, int rows, int columns, int ld) { return Shape::matrix(p, 2 * rows, columns, 2 * ld); }

}  // namespace
}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT int cublasDgemm_v2(void* handle, int transa, int transb, int m, int n, int k, const double* alpha, const double* a, int lda,
                                   const double* b, int ldb, const double* beta, double* c, int ldc) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasDgemm");
  call.require(trans_of(transa) != 0, "transa").require(trans_of(transb) != 0, "transb");
  call.require(m >= 0, "m").require(n >= 0, "n").require(k >= 0, "k");
  call.require(lda >= std::max(1, transa == 0 ? m : k), "lda").require(ldb >= std::max(1, transb == 0 ? k : n), "ldb");
  call.require(ldc >= std::max(1, m), "ldc");
  const WideScalar al = scalar(call, *h, alpha, "alpha"), be = scalar(call, *h, beta, "beta");
  if (call.valid() && m > 0 && n > 0) {
    if (k > 0) {
      call.reads(transa == 0 ? wide(a, m, k, lda) : wide(a, k, m, lda), "A", al.upper_half());
      call.reads(transb == 0 ? wide(b, k, n, ldb) : wide(b, n, k, ldb), "B", al.upper_half());
    }
    call.updates(wide(c, m, n, ldc), "C", be.upper_half());
  }
  return call.run([=] {
    if (al.get() == 0.0 && be.get() == 1.0) return;
    Blas::get()->gemm(trans_of(transa), trans_of(transb), m, n, k, al.get(), a, lda, b, ldb, be.get(), c, ldc);
  });
}

// y = alpha diag(a) x + beta y: of the matrices with bands those that have the diagonal alone.
SOFTCUDA_EXPORT int cublasDsbmv_v2(void* handle, int uplo, int n, int k, const double* alpha, const double* a, int lda, const double* x,
                                   int incx, const double* beta, double* y, int incy) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  CublasCall call(h, "cublasDsbmv");
  call.require(uplo_of(uplo) != 0, "uplo").require(n >= 0, "n").require(k == 0, "k: it must be 0").require(lda == 1, "lda: it must be 1");
  call.require(incx == 1, "incx: it must be 1").require(incy == 1, "incy: it must be 1");
  const WideScalar al = scalar(call, *h, alpha, "alpha"), be = scalar(call, *h, beta, "beta");
  if (call.valid()) {
    call.reads(Shape::vector(a, 2 * n, 1), "A", al.upper_half()).reads(Shape::vector(x, 2 * n, 1), "x", al.upper_half());
    call.updates(Shape::vector(y, 2 * n, 1), "y", be.upper_half());
  }
  return call.run([=] { Blas::get()->diagonal(n, al.get(), a, x, be.get(), y); });
}
