#include <sched.h>

#include <cstring>

#include "operations.h"
#include "worker.h"

// A block: its warps take turns until each waits at a barrier or has ended.
namespace softcuda {

namespace {

uint32_t count(uint32_t mask) { return mask == 0xffffffffu ? 32 : static_cast<uint32_t>(__builtin_popcount(mask)); }

}  // namespace

void Worker::prepare(Launch& l) {
  launch = &l;
  const Program& p = *l.program;
  const LaunchConfig& c = *l.config;
  threads = c.block.x * c.block.y * c.block.z;
  const size_t n = (threads + 31) / 32;
  shared_bytes = p.dynamic_shared_offset + c.dynamic_shared;
  if (c.dynamic_shared == 0) shared_bytes = p.static_shared;
  shared.reserve(shared_bytes + 64);
  const size_t local_bytes = (p.local_bytes + 15) / 16 * 16;
  local.reserve(n * 32 * local_bytes + 64);
  registers.reserve(n * p.register_file_bytes);
  params.reserve(p.param_bytes + 64);
  if (p.param_bytes) std::memcpy(params.data(), c.params.data(), p.param_bytes);
  if (l.check) cache.assign(p.ops.size(), AccessCache{0, 0});
  if (copies.size() < n) copies.resize(n);
  block_constants.clear();
  for (const auto& k : p.constants) {
    if (k.per_block()) block_constants.push_back(&k);
  }
  warps.assign(n, Warp{});
  for (size_t i = 0; i < n; ++i) {
    Warp& w = warps[i];
    w.registers = registers.data() + i * p.register_file_bytes;
    w.ops = p.ops.data();
    w.check = l.check;
    w.shared = shared.data();
    w.shared_bytes = shared_bytes;
    w.local = local.data() + i * 32 * local_bytes;
    w.local_bytes = local_bytes;
    w.params = params.data();
    w.param_bytes = p.param_bytes;
    w.cache = cache.data();
    w.worker = this;
    w.index = static_cast<uint32_t>(i);
    w.copies = copies[i].data();
    for (const auto& k : p.constants) {
      if (!k.per_block()) fill(w, k);
    }
  }
}

uint64_t Worker::value(const Warp& w, const Constant& c, uint32_t lane) const {
  const LaunchConfig& config = *launch->config;
  const Dim3 &b = config.block, &g = config.grid;
  const uint32_t linear = w.index * 32 + lane;
  switch (c.kind) {
    case Constant::Bits: return c.bits;
    case Constant::ParamValue: {
      uint64_t v = 0;
      std::memcpy(&v, params.data() + c.bits, static_cast<size_t>(c.param_bytes));
      const int shift = 64 - 8 * c.param_bytes;
      return c.sign ? static_cast<uint64_t>(static_cast<int64_t>(v << shift) >> shift) : v;
    }
    case Constant::TidX: return linear % b.x;
    case Constant::TidY: return linear / b.x % b.y;
    case Constant::TidZ: return linear / b.x / b.y;
    case Constant::NtidX: return b.x;
    case Constant::NtidY: return b.y;
    case Constant::NtidZ: return b.z;
    case Constant::CtaidX: return block.x;
    case Constant::CtaidY: return block.y;
    case Constant::CtaidZ: return block.z;
    case Constant::NctaidX: return g.x;
    case Constant::NctaidY: return g.y;
    case Constant::NctaidZ: return g.z;
    case Constant::LaneId: return lane;
    case Constant::WarpId: return w.index;
    case Constant::NwarpId: return warps.size();
    case Constant::LaneEq: return 1u << lane;
    case Constant::LaneLe: return (2ull << lane) - 1;
    case Constant::LaneLt: return (1u << lane) - 1;
    case Constant::LaneGe: return 0xffffffffu << lane;
    case Constant::LaneGt: return 0xfffffffeull << lane;
    case Constant::DynamicShared: return config.dynamic_shared;
    case Constant::TotalShared: return shared_bytes;
    case Constant::Zero: return 0;
  }
  return 0;
}

void Worker::fill(Warp& w, const Constant& c) {
  char* at = w.registers + c.offset;
  if (c.bytes == 0) {
    *reinterpret_cast<uint32_t*>(at) = static_cast<uint32_t>(c.bits);
    return;
  }
  auto* words = reinterpret_cast<uint32_t*>(at);
  auto* quads = reinterpret_cast<uint64_t*>(at);
  if (c.varies()) {
    for (uint32_t lane = 0; lane < 32; ++lane) words[lane] = static_cast<uint32_t>(value(w, c, lane));
    return;
  }
  const uint64_t v = value(w, c, 0);
  if (c.bytes == 8) {
    for (uint32_t lane = 0; lane < 32; ++lane) quads[lane] = v;
  } else {
    for (uint32_t lane = 0; lane < 32; ++lane) words[lane] = static_cast<uint32_t>(v);
  }
}

void Worker::begin_block(uint64_t number) {
  const Dim3& g = launch->config->grid;
  block.x = static_cast<uint32_t>(number % g.x);
  block.y = static_cast<uint32_t>(number / g.x % g.y);
  block.z = static_cast<uint32_t>(number / g.x / g.y);
  // What the last block left behind must not look like data.
  if (launch->check && shared_bytes) std::memset(shared.data(), 0xff, shared_bytes);
  std::memset(extra_arrivals, 0, sizeof extra_arrivals);
  for (auto& w : warps) {
    const uint32_t here = threads - w.index * 32;
    w.live = here >= 32 ? 0xffffffffu : (1u << here) - 1;
    w.active = w.live;
    w.parked = w.waiting = 0;
    w.converged = true;
    w.whole = false;
    w.pc = 0;
    w.turn = 0;
    w.event = Event::Continue;
    w.copy_count = 0;
    std::memset(w.copy_group, 0, sizeof w.copy_group);
    for (const Constant* k : block_constants) fill(w, *k);
  }
}

namespace {

// Writes the result of bar.red to lane i.
void store_reduction(Warp& w, const Op& op, uint32_t i, uint32_t yes, uint32_t arrived) {
  char* d = w.registers + op.o[3];
  if (op.imm == 1) {
    std::memcpy(d + 4 * i, &yes, 4);
    return;
  }
  uint32_t mask;
  std::memcpy(&mask, d, 4);
  const bool v = op.imm == 2 ? yes == arrived : yes != 0;
  mask = v ? mask | 1u << i : mask & ~(1u << i);
  std::memcpy(d, &mask, 4);
}

}  // namespace

void Worker::release(uint32_t barrier, uint32_t yes, uint32_t arrived) {
  extra_arrivals[barrier] = 0;
  for (auto& w : warps) {
    if (w.whole) {
      if (w.whole_barrier != barrier) continue;
      const Op& op = w.ops[w.pc++];
      for (uint32_t i = 0; op.imm != 0 && i < 32; ++i) {
        if (w.waiting >> i & 1) store_reduction(w, op, i, yes, arrived);
      }
      w.waiting = 0;
      w.whole = false;
      continue;
    }
    for (uint32_t i = 0; w.waiting != 0 && i < 32; ++i) {
      if (!(w.waiting >> i & 1) || w.barrier[i] != barrier) continue;
      const Op& op = w.ops[w.lane_pc[i]++];
      w.waiting &= ~(1u << i);
      if (op.imm != 0) store_reduction(w, op, i, yes, arrived);
    }
  }
}

bool Worker::release_barriers() {
  uint32_t warps_here[16] = {}, threads_here[16] = {}, needed[16] = {}, yes[16] = {};
  uint32_t live = 0, used = 0;
  for (const auto& w : warps) {
    const uint32_t alive = count(w.live);
    live += alive;
    if (w.waiting == 0) continue;
    if (w.whole) {
      const uint32_t b = w.whole_barrier;
      used |= 1u << b;
      threads_here[b] += alive;
      warps_here[b] += 32;
      if (w.whole_count > needed[b]) needed[b] = w.whole_count;
      yes[b] += count(w.barrier_predicate & w.live);
      continue;
    }
    uint32_t in_warp[16] = {};
    for (uint32_t i = 0; i < 32; ++i) {
      if (!(w.waiting >> i & 1)) continue;
      const uint32_t b = w.barrier[i];
      used |= 1u << b;
      ++in_warp[b];
      if (w.barrier_count[i] > needed[b]) needed[b] = w.barrier_count[i];
      yes[b] += w.barrier_predicate >> i & 1;
    }
    // A barrier with a count counts warps: one that is here with all its live lanes counts as 32 threads.
    for (uint32_t b = 0; b < 16; ++b) {
      threads_here[b] += in_warp[b];
      warps_here[b] += in_warp[b] == alive ? 32 : in_warp[b];
    }
  }
  bool any = false;
  for (uint32_t b = 0; used >> b != 0; ++b) {
    if (!(used >> b & 1)) continue;
    const bool complete = needed[b] == 0 ? threads_here[b] == live : warps_here[b] + extra_arrivals[b] >= needed[b];
    if (!complete) continue;
    release(b, yes[b], threads_here[b]);
    any = true;
  }
  return any;
}

void Worker::deadlock() {
  for (auto& w : warps) {
    for (int i = 0; i < 32; ++i) {
      if (!((w.parked | w.waiting) >> i & 1)) continue;
      uint32_t at_barrier = 0, parked = 0, live = 0;
      for (const auto& other : warps) {
        at_barrier += count(other.waiting);
        parked += count(other.parked);
        live += count(other.live);
      }
      const std::string what = "deadlock: no thread of the block can go on; " + std::to_string(at_barrier) + " of " + std::to_string(live) +
                               " wait at a barrier, " + std::to_string(parked) + " at a warp operation whose other members do not come; one of them:";
      fail_text(&w, w.ops + (w.whole ? w.pc : w.lane_pc[i]), 1u << i, kLaunchFailed, what.c_str());
    }
  }
  throw Failure(kLaunchFailed, "deadlock in kernel " + launch->program->name);
}

void Worker::run_block() {
  const RunWarp run_warp = warp_runner();
  for (;;) {
    bool alive = false, progress = false, asleep = true;
    for (auto& w : warps) {
      if (w.live == 0) continue;
      alive = true;
      if ((w.live & ~w.parked & ~w.waiting) == 0) continue;
      progress = true;
      w.slept = false;
      run_warp(&w);
      asleep &= w.event == Event::Yield;
    }
    if (!alive || launch->stop.load(std::memory_order_relaxed)) return;
    const bool released = release_barriers();
    if (!progress && !released) deadlock();
    // Everything here waits for another block: let its thread have the processor.
    if (progress && asleep && !released) sched_yield();
  }
}

void Worker::work(Launch& l) {
  try {
    bool ready = false;
    for (;;) {
      const uint64_t number = l.next.fetch_add(1, std::memory_order_relaxed);
      if (number >= l.blocks || l.stop.load(std::memory_order_relaxed)) return;
      if (!ready) prepare(l);
      ready = true;
      begin_block(number);
      run_block();
    }
  } catch (...) {
    const std::lock_guard<std::mutex> lock(l.mutex);
    if (!l.failure) l.failure = std::current_exception();
    l.stop.store(true);
  }
}

}  // namespace softcuda
