#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "timeline.h"

namespace softcuda {

// A submitted operation on its way to the device.
struct Entry {
  std::shared_ptr<Context> context;
  OperationPtr operation;
  uint64_t ticket = 0;
  std::unique_ptr<View> view;  // null while no order is kept
};

// Draws the order in which submitted operations run: every stream is a queue of its own, and of what may run by the order of
// operations anything can be next. Not thread-safe.
//
// Equal chances would hardly ever let one stream run far ahead of another. So streams have a random priority, the highest one that
// can run does, and now and then one at random; now and then all priorities are drawn anew.
class Scheduler {
 public:
  // `ended` has what ended before.
  Scheduler(uint64_t seed, Clock ended) : random_(seed), ended_(std::move(ended)) {}

  void add(Entry entry);
  bool empty() const { return pending_.empty(); }
  bool pending(uint64_t ticket) const { return pending_.count(ticket) != 0; }
  // The lowest ticket that has not ended; not when empty.
  uint64_t oldest() const { return *pending_.begin(); }
  bool has_ended(const Clock& clock) const { return ended_.covers(clock); }

  // One operation, or one node of a graph launch, which has been begun.
  struct Piece {
    const Entry* entry = nullptr;
    size_t node = 0;
    bool nothing = false;  // an empty graph
  };
  // Not when empty: the operation with the lowest ticket can always run.
  Piece pick();
  // The piece that was picked last has run. Returns its entry when all of that has.
  std::optional<Entry> finish(const Piece& piece);

 private:
  struct Item {
    Entry entry;
    std::vector<size_t> missing;  // of each node of a graph: dependencies that have not run
    std::vector<size_t> ready;
    size_t left = 0;
  };
  struct Line {
    std::deque<Item> items;
    uint32_t priority = 0;
  };
  size_t below(size_t n) { return static_cast<size_t>(random_() % n); }

  std::mt19937_64 random_;
  Clock ended_;
  std::map<uint32_t, Line> lines_;  // by slot
  std::set<uint64_t> pending_;
};

}  // namespace softcuda
