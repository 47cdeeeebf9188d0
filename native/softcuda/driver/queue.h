#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

#include "operation.h"

namespace softcuda {

// The device: one thread that drains one first-in first-out queue of operations of all streams. Every stream is therefore in
// order, events need no waiting, and the host runs ahead as it does with a GPU. A scheduler that permutes independent streams
// would take this class's place: entries name their stream and events are operations of their own.
class Queue {
 public:
  struct Entry {
    std::shared_ptr<Context> context;
    OperationPtr operation;
    uint64_t ticket = 0;
  };

  static Queue& device();

  // Returns the ticket to wait for.
  uint64_t push(std::shared_ptr<Context> context, OperationPtr operation);
  // As push and wait, but runs on the calling thread when the device is idle: saves two thread switches.
  uint64_t push_and_wait(std::shared_ptr<Context> context, OperationPtr operation);
  bool done(uint64_t ticket) const { return completed_.load() >= ticket; }
  void wait(uint64_t ticket);
  void wait_all() { wait(submitted_.load()); }
  // True on the device's own thread, where waiting would never end.
  bool on_device_thread() const { return std::this_thread::get_id() == runner_.load(); }

 private:
  Queue();
  void drain();
  Entry next();
  void finish(uint64_t ticket);

  std::mutex mutex_;
  std::condition_variable work_, finished_;
  std::deque<Entry> entries_;
  std::atomic<uint64_t> submitted_{0}, completed_{0};
  std::atomic<int> waiters_{0};
  std::atomic<bool> inline_running_{false};
  bool sleeping_ = false;
  // The thread that runs operations at the moment: the device's, or the caller of push_and_wait.
  std::atomic<std::thread::id> runner_;
  std::thread::id thread_id_;
};

}  // namespace softcuda
