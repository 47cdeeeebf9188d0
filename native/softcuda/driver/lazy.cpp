// The device with a seed: what it runs when.
#include <algorithm>
#include <chrono>

#include "context.h"
#include "queue.h"
#include "run.h"

namespace softcuda {
namespace {

// Long enough that a busy host (a compiler at work, a garbage collection) does not change the order that the seed gives.
constexpr auto kIdle = std::chrono::milliseconds(100);
// A query waits for the piece of work that it causes, so that the order does not depend on time; but only shortly for a host function,
// which may itself wait for the host.
constexpr auto kLongestPoll = std::chrono::milliseconds(200), kLongestPollOfHost = std::chrono::milliseconds(5);

}  // namespace

bool Queue::poll(const Submitted& work) {
  if (done(work.ticket)) {
    if (work.after != nullptr) timeline_.host_waited(*work.after);
    return true;
  }
  if (seeded_.load()) {
    require_not_device_thread();
    std::unique_lock<std::mutex> lock(mutex_);
    ++calls_;
    const uint64_t mine = ++polls_asked_;
    work_.notify_one();
    const auto served = [&] { return polls_served_ >= mine; };
    finished_.wait_for(lock, kLongestPoll, [&] { return served() || host_function_running_; });
    if (!served() && host_function_running_) finished_.wait_for(lock, kLongestPollOfHost, served);
  }
  const bool ended = done(work.ticket);
  if (ended && work.after != nullptr) timeline_.host_waited(*work.after);
  return ended;
}

// With the lock held: whether there is work, and someone for whom to do it.
bool Queue::wanted() const {
  if (scheduler_ == nullptr) return true;
  if (scheduler_->empty()) return false;
  if (polls_served_ < polls_asked_ || free_run_ == calls_) return true;
  return std::any_of(goals_.begin(), goals_.end(), [&](const Goal* goal) { return !reached(*goal); });
}

void Queue::run_drawn() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!wanted()) {
    sleeping_ = scheduler_->empty();
    if (sleeping_) {
      polls_served_ = polls_asked_;
      finished_.notify_all();
      work_.wait(lock, [&] { return scheduler_ == nullptr || !scheduler_->empty(); });
      sleeping_ = false;
    } else {
      const uint64_t before = calls_;
      if (!work_.wait_for(lock, kIdle, [&] { return wanted(); }) && calls_ == before) free_run_ = calls_;
    }
  }
  if (scheduler_ != nullptr && wanted()) run_piece(lock);
}

void Queue::run_piece(std::unique_lock<std::mutex>& lock) {
  const bool polled = polls_served_ < polls_asked_;
  const Scheduler::Piece piece = scheduler_->pick();
  host_function_running_ = is_host_function(piece);
  if (host_function_running_) finished_.notify_all();
  lock.unlock();
  softcuda::run_piece(piece);
  lock.lock();
  host_function_running_ = false;
  {
    // Lets go of what the operation holds before the host learns that it is done.
    const std::optional<Entry> ended = scheduler_->finish(piece);
  }
  completed_.store(scheduler_->empty() ? submitted_.load() : scheduler_->oldest() - 1);
  if (polled) ++polls_served_;
  finished_.notify_all();
}

}  // namespace softcuda
