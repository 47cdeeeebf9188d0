#pragma once
// What the cuBLAS and cuSOLVER shims share: building one library call and queueing it on the driver's stream.
#include <algorithm>
#include <cstdlib>
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

// The memory of one argument: all elements are four bytes, floats and ints.
struct Shape {
  const void* address;
  size_t rows, columns, ld;  // column-major
  int part;

  static Shape matrix(const void* p, int rows, int columns, int ld) { return make(p, rows, columns, ld, SOFTCUDA_ALL); }
  // A triangle of an n x n matrix; without the diagonal where that is taken to be ones.
  static Shape triangle(const void* p, int uplo, int n, int ld, int diag = kNonUnit) {
    const int part = uplo == kLower ? SOFTCUDA_FROM : SOFTCUDA_UP_TO;
    if (diag != kUnit) return make(p, n, n, ld, part);
    const auto* const first = static_cast<const float*>(p) + (uplo == kLower ? 1 : ld);
    return make(first, n - 1, n - 1, ld, part);
  }
  // n elements, |increment| apart.
  static Shape vector(const void* p, int n, int increment) {
    if (increment == 1 || increment == -1) return make(p, n, 1, n, SOFTCUDA_ALL);
    return make(p, 1, increment == 0 ? std::min(n, 1) : n, std::abs(increment), SOFTCUDA_ALL);
  }

 private:
  static Shape make(const void* p, int rows, int columns, int ld, int part) {
    if (rows <= 0 || columns <= 0) return Shape{p, 0, 0, 0, part};
    const bool whole = part == SOFTCUDA_ALL && rows == ld;
    return whole ? Shape{p, static_cast<size_t>(rows) * static_cast<size_t>(columns), 1, 0, part}
                 : Shape{p, static_cast<size_t>(rows), static_cast<size_t>(columns), static_cast<size_t>(ld), part};
  }
};

// The memory that a call uses. What is read comes before what is written.
class Ranges {
 public:
  Ranges& reads(const Shape& s, const char* what) { return add(s, false, kAlways, what); }
  Ranges& writes(const Shape& s, const char* what) { return add(s, true, kAlways, what); }
  Ranges& updates(const Shape& s, const char* what) { return reads(s, what).writes(s, what); }
  // Where the scalar is zero, it is not read, or not written.
  Ranges& reads(const Shape& s, const char* what, const Scalar& factor) { return add(s, false, factor, what); }
  Ranges& writes(const Shape& s, const char* what, const Scalar& factor) { return add(s, true, factor, what); }
  // Written, and read unless beta is zero.
  Ranges& updates(const Shape& s, const char* what, const Scalar& beta) { return reads(s, what, beta).writes(s, what); }
  Ranges& reads(const Scalar& s, const char* what) {
    return s.device_pointer() != nullptr ? reads(Shape::matrix(s.device_pointer(), 1, 1, 1), what) : *this;
  }

  // When the call runs: whether the ranges are as they must be. If not, the driver knows, and the call must end.
  bool look() const { return softcudaTouch(ranges_.data(), ranges_.size()) == 0; }

 protected:
  std::vector<SoftcudaRange> ranges_;

 private:
  static constexpr const float* kAlways = nullptr;
  Ranges& add(const Shape& s, bool write, const Scalar& factor, const char* what) {
    if (factor.device_pointer() != nullptr) return add(s, write, factor.device_pointer(), what);
    return factor.get() != 0.f ? add(s, write, kAlways, what) : *this;
  }
  Ranges& add(const Shape& s, bool write, const float* unless_zero, const char* what) {
    if (s.rows != 0) {
      ranges_.push_back(SoftcudaRange{reinterpret_cast<uint64_t>(s.address), s.rows * 4, s.ld * 4, s.columns, s.part, write, unless_zero, what});
    }
    return *this;
  }
};

// One library call: the memory it uses, then what it does. The driver looks at the ranges before each run.
class Call : public Ranges {
 public:
  Call(void* stream, const char* name) : stream_(stream), name_(name) {}

  // For a call that a device cannot capture.
  Call& not_capturable() {
    capturable_ = false;
    return *this;
  }

  // 0, or the CUresult of a queue that did not take it.
  int submit(std::function<void()> body) {
    if (!capturable_) {
      if (const int refused = softcudaRefuseCaptured(stream_, name_)) return refused;
    }
    auto* const argument = new std::function<void()>(std::move(body));
    return softcudaEnqueueCall(
        stream_, name_, [](void* f) { (*static_cast<std::function<void()>*>(f))(); }, argument,
        [](void* f) { delete static_cast<std::function<void()>*>(f); }, ranges_.data(), ranges_.size());
  }

 private:
  void* const stream_;
  const char* const name_;
  bool capturable_ = true;
};

}  // namespace softcuda
