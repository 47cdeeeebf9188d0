#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "clock.h"
#include "context.h"

namespace softcuda {

class Capture;

// An operation in the device's queue: the ticket to wait for (0 = none, which counts as complete), and where the order of operations
// is kept, what has ended once it has.
struct Submitted {
  uint64_t ticket = 0;
  std::shared_ptr<const Clock> after;
};

// A point in a stream. The time is the host's steady clock when the device reaches the point.
class Event {
 public:
  static constexpr const char* kKind = "event";
  using Clock = std::chrono::steady_clock;

  Event(std::shared_ptr<Context> context, unsigned flags) : context_(std::move(context)), flags_(flags) {}

  const std::shared_ptr<Context>& context() const { return context_; }
  bool timed() const { return (flags_ & 2u) == 0; }

  // The device reaches the point.
  void reached() { time_.store(Clock::now().time_since_epoch().count()); }
  int64_t nanoseconds() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::duration(time_.load())).count();
  }

  // Its last record.
  void recorded(const Submitted& record) {
    std::lock_guard<std::mutex> lock(mutex_);
    last_ = record;
  }
  Submitted last() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return last_;
  }

  // While its last record was captured, the event stands for a point in that graph.
  void captured(const std::shared_ptr<Capture>& capture, std::vector<size_t> position) {
    std::lock_guard<std::mutex> lock(mutex_);
    capture_ = capture;
    position_ = std::move(position);
  }
  std::shared_ptr<Capture> capture(std::vector<size_t>* position) const {
    std::lock_guard<std::mutex> lock(mutex_);
    *position = position_;
    return capture_.lock();
  }
  // Throws CUDA_ERROR_CAPTURED_EVENT while the last record belongs to a capture in progress.
  void require_outside_capture() const;

 private:
  const std::shared_ptr<Context> context_;
  const unsigned flags_;
  std::atomic<int64_t> time_{0};
  mutable std::mutex mutex_;
  Submitted last_;
  std::weak_ptr<Capture> capture_;
  std::vector<size_t> position_;
};

}  // namespace softcuda
