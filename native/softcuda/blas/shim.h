#pragma once
// What the cuBLAS and cuSOLVER shims share: building one library call and queueing it on the driver's stream.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../driver/hook.h"
#include "blas.h"

#define SOFTCUDA_EXPORT extern "C" __attribute__((visibility("default")))

namespace softcuda {

// A scalar argument: its value at the call (host pointer mode), or read when the call runs (device pointer mode).
class Scalar {
 public:
  Scalar(const float* pointer, bool on_device) : pointer_(on_device ? pointer : nullptr), value_(on_device ? 0.f : *pointer) {}
  float get() const { return pointer_ != nullptr ? *pointer_ : value_; }
  const float* device_pointer() const { return pointer_; }

 private:
  const float* pointer_;
  float value_;
};

// One library call: the memory it touches, then what it does. The driver checks the ranges before each run.
class Call {
 public:
  Call(void* stream, const char* name) : stream_(stream), name_(name) {}

  // A column-major matrix.
  Call& reads(const void* p, int rows, int columns, int ld, const char* what) { return touch(p, rows, columns, ld, false, what); }
  Call& writes(const void* p, int rows, int columns, int ld, const char* what) { return touch(p, rows, columns, ld, true, what); }
  Call& reads(const Scalar& s, const char* what) {
    return s.device_pointer() != nullptr ? touch(s.device_pointer(), 1, 1, 1, false, what) : *this;
  }
  // A vector of n elements, |increment| apart.
  Call& reads_vector(const void* p, int n, int increment, const char* what) { return touch(p, 1, n, std::abs(increment), false, what); }
  Call& writes_vector(const void* p, int n, int increment, const char* what) { return touch(p, 1, n, std::abs(increment), true, what); }

  // 0, or the CUresult of a queue that did not take it.
  int submit(std::function<void()> body) {
    auto* const argument = new std::function<void()>(std::move(body));
    return softcudaEnqueueCall(
        stream_, name_, [](void* f) { (*static_cast<std::function<void()>*>(f))(); }, argument,
        [](void* f) { delete static_cast<std::function<void()>*>(f); }, ranges_.data(), ranges_.size());
  }

 private:
  // All elements are four bytes: floats and ints.
  Call& touch(const void* p, int rows, int columns, int ld, bool write, const char* what) {
    if (rows > 0 && columns > 0) {
      ranges_.push_back(SoftcudaRange{reinterpret_cast<uint64_t>(p), static_cast<size_t>(rows) * 4, static_cast<size_t>(ld) * 4,
                                      static_cast<size_t>(columns), write, what});
    }
    return *this;
  }

  void* const stream_;
  const char* const name_;
  std::vector<SoftcudaRange> ranges_;
};

}  // namespace softcuda
