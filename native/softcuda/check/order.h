#pragma once
#include <cstdint>
#include <string>
#include <utility>

namespace softcuda {

// The order of the device's operations (launches, copies, library calls) that streams, events and synchronisation promise.
// An operation has a number; the driver, which knows the streams, answers for the operation that runs now.
class Order {
 public:
  virtual ~Order() = default;
  // Whether `earlier` is promised to have ended before this operation began.
  virtual bool follows(uint32_t earlier) const = 0;
  // "kernel gram_f32 on stream 3", for reports.
  virtual std::string describe(uint32_t operation) const = 0;
};

// Bytes that an operation other than a kernel reads or writes: `rows` pieces of `width` bytes, `pitch` bytes apart.
struct Touch {
  // Which part of piece r belongs to a triangle of 4-byte elements: all; elements 0..r; elements r and above.
  enum Part : uint8_t { All, UpTo, From };
  uint64_t address = 0;
  size_t width = 0, pitch = 0, rows = 1;
  Part part = All;
  bool write = false;
  bool may_be_uninitialised = false;  // copies carry uninitialised bytes on instead of failing
  const char* what = "";
};

// The bytes [first, second) of piece r of `width` bytes that belong to the part.
inline std::pair<size_t, size_t> piece(Touch::Part part, size_t width, size_t r) {
  const size_t begin = part == Touch::From ? 4 * r : 0, end = part == Touch::UpTo ? 4 * (r + 1) : width;
  return {begin < width ? begin : width, end < width ? end : width};
}

}  // namespace softcuda
