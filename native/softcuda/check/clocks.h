#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "../exec/effect.h"

// Happens-before between the warps of a launch (Lamport 1978; vector clocks as in Flanagan, Freund, "FastTrack", PLDI 2009).
namespace softcuda {

// What a warp knows of the others: accesses up to these clocks happened before.
struct Knowledge {
  std::array<uint32_t, 32> block{};                 // of the warps of the same block
  std::unordered_map<uint32_t, uint32_t> elsewhere;  // of warps of other blocks, by their number in the grid

  void join(const Knowledge& other);
};

// A word that warps synchronise by: what a release there has published.
struct Flag {
  // In numbers of the grid, since anyone may read it.
  std::unordered_map<uint32_t, uint32_t> published;
  uint64_t block = 0;  // that released
  bool device_wide = false;
  uint32_t version = 0;
};

// The flags of a launch in global memory, or of a block in shared memory, by address.
using Flags = std::unordered_map<uint64_t, Flag>;

class BlockClocks {
 public:
  void begin(uint64_t block, uint32_t warps);

  uint32_t now(uint32_t warp) const { return warps_[warp].now; }
  uint32_t first_warp() const { return first_; }
  uint64_t block() const { return block_; }

  // Whether an access of another warp (number in the grid) at `clock` happened before what `warp` does now.
  bool ordered(uint32_t warp, uint32_t other, uint32_t clock) const;
  // Likewise of another warp of this block, by its number there; false where it is of another block.
  bool known(uint32_t warp, uint32_t other, uint32_t clock) const { return other < count_ && clock <= warps_[warp].knowledge.block[other]; }
  // Whether accesses of a warp at `clock` are ordered between all of its lanes.
  bool together(uint32_t warp, uint32_t clock) const { return clock < warps_[warp].together; }
  // The same for two lanes of one warp.
  bool lanes_ordered(uint32_t warp, int lane, int other, bool several, uint32_t clock) const;

  // A warp comes to a named barrier without waiting; the lanes that wait there are let go.
  void arrive(uint32_t warp, uint32_t barrier);
  void barrier(uint32_t barrier, const uint32_t* lanes, const uint32_t* live);
  void warp_sync(uint32_t warp, uint32_t lanes, uint32_t live);
  void fence(uint32_t warp, bool device_wide);
  // A lane's load of a flag: acquires, or waits for a fence to do so.
  void load(uint32_t warp, int lane, const Flags& flags, uint64_t address, bool acquires, bool device_wide);
  // A store to a flag: publishes what the warp knows, or knew at its last fence; a read-modify-write keeps what was published before.
  void store(uint32_t warp, Flags& flags, uint64_t address, bool releases, bool device_wide, bool keeps);

 private:
  struct Warp {
    uint32_t now = 1;
    uint32_t together = 0;  // accesses before this clock are ordered between all lanes
    Knowledge knowledge;
    std::unique_ptr<std::array<std::array<uint32_t, 32>, 32>> pairs;  // likewise for two lanes, after syncs of some lanes only, or flags
    bool fenced = false, fence_device_wide = false;
    Knowledge at_fence;
    Knowledge pending;  // seen by relaxed loads, acquired at the next fence
    bool has_pending = false;
    std::unordered_map<uint64_t, uint32_t> seen;  // version of each flag that was acquired
  };
  void add(Knowledge& to, const Flag& flag) const;
  static std::array<std::array<uint32_t, 32>, 32>& pairs(Warp& warp);

  uint64_t block_ = 0;
  uint32_t first_ = 0, count_ = 0;
  std::array<Warp, 32> warps_;
  std::array<Knowledge, 16> arrived_;  // at each barrier, of those who do not wait
};

}  // namespace softcuda
