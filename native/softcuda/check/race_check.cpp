#include <algorithm>
#include <cstring>

#include "block_checks.h"

// Two accesses to the same bytes race when one of them writes, not both are atomic, and nothing orders them. Two stores of the same value
// are a report of their own ("same"), off unless asked for.
namespace softcuda {

namespace {

enum Strength : uint32_t { Plain, InBlock, InDevice };

Strength strength(const Effect& effect) {
  if (effect.order == Effect::Weak) return Plain;
  return effect.scope == Effect::Block ? InBlock : InDevice;
}

bool overlap(const Trace& a, uint32_t bytes) { return a.operation != 0 && (a.bytes() & bytes) != 0; }

}  // namespace

Trace BlockChecks::record(const Use& use, bool shared, uint32_t bytes) const {
  Trace a;
  a.clock = clocks_.now(use.warp->index);
  a.operation = shared ? serial_ : launch_.operation;
  a.warp = shared ? use.warp->index : clocks_.first_warp() + use.warp->index;
  a.detail = (static_cast<uint32_t>(index_of(*use.warp, *use.op)) & Trace::kOp) | strength(*use.effect) << 29;
  return a.by(use.lane, bytes & 15u);
}

bool BlockChecks::ordered(const Use& use, bool shared, const Trace& other) {
  if (shared && other.operation != serial_) return true;
  if (!shared && other.operation != launch_.operation) return launch_.follows(other.operation);
  const uint32_t mine = use.warp->index, first = clocks_.first_warp();
  const uint32_t theirs = shared ? other.warp + first : other.warp;
  if (theirs == first + mine) return clocks_.lanes_ordered(mine, use.lane, static_cast<int>(other.lane()), other.several(), other.clock);
  return clocks_.ordered(mine, theirs, other.clock);
}

// Lanes of one store may write one place when they write the same. Of several lanes the last one stands for all: they were equal.
bool BlockChecks::same_value(const Use& use, const Trace& other) const {
  if (use.effect->kind != Effect::Store || use.effect->elements == 0 || other.op() != (index_of(*use.warp, *use.op) & Trace::kOp)) return false;
  const size_t count = std::max<size_t>(1, use.effect->elements);
  for (size_t k = 1; k <= count; ++k) {
    const size_t width = use.effect->wide ? 8 : 4;
    const char* const values = use.warp->registers + use.op->o[k];
    if (std::memcmp(values + width * static_cast<size_t>(use.lane), values + width * other.lane(), width) != 0) return false;
  }
  return true;
}

// A second store of what is there already, by a thread that nothing orders after the first: whichever comes last, the word is the same.
bool BlockChecks::stores_again(const Use& use, const Place& p, size_t at, const Trace& other) const {
  const auto& effects = block_.launch->program->effects;
  if (use.effect->kind != Effect::Store || use.effect->elements == 0) return false;
  if (other.operation != (p.shared ? serial_ : launch_.operation) || effects[other.op()].kind != Effect::Store) return false;
  char stored[16];
  const size_t width = use.bytes / use.effect->elements, lane = use.effect->wide ? 8 : 4;
  for (size_t k = 0; k < use.effect->elements; ++k) {
    std::memcpy(stored + k * width, use.warp->registers + use.op->o[1 + k] + lane * static_cast<size_t>(use.lane), width);
  }
  const char* const memory = p.shared ? use.warp->shared + p.offset : reinterpret_cast<const char*>(p.address);
  return std::memcmp(stored + at, memory + at, std::min<size_t>(4, use.bytes)) == 0;
}

bool BlockChecks::conflicts(const Use& use, const Place& p, const Trace& other, uint32_t bytes, bool other_writes) {
  if (!overlap(other, bytes) || (!use.write && !other_writes)) return false;
  if (ordered(use, p.shared, other)) return false;
  const Strength mine = strength(*use.effect);
  if (mine != Plain && other.strength() != Plain) {
    const bool same_block = p.shared || (other.operation == launch_.operation && other.warp - clocks_.first_warp() < block_.warps.size());
    if (same_block || (mine == InDevice && other.strength() == InDevice)) return false;
  }
  const uint32_t me = p.shared ? use.warp->index : clocks_.first_warp() + use.warp->index;
  const bool my_warp = other.warp == me && other.operation == (p.shared ? serial_ : launch_.operation);
  return !(my_warp && other_writes && other.clock == clocks_.now(use.warp->index) && same_value(use, other));
}

// More lanes read what the last one has just read.
void BlockChecks::several_read(const Place& p, uint32_t bytes) {
  for (size_t at = 0; at < bytes; at += 4) p.shadow->word(p.offset + at).read[0].detail |= Trace::kSeveral;
}

bool BlockChecks::meets_touches(Shadow& shadow) {
  return shadow.touched() && !shadow.unordered(launch_.operation, [&](uint32_t earlier) { return launch_.follows(earlier); }).empty();
}

// Copies and library calls that nothing orders before this launch.
void BlockChecks::check_touches(const Use& use, const Place& p) {
  for (const Interval& t : p.shadow->unordered(launch_.operation, [&](uint32_t earlier) { return launch_.follows(earlier); })) {
    if (!(use.write || t.write) || !t.overlaps(p.offset, use.bytes)) continue;
    Trace other;
    other.operation = t.operation;
    report_race(use, p, other, t.write ? "write" : "read");
  }
}

void BlockChecks::check_race(const Use& use, const Place& p) {
  if (p.shadow->touched()) check_touches(use, p);
  if (use.bytes <= 4) return check_word(use, p, 0, p.shadow->word(p.offset), ((1u << use.bytes) - 1) << (p.offset % 4));
  for (size_t at = 0; at < use.bytes; at += 4) check_word(use, p, at, p.shadow->word(p.offset + at), 15);
}

void BlockChecks::check_word(const Use& use, const Place& p, size_t at, Word& word, uint32_t bytes) {
  if (p.shared && overlap(word.flight, bytes) && word.flight.operation == serial_) report_race(use, p, word.flight, "cp.async still under way");
  if (conflicts(use, p, word.write, bytes, true)) {
    const bool again = stores_again(use, p, at, word.write);
    if (!again || launch_.same) report_race(use, p, word.write, again ? "write of the same value" : "write");
  }
  const Trace now = record(use, p.shared, bytes);
  if (use.write) {
    for (const Trace& r : word.read) {
      if (conflicts(use, p, r, bytes, false)) report_race(use, p, r, "read");
    }
  }
  word.remember(now, use.write);
}

std::string BlockChecks::describe_other(bool shared, const Trace& other) const {
  const Launch& launch = *block_.launch;
  if (!shared && other.operation != launch_.operation) {
    return launch_.order ? launch_.order->describe(other.operation) : "an earlier operation";
  }
  const uint64_t per_block = block_.warps.size();
  const uint64_t number = shared ? block_.number : other.warp / per_block;
  const Dim3& g = launch.config->grid;
  const std::string block = number == block_.number
                                ? "the same block"
                                : "block (" + std::to_string(number % g.x) + "," + std::to_string(number / g.x % g.y) + "," + std::to_string(number / g.x / g.y) + ")";
  const auto warp = static_cast<uint32_t>(shared ? other.warp : other.warp % per_block);
  return describe_thread(block_, warp * 32 + other.lane()) + (other.several() ? " and others" : "") + " of " + block + "\n  " +
         describe_instruction(*launch.program, other.op());
}

void BlockChecks::report_race(const Use& use, const Place& p, const Trace& other, const char* other_what) {
  const bool again = std::strcmp(other_what, "write of the same value") == 0;
  const std::string advice = again ? "no barrier orders the two stores; leave 'same' out of the checks where that is meant"
                             : p.shared ? "no barrier, __syncwarp or wait orders the two"
                             : other.operation != launch_.operation
                                 ? "no event, stream order or synchronisation orders the two"
                                 : "no barrier, and no release and acquire of a flag, orders the two";
  throw Failure(kLaunchFailed, std::string(again ? "same value stored twice in " : "race in ") + (p.shared ? "shared" : "global") + " memory: " + use.what + " of " + std::to_string(use.bytes) +
                                   " bytes at " + hex(p.address) + "\n  " + describe_place(*use.warp, *use.op, use.lane) + "\n  " + describe_place_of(p) +
                                   "\n  the other access: " + other_what + " by " + describe_other(p.shared, other) + "\n  " + advice);
}

}  // namespace softcuda
