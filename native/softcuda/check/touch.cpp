#include "../exec/options.h"
#include "memory.h"

// Copies, memsets and library calls, as the checks see them.
namespace softcuda {

namespace {

constexpr size_t kRememberedTouches = 256;

[[noreturn]] void report(const Touch& t, const Order* order, uint32_t operation, const char* other, const std::string& where) {
  throw Failure(kLaunchFailed, std::string("race in global memory: ") + t.what + " is " + (t.write ? "written" : "read") + "\n  " + where +
                                   "\n  the other access: " + other + " by " + (order ? order->describe(operation) : "an earlier operation") +
                                   "\n  no event, stream order or synchronisation orders the two");
}

}  // namespace

void Memory::touch(const Touch& t, uint32_t operation, const Order* order) {
  if (t.rows == 0 || t.width == 0) return;
  require(t.address, (t.rows - 1) * t.pitch + t.width, t.what);
  Found found;
  const Options& options = Options::global();
  if (!(options.check_init || options.check_race) || !find(t.address, found) || !found.shadow) return;
  Shadow& shadow = *found.shadow;
  const size_t start = t.address - found.base;
  if (options.check_race && order) {
    const Interval mine{start, t.width, t.pitch, t.rows, t.part, operation, t.write};
    for (const Interval& other : shadow.unordered(operation, [&](uint32_t earlier) { return order->follows(earlier); })) {
      if ((t.write || other.write) && mine.overlaps(other)) report(t, order, other.operation, other.write ? "write" : "read", describe(t.address));
    }
    uint32_t ended = operation;  // the last operation found in order
    const auto clashes = [&](const Trace& a) {
      if (a.operation == 0 || a.operation == operation || a.operation == ended) return false;
      if (!order->follows(a.operation)) return true;
      ended = a.operation;
      return false;
    };
    for (size_t r = 0; shadow.has_words() && r < t.rows; ++r) {
      const auto [begin, end] = piece(t.part, t.width, r);
      for (size_t at = begin; at < end; at += 4) {
        const size_t offset = start + r * t.pitch + at;
        const Word& word = shadow.word(offset);
        const bool reads = t.write && (clashes(word.read[0]) || clashes(word.read[1]));
        if (!clashes(word.write) && !reads) continue;
        const Trace& other = clashes(word.write) ? word.write : clashes(word.read[0]) ? word.read[0] : word.read[1];
        report(t, order, other.operation, &other == &word.write ? "write" : "read", describe(found.base + offset));
      }
    }
    if (shadow.touches() >= kRememberedTouches) {
      shadow.forget_touches([&](const Interval& old) { return order->follows(old.operation); });
    }
    shadow.add(mine);
  }
  if (!options.check_init) return;
  for (size_t r = 0; r < t.rows; ++r) {
    const auto [begin, end] = piece(t.part, t.width, r);
    const size_t offset = start + r * t.pitch + begin;
    if (begin >= end) continue;
    if (t.write) {
      if (!t.may_be_uninitialised) shadow.initialise(offset, end - begin);
    } else if (!t.may_be_uninitialised && !shadow.initialised(offset, end - begin)) {
      throw Failure(kLaunchFailed, std::string("uninitialised global memory: ") + t.what + " is read\n  " +
                                       describe(found.base + shadow.first_uninitialised(offset, end - begin)) + ", which was never written");
    }
  }
}

void Memory::copied(uint64_t to, size_t to_pitch, uint64_t from, size_t from_pitch, size_t width, size_t rows) {
  Found target, source;
  if (!Options::global().check_init || !find(to, target) || !target.shadow) return;
  const bool known = find(from, source) && source.shadow;
  for (size_t r = 0; r < rows; ++r) {
    const size_t offset = to - target.base + r * to_pitch;
    if (known) target.shadow->copy(offset, *source.shadow, from - source.base + r * from_pitch, width);
    else target.shadow->initialise(offset, width);
  }
}

}  // namespace softcuda
