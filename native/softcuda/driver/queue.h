#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "event.h"
#include "scheduler.h"

namespace softcuda {

// The work of one device: one thread that runs the operations of all streams, one at a time.
//
// Without a seed it drains one first-in first-out queue. Every stream is therefore in order, events need no waiting, and the host runs
// ahead as it does with a GPU.
//
// With a seed a Scheduler draws the order, and the device is lazy: it runs something only while the host waits, and then until that
// has ended; a query runs one piece of work; and when the host has not called for a while, everything runs, so that a host that
// waits in other ways (for a flag that a host function sets) gets on.
class Queue {
 public:
  Queue(Timeline& timeline, int device);
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  Submitted push(std::shared_ptr<Context> context, OperationPtr operation, Lane& lane);
  // As push and wait, but runs on the calling thread when the device is idle: saves two thread switches.
  void push_and_wait(std::shared_ptr<Context> context, OperationPtr operation, Lane& lane);
  bool done(uint64_t ticket);
  void wait(const Submitted& work);
  // Whether it has ended; if not, some work is done, so that asking again and again comes to an end.
  bool poll(const Submitted& work);
  void wait_all();
  // Whether operations are numbered and ordered: for the race check, and for a seed.
  bool ordered() const { return ordered_.load(); }
  // Changes options while all of these are idle and nothing can be submitted to them.
  static void reconfigure(const std::vector<Queue*>& queues, const std::function<void()>& change);

 private:
  // What a thread waits for: one ticket, or that one and all before.
  struct Goal {
    uint64_t ticket;
    bool all;
  };

  void adopt_options();
  Submitted add(Entry entry, Lane& lane);
  bool idle() const { return submitted_.load() == completed_.load(); }
  void finish(uint64_t ticket);
  void require_not_device_thread() const;

  void drain();
  bool next(Entry* entry);
  void wait_for_goal(const Goal& goal);
  bool reached(const Goal& goal) const;
  bool wanted() const;
  void run_drawn();
  void run_piece(std::unique_lock<std::mutex>& lock);

  Timeline& timeline_;
  const int device_;
  std::mutex mutex_;
  std::condition_variable work_, finished_;
  std::deque<Entry> entries_;
  std::atomic<uint64_t> submitted_{0}, completed_{0};  // all tickets up to completed_ are done
  std::atomic<int> waiters_{0};
  std::atomic<bool> inline_running_{false}, ordered_{false}, seeded_{false}, alone_{false};
  bool sleeping_ = false;
  // The thread that runs operations at the moment: the device's, or the caller of push_and_wait.
  std::atomic<std::thread::id> runner_;
  std::thread::id thread_id_;

  std::unique_ptr<Scheduler> scheduler_;  // with a seed
  std::vector<const Goal*> goals_;
  uint64_t polls_asked_ = 0, polls_served_ = 0;
  uint64_t calls_ = 0;                // grows with every call that the device hears of
  uint64_t free_run_ = UINT64_MAX;    // while no call follows this one, everything runs
  bool host_function_running_ = false;
};

}  // namespace softcuda
