#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "../exec/observe.h"
#include "roofline.h"

// The longest chain of dependent steps of a launch, in clocks of a GPU. Registers, barriers, flags and what blocks tell each other
// through global memory order the steps, and a warp issues at most one instruction a clock; the time between two barriers of a block is
// what its longest chain takes, or its busiest warp's instructions, or its busiest pipe with a multiprocessor of its own. An order of
// instructions other than by these dependences is not held against it while there are clocks for all: in the program's order each
// takes the first one from when it could begin at which its warp issues nothing yet.
namespace softcuda {

struct CountPlan;

// Clocks from issue to the first dependent issue. One table for all GPUs, assumptions that roofline.cpp explains.
struct Latencies {
  float arithmetic, float64, special, tf32, half, shared, local, global, constant, shuffle, barrier;
};
extern const Latencies latencies;

// What the path does at each operation of a program.
struct PathPlan {
  enum Kind : uint8_t {
    Plain,     // reads and writes registers
    Access,    // and memory
    Look,      // an acquiring load of a flag
    Publish,   // a releasing store
    Arrive,    // an atomic operation that does both
    Draw,      // a relaxed one by which a block draws its next task: as if that had a block of its own, from the launch's beginning
    Copy,      // cp.async
    Commit,
    AwaitCopies,
    Together,  // bar.warp.sync
    Branch,
  };
  struct Step {
    Kind kind = Plain;
    bool begins = false, counted = false;
    bool global = false, stores = false;  // an access to global memory
    uint8_t reads = 0, writes = 0;
    InstructionClass pipe = InstructionClass::Other;
    uint32_t matrix_flops = 0;
    bool tf32 = false;
    float latency = 0;
    uint16_t registers[12] = {};  // those read, then those written
  };
  PathPlan(const Program& program, const CountPlan& counts);

  std::vector<Step> steps;
  uint32_t registers = 0;
  bool flags = false;  // blocks wait for one another
};

// When flags were published and lines of global memory written, for launches whose blocks wait for one another. Thread-safe.
class WrittenAt {
 public:
  double flag(uint64_t address);
  void publish(uint64_t address, double time);
  double line(uint64_t address);
  void write(uint64_t address, double time);

 private:
  static constexpr uint64_t kLine = 128, kLines = 2048;
  using Chunk = std::array<double, kLines>;
  std::mutex mutex_;
  std::unordered_map<uint64_t, double> flags_;
  std::unordered_map<uint64_t, std::unique_ptr<Chunk>> chunks_;
};

// The clocks at which a warp issues.
class IssueClocks {
 public:
  // Takes the first free one from `time` on, which is not before that of restart.
  double take(double time);
  void restart(double time);
  // Behind the last one taken.
  double end() const { return end_; }

 private:
  uint64_t first_ = 0;           // of the first bit
  std::vector<uint64_t> taken_;  // a bit a clock
  double end_ = 0;
};

// Follows the blocks that one worker runs, one after the other.
class Path {
 public:
  Path(const PathPlan& plan, const GpuModel& gpu, WrittenAt& written) : plan_(plan), gpu_(gpu), written_(written) {}

  void block_begins() { restart(0); }
  void block_ends() { finish(); }
  // Before the operation runs; of those that wait for other lanes, after.
  void step(const Warp& warp, size_t index, const Op& op, uint32_t lanes);
  // All warps of the block go on together.
  void barrier_opens();
  void moved(uint64_t sectors) { sectors_ += sectors; }
  void shared(uint64_t wavefronts) { wavefronts_ += wavefronts; }

  double longest() const { return longest_; }

 private:
  struct OfWarp {
    std::vector<double> ready;  // of each register
    IssueClocks clocks;
    uint64_t issued = 0;        // since the last barrier
    double floor = 0;           // nothing begins before
    double carry = 0;           // of the instruction's operations so far
    double front = 0;           // the last access or branch
    double copies = 0;          // of the open group of copies
    std::vector<double> groups;  // when the copies of each closed one have arrived
  };
  void restart(double time);
  double access(const Warp& warp, const PathPlan::Step& step, const Op& op, uint32_t lanes, double issue);
  void wait_for_copies(OfWarp& w, int64_t under_way);
  // Clocks that the busiest pipe, or warp, needs for what the block has issued since the last barrier.
  double work() const;
  void close_segment();
  // The same, and all that is issued comes to its end.
  void finish();

  const PathPlan& plan_;
  const GpuModel& gpu_;
  WrittenAt& written_;
  std::array<OfWarp, 32> warps_;
  double begun_ = 0;    // the last barrier
  bool drawn_ = false;  // since then
  uint64_t sectors_ = 0, wavefronts_ = 0;
  std::array<uint64_t, kInstructionClasses> issued_{};
  double matrix_ = 0;  // clocks of the multiprocessor's tensor cores
  double longest_ = 0;
};

}  // namespace softcuda
