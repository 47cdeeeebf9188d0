#include <sched.h>

#include "worker.h"

// How the blocks of a launch are spread over threads and take turns.
namespace softcuda {

void Launch::fail(std::exception_ptr reason) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (!failure) failure = std::move(reason);
  stop.store(true);
}

void Worker::run_one(Launch& launch, Block& block) {
  uint64_t remembered = 0;
  for (;;) {
    const Block::State state = block.round(nullptr);
    if (state == Block::State::Ended || launch.stop.load(std::memory_order_relaxed)) return;
    if (state == Block::State::Running) continue;
    // Everything here waits for another block: let its thread have the processor.
    sched_yield();
    if (state == Block::State::Stuck && launch.deadlock.all_stuck(block.stuck_at, remembered)) block.deadlock();
  }
}

void Worker::work(Launch& launch) {
  bool prepared = false;
  try {
    for (;;) {
      const uint64_t number = launch.next.fetch_add(1, std::memory_order_relaxed);
      if (number >= launch.blocks || launch.stop.load(std::memory_order_relaxed)) break;
      Block& block = this->block(0);
      if (!prepared) {
        block.prepare(launch);
        prepared = true;
      }
      block.begin(number);
      run_one(launch, block);
      for (Observer* o : block.observers) o->block_ends();
    }
  } catch (...) {
    launch.fail(std::current_exception());
  }
  launch.deadlock.end_work();
}

namespace {

// The numbers 0 to n - 1 in an order drawn from the seed, without a list of them: a Feistel network on the next power of four, walked
// until it falls inside.
class Shuffled {
 public:
  Shuffled(uint64_t n, uint64_t seed) : n_(n), seed_(seed) {
    while (half_ < 32 && uint64_t{1} << (2 * half_) < n) ++half_;
  }
  uint64_t at(uint64_t i) const {
    do i = permute(i);
    while (i >= n_);
    return i;
  }

 private:
  uint64_t permute(uint64_t i) const {
    const uint64_t mask = (uint64_t{1} << half_) - 1;
    uint64_t left = i >> half_, right = i & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      const uint64_t mixed = Random{seed_ ^ right << 8 ^ round}.next() & mask;
      const uint64_t next = left ^ mixed;
      left = right;
      right = next;
    }
    return left << half_ | right;
  }
  uint64_t n_, seed_, half_ = 1;
};

}  // namespace

// Several blocks at once, as on a GPU, but one after the other on this thread.
void Worker::work_in_order(Launch& launch) {
  try {
    Random random{launch.seed};
    const Shuffled order(launch.blocks, random.next());
    const size_t resident = 1 + random.below(8);
    std::vector<size_t> running, idle;
    for (size_t i = 0; i < resident && i < launch.blocks; ++i) {
      block(i).prepare(launch);
      idle.push_back(i);
    }
    uint64_t remembered = 0;
    size_t stuck = 0;
    for (;;) {
      while (!idle.empty() && launch.next < launch.blocks) {
        block(idle.back()).begin(order.at(launch.next++));
        running.push_back(idle.back());
        idle.pop_back();
      }
      if (running.empty()) break;
      const size_t pick = random.below(running.size());
      Block& b = block(running[pick]);
      const Block::State state = b.round(&random);
      stuck = state == Block::State::Stuck ? stuck + 1 : 0;
      if (state == Block::State::Ended) {
        for (Observer* o : b.observers) o->block_ends();
        idle.push_back(running[pick]);
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(pick));
      } else if (stuck > 64 * running.size() && launch.deadlock.all_stuck(b.stuck_at, remembered)) {
        b.deadlock();
      }
    }
  } catch (...) {
    launch.fail(std::current_exception());
  }
}

}  // namespace softcuda
