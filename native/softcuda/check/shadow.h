#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "order.h"

namespace softcuda {

// One access to a word of memory, as the race check remembers it (race_check.cpp).
struct Trace {
  uint32_t clock = 0;      // of the warp
  uint32_t operation = 0;  // the launch, or for shared memory the block; 0: none
  uint32_t warp = 0;       // in the grid, or for shared memory in the block
  uint32_t detail = 0;     // 20 bits op, 5 lane, 4 bytes, 2 strength, 1 several; bit fields would be written and read again by parts

  static constexpr uint32_t kOp = 0xfffff, kLane = 31u << 20, kBytes = 15u << 25, kSeveral = 1u << 31;
  uint32_t op() const { return detail & kOp; }
  uint32_t lane() const { return detail >> 20 & 31; }
  uint32_t bytes() const { return detail >> 25 & 15; }  // a mask
  uint32_t strength() const { return detail >> 29 & 3; }
  bool several() const { return (detail & kSeveral) != 0; }  // more lanes of the warp than this one

  // The same by this lane, of these bytes.
  Trace by(int lane, uint32_t bytes) const {
    Trace t = *this;
    t.detail = (detail & ~(kLane | kBytes)) | static_cast<uint32_t>(lane) << 20 | bytes << 25;
    return t;
  }
  bool same_warp(const Trace& other) const { return operation == other.operation && warp == other.warp; }
  // Lanes of one warp that use a word at the same time are remembered together.
  void follow(Trace now) {
    if (same_warp(now) && clock == now.clock) {
      now.detail |= (detail & (kBytes | kSeveral)) | ((detail ^ now.detail) & kLane ? kSeveral : 0);
    }
    *this = now;
  }
};

struct Word {
  Trace write;
  Trace read[2];  // the last ones of two warps
  Trace flight;   // cp.async under way
  void remember(Trace now, bool writes) {
    if (writes) return write.follow(now);
    if (!read[0].same_warp(now)) read[1] = read[0];
    read[0].follow(now);
  }
};
static_assert(sizeof(Word) == 64, "a cache line");

// Bytes of an allocation that an operation other than a kernel used: `rows` pieces of `width` bytes, `pitch` bytes apart, or a
// triangle of them.
struct Interval {
  size_t begin = 0, width = 0, pitch = 0, rows = 1;
  Touch::Part part = Touch::All;
  uint32_t operation = 0;
  bool write = false;
  size_t end() const { return begin + (rows - 1) * pitch + width; }
  bool overlaps(size_t offset, size_t bytes) const;
  bool overlaps(const Interval& other) const;
};

// What the checks know about each byte of an allocation or of a block's shared memory. Pages that are never used cost nothing.
class Shadow {
 public:
  Shadow(size_t bytes, bool initialised);

  void initialise(size_t offset, size_t bytes) {
    if (!plainly_initialised(offset, bytes)) set(offset, bytes, true);
  }
  void forget(size_t offset, size_t bytes) { set(offset, bytes, false); }
  // Of aligned accesses of up to 16 bytes; false does not say that they are not.
  bool plainly_initialised(size_t offset, size_t bytes) const {
    const uint8_t* const bits = bits_.get() + offset / 8;
    const size_t first = offset % 8;
    if (first + bytes <= 8) return (*bits >> first | ~((1u << bytes) - 1)) == ~0u;
    return first == 0 && bytes == 16 && (bits[0] & bits[1]) == 0xff;
  }
  // The offset of the first byte that was never written; offset + bytes if there is none.
  size_t first_uninitialised(size_t offset, size_t bytes) const;
  bool initialised(size_t offset, size_t bytes) const {
    return plainly_initialised(offset, bytes) || first_uninitialised(offset, bytes) == offset + bytes;
  }
  // These bytes are initialised where the other's are.
  void copy(size_t offset, const Shadow& from, size_t from_offset, size_t bytes);

  Word* words() {
    if (!words_) reserve_words();
    return words_.get();
  }
  Word& word(size_t offset) { return words()[offset / 4]; }

  // Whether any access of a kernel was remembered.
  bool has_words() const { return words_ != nullptr; }

  // Operations other than kernels. `follows(earlier)`: whether that operation ended before `operation` began.
  bool touched() const { return !touches_.empty(); }
  void add(const Interval& interval) { touches_.push_back(interval); }
  template <class Follows>
  const std::vector<Interval>& unordered(uint32_t operation, Follows follows) {
    if (filtered_for_ == operation && filtered_ == touches_.size()) return unordered_;
    unordered_.clear();
    for (const Interval& t : touches_) {
      if (t.operation != operation && !follows(t.operation)) unordered_.push_back(t);
    }
    filtered_for_ = operation;
    filtered_ = touches_.size();
    return unordered_;
  }
  // Forgets the touches that ended before an operation that every later one follows.
  template <class Old>
  void forget_touches(Old old) {
    std::vector<Interval> kept;
    for (const Interval& t : touches_) {
      if (!old(t)) kept.push_back(t);
    }
    touches_.swap(kept);
    filtered_for_ = 0;
  }
  size_t touches() const { return touches_.size(); }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  void set(size_t offset, size_t bytes, bool value);
  void reserve_words();

  size_t bytes_;
  std::unique_ptr<uint8_t, Free> bits_;
  std::unique_ptr<Word, Free> words_;
  std::vector<Interval> touches_, unordered_;
  uint32_t filtered_for_ = 0;
  size_t filtered_ = 0;
};

}  // namespace softcuda
