#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "warp.h"

// Finding runs that never end.
namespace softcuda {

struct Program;

// Whether a warp goes round in circles. A warp is a deterministic machine: when its registers and program counters are what they were
// some turns ago, and no memory has changed meanwhile, it will do the same for ever. The state it is compared with is renewed at
// growing intervals, so that circles of any length are found (Brent's method). A loop that reads the clock never repeats its state
// and is not found.
class Spin {
 public:
  void reset() { *this = Spin(); }
  // After a turn in which the warp used up its budget or slept. `changes`: how often memory has changed so far.
  void turn(const Warp& warp, const Program& program, uint64_t changes);
  bool circles(uint64_t changes) const { return circling_ && changes_ == changes; }

 private:
  uint64_t turns_ = 0, renew_ = 0, state_ = 0, changes_ = 0;
  bool circling_ = false;
};

// All workers of a launch together: when each of them only waits and nothing changes, nothing ever will.
class Deadlock {
 public:
  uint64_t changes() const { return changes_.load(); }
  void changed() { changes_.fetch_add(1); }
  // Before any of them takes a block: one that comes late holds a block, or will take one, for which the others may wait.
  void begin_work(size_t workers) { working_.store(static_cast<uint32_t>(workers)); }
  void end_work() {
    working_.fetch_sub(1);
    changed();
  }
  // A worker whose blocks are all stuck calls it with the count of changes at which it found that out, not a later one, and with what
  // it remembered; true: the others are stuck too.
  bool all_stuck(uint64_t changes, uint64_t& remembered);

 private:
  std::atomic<uint64_t> changes_{0};
  std::atomic<uint32_t> working_{0};
  // Changes << 16 | workers that found themselves stuck at that count.
  std::atomic<uint64_t> stuck_{0};
};

}  // namespace softcuda
