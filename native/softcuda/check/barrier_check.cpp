#include "block_checks.h"

// Barriers and the operations of a whole warp: who must be there, and is.
namespace softcuda {

namespace {

const uint32_t* members_of(const Warp& w, const Op& op, const Effect& effect) {
  return reinterpret_cast<const uint32_t*>(w.registers + op.o[effect.members]);
}

// Whether the lanes of `mask` have one value.
bool all_equal(const uint32_t* values, uint32_t mask) {
  const uint32_t value = values[__builtin_ctz(mask)];
  uint32_t other = 0;
  for (uint32_t i = 0; i < 32; ++i) other |= static_cast<uint32_t>(values[i] != value) << i;
  return (other & mask) == 0;
}

std::string lanes(uint32_t mask) { return hex(mask); }

// The lane that shfl.sync reads; -1: its own value, the amount leads outside its segment.
int shuffle_source(Effect::ShuffleMode mode, int lane, uint32_t b, uint32_t c) {
  const int segment = static_cast<int>(c >> 8 & 31), clamp = static_cast<int>(c & 31), amount = static_cast<int>(b & 31);
  const int last = (lane & segment) | (clamp & ~segment);
  const int source = mode == Effect::Up          ? lane - amount
                     : mode == Effect::Down      ? lane + amount
                     : mode == Effect::Butterfly ? lane ^ amount
                                                 : (lane & segment) | (amount & ~segment);
  const bool inside = mode == Effect::Up ? source >= last : source <= last;
  return inside ? source & 31 : -1;
}

}  // namespace

void BlockChecks::check_members(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  const uint32_t* const members = members_of(warp, op, effect);
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = __builtin_ctz(rest);
    if (members[lane] >> lane & 1) continue;
    const std::string what = "barrier: a lane that executes a *.sync operation is not in its own member mask " + lanes(members[lane]);
    fail_text(&warp, &op, 1u << lane, kLaunchFailed, what.c_str());
  }
}

// The lanes of `mask` have come together.
void BlockChecks::check_gathered(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  const uint32_t* const members = members_of(warp, op, effect);
  const bool equal = all_equal(members, mask);
  if (equal && (effect.kind != Effect::Shuffle || (mask & members[0]) == ~0u)) return;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = __builtin_ctz(rest);
    for (uint32_t with = equal ? 0 : mask & members[lane]; with != 0; with &= with - 1) {
      const int other = __builtin_ctz(with);
      if (members[other] == members[lane]) continue;
      const std::string what = "barrier: lane " + std::to_string(lane) + " names the lanes " + lanes(members[lane]) + ", of which lane " +
                               std::to_string(other) + " names " + lanes(members[other]) + ": the member masks must be equal";
      fail_text(&warp, &op, 1u << lane, kLaunchFailed, what.c_str());
    }
    if (effect.kind != Effect::Shuffle) continue;
    const auto* const amounts = reinterpret_cast<const uint32_t*>(warp.registers + op.o[3]);
    const auto* const clamps = reinterpret_cast<const uint32_t*>(warp.registers + op.o[4]);
    const int source = shuffle_source(effect.shuffle, lane, amounts[lane], clamps[lane]);
    if (source < 0 || ((mask & members[lane]) >> source & 1)) continue;
    const std::string what = "barrier: a shuffle reads lane " + std::to_string(source) + ", which does not take part (lanes here: " + lanes(mask) +
                             ", member mask: " + lanes(members[lane]) + "); the value is undefined";
    fail_text(&warp, &op, 1u << lane, kLaunchFailed, what.c_str());
  }
}

void BlockChecks::check_barrier(const uint32_t* waiting, bool all) {
  uint32_t expected = 0, here = 0;
  const Op* first = nullptr;
  for (auto& w : block_.warps) {
    const uint32_t lanes_here = waiting[w.index];
    const uint32_t exist = block_.threads - w.index * 32;
    expected += exist >= 32 ? 32 : exist;
    here += static_cast<uint32_t>(__builtin_popcount(lanes_here));
    const Op* in_warp = nullptr;
    for (uint32_t rest = lanes_here; rest != 0; rest &= rest - 1) {
      const int lane = __builtin_ctz(rest);
      const Op* const op = w.ops + (w.whole ? w.pc : w.lane_pc[lane]);
      if (in_warp == nullptr) in_warp = op;
      if (first == nullptr) first = op;
      const bool differs = op != in_warp || (all && op != first);
      if (!differs) continue;
      const std::string what = std::string("barrier: threads of one ") + (op != in_warp ? "warp" : "block") +
                               " wait at different barrier instructions; another waits at " + describe_instruction(*block_.launch->program, index_of(w, *first));
      fail_text(&w, op, 1u << lane, kLaunchFailed, what.c_str());
    }
  }
  if (!all || here == expected) return;
  for (auto& w : block_.warps) {
    if (waiting[w.index] == 0) continue;
    const std::string what = "barrier: " + std::to_string(expected - here) + " of the block's " + std::to_string(expected) +
                             " threads have ended and never come to this barrier";
    fail_text(&w, first, waiting[w.index], kLaunchFailed, what.c_str());
  }
}

}  // namespace softcuda
