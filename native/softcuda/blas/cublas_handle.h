#pragma once
#include <atomic>

#include "shim.h"

namespace softcuda {

enum CublasStatus : int {
  kCublasSuccess = 0,
  kCublasNotInitialized = 1,
  kCublasAllocFailed = 3,
  kCublasInvalidValue = 7,
  kCublasExecutionFailed = 13,
  kCublasInternalError = 14,
  kCublasNotSupported = 15
};

struct CublasHandle {
  static constexpr unsigned kMagic = 0x6b726e67;
  unsigned magic = kMagic;
  void* stream = nullptr;
  bool device_pointers = false;
  int math_mode = 0;
  int atomics_mode = 0;
};

// nullptr unless the pointer is a handle of ours.
CublasHandle* cublas_handle(void* handle);

// The arguments of one cuBLAS call: checks, then the queue.
class CublasCall : public Call {
 public:
  CublasCall(CublasHandle* handle, const char* name) : Call(handle->stream, name), handle_(handle), name_(name) {}

  // Records an invalid argument unless `ok`.
  CublasCall& require(bool ok, const char* what);
  // A scalar argument in the handle's pointer mode; a null pointer is an invalid argument.
  Scalar scalar(const float* pointer, const char* what);

  bool valid() const { return status_ == kCublasSuccess; }
  int run(std::function<void()> body);
  int status() const { return status_; }

 private:
  CublasHandle* const handle_;
  const char* const name_;
  int status_ = kCublasSuccess;
};

// From cublasOperation_t, cublasFillMode_t, cublasSideMode_t, cublasDiagType_t to CBLAS; 0 for an invalid value.
constexpr int trans_of(int operation) { return operation == 0 ? kNoTrans : operation == 1 || operation == 2 ? kTrans : 0; }
constexpr int uplo_of(int fill) { return fill == 0 ? kLower : fill == 1 ? kUpper : 0; }
constexpr int side_of(int side) { return side == 0 ? kLeft : side == 1 ? kRight : 0; }
constexpr int diag_of(int diag) { return diag == 0 ? kNonUnit : diag == 1 ? kUnit : 0; }

// Copies a column-major matrix; the places may be equal.
void copy_matrix(int rows, int columns, const float* from, int ld_from, float* to, int ld_to);

}  // namespace softcuda
