#include "clocks.h"

#include <algorithm>
#include <atomic>

namespace softcuda {

void Knowledge::join(const Knowledge& other) {
  for (size_t i = 0; i < block.size(); ++i) block[i] = std::max(block[i], other.block[i]);
  for (const auto& e : other.elsewhere) {
    uint32_t& mine = elsewhere[e.first];
    mine = std::max(mine, e.second);
  }
}

void BlockClocks::begin(uint64_t block, uint32_t warps) {
  block_ = block;
  count_ = warps;
  first_ = static_cast<uint32_t>(block * warps);
  for (uint32_t i = 0; i < warps; ++i) warps_[i] = Warp();
  arrived_.fill(Knowledge());
}

bool BlockClocks::ordered(uint32_t warp, uint32_t other, uint32_t clock) const {
  const Knowledge& known = warps_[warp].knowledge;
  const uint32_t inside = other - first_;
  if (inside < count_) return clock <= known.block[inside];
  const auto found = known.elsewhere.find(other);
  return found != known.elsewhere.end() && clock <= found->second;
}

bool BlockClocks::lanes_ordered(uint32_t warp, int lane, int other, bool several, uint32_t clock) const {
  const Warp& w = warps_[warp];
  if (clock < w.together || (lane == other && !several)) return true;
  if (!w.pairs) return false;
  const auto& row = (*w.pairs)[static_cast<size_t>(lane)];
  // Of several lanes it is not known which: all must be ordered.
  return several ? clock < *std::min_element(row.begin(), row.end()) : clock < row[static_cast<size_t>(other)];
}

void BlockClocks::arrive(uint32_t warp, uint32_t barrier) {
  Warp& w = warps_[warp];
  w.knowledge.block[warp] = w.now++;
  arrived_[barrier & 15].join(w.knowledge);
}

void BlockClocks::barrier(uint32_t barrier, const uint32_t* lanes, const uint32_t* live) {
  Knowledge all;
  std::swap(all, arrived_[barrier & 15]);
  for (uint32_t i = 0; i < count_; ++i) {
    if (lanes[i] == 0) continue;
    warps_[i].knowledge.block[i] = warps_[i].now;
    all.join(warps_[i].knowledge);
  }
  for (uint32_t i = 0; i < count_; ++i) {
    if (lanes[i] == 0) continue;
    warps_[i].knowledge = all;
    warp_sync(i, lanes[i], live[i]);
  }
}

std::array<std::array<uint32_t, 32>, 32>& BlockClocks::pairs(Warp& w) {
  if (!w.pairs) {
    w.pairs = std::make_unique<std::array<std::array<uint32_t, 32>, 32>>();
    for (auto& row : *w.pairs) row.fill(0);
  }
  return *w.pairs;
}

void BlockClocks::warp_sync(uint32_t warp, uint32_t lanes, uint32_t live) {
  Warp& w = warps_[warp];
  ++w.now;
  if ((live & ~lanes) == 0) {
    w.together = w.now;
    w.pairs.reset();
    return;
  }
  pairs(w);
  // Who comes together knows from now on what any of them knew.
  std::array<uint32_t, 32> joined{};
  for (size_t i = 0; i < 32; ++i) {
    if (!(lanes >> i & 1)) continue;
    for (size_t k = 0; k < 32; ++k) joined[k] = std::max(joined[k], (*w.pairs)[i][k]);
    joined[i] = w.now;
  }
  for (size_t i = 0; i < 32; ++i) {
    if (lanes >> i & 1) (*w.pairs)[i] = joined;
  }
}

void BlockClocks::fence(uint32_t warp, bool device_wide) {
  Warp& w = warps_[warp];
  if (w.has_pending) {
    w.knowledge.join(w.pending);
    w.pending = Knowledge();
    w.has_pending = false;
  }
  w.knowledge.block[warp] = w.now;
  w.at_fence = w.knowledge;
  w.fenced = true;
  w.fence_device_wide = device_wide;
  ++w.now;
}

void BlockClocks::add(Knowledge& to, const Flag& flag) const {
  for (const auto& e : flag.published) {
    const uint32_t inside = e.first - first_;
    uint32_t& mine = inside < count_ ? to.block[inside] : to.elsewhere[e.first];
    mine = std::max(mine, e.second);
  }
}

void BlockClocks::load(uint32_t warp, int lane, const Flags& flags, uint64_t address, bool acquires, bool device_wide) {
  const auto found = flags.find(address);
  if (found == flags.end()) return;
  const Flag& flag = found->second;
  if (flag.block != block_ && !(flag.device_wide && device_wide)) return;
  Warp& w = warps_[warp];
  if (acquires) {
    // What lanes of this very warp have released before.
    const auto own = flag.published.find(first_ + warp);
    if (own != flag.published.end() && own->second >= w.together) {
      for (uint32_t& clock : pairs(w)[static_cast<size_t>(lane)]) clock = std::max(clock, own->second + 1);
    }
    // Spinning on a flag acquires again and again.
    uint32_t& seen = w.seen[address];
    if (seen == flag.version) return;
    seen = flag.version;
    add(w.knowledge, flag);
  } else {
    add(w.pending, flag);
    w.has_pending = true;
  }
}

void BlockClocks::store(uint32_t warp, Flags& flags, uint64_t address, bool releases, bool device_wide, bool keeps) {
  static std::atomic<uint32_t> versions{0};
  Warp& w = warps_[warp];
  const Knowledge* what = nullptr;
  if (releases) {
    w.knowledge.block[warp] = w.now;
    what = &w.knowledge;
  } else if (w.fenced) {
    what = &w.at_fence;
    device_wide = device_wide && w.fence_device_wide;
  }
  Flag* flag = nullptr;
  if (what) {
    flag = &flags[address];
  } else {
    const auto found = flags.find(address);
    if (found == flags.end()) return;
    flag = &found->second;
  }
  if (!keeps) flag->published.clear();
  if (what) {
    for (uint32_t i = 0; i < count_; ++i) {
      if (what->block[i] == 0) continue;
      uint32_t& clock = flag->published[first_ + i];
      clock = std::max(clock, what->block[i]);
    }
    for (const auto& e : what->elsewhere) {
      uint32_t& clock = flag->published[e.first];
      clock = std::max(clock, e.second);
    }
    flag->device_wide = device_wide || (keeps && flag->device_wide);
    flag->block = block_;
  }
  flag->version = ++versions;
  if (releases) ++w.now;
}

}  // namespace softcuda
