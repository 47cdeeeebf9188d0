#pragma once
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "clock.h"
#include "operation.h"

namespace softcuda {

// What the legacy default stream of a context orders: it waits for all blocking streams, and they wait for it.
struct Legacy {
  Clock of_default, of_blocking;
};

// A stream as the order of operations sees it.
class Timeline;

class Lane {
 public:
  enum Kind { independent, blocking, standard };  // made with CU_STREAM_NON_BLOCKING; without; the default stream
  Lane(Timeline& timeline, Kind kind, std::shared_ptr<Legacy> legacy, uint64_t stream)
      : timeline_(timeline), kind_(kind), legacy_(std::move(legacy)), stream_(stream) {}
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

 private:
  friend class Timeline;
  static constexpr uint32_t kNone = UINT32_MAX;
  Timeline& timeline_;
  const Kind kind_;
  const std::shared_ptr<Legacy> legacy_;
  const uint64_t stream_;
  uint32_t slot_ = kNone;
  std::shared_ptr<const Clock> after_;  // all that was submitted here, and what that follows
};

// The order as one submitted operation (or graph launch) sees it.
class View : public Order {
 public:
  ~View() override;
  bool follows(uint32_t earlier) const override;
  std::string describe(uint32_t operation) const override;

  uint32_t first() const { return first_; }
  uint32_t last() const { return last_; }  // of a graph launch: its last node's
  uint32_t slot() const { return slot_; }
  // What must have ended before it may run.
  const Clock& before() const { return before_; }
  // That and itself.
  const std::shared_ptr<const Clock>& after() const { return after_; }

 private:
  friend class Timeline;
  explicit View(Timeline& timeline) : timeline_(timeline) {}
  Timeline& timeline_;
  Clock before_;
  std::shared_ptr<const Clock> after_;
  uint32_t first_ = 0, last_ = 0, slot_ = 0;
  uint32_t floor_ = 1;  // everything below precedes
  // Answers given: twice the number, plus one for yes. The race check asks the same few numbers again and again, from all workers.
  mutable std::array<std::atomic<uint64_t>, 32> answers_{};
};

// The order as one node of a graph launch sees it.
class NodeView : public Order {
 public:
  NodeView(const View& launch, const GraphPlan& plan, size_t node) : launch_(launch), plan_(plan), node_(node) {}
  bool follows(uint32_t earlier) const override {
    if (earlier < launch_.first() || earlier > launch_.last()) return launch_.follows(earlier);
    return plan_.precedes(earlier - launch_.first(), node_);
  }
  std::string describe(uint32_t operation) const override { return launch_.describe(operation); }

 private:
  const View& launch_;
  const GraphPlan& plan_;
  const size_t node_;
};

// Numbers the operations of one device and computes, when they are submitted, which earlier ones they follow: by the order of their stream, by
// events, by the rules of the default stream, and because the host waited.
class Timeline {
 public:
  std::unique_ptr<View> submit(Lane& lane, const Operation& operation);
  // The host has waited for these: all that is submitted from now on follows them.
  void host_waited(const Clock& clock);
  void host_waited_for_all();
  // All that was submitted.
  Clock everything() const;
  // What synchronising this stream waits for: for the default stream also the blocking ones.
  Clock pending_of(const Lane& lane) const;
  size_t remembered() const;

  // Operations that are remembered when the host never waits for them; older ones then count as ended.
  static constexpr size_t kMost = size_t{1} << 20;

 private:
  friend class View;
  friend class Lane;
  struct Record {
    uint64_t stream;  // 0: the default stream
    const std::string* name;
    uint32_t slot;
    bool kernel, in_graph;
  };
  uint32_t slot_for_new_lane();
  void remember(const Lane& lane, const Operation& operation, bool in_graph);
  void forget();
  bool answer(const View& view, uint32_t earlier) const;
  std::string describe(uint32_t operation) const;
  void retire(const View& view);

  mutable std::shared_mutex mutex_;
  std::deque<Record> records_;
  uint32_t oldest_ = 1, next_ = 1;  // numbers of the first record and of the next operation
  uint32_t known_ = 1;              // all numbers below are known to the host
  Clock host_, all_;
  std::map<uint32_t, size_t> floors_;  // of the views that exist
  std::vector<bool> slot_used_;
  std::unordered_set<std::string> names_;
};

}  // namespace softcuda
