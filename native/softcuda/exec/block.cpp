#include "block.h"

#include <algorithm>
#include <cstring>

#include "../check/block_checks.h"
#include "../count/counter.h"

// A block: its warps take turns until each waits at a barrier or has ended.
namespace softcuda {

namespace {

// Backward branches of one turn. Few enough that a warp that spins on a flag soon lets the one that sets it run.
constexpr int32_t kTurn = 4096;

uint32_t count(uint32_t mask) { return mask == 0xffffffffu ? 32 : static_cast<uint32_t>(__builtin_popcount(mask)); }

}  // namespace

void Block::prepare(Launch& l) {
  launch = &l;
  const Program& p = *l.program;
  const LaunchConfig& c = *l.config;
  threads = c.block.x * c.block.y * c.block.z;
  const size_t n = (threads + 31) / 32;
  own_shared_bytes = c.dynamic_shared == 0 ? p.static_shared : p.dynamic_shared_offset + c.dynamic_shared;
  shared_bytes = p.reserves_shared ? reserved_begin() + kReserved : own_shared_bytes;
  undefined_shared_bytes = p.reserves_shared ? reserved_begin() : shared_bytes;
  shared.reserve(shared_bytes + 64);
  const size_t stack = p.stack_slack == 0 ? 0 : std::min(kMostStack, std::max(kLeastStack, c.limits.stack)) + p.stack_slack;
  const size_t local_bytes = (p.local_bytes + stack + 15) / 16 * 16;
  local.reserve(n * 32 * local_bytes + 64);
  registers.reserve(n * p.register_file_bytes);
  params.reserve(p.param_bytes + 64);
  if (p.param_bytes) std::memcpy(params.data(), c.params.data(), p.param_bytes);
  if (copies.size() < n) copies.resize(n);
  observers.clear();
  owned_observers.clear();
  warps.assign(n, Warp{});
  spins.assign(n, Spin{});
  if (l.checks) watch(std::make_unique<BlockChecks>(*l.checks, *this));
  if (l.counts) watch(l.counts->observer());
  block_constants.clear();
  for (const auto& k : p.constants) {
    if (k.per_block()) block_constants.push_back(&k);
  }
  for (size_t i = 0; i < n; ++i) {
    Warp& w = warps[i];
    w.registers = registers.data() + i * p.register_file_bytes;
    w.interpreted = p.ops.data();
    w.turn_length = kTurn;
    w.shared = shared.data();
    w.shared_bytes = shared_bytes;
    w.local = local.data() + i * 32 * local_bytes;
    w.local_bytes = local_bytes;
    w.params = params.data();
    w.param_bytes = p.param_bytes;
    w.block = this;
    w.index = static_cast<uint32_t>(i);
    w.copies = copies[i].data();
    for (const auto& k : p.constants) {
      if (!k.per_block()) fill(w, k);
    }
  }
}

void Block::watch(std::unique_ptr<Observer> observer) {
  observers.push_back(observer.get());
  owned_observers.push_back(std::move(observer));
}

void Block::begin(uint64_t block_number) {
  const Dim3& g = launch->config->grid;
  number = block_number;
  index.x = static_cast<uint32_t>(number % g.x);
  index.y = static_cast<uint32_t>(number / g.x % g.y);
  index.z = static_cast<uint32_t>(number / g.x / g.y);
  // What the last block left behind must not look like data.
  if (launch->checks && undefined_shared_bytes) std::memset(shared.data(), 0xff, undefined_shared_bytes);
  // Barriers of cooperative groups lie there and must be open.
  if (launch->program->reserves_shared) std::memset(shared.data() + reserved_begin(), 0, kReserved);
  std::memset(extra_arrivals, 0, sizeof extra_arrivals);
  for (auto& w : warps) {
    const uint32_t here = threads - w.index * 32;
    w.live = here >= 32 ? 0xffffffffu : (1u << here) - 1;
    w.active = w.live;
    w.ops = launch->ops;
    w.parked = w.waiting = 0;
    w.converged = true;
    w.whole = false;
    w.pc = launch->program->entry;
    w.turn = 0;
    w.event = Event::Continue;
    w.copy_count = 0;
    std::memset(w.copy_group, 0, sizeof w.copy_group);
    w.wrote = false;
    for (const Constant* k : block_constants) fill(w, *k);
  }
  for (auto& s : spins) s.reset();
  for (Observer* o : observers) o->block_begins();
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

void Block::release(uint32_t barrier, uint32_t yes, uint32_t arrived, bool all) {
  extra_arrivals[barrier] = 0;
  if (!observers.empty()) {
    uint32_t lanes[32] = {};
    for (const auto& w : warps) {
      if (w.whole) {
        lanes[w.index] = w.whole_barrier == barrier ? w.waiting : 0;
        continue;
      }
      for (uint32_t i = 0; w.waiting != 0 && i < 32; ++i) {
        if ((w.waiting >> i & 1) && w.barrier[i] == barrier) lanes[w.index] |= 1u << i;
      }
    }
    for (Observer* o : observers) o->barrier_opens(barrier, lanes, all);
  }
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

bool Block::release_barriers() {
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
    release(b, yes[b], threads_here[b], needed[b] == 0);
    any = true;
  }
  return any;
}

bool Block::turn(Warp& w, Random* random) {
  if ((w.live & ~w.parked & ~w.waiting) == 0) return false;
  // Turns of any length: a long one lets a warp run ahead of the others as far as barriers allow. Not while counting: where a turn ends
  // decides which of a warp's parted lanes run together.
  if (random && !launch->counts) w.turn_length = 1 << random->below(13);
  w.slept = false;
  launch->run_warp(&w);
  return true;
}

Block::State Block::round(Random* random) {
  bool progress = false, asleep = true, wrote = false;
  uint32_t order[32];
  const auto n = static_cast<uint32_t>(warps.size());
  for (uint32_t i = 0; i < n; ++i) order[i] = i;
  for (uint32_t i = n; random && i > 1; --i) std::swap(order[i - 1], order[random->below(i)]);
  for (uint32_t i = 0; i < n; ++i) {
    Warp& w = warps[order[i]];
    if (!turn(w, random)) continue;
    progress = true;
    asleep &= w.event == Event::Yield;
    wrote |= w.wrote;
    w.wrote = false;
  }
  if (wrote) launch->deadlock.changed();
  const auto alive = [](const Warp& w) { return w.live != 0; };
  if (std::none_of(warps.begin(), warps.end(), alive)) return State::Ended;
  const bool released = release_barriers();
  if (!progress && !released) deadlock();
  if (!asleep || released || wrote) return State::Running;
  bool stuck = true;
  const uint64_t changes = launch->deadlock.changes();
  for (const auto& w : warps) {
    if ((w.live & ~w.parked & ~w.waiting) == 0) continue;
    spins[w.index].turn(w, *launch->program, changes);
    stuck &= spins[w.index].circles(changes);
  }
  stuck_at = changes;
  return stuck ? State::Stuck : State::Asleep;
}

void Block::deadlock() {
  uint32_t at_barrier = 0, parked = 0, live = 0;
  for (const auto& w : warps) {
    at_barrier += count(w.waiting);
    parked += count(w.parked);
    live += count(w.live);
  }
  const uint64_t begun = std::min(launch->next.load(), launch->blocks);
  const std::string what = "deadlock: no thread of the block can go on; of " + std::to_string(live) + " threads " + std::to_string(at_barrier) +
                           " wait at a barrier, " + std::to_string(parked) + " at a warp operation whose other members do not come, " +
                           std::to_string(live - at_barrier - parked) + " go round in a loop that nothing can end (" + std::to_string(begun) + " of " +
                           std::to_string(launch->blocks) + " blocks have begun); one of them:";
  // A thread in a loop says more than those that wait for it.
  for (const bool loops : {true, false}) {
    for (auto& w : warps) {
      const uint32_t waits = w.parked | w.waiting, lanes = loops ? w.live & ~waits : waits;
      if (lanes == 0) continue;
      const int lane = __builtin_ctz(lanes);
      fail_text(&w, w.ops + (w.whole || w.converged ? w.pc : w.lane_pc[lane]), 1u << lane, kLaunchFailed, what.c_str());
    }
  }
  throw Failure(kLaunchFailed, "deadlock in kernel " + launch->program->name);
}

}  // namespace softcuda
