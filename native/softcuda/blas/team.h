#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace softcuda {

// The threads that share one library call. OpenBLAS' own threads wait for one another by spinning, so that on a machine that
// also does something else every small call takes a time slice; here they sleep. Each part is a single-threaded OpenBLAS call,
// and the parts are fixed by the shapes and the number of threads: the same number gives the same bits.
class Team {
 public:
  explicit Team(int threads);
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return static_cast<int>(threads_.size()) + 1; }

  // part(0) ... part(count - 1), on all threads; returns when all have ended. Not to be called from within a
  // part. Calls of several threads go one after the other.
  template <class Part>
  void run(int count, const Part& part) {
    if (count <= 1 || threads_.empty()) {
      for (int i = 0; i < count; ++i) part(i);
      return;
    }
    share(count, [](const void* p, int i) { (*static_cast<const Part*>(p))(i); }, &part);
  }

 private:
  using Call = void (*)(const void* part, int index);
  void share(int count, Call call, const void* part);
  void work();
  void take_parts();

  // Waiting awake for a thread that has no processor takes it the one it waits for.
  const bool spins_;
  std::mutex calls_;  // each device has a thread that calls
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> threads_;
  std::atomic<unsigned> round_{0};  // grows when a call opens
  std::atomic<int> active_{0};      // threads inside the open call, beside the caller; grows under the mutex
  bool open_ = false;
  std::atomic<int> next_{0};
  int count_ = 0;
  Call call_ = nullptr;
  const void* part_ = nullptr;
};

}  // namespace softcuda
