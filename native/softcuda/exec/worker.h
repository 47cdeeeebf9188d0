#pragma once
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "warp.h"

namespace softcuda {

// One kernel launch, shared by the workers that run its blocks.
struct Launch {
  const LaunchConfig* config;
  const Program* program;
  Memory* memory;
  bool check;
  uint64_t blocks;
  std::atomic<uint64_t> next{0};  // blocks are claimed in order, so a block may wait for those before it
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::exception_ptr failure;  // the first one
};

// Zero-filled memory with the alignment of a vector register.
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

// A thread's own state: the warps of the block it runs.
struct Worker {
  Launch* launch = nullptr;
  Dim3 block;  // index of the running block
  uint32_t threads = 0, extra_arrivals[16] = {};
  std::vector<Warp> warps;
  std::vector<std::vector<AsyncCopy>> copies;
  std::vector<AccessCache> cache;
  std::vector<const Constant*> block_constants;
  Buffer registers, shared, local, params;
  size_t shared_bytes = 0;

  // Claims and runs blocks until there are none. Never throws: the first failure goes to the launch.
  void work(Launch& l);

 private:
  void prepare(Launch& l);
  uint64_t value(const Warp& w, const Constant& c, uint32_t lane) const;
  void fill(Warp& w, const Constant& c);
  void begin_block(uint64_t number);
  void run_block();
  bool release_barriers();
  void release(uint32_t barrier, uint32_t yes, uint32_t arrived);
  [[noreturn]] void deadlock();
};

// The lines of a report that say where: kernel, block, thread, instruction, source line.
std::string describe_place(const Warp& warp, const Op* op, int lane);

}  // namespace softcuda
