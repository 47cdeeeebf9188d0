#include "block_checks.h"

#include <algorithm>

#include "addresses.h"

namespace softcuda {

namespace {

const char* name_of(Effect::Kind kind) {
  switch (kind) {
    case Effect::Store: return "store";
    case Effect::Atomic: return "atomic operation";
    default: return "load";
  }
}

[[noreturn]] void fail_at(Warp& warp, const Op& op, int lane, int result, const std::string& what, const std::string& where) {
  throw Failure(result, what + "\n  " + describe_place(warp, op, lane) + "\n  " + where);
}

}  // namespace

BlockChecks::BlockChecks(LaunchChecks& launch, Block& block) : launch_(launch), block_(block) {
  last_found_.resize(block.launch->program->ops.size());
  if (launch.init || launch.race) shared_ = std::make_unique<Shadow>(block.shared_bytes, true);
}

void BlockChecks::forget_found() {
  releases_ = launch_.device.releases_in_kernels();
  std::fill(last_found_.begin(), last_found_.end(), Memory::Found());
}

void BlockChecks::block_begins() {
  ++serial_;
  if (launch_.init) shared_->forget(0, block_.undefined_shared_bytes);
  if (!launch_.race) return;
  clocks_.begin(block_.number, static_cast<uint32_t>(block_.warps.size()));
  shared_flags_.clear();
}

void BlockChecks::before(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  switch (effect.kind) {
    case Effect::Load:
    case Effect::Store:
    case Effect::Atomic: return access(warp, op, effect, mask);
    case Effect::AsyncCopy: return issue_copy(warp, op, effect, mask);
    case Effect::AsyncWait: return finish_copies(warp, op, mask);
    case Effect::WarpSync:
    case Effect::Vote:
    case Effect::Shuffle:
      if (launch_.barrier) check_members(warp, op, effect, mask);
      return;
    case Effect::Arrive:
      if (launch_.race) clocks_.arrive(warp.index, words(warp, op.o[0])[__builtin_ctz(mask)]);
      return;
    case Effect::Fence:
      if (launch_.race) clocks_.fence(warp.index, effect.scope == Effect::Device);
      return;
    default: return;
  }
}

void BlockChecks::after(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  if (mask == 0) return;
  const bool together = effect.kind == Effect::WarpSync || effect.kind == Effect::Vote || effect.kind == Effect::Shuffle;
  if (together && launch_.barrier) check_gathered(warp, op, effect, mask);
  // A shuffle or a vote brings lanes together, but orders nothing in memory.
  if (effect.kind != Effect::WarpSync || !launch_.race) return;
  const uint32_t* const members = words(warp, op.o[effect.members]);
  for (uint32_t rest = mask; rest != 0;) {
    const uint32_t group = members[__builtin_ctz(rest)] & mask;
    clocks_.warp_sync(warp.index, group, warp.live);
    rest &= ~(group | (rest & -rest));
  }
}

void BlockChecks::barrier_opens(uint32_t barrier, const uint32_t* lanes, bool all) {
  if (launch_.barrier) check_barrier(lanes, all);
  if (!launch_.race) return;
  uint32_t live[32] = {};
  for (const auto& w : block_.warps) live[w.index] = w.live;
  clocks_.barrier(barrier, lanes, live);
}

// Whether all lanes are in bounds and aligned: the usual case, in a loop that compilers vectorise.
bool BlockChecks::plainly_inside(const Warp& warp, const Op& op, const Effect& effect, uint32_t mask) const {
  if (effect.space == Effect::Parameter) return false;
  const uint32_t crooked = effect.bytes - 1u;
  uint32_t bad = 0;
  if (effect.space == Effect::Shared) {
    if (warp.shared_bytes < effect.bytes) return false;
    const uint32_t* const a = words(warp, op.o[0]);
    const auto displacement = static_cast<uint32_t>(op.imm), last = static_cast<uint32_t>(warp.shared_bytes - effect.bytes);
    for (uint32_t i = 0; i < 32; ++i) {
      const uint32_t at = a[i] + displacement;
      bad |= (static_cast<uint32_t>(at > last || (at & crooked) != 0)) << i;
    }
    return (bad & mask) == 0;
  }
  const Memory::Found& found = last_found_[index_of(warp, op)];
  const uint64_t base = effect.space == Effect::Flat ? found.base : 0, size = effect.space == Effect::Flat ? found.size : warp.local_bytes;
  if (size < effect.bytes) return false;
  const auto* const a = reinterpret_cast<const uint64_t*>(warp.registers + op.o[0]);
  const uint64_t last = size - effect.bytes;
  for (uint32_t i = 0; i < 32; ++i) {
    const uint64_t at = a[i] + static_cast<uint64_t>(op.imm);
    bad |= (static_cast<uint32_t>(at - base > last || (at & crooked) != 0)) << i;
  }
  return (bad & mask) == 0;
}

// Likewise, after a look for the allocation of the first lane where it is not the one that this operation used last.
bool BlockChecks::found_inside(const Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  if (plainly_inside(warp, op, effect, mask)) return true;
  if (effect.space != Effect::Flat) return false;
  const uint64_t first = address_of(warp, op.o[0], effect.space, op.imm, __builtin_ctz(mask));
  return launch_.device.find(first, last_found_[index_of(warp, op)]) && plainly_inside(warp, op, effect, mask);
}

void BlockChecks::access(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  if (launch_.device.releases_in_kernels() != releases_) forget_found();
  mask &= effect.lanes;
  if (mask == 0) return;
  const bool inside = found_inside(warp, op, effect, mask);
  if (inside && (effect.space == Effect::Local || (!launch_.init && !launch_.race))) return;
  Use use{&warp, &op, &effect, 0, effect.bytes, effect.kind != Effect::Store, effect.kind != Effect::Load, name_of(effect.kind)};
  Place p;
  p.shared = effect.space == Effect::Shared;
  if (inside) p.shadow = p.shared ? shared_.get() : last_found_[index_of(warp, op)].shadow;
  const uint64_t base = p.shared || !inside ? 0 : last_found_[index_of(warp, op)].base;
  const bool usual = p.shadow && !(launch_.race && meets_touches(*p.shadow));
  Usual access(launch_, clocks_, warp.index, p.shared, use.write, record(use, p.shared, 0));
  Word* const traces = usual && launch_.race ? p.shadow->words() : nullptr;
  uint64_t addresses[32];
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = __builtin_ctz(rest);
    addresses[lane] = address_of(warp, op.o[0], effect.space, op.imm, lane);
    if (traces && !p.shared) __builtin_prefetch(traces + (addresses[lane] - base) / 4, 1);
  }
  bool watched = false;
  bool first = true, again = false;
  uint64_t previous = 0;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    use.lane = __builtin_ctz(rest);
    const uint64_t address = addresses[use.lane];
    // Many lanes often read one address: once is enough.
    if (!first && address == previous && effect.kind == Effect::Load) {
      if (watched && launch_.race && !again) several_read(p, use.bytes);
      again = true;
      continue;
    }
    first = again = false;
    previous = address;
    if (inside) {
      p.address = address;
      p.offset = address - base;
      watched = p.shadow != nullptr;
      if (usual && (!traces || access.remember(traces, p.offset, use.bytes, use.lane))) {
        if (launch_.init && !p.shadow->plainly_initialised(p.offset, use.bytes)) check_init(use, p);
        continue;
      }
    } else {
      try {
        watched = place(use, effect.space, address, p);
      } catch (const Failure& failure) {
        throw Failure(failure.result, failure.what() + count_others(use, effect.space, rest & (rest - 1)));
      }
    }
    if (watched) check(use, p);
  }
  if (launch_.race && effect.order != Effect::Weak) synchronise(warp, effect, mask, addresses);
}

// How many of the other lanes are out of bounds too.
std::string BlockChecks::count_others(Use use, Effect::Space space, uint32_t mask) {
  int bad = 0;
  for (; mask != 0; mask &= mask - 1) {
    use.lane = __builtin_ctz(mask);
    Place p;
    try {
      place(use, space, address_of(*use.warp, use.op->o[0], space, use.op->imm, use.lane), p);
    } catch (const Failure&) {
      ++bad;
    }
  }
  return bad == 0 ? "" : "\n  " + std::to_string(bad) + " more lane" + (bad > 1 ? "s" : "") + " of the warp failed in the same instruction";
}

// Finds the memory that an address means. False: not memory that is watched (parameters, local memory, host memory).
bool BlockChecks::place(const Use& use, Effect::Space space, uint64_t address, Place& p) {
  Warp& w = *use.warp;
  const bool crooked = (address & (use.bytes - 1)) != 0;  // a power of two
  if (space != Effect::Flat) {
    const uint64_t size = space == Effect::Shared ? w.shared_bytes : space == Effect::Local ? w.local_bytes : w.param_bytes;
    const char* name = space == Effect::Shared ? "shared" : space == Effect::Local ? "local" : "parameter";
    if (launch_.memory && (crooked || address > size || size - address < use.bytes)) {
      fail_at(w, *use.op, use.lane, crooked ? kMisalignedAddress : kIllegalAddress,
              std::string(crooked ? "misaligned" : "out-of-bounds") + " " + use.what + " of " + std::to_string(use.bytes) + " bytes in " + name + " memory",
              "offset " + std::to_string(address) + " (" + hex(address) + "); the " + name + " memory holds " + std::to_string(size) + " bytes");
    }
    p = {space == Effect::Shared, shared_.get(), address, address};
    return space == Effect::Shared && shared_ && address <= size && size - address >= use.bytes;
  }
  Memory::Found& found = last_found_[index_of(w, *use.op)];
  const auto inside = [&] { return found.size >= use.bytes && address - found.base <= found.size - use.bytes; };
  bool good = inside() || (launch_.device.find(address, found) && inside());
  if (!good) {
    // Generic addresses may point into the windows of the block.
    const uint64_t in_shared = address - reinterpret_cast<uint64_t>(w.shared), in_local = address - reinterpret_cast<uint64_t>(w.local);
    if (w.shared_bytes >= use.bytes && in_shared <= w.shared_bytes - use.bytes) {
      return place(use, Effect::Shared, in_shared, p);
    }
    good = w.local_bytes * 32 >= use.bytes && in_local <= w.local_bytes * 32 - use.bytes;
    if (good && !(launch_.memory && crooked)) return false;
  }
  if (launch_.memory && (!good || crooked)) {
    fail_at(w, *use.op, use.lane, crooked ? kMisalignedAddress : kIllegalAddress,
            std::string(crooked ? "misaligned" : "illegal") + " address: " + use.what + " of " + std::to_string(use.bytes) + " bytes at " + hex(address),
            "the address is " + launch_.device.describe(address));
  }
  if (!good) return false;
  p = {false, found.shadow, address - found.base, address};
  return found.shadow != nullptr;
}

void BlockChecks::check(const Use& use, const Place& p) {
  if (launch_.race && p.address % 4 + std::min<uint32_t>(use.bytes, 4) <= 4) check_race(use, p);
  if (launch_.init) check_init(use, p);
}

void BlockChecks::check_init(const Use& use, const Place& p) {
  if (use.read && !p.shadow->initialised(p.offset, use.bytes)) {
    const size_t first = p.shadow->first_uninitialised(p.offset, use.bytes);
    fail_at(*use.warp, *use.op, use.lane, kLaunchFailed,
            std::string("uninitialised ") + (p.shared ? "shared" : "global") + " memory: " + use.what + " of " + std::to_string(use.bytes) + " bytes at " +
                hex(p.address),
            "byte " + std::to_string(first - p.offset) + " of them was never written; " + describe_place_of(p));
  }
  if (use.write) p.shadow->initialise(p.offset, use.bytes);
}

std::string BlockChecks::describe_place_of(const Place& p) const {
  if (p.shared) return "the address is " + std::to_string(p.offset) + " bytes into the block's " + std::to_string(block_.shared_bytes) + " bytes of shared memory";
  return "the address is " + launch_.device.describe(p.address);
}

// Flags: loads and stores that order what other threads do.
void BlockChecks::synchronise(Warp& warp, const Effect& effect, uint32_t mask, const uint64_t* addresses) {
  const bool wide = effect.scope == Effect::Device;
  const bool acquires = effect.order == Effect::Acquire || effect.order == Effect::AcquireRelease;
  const bool releases = effect.order == Effect::Release || effect.order == Effect::AcquireRelease;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = __builtin_ctz(rest);
    const uint64_t address = addresses[lane];
    const uint64_t base = reinterpret_cast<uint64_t>(warp.shared);
    const bool shared = effect.space == Effect::Shared || address - base < warp.shared_bytes;
    Flags& flags = shared ? shared_flags_ : launch_.flags;
    const uint64_t key = effect.space != Effect::Shared && shared ? address - base : address;
    if (effect.kind != Effect::Store) clocks_.load(warp.index, lane, flags, key, acquires, wide);
    if (effect.kind != Effect::Load) clocks_.store(warp.index, flags, key, releases, wide, effect.kind == Effect::Atomic);
  }
}

}  // namespace softcuda
