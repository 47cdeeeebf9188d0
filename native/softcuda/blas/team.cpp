#include "team.h"

#include <immintrin.h>

#include <chrono>

#include "../driver/hook.h"

namespace softcuda {
namespace {

// Long enough for the gap between two parts of one factorisation, short enough not to disturb the interpreter's workers.
constexpr auto kSpin = std::chrono::microseconds(20);

template <class Predicate>
bool spin(Predicate ready) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 16; ++i) {
      if (ready()) return true;
      _mm_pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return ready();
}

}  // namespace

// The threads live as long as the process: the team is never destroyed.
Team::Team(int threads) : spins_(threads <= softcudaProcessors()) {
  for (int i = 1; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

void Team::share(int count, Call call, const void* part) {
  const std::lock_guard<std::mutex> one(calls_);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    count_ = count;
    call_ = call;
    part_ = part;
    next_.store(0);
    open_ = true;
    round_.fetch_add(1);
  }
  wake_.notify_all();
  take_parts();
  {
    // Threads that have not come by now need not: all parts are taken.
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = false;
  }
  const auto all_left = [this] { return active_.load() == 0; };
  if (spins_ && spin(all_left)) return;
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, all_left);
}

void Team::take_parts() {
  for (int i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) call_(part_, i);
}

void Team::work() {
  unsigned seen = 0;
  for (;;) {
    const auto called = [&] { return round_.load() != seen; };
    if (spins_) spin(called);
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, called);
      seen = round_.load();
      if (!open_) continue;
      active_.fetch_add(1);
    }
    take_parts();
    if (active_.fetch_sub(1) != 1) continue;
    { std::lock_guard<std::mutex> lock(mutex_); }
    done_.notify_one();
  }
}

}  // namespace softcuda
