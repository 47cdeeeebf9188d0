#include "cublas_handle.h"

#include <cstring>
#include <string>

namespace softcuda {

CublasHandle* cublas_handle(void* handle) {
  auto* const mine = static_cast<CublasHandle*>(handle);
  return mine != nullptr && mine->magic == CublasHandle::kMagic ? mine : nullptr;
}

CublasCall& CublasCall::require(bool ok, const char* what) {
  if (!ok && valid()) {
    status_ = kCublasInvalidValue;
    softcudaSetLastMessage((std::string(name_) + ": invalid " + what).c_str());
  }
  return *this;
}

Scalar CublasCall::scalar(const float* pointer, const char* what) {
  static constexpr float kZero = 0.f;
  require(pointer != nullptr, what);
  const Scalar s(pointer != nullptr ? pointer : &kZero, pointer != nullptr && handle_->device_pointers);
  reads(s, what);
  return s;
}

int CublasCall::run(std::function<void()> body) {
  if (!valid()) return status_;
  return submit(std::move(body)) == 0 ? kCublasSuccess : kCublasExecutionFailed;
}

void copy_matrix(int rows, int columns, const float* from, int ld_from, float* to, int ld_to) {
  if (from == to && ld_from == ld_to) return;
  for (int j = 0; j < columns; ++j) {
    memcpy(to + static_cast<size_t>(j) * ld_to, from + static_cast<size_t>(j) * ld_from, static_cast<size_t>(rows) * sizeof(float));
  }
}

}  // namespace softcuda

using namespace softcuda;

SOFTCUDA_EXPORT int cublasCreate_v2(void** handle) {
  if (handle == nullptr) return kCublasInvalidValue;
  *handle = nullptr;
  if (softcudaRefuseDuringCapture("cublasCreate") != 0) return kCublasAllocFailed;
  if (Blas::get() == nullptr) return kCublasNotInitialized;
  *handle = new CublasHandle;
  return kCublasSuccess;
}

SOFTCUDA_EXPORT int cublasDestroy_v2(void* handle) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  if (softcudaRefuseDuringCapture("cublasDestroy") != 0) return kCublasInternalError;
  h->magic = 0;
  delete h;
  return kCublasSuccess;
}

namespace {

template <class T>
int get(void* handle, T* value, T CublasHandle::*member) {
  const CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  if (value == nullptr) return kCublasInvalidValue;
  *value = h->*member;
  return kCublasSuccess;
}

template <class T>
int put(void* handle, T value, T CublasHandle::*member) {
  CublasHandle* const h = cublas_handle(handle);
  if (h == nullptr) return kCublasNotInitialized;
  h->*member = value;
  return kCublasSuccess;
}

constexpr int kVersion = 120600;

}  // namespace

SOFTCUDA_EXPORT int cublasSetStream_v2(void* handle, void* stream) { return put(handle, stream, &CublasHandle::stream); }
SOFTCUDA_EXPORT int cublasGetStream_v2(void* handle, void** stream) { return get(handle, stream, &CublasHandle::stream); }
SOFTCUDA_EXPORT int cublasSetMathMode(void* handle, int mode) { return put(handle, mode, &CublasHandle::math_mode); }
SOFTCUDA_EXPORT int cublasGetMathMode(void* handle, int* mode) { return get(handle, mode, &CublasHandle::math_mode); }
SOFTCUDA_EXPORT int cublasSetAtomicsMode(void* handle, int mode) { return put(handle, mode, &CublasHandle::atomics_mode); }
SOFTCUDA_EXPORT int cublasGetAtomicsMode(void* handle, int* mode) { return get(handle, mode, &CublasHandle::atomics_mode); }

SOFTCUDA_EXPORT int cublasSetPointerMode_v2(void* handle, int mode) {
  if (mode != 0 && mode != 1) return kCublasInvalidValue;
  return put(handle, mode == 1, &CublasHandle::device_pointers);
}

SOFTCUDA_EXPORT int cublasGetPointerMode_v2(void* handle, int* mode) {
  bool device = false;
  if (mode == nullptr) return kCublasInvalidValue;
  const int status = get(handle, &device, &CublasHandle::device_pointers);
  *mode = device;
  return status;
}

// No call here needs device memory of its own.
SOFTCUDA_EXPORT int cublasSetWorkspace_v2(void* handle, void*, size_t) {
  return cublas_handle(handle) != nullptr ? kCublasSuccess : kCublasNotInitialized;
}

SOFTCUDA_EXPORT int cublasGetVersion_v2(void* handle, int* version) {
  if (cublas_handle(handle) == nullptr) return kCublasNotInitialized;
  if (version == nullptr) return kCublasInvalidValue;
  *version = kVersion;
  return kCublasSuccess;
}

SOFTCUDA_EXPORT const char* cublasGetStatusName(int status) {
  switch (status) {
    case kCublasSuccess: return "CUBLAS_STATUS_SUCCESS";
    case kCublasNotInitialized: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case kCublasAllocFailed: return "CUBLAS_STATUS_ALLOC_FAILED";
    case kCublasInvalidValue: return "CUBLAS_STATUS_INVALID_VALUE";
    case kCublasExecutionFailed: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case kCublasInternalError: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case kCublasNotSupported: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return "an unknown cuBLAS status";
  }
}

SOFTCUDA_EXPORT const char* cublasGetStatusString(int status) {
  switch (status) {
    case kCublasSuccess: return "success";
    case kCublasNotInitialized: return "the library was not initialized";
    case kCublasAllocFailed: return "the resource allocation failed";
    case kCublasInvalidValue: return "an unsupported value or parameter was passed to the function";
    case kCublasExecutionFailed: return "the program failed to execute";
    case kCublasInternalError: return "an internal operation failed";
    case kCublasNotSupported: return "the functionality requested is not supported by SoftCUDA";
    default: return "unknown status";
  }
}
