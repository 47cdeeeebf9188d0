#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <optional>
#include <system_error>
#include <thread>

#include "../check/launch_checks.h"
#include "../count/counter.h"
#include "../count/report.h"
#include "device_count.h"
#include "translation.h"
#include "worker.h"

// The pool of worker threads and the entry point that runs a kernel.
namespace softcuda {

namespace {

// Threads are started when first needed and live as long as the process; the caller of a launch is worker 0.
class Pool {
 public:
  void run(Launch& launch, size_t workers) {
    const std::lock_guard<std::mutex> one(launches_);
    size_t others = workers > 1 && launch.blocks > 1 ? std::min<size_t>(workers - 1, launch.blocks - 1) : 0;
    if (others > 0) {
      const std::lock_guard<std::mutex> lock(mutex_);
      others = std::min(others, start_threads(others));
      launch.deadlock.begin_work(others + 1);
      launch_ = &launch;
      wanted_ = others;
      busy_ = others;
      ++generation_;
      start_.notify_all();
    } else {
      launch.deadlock.begin_work(1);
    }
    if (launch.seed != 0) caller_.work_in_order(launch);
    else caller_.work(launch);
    if (others > 0) {
      std::unique_lock<std::mutex> lock(mutex_);
      done_.wait(lock, [this] { return busy_ == 0; });
      launch_ = nullptr;
    }
  }

 private:
  // How many there are now: the system may refuse some, then fewer do the work.
  size_t start_threads(size_t wanted) {
    try {
      for (; threads_ < wanted; ++threads_) {
        std::thread([this, number = threads_] { serve(number); }).detach();
      }
    } catch (const std::system_error&) {
      if (threads_ == 0) std::fprintf(stderr, "softcuda: no thread could be started; kernels run on one\n");
    }
    return threads_;
  }

  void serve(size_t number) {
    Worker worker;
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      start_.wait(lock, [&] { return generation_ != seen && number < wanted_ && launch_; });
      seen = generation_;
      Launch& launch = *launch_;
      lock.unlock();
      worker.work(launch);
      lock.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::mutex launches_, mutex_;
  std::condition_variable start_, done_;
  Launch* launch_ = nullptr;
  size_t threads_ = 0, wanted_ = 0, busy_ = 0;
  uint64_t generation_ = 0;
  Worker caller_;
};

// Never destroyed: its threads may outlive the static objects of the process.
Pool& pool() {
  static Pool& p = *new Pool;
  return p;
}

std::string triple(const Dim3& d) { return std::to_string(d.x) + " x " + std::to_string(d.y) + " x " + std::to_string(d.z); }

void validate(const LaunchConfig& c) {
  if (!c.kernel) throw Failure(kInvalidValue, "a launch without a kernel");
  const std::string where = "launch of kernel " + c.kernel->name() + ": ";
  if (c.grid.x == 0 || c.grid.y == 0 || c.grid.z == 0 || c.grid.x > 0x7fffffffu || c.grid.y > 65535 || c.grid.z > 65535) {
    throw Failure(kInvalidValue, where + "a grid of " + triple(c.grid) + " blocks is not possible (1.." + std::to_string(0x7fffffff) + " x 1..65535 x 1..65535)");
  }
  if (c.block.x == 0 || c.block.y == 0 || c.block.z == 0 || c.block.x > 1024 || c.block.y > 1024 || c.block.z > 64 ||
      c.block.x * c.block.y * c.block.z > 1024) {
    throw Failure(kInvalidValue, where + "a block of " + triple(c.block) + " threads is not possible (at most 1024, z at most 64)");
  }
  const uint32_t threads = c.block.x * c.block.y * c.block.z;
  if (threads > static_cast<uint32_t>(c.kernel->max_threads_per_block())) {
    throw Failure(kLaunchOutOfResources, where + std::to_string(threads) + " threads a block, but it was compiled for at most " +
                                             std::to_string(c.kernel->max_threads_per_block()) + " (__launch_bounds__)");
  }
  const size_t shared = c.kernel->program().dynamic_shared_offset + static_cast<size_t>(c.dynamic_shared);
  if (shared > kMaxSharedBytes) {
    throw Failure(kInvalidValue, where + std::to_string(shared) + " bytes of shared memory, but a block has at most " + std::to_string(kMaxSharedBytes));
  }
  if (c.params.size() < c.kernel->param_bytes()) {
    throw Failure(kInvalidValue, where + std::to_string(c.params.size()) + " bytes of parameters, but it takes " + std::to_string(c.kernel->param_bytes()));
  }
}

// Launches outside the driver are numbered here, in a range of their own.
uint32_t launch_number(const LaunchConfig& config) {
  static std::atomic<uint32_t> launches{0};
  return config.operation != 0 ? config.operation : 0x80000000u | ++launches;
}

// Translated where that is possible and wanted: translated code looks at nothing and has one order.
const std::vector<Op>& operations_for(const Program& program, const Options& options, bool checked) {
  const bool free = !checked && options.seed == 0 && options.count.empty();
  if (free && options.translated && !program.translated.empty()) return program.translated;
  if (options.must_translate) {
    throw Failure(kInvalidValue, "kernel " + program.name + " cannot run translated, as engine=translated demands: " +
                                     (free ? "it has no translation in " + translations_in_use() : "checks, counters or a seed are set"));
  }
  if (!options.count.empty()) return program.watched(true);
  return checked ? program.watched(false) : program.ops;
}

// Grows with the launches of one device, or of all that nobody numbers.
uint64_t turn(Options& options) { return launch_turn() != 0 ? launch_turn() : ++options.launches; }

}  // namespace

uint64_t& launch_turn() {
  thread_local uint64_t turn = 0;
  return turn;
}

// Races are looked for on one thread: what is remembered of a word is not shared between threads. Orders drawn from a seed are
// only the same again on one thread.
void execute(const LaunchConfig& config, Memory& memory) {
  validate(config);
  Options& options = Options::global();
  std::optional<LaunchChecks> checks;
  if (options.checks_access() || options.check_barrier) checks.emplace(options, memory, launch_number(config), config.order);
  Launch launch;
  launch.config = &config;
  launch.program = &config.kernel->program();
  std::optional<LaunchCounts> counts;
  if (!options.count.empty()) counts.emplace(*launch.program, lists_launches());
  launch.counts = counts ? &*counts : nullptr;
  launch.ops = operations_for(*launch.program, options, checks.has_value()).data();
  launch.run_warp = warp_runner();
  launch.memory = &memory;
  launch.checks = checks ? &*checks : nullptr;
  launch.seed = options.seed == 0 ? 0 : Random{options.seed + turn(options)}.next() | 1;
  launch.blocks = static_cast<uint64_t>(config.grid.x) * config.grid.y * config.grid.z;
  const bool alone = options.check_race || launch.seed != 0;
  pool().run(launch, alone ? 1 : static_cast<size_t>(options.workers));
  memory.forget_released();
  if (launch.failure) std::rethrow_exception(launch.failure);
  if (counts) count_launch(config.kernel->name(), counts->total(config), counts->longest());
}

}  // namespace softcuda
