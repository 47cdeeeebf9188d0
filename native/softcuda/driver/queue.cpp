#include "queue.h"

#include <immintrin.h>

#include <chrono>

#include "context.h"

namespace softcuda {
namespace {

using Clock = std::chrono::steady_clock;

// A sleeping thread costs tens of microseconds to wake. The device spins as long as the gap between two launches of a busy host;
// a waiting host spins less, since with few cores it takes time from the device's workers.
constexpr auto kDeviceSpin = std::chrono::microseconds(50);
constexpr auto kHostSpin = std::chrono::microseconds(10);

template <class Predicate>
bool spin(std::chrono::microseconds limit, Predicate ready) {
  const auto end = Clock::now() + limit;
  do {
    for (int i = 0; i < 16; ++i) {
      if (ready()) return true;
      _mm_pause();
    }
  } while (Clock::now() < end);
  return ready();
}

void run_entry(const Queue::Entry& entry) noexcept {
  Context& context = *entry.context;
  // After a failure nothing of this context runs any more, as on a GPU.
  if (context.failed()) return;
  try {
    perform(*entry.operation, context);
  } catch (const Failure& failure) {
    context.fail(failure.result, entry.operation->name + ": " + failure.what());
  } catch (const std::bad_alloc&) {
    context.fail(kOutOfMemory, entry.operation->name + ": the host has no more memory");
  } catch (const std::exception& error) {
    context.fail(kUnknown, entry.operation->name + ": " + error.what());
  }
}

}  // namespace

Queue& Queue::device() {
  // Leaked on purpose: the thread outlives static destruction.
  static Queue* const queue = new Queue;
  return *queue;
}

Queue::Queue() {
  std::thread thread([this] { drain(); });
  thread_id_ = thread.get_id();
  runner_ = thread_id_;
  thread.detach();
}

uint64_t Queue::push(std::shared_ptr<Context> context, OperationPtr operation) {
  std::unique_lock<std::mutex> lock(mutex_);
  const uint64_t ticket = submitted_.load() + 1;
  entries_.push_back(Entry{std::move(context), std::move(operation), ticket});
  submitted_.store(ticket);
  const bool wake = sleeping_;
  lock.unlock();
  if (wake) work_.notify_one();
  return ticket;
}

uint64_t Queue::push_and_wait(std::shared_ptr<Context> context, OperationPtr operation) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (submitted_.load() != completed_.load()) {
    lock.unlock();
    const uint64_t ticket = push(std::move(context), std::move(operation));
    wait(ticket);
    return ticket;
  }
  const Entry entry{std::move(context), std::move(operation), submitted_.load() + 1};
  submitted_.store(entry.ticket);
  inline_running_.store(true);
  runner_ = std::this_thread::get_id();
  lock.unlock();
  run_entry(entry);
  lock.lock();
  runner_ = thread_id_;
  inline_running_.store(false);
  completed_.store(entry.ticket);
  lock.unlock();
  work_.notify_one();
  finished_.notify_all();
  return entry.ticket;
}

void Queue::wait(uint64_t ticket) {
  if (done(ticket)) return;
  if (on_device_thread()) throw Failure(kNotPermitted, "a host function of a stream must not call the CUDA driver");
  if (spin(kHostSpin, [&] { return done(ticket); })) return;
  std::unique_lock<std::mutex> lock(mutex_);
  ++waiters_;
  finished_.wait(lock, [&] { return done(ticket); });
  --waiters_;
}

Queue::Entry Queue::next() {
  const auto ready = [&] { return !entries_.empty() && !inline_running_.load(); };
  spin(kDeviceSpin, [&] { return submitted_.load() != completed_.load() && !inline_running_.load(); });
  std::unique_lock<std::mutex> lock(mutex_);
  sleeping_ = true;
  work_.wait(lock, ready);
  sleeping_ = false;
  Entry entry = std::move(entries_.front());
  entries_.pop_front();
  return entry;
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
    uint64_t ticket;
    {
      const Entry entry = next();
      ticket = entry.ticket;
      run_entry(entry);
      // Here the entry lets go of what the operation holds (a module, staging memory), before the host learns that it is done.
    }
    finish(ticket);
  }
}

}  // namespace softcuda
