#include "counter.h"

#include <algorithm>
#include <cstring>

namespace softcuda {

namespace {

const uint32_t* words(const Warp& w, uint32_t slot) { return reinterpret_cast<const uint32_t*>(w.registers + slot); }

uint32_t count(uint32_t mask) { return static_cast<uint32_t>(__builtin_popcount(mask)); }

template <class F>
void each_lane(uint32_t lanes, F f) {
  for (; lanes != 0; lanes &= lanes - 1) f(static_cast<uint32_t>(__builtin_ctz(lanes)));
}

void flat_addresses(const Warp& w, uint32_t slot, int64_t displacement, uint64_t* addresses) {
  std::memcpy(addresses, w.registers + slot, 32 * sizeof *addresses);
  for (int i = 0; i < 32; ++i) addresses[i] += static_cast<uint64_t>(displacement);
}

void shared_addresses(const Warp& w, uint32_t slot, int64_t displacement, uint32_t* addresses) {
  for (int i = 0; i < 32; ++i) addresses[i] = words(w, slot)[i] + static_cast<uint32_t>(displacement);
}

// Operations that wait for other lanes count when these are there.
bool gathers(const Effect& e) { return e.kind == Effect::WarpSync || e.kind == Effect::Vote || e.kind == Effect::Shuffle; }

bool is(const Op& op, const char* key) { return op.masked == find_operation(key)->masked; }

}  // namespace

CountPlan::CountPlan(const Program& program) : steps(program.plain.size()) {
  const size_t n = steps.size();
  for (size_t begin = 0, end = 1; begin < n; begin = end++) {
    while (end < n && !program.begins[end]) ++end;
    // The instruction counts where it begins: a warp issues it even if no thread's guard holds.
    size_t counted = begin, works = end - 1;
    for (size_t i = begin; i < end; ++i) {
      steps[i].traits = classify(program.text[i]);
      const Op& op = program.plain[i];
      if (gathers(program.effects[i])) counted = i;
      if (is(op, "#guard.p") || is(op, "#guard.n")) works = std::min(works, i + 1);
      if (!steps[i].traits.branch) continue;
      if (is(op, "#bra.p") || is(op, "#bra.n")) steps[i].branch = Step::ByPredicate;
      else if (is(op, "#brx")) steps[i].branch = Step::ByIndex;
    }
    steps[counted].counted = true;
    steps[works].works = true;
  }
}

const CountPlan& Program::counting() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!count_plan_) count_plan_ = std::make_shared<CountPlan>(*this);
  return *count_plan_;
}

void Counter::block_begins() {
  if (tally_.path) tally_.path->block_begins();
}

void Counter::block_ends() {
  if (tally_.path) tally_.path->block_ends();
}

void Counter::before(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  const size_t i = index_of(warp, op);
  const CountPlan::Step& step = plan_.steps[i];
  if (gathers(effect)) return;
  Tally::Runs& runs = tally_.runs[i];
  ++runs.warps;
  runs.threads += count(mask);
  if (tally_.path) tally_.path->step(warp, i, op, mask & effect.lanes);
  switch (effect.kind) {
    case Effect::None:
      if (step.branch != CountPlan::Step::NoBranch) branch(warp, op, mask, step.branch);
      return;
    case Effect::Load:
    case Effect::Store:
    case Effect::Atomic: return access(warp, op, effect, mask & effect.lanes, step.traits);
    case Effect::AsyncCopy: return copy(warp, op, effect, mask);
    default: return;
  }
}

void Counter::after(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  if (mask == 0 || !gathers(effect)) return;
  const size_t i = index_of(warp, op);
  Tally::Runs& runs = tally_.runs[i];
  ++runs.warps;
  runs.threads += count(mask);
  if (tally_.path) tally_.path->step(warp, i, op, mask);
}

void Counter::barrier_opens(uint32_t, const uint32_t*, bool) {
  ++tally_.memory.barriers;
  if (tally_.path) tally_.path->barrier_opens();
}

void Counter::branch(const Warp& warp, const Op& op, uint32_t mask, CountPlan::Step::Branch kind) {
  ++tally_.memory.branches;
  const uint32_t* const operand = words(warp, op.o[0]);
  bool parts = false;
  if (kind == CountPlan::Step::ByPredicate) {
    const uint32_t taken = *operand & mask;
    parts = taken != 0 && taken != mask;
  } else {
    const uint32_t first = operand[__builtin_ctz(mask)];
    each_lane(mask, [&](uint32_t lane) { parts |= operand[lane] != first; });
  }
  tally_.memory.divergent_branches += parts;
}

void Counter::access(const Warp& warp, const Op& op, const Effect& effect, uint32_t lanes, const Traits& traits) {
  const uint64_t requested = uint64_t{count(lanes)} * effect.bytes;
  const bool atomic = effect.kind == Effect::Atomic;
  if (effect.space == Effect::Parameter || traits.constant) {
    tally_.memory.constant_bytes += requested;
    return;
  }
  if (effect.space == Effect::Local) {
    tally_.memory.local_bytes += requested;
    return;
  }
  uint32_t in_shared[32];
  if (effect.space == Effect::Shared) {
    shared_addresses(warp, op.o[0], op.imm, in_shared);
    return shared(in_shared, lanes, effect.bytes, atomic);
  }
  uint64_t addresses[32];
  flat_addresses(warp, op.o[0], op.imm, addresses);
  if (traits.generic) {
    // A generic address may point into the windows of the block.
    uint32_t shared_lanes = 0, local_lanes = 0;
    each_lane(lanes, [&](uint32_t lane) {
      const uint64_t from_shared = addresses[lane] - reinterpret_cast<uint64_t>(warp.shared);
      in_shared[lane] = static_cast<uint32_t>(from_shared);
      if (from_shared < warp.shared_bytes) shared_lanes |= 1u << lane;
      else if (addresses[lane] - reinterpret_cast<uint64_t>(warp.local) < 32 * warp.local_bytes) local_lanes |= 1u << lane;
    });
    if (shared_lanes != 0) shared(in_shared, shared_lanes, effect.bytes, atomic);
    tally_.memory.local_bytes += uint64_t{count(local_lanes)} * effect.bytes;
    lanes &= ~(shared_lanes | local_lanes);
  }
  uint32_t bytes[32];
  std::fill_n(bytes, 32, uint32_t{effect.bytes});
  global(addresses, lanes, bytes, effect.kind != Effect::Store, effect.kind != Effect::Load);
}

void Counter::copy(const Warp& warp, const Op& op, const Effect& effect, uint32_t lanes) {
  uint32_t to[32], bytes[32];
  uint64_t from[32];
  shared_addresses(warp, op.o[0], static_cast<int32_t>(op.imm), to);
  flat_addresses(warp, op.o[1], op.imm >> 32, from);
  shared(to, lanes, effect.bytes, false);
  // Bytes beyond those to read are zero-filled.
  uint32_t reading = 0;
  each_lane(lanes, [&](uint32_t lane) {
    bytes[lane] = std::min<uint32_t>(words(warp, op.o[2])[lane], effect.bytes);
    if (bytes[lane] != 0) reading |= 1u << lane;
    tally_.memory.async_copy_bytes += bytes[lane];
  });
  global(from, reading, bytes, true, false);
}

void Counter::global(const uint64_t* addresses, uint32_t lanes, const uint32_t* bytes, bool reads, bool writes) {
  if (lanes == 0) return;
  Sectors sectors;
  uint64_t requested = 0;
  each_lane(lanes, [&](uint32_t lane) {
    requested += bytes[lane];
    sectors.add(addresses[lane], bytes[lane]);
  });
  if (reads) traffic(sectors, requested, tally_.memory.load, tally_.read);
  if (writes) traffic(sectors, requested, tally_.memory.store, tally_.written);
}

void Counter::traffic(const Sectors& sectors, uint64_t requested, Counters::Traffic& counted, Touched& touched) {
  ++counted.requests;
  counted.requested_bytes += requested;
  counted.unique_bytes += sectors.bytes();
  counted.sectors += sectors.count();
  counted.lines += sectors.lines();
  sectors.each([&](uint64_t sector, uint32_t bytes) { touched.add(sector, bytes); });
  if (tally_.path) tally_.path->moved(sectors.count());
}

void Counter::shared(const uint32_t* addresses, uint32_t lanes, uint32_t bytes, bool apart) {
  if (lanes == 0) return;
  const Wavefronts w = wavefronts(addresses, lanes, bytes, apart);
  Counters& m = tally_.memory;
  ++m.shared_requests;
  m.shared_bytes += uint64_t{count(lanes)} * bytes;
  m.shared_wavefronts += w.taken;
  m.shared_ideal_wavefronts += w.ideal;
  if (tally_.path) tally_.path->shared(w.taken);
}

LaunchCounts::LaunchCounts(const Program& program, bool path) : program_(program), plan_(program.counting()) {
  if (path) path_ = std::make_unique<PathPlan>(program, plan_);
}

std::unique_ptr<Observer> LaunchCounts::observer() {
  const std::lock_guard<std::mutex> lock(mutex_);
  tallies_.emplace_back();
  tallies_.back().runs.resize(program_.plain.size());
  if (path_) tallies_.back().path = std::make_unique<Path>(*path_, model_of(Options::global().gpu), written_);
  return std::make_unique<Counter>(plan_, tallies_.back());
}

Counters LaunchCounts::total(const LaunchConfig& config) const {
  Counters c;
  Touched read, written;
  for (const Tally& t : tallies_) {
    c.add(t.memory);
    read.add(t.read);
    written.add(t.written);
    for (size_t i = 0; i < t.runs.size(); ++i) {
      const CountPlan::Step& step = plan_.steps[i];
      const Tally::Runs& runs = t.runs[i];
      const Traits& traits = step.traits;
      if (step.counted) {
        c.warp_instructions[static_cast<int>(traits.kind)] += runs.warps;
        c.thread_instructions[static_cast<int>(traits.kind)] += runs.threads;
      }
      if (!step.works) continue;
      if (traits.special) c.special += runs.threads;
      (traits.tf32 ? c.flops_matrix_tf32 : c.flops_matrix_half) += traits.matrix_flops * runs.warps;
      if (traits.flops == 0) continue;
      uint64_t& flops = traits.kind == InstructionClass::Float32 ? c.flops_f32 : traits.kind == InstructionClass::Float64 ? c.flops_f64 : c.flops_half;
      flops += traits.flops * runs.threads;
    }
  }
  c.launches = 1;
  c.blocks = uint64_t{config.grid.x} * config.grid.y * config.grid.z;
  c.threads = c.blocks * config.block.x * config.block.y * config.block.z;
  c.least_read_bytes = read.bytes();
  c.least_written_bytes = written.bytes();
  return c;
}

double LaunchCounts::longest() const {
  double longest = 0;
  for (const Tally& t : tallies_) longest = std::max(longest, t.path ? t.path->longest() : 0);
  return longest;
}

}  // namespace softcuda
