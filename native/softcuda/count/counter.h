#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "../exec/block.h"
#include "counters.h"
#include "path.h"
#include "traffic.h"

namespace softcuda {

// What to count at each operation of a program. A PTX instruction may have become several operations.
struct CountPlan {
  struct Step {
    Traits traits;
    bool counted = false;  // stands for its instruction
    bool works = false;    // does the instruction's arithmetic, for the threads whose guard holds
    enum Branch : uint8_t { NoBranch, ByPredicate, ByIndex } branch = NoBranch;
  };
  explicit CountPlan(const Program& program);
  std::vector<Step> steps;
};

// What one worker counts in one launch.
struct Tally {
  struct Runs {
    uint64_t warps = 0, threads = 0;
  };
  std::vector<Runs> runs;  // of each operation
  Counters memory;         // what does not follow from `runs`
  Touched read, written;
  std::unique_ptr<Path> path;  // null: not followed
};

// Counts the operations of one block after the other.
class Counter : public Observer {
 public:
  Counter(const CountPlan& plan, Tally& tally) : plan_(plan), tally_(tally) {}

  void block_begins() override;
  void block_ends() override;
  void before(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) override;
  void after(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) override;
  void barrier_opens(uint32_t barrier, const uint32_t* lanes, bool all) override;

 private:
  void access(const Warp& warp, const Op& op, const Effect& effect, uint32_t lanes, const Traits& traits);
  void copy(const Warp& warp, const Op& op, const Effect& effect, uint32_t lanes);
  void global(const uint64_t* addresses, uint32_t lanes, const uint32_t* bytes, bool reads, bool writes);
  void shared(const uint32_t* addresses, uint32_t lanes, uint32_t bytes, bool apart);
  void traffic(const Sectors& sectors, uint64_t requested, Counters::Traffic& counted, Touched& touched);
  void branch(const Warp& warp, const Op& op, uint32_t mask, CountPlan::Step::Branch kind);

  const CountPlan& plan_;
  Tally& tally_;
};

// The counters of one launch. Every worker counts in a tally of its own.
class LaunchCounts {
 public:
  // `path`: whether the longest chain of dependent steps is followed too, in clocks of the GPU of option "gpu".
  LaunchCounts(const Program& program, bool path);
  std::unique_ptr<Observer> observer();
  // Adds the tallies up. After all workers have ended.
  Counters total(const LaunchConfig& config) const;
  // Clocks of the longest chain. With one worker the same on every machine; blocks that wait look more often with several.
  double longest() const;

 private:
  const Program& program_;
  const CountPlan& plan_;
  std::unique_ptr<const PathPlan> path_;
  WrittenAt written_;
  std::mutex mutex_;
  std::deque<Tally> tallies_;
};

}  // namespace softcuda
