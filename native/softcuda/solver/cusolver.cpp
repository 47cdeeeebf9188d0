// cuSOLVER's dense calls on LAPACK. Column-major; devInfo goes to device memory and a negative value never occurs: arguments are
// checked at the call.
#include <algorithm>
#include <vector>

#include "../blas/shim.h"

namespace softcuda {
namespace {

enum CusolverStatus : int { kSuccess = 0, kNotInitialized = 1, kInvalidValue = 3, kExecutionFailed = 6 };

struct Handle {
  static constexpr unsigned kMagic = 0x736f6c76;
  unsigned magic = kMagic;
  void* stream = nullptr;
};

Handle* handle_of(void* handle) {
  auto* const mine = static_cast<Handle*>(handle);
  return mine != nullptr && mine->magic == Handle::kMagic ? mine : nullptr;
}

// cublasFillMode_t: 0 lower, 1 upper.
const char* uplo_text(int fill) { return fill == 0 ? "L" : "U"; }
int uplo_of(int fill) { return fill == 0 ? kLower : kUpper; }

bool matrix_ok(int fill, int n, int ld) { return (fill == 0 || fill == 1) && n >= 0 && ld >= std::max(1, n); }

int finish(int queued) { return queued == 0 ? kSuccess : kExecutionFailed; }

// cuSOLVER documents no capture: its calls allocate and wait on a device.
Call call_of(const Handle& handle, const char* name) {
  Call call(handle.stream, name);
  call.not_capturable();
  return call;
}

int invalid(const char* what) {
  softcudaSetLastMessage(what);
  return kInvalidValue;
}

// LAPACK does not use the workspace, but a GPU writes it: two calls that share one must be in order.
void uses(Call& call, float* work, int floats) {
  if (work != nullptr) call.writes(Shape::vector(work, floats, 1), "workspace");
}

// LAPACK needs no device memory of ours; one float keeps callers that allocate what they are told from asking for nothing.
int buffer_size(void* handle, int fill, int n, int ld, int* size) {
  if (handle_of(handle) == nullptr) return kNotInitialized;
  if (!matrix_ok(fill, n, ld) || size == nullptr) return invalid("cusolverDn bufferSize: invalid uplo, n, lda or size pointer");
  *size = 1;
  return kSuccess;
}

}  // namespace
}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT int cusolverDnCreate(void** handle) {
  if (handle == nullptr) return kInvalidValue;
  *handle = nullptr;
  if (softcudaRefuseDuringCapture("cusolverDnCreate") != 0) return kExecutionFailed;
  if (Blas::get() == nullptr) return kNotInitialized;
  *handle = new Handle;
  return kSuccess;
}

SOFTCUDA_EXPORT int cusolverDnDestroy(void* handle) {
  Handle* const h = handle_of(handle);
  if (h == nullptr) return kNotInitialized;
  if (softcudaRefuseDuringCapture("cusolverDnDestroy") != 0) return kExecutionFailed;
  h->magic = 0;
  delete h;
  return kSuccess;
}

SOFTCUDA_EXPORT int cusolverDnSetStream(void* handle, void* stream) {
  Handle* const h = handle_of(handle);
  if (h == nullptr) return kNotInitialized;
  h->stream = stream;
  return kSuccess;
}

SOFTCUDA_EXPORT int cusolverDnGetStream(void* handle, void** stream) {
  const Handle* const h = handle_of(handle);
  if (h == nullptr) return kNotInitialized;
  if (stream == nullptr) return kInvalidValue;
  *stream = h->stream;
  return kSuccess;
}

// Always deterministic.
SOFTCUDA_EXPORT int cusolverDnSetDeterministicMode(void* handle, int) { return handle_of(handle) != nullptr ? kSuccess : kNotInitialized; }

SOFTCUDA_EXPORT int cusolverGetVersion(int* version) {
  if (version == nullptr) return kInvalidValue;
  *version = 11604;
  return kSuccess;
}

SOFTCUDA_EXPORT int cusolverDnSpotrf_bufferSize(void* handle, int fill, int n, float*, int lda, int* size) {
  return buffer_size(handle, fill, n, lda, size);
}

SOFTCUDA_EXPORT int cusolverDnSpotrf(void* handle, int fill, int n, float* a, int lda, float* work, int lwork, int* info) {
  const Handle* const h = handle_of(handle);
  if (h == nullptr) return kNotInitialized;
  if (!matrix_ok(fill, n, lda) || info == nullptr) return invalid("cusolverDnSpotrf: invalid uplo, n, lda or devInfo");
  Call call = call_of(*h, "cusolverDnSpotrf");
  call.updates(Shape::triangle(a, uplo_of(fill), n, lda), "A").writes(Shape::vector(info, 1, 1), "devInfo");
  uses(call, work, lwork);
  return finish(call.submit([=] {
    *info = Blas::get()->potrf(uplo_of(fill), n, a, lda);
  }));
}

SOFTCUDA_EXPORT int cusolverDnSpotri_bufferSize(void* handle, int fill, int n, float*, int lda, int* size) {
  return buffer_size(handle, fill, n, lda, size);
}

SOFTCUDA_EXPORT int cusolverDnSpotri(void* handle, int fill, int n, float* a, int lda, float* work, int lwork, int* info) {
  const Handle* const h = handle_of(handle);
  if (h == nullptr) return kNotInitialized;
  if (!matrix_ok(fill, n, lda) || info == nullptr) return invalid("cusolverDnSpotri: invalid uplo, n, lda or devInfo");
  Call call = call_of(*h, "cusolverDnSpotri");
  call.updates(Shape::triangle(a, uplo_of(fill), n, lda), "A").writes(Shape::vector(info, 1, 1), "devInfo");
  uses(call, work, lwork);
  return finish(call.submit([=] {
    *info = Blas::get()->potri(uplo_of(fill), n, a, lda);
  }));
}

SOFTCUDA_EXPORT int cusolverDnSpotrs(void* handle, int fill, int n, int nrhs, const float* a, int lda, float* b, int ldb, int* info) {
  const Handle* const h = handle_of(handle);
  if (h == nullptr) return kNotInitialized;
  if (!matrix_ok(fill, n, lda) || nrhs < 0 || ldb < std::max(1, n) || info == nullptr) {
    return invalid("cusolverDnSpotrs: invalid uplo, n, nrhs, lda, ldb or devInfo");
  }
  Call call = call_of(*h, "cusolverDnSpotrs");
  if (n > 0 && nrhs > 0) call.reads(Shape::triangle(a, uplo_of(fill), n, lda), "A").updates(Shape::matrix(b, n, nrhs, ldb), "B");
  call.writes(Shape::vector(info, 1, 1), "devInfo");
  return finish(call.submit([=] {
    *info = 0;
    Blas::get()->potrs(uplo_of(fill), n, nrhs, a, lda, b, ldb);
  }));
}

SOFTCUDA_EXPORT int cusolverDnSsyevd_bufferSize(void* handle, int jobz, int fill, int n, const float*, int lda, const float*, int* size) {
  if (jobz != 0 && jobz != 1) return kInvalidValue;
  return buffer_size(handle, fill, n, lda, size);
}

SOFTCUDA_EXPORT int cusolverDnSsyevd(void* handle, int jobz, int fill, int n, float* a, int lda, float* w, float* work, int lwork, int* info) {
  const Handle* const h = handle_of(handle);
  if (h == nullptr) return kNotInitialized;
  if ((jobz != 0 && jobz != 1) || !matrix_ok(fill, n, lda) || info == nullptr) {
    return invalid("cusolverDnSsyevd: invalid jobz, uplo, n, lda or devInfo");
  }
  Call call = call_of(*h, "cusolverDnSsyevd");
  call.reads(Shape::triangle(a, uplo_of(fill), n, lda), "A");
  call.writes(jobz == 1 ? Shape::matrix(a, n, n, lda) : Shape::triangle(a, uplo_of(fill), n, lda), "A").writes(Shape::vector(w, n, 1), "W");
  call.writes(Shape::vector(info, 1, 1), "devInfo");
  uses(call, work, lwork);
  return finish(call.submit([=] {
    *info = 0;
    if (n == 0) return;
    const char* const job = jobz == 1 ? "V" : "N";
    const int query = -1;
    float work_size = 0.f;
    int iwork_size = 0;
    Blas::get()->single().ssyevd(job, uplo_text(fill), &n, a, &lda, w, &work_size, &query, &iwork_size, &query, info);
    // The size comes as a float, which may have been rounded down.
    std::vector<float> space(static_cast<size_t>(work_size * 1.001f) + 64);
    std::vector<int> ispace(static_cast<size_t>(iwork_size) + 1);
    const int size = static_cast<int>(space.size()), isize = static_cast<int>(ispace.size());
    Blas::get()->single().ssyevd(job, uplo_text(fill), &n, a, &lda, w, space.data(), &size, ispace.data(), &isize, info);
  }));
}
