#include "queue.h"

#include <immintrin.h>

#include <algorithm>
#include <chrono>

#include "../exec/options.h"
#include "../exec/print.h"
#include "context.h"
#include "run.h"

namespace softcuda {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A sleeping thread costs tens of microseconds to wake. The device spins as long as the gap between two launches of a busy host;
// a waiting host spins less, since with few cores it takes time from the device's workers.
constexpr auto kDeviceSpin = std::chrono::microseconds(50);
constexpr auto kHostSpin = std::chrono::microseconds(10);
// With one processor, what is waited for needs it.
constexpr auto kNoSpin = std::chrono::microseconds(0);

template <class Predicate>
bool spin(std::chrono::microseconds limit, Predicate ready) {
  const auto end = SteadyClock::now() + limit;
  do {
    for (int i = 0; i < 16; ++i) {
      if (ready()) return true;
      _mm_pause();
    }
  } while (SteadyClock::now() < end);
  return ready();
}

// Every device draws an order of its own.
uint64_t seed_of(uint64_t seed, int device) { return seed + static_cast<uint64_t>(device) * 0x9e3779b97f4a7c15u; }

}  // namespace

Queue::Queue(Timeline& timeline, int device) : timeline_(timeline), device_(device) {
  adopt_options();
  std::thread thread([this] { drain(); });
  thread_id_ = thread.get_id();
  runner_ = thread_id_;
  thread.detach();
}

void Queue::adopt_options() {
  const Options& options = Options::global();
  timeline_.host_waited_for_all();
  scheduler_ = options.seed != 0 ? std::make_unique<Scheduler>(seed_of(options.seed, device_), timeline_.everything()) : nullptr;
  polls_served_ = polls_asked_;
  seeded_ = scheduler_ != nullptr;
  ordered_ = options.check_race || options.seed != 0;
  alone_ = options.processors == 1;
}

void Queue::reconfigure(const std::vector<Queue*>& queues, const std::function<void()>& change) {
  for (;;) {
    for (Queue* const queue : queues) queue->wait_all();
    std::vector<std::unique_lock<std::mutex>> locks;
    for (Queue* const queue : queues) locks.emplace_back(queue->mutex_);
    if (!std::all_of(queues.begin(), queues.end(), [](const Queue* queue) { return queue->idle(); })) continue;
    change();
    for (Queue* const queue : queues) {
      queue->adopt_options();
      queue->work_.notify_all();
    }
    return;
  }
}

void Queue::require_not_device_thread() const {
  if (std::this_thread::get_id() == runner_.load()) {
    throw Failure(kNotPermitted, "a host function of a stream must not call the CUDA driver");
  }
}

// With the lock held.
Submitted Queue::add(Entry entry, Lane& lane) {
  Submitted submitted;
  submitted.ticket = submitted_.load() + 1;
  entry.ticket = submitted.ticket;
  if (ordered_.load()) {
    entry.view = timeline_.submit(lane, *entry.operation);
    submitted.after = entry.view->after();
  }
  if (entry.operation->records != nullptr) entry.operation->records->recorded(submitted);
  if (entry.operation->graph != nullptr) {
    for (const GraphPlan::Step& step : entry.operation->graph->steps) {
      if (step.operation->records != nullptr) step.operation->records->recorded(submitted);
    }
  }
  submitted_.store(submitted.ticket);
  if (scheduler_ != nullptr) {
    ++calls_;
    scheduler_->add(std::move(entry));
  } else {
    entries_.push_back(std::move(entry));
  }
  return submitted;
}

Submitted Queue::push(std::shared_ptr<Context> context, OperationPtr operation, Lane& lane) {
  std::unique_lock<std::mutex> lock(mutex_);
  Submitted submitted = add(Entry{std::move(context), std::move(operation), 0, nullptr}, lane);
  const bool wake = sleeping_;
  lock.unlock();
  if (wake) work_.notify_one();
  return submitted;
}

void Queue::push_and_wait(std::shared_ptr<Context> context, OperationPtr operation, Lane& lane) {
  require_not_device_thread();
  std::unique_lock<std::mutex> lock(mutex_);
  if (scheduler_ != nullptr || !idle()) {
    lock.unlock();
    wait(push(std::move(context), std::move(operation), lane));
    return;
  }
  const Submitted submitted = add(Entry{std::move(context), std::move(operation), 0, nullptr}, lane);
  {
    const Entry entry = std::move(entries_.front());
    entries_.pop_front();
    inline_running_.store(true);
    runner_ = std::this_thread::get_id();
    lock.unlock();
    run_entry(entry);
  }
  lock.lock();
  runner_ = thread_id_;
  inline_running_.store(false);
  completed_.store(submitted.ticket);
  lock.unlock();
  if (submitted.after != nullptr) timeline_.host_waited(*submitted.after);
  work_.notify_one();
  finished_.notify_all();
  Prints::all().flush();
}

bool Queue::done(uint64_t ticket) {
  if (completed_.load() >= ticket) return true;
  if (!seeded_.load()) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  return reached(Goal{ticket, false});
}

void Queue::wait(const Submitted& work) {
  if (!done(work.ticket)) {
    require_not_device_thread();
    if (seeded_.load() || !spin(alone_.load() ? kNoSpin : kHostSpin, [&] { return completed_.load() >= work.ticket; })) wait_for_goal(Goal{work.ticket, false});
  }
  if (work.after != nullptr) timeline_.host_waited(*work.after);
  Prints::all().flush();
}

void Queue::wait_all() {
  const uint64_t all = submitted_.load();
  const Clock everything = ordered() ? timeline_.everything() : Clock();
  if (completed_.load() < all) {
    require_not_device_thread();
    wait_for_goal(Goal{all, true});
  }
  if (ordered()) timeline_.host_waited(everything);
  Prints::all().flush();
}

void Queue::wait_for_goal(const Goal& goal) {
  std::unique_lock<std::mutex> lock(mutex_);
  ++calls_;
  ++waiters_;
  goals_.push_back(&goal);
  if (seeded_.load()) work_.notify_one();
  finished_.wait(lock, [&] { return reached(goal); });
  goals_.erase(std::find(goals_.begin(), goals_.end(), &goal));
  --waiters_;
}

bool Queue::reached(const Goal& goal) const {
  if (completed_.load() >= goal.ticket) return true;
  return scheduler_ != nullptr && !goal.all && !scheduler_->pending(goal.ticket);
}

bool Queue::next(Entry* entry) {
  const auto ready = [&] { return (!entries_.empty() && !inline_running_.load()) || scheduler_ != nullptr; };
  spin(alone_.load() ? kNoSpin : kDeviceSpin, [&] { return (!idle() && !inline_running_.load()) || seeded_.load(); });
  std::unique_lock<std::mutex> lock(mutex_);
  sleeping_ = true;
  work_.wait(lock, ready);
  sleeping_ = false;
  if (entries_.empty()) return false;
  *entry = std::move(entries_.front());
  entries_.pop_front();
  return true;
}

void Queue::finish(uint64_t ticket) {
  completed_.store(ticket);
  if (waiters_.load() == 0) return;
  // Taking the lock once orders this after a waiter that is about to sleep.
  { std::lock_guard<std::mutex> lock(mutex_); }
  finished_.notify_all();
}

void Queue::drain() {
  for (;;) {
    if (seeded_.load()) {
      run_drawn();
      continue;
    }
    uint64_t ticket;
    {
      Entry entry;
      if (!next(&entry)) continue;
      ticket = entry.ticket;
      run_entry(entry);
      // Here the entry lets go of what the operation holds (a module, staging memory), before the host learns that it is done.
    }
    finish(ticket);
  }
}

}  // namespace softcuda
