#pragma once
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "observe.h"
#include "operations.h"
#include "random.h"
#include "spin.h"
#include "warp.h"

namespace softcuda {

class LaunchChecks;
class LaunchCounts;

// One kernel launch, shared by the workers that run its blocks.
struct Launch {
  const LaunchConfig* config;
  const Program* program;
  const Op* ops;  // the program's, or its watched ones
  RunWarp run_warp;
  Memory* memory;
  LaunchChecks* checks = nullptr;
  LaunchCounts* counts = nullptr;
  uint64_t seed = 0;
  uint64_t blocks;
  std::atomic<uint64_t> next{0};  // blocks are claimed in order, so a block may wait for those before it
  std::atomic<bool> stop{false};
  Deadlock deadlock;
  std::mutex mutex;
  std::exception_ptr failure;  // the first one

  void fail(std::exception_ptr reason);
};

// Memory with the alignment of a vector register; grows and never shrinks.
class Buffer {
 public:
  char* reserve(size_t bytes) {
    if (bytes > size_) {
      void* p = nullptr;
      const size_t rounded = (bytes + 4095) / 4096 * 4096;
      if (posix_memalign(&p, 4096, rounded) != 0) throw Failure(kOutOfMemory, "the host has no memory for the state of a block");
      memory_.reset(static_cast<char*>(p));
      size_ = rounded;
    }
    return memory_.get();
  }
  char* data() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  std::unique_ptr<char, Free> memory_;
  size_t size_ = 0;
};

// A running block: its warps, their registers and its shared memory. Used for one block after the other.
struct Block {
  Launch* launch = nullptr;
  Dim3 index;
  uint64_t number = 0;
  uint32_t threads = 0, extra_arrivals[16] = {};
  std::vector<Warp> warps;
  std::vector<Spin> spins;
  uint64_t stuck_at = 0;  // the count of changes at which the last round found the block stuck
  std::vector<std::vector<AsyncCopy>> copies;
  std::vector<const Constant*> block_constants;
  std::vector<Observer*> observers;
  std::vector<std::unique_ptr<Observer>> owned_observers;
  Buffer registers, shared, local, params;
  // Behind a block's own shared memory lies the system's 1 KB, in kernels that name it; a GPU says of 288 bytes of it that they are used.
  static constexpr size_t kReserved = 1024, kReservedUsed = 288;
  size_t own_shared_bytes = 0, shared_bytes = 0;
  size_t undefined_shared_bytes = 0;  // when a block begins; the system's are 0
  size_t reserved_begin() const { return (own_shared_bytes + 127) / 128 * 128; }

  void prepare(Launch& l);
  void begin(uint64_t block_number);
  enum class State { Running, Asleep, Stuck, Ended };
  // Gives each warp a turn, in an order drawn from `random` unless that is null. Asleep: all warps wait for other blocks; Stuck: and would
  // wait for ever if nothing else wrote to memory.
  State round(Random* random);
  // Where a thread waits for ever, for a report.
  [[noreturn]] void deadlock();

 private:
  void watch(std::unique_ptr<Observer> observer);
  uint64_t value(const Warp& w, const Constant& c, uint32_t lane) const;
  void fill(Warp& w, const Constant& c);
  bool turn(Warp& w, Random* random);
  bool release_barriers();
  void release(uint32_t barrier, uint32_t yes, uint32_t arrived, bool all);
};

// "kernel k, block (0,0,0), thread (3,0,0)", the instruction and its lines.
std::string describe_place(const Warp& warp, const Op& op, int lane);
std::string describe_instruction(const Program& program, size_t op);
std::string describe_thread(const Block& block, uint32_t linear);

}  // namespace softcuda
