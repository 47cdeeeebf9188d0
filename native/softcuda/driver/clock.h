#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace softcuda {

// A set of operations: of each stream (slot) all up to a number. Numbers of one slot only grow.
class Clock {
 public:
  uint32_t at(size_t slot) const { return slot < last_.size() ? last_[slot] : 0; }
  void advance(size_t slot, uint32_t number) {
    if (slot >= last_.size()) last_.resize(slot + 1, 0);
    last_[slot] = std::max(last_[slot], number);
  }
  void join(const Clock& other) {
    if (last_.size() < other.last_.size()) last_.resize(other.last_.size(), 0);
    for (size_t slot = 0; slot < other.last_.size(); ++slot) last_[slot] = std::max(last_[slot], other.last_[slot]);
  }
  // Whether this set contains the other one.
  bool covers(const Clock& other) const {
    for (size_t slot = 0; slot < other.last_.size(); ++slot) {
      if (other.last_[slot] > at(slot)) return false;
    }
    return true;
  }

 private:
  std::vector<uint32_t> last_;
};

}  // namespace softcuda
