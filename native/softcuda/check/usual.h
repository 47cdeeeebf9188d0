#pragma once
#include "clocks.h"
#include "launch_checks.h"
#include "shadow.h"

namespace softcuda {

// The usual access of a word: ordered behind whatever used it before. What race_check.cpp finds out and remembers of a word, without the
// detail that a report needs. Made for one operation of a warp, on memory that no copy or library call uses meanwhile.
class Usual {
 public:
  // `now`: of the access, but for lane and bytes.
  Usual(LaunchChecks& launch, const BlockClocks& clocks, uint32_t warp, bool shared, bool writes, const Trace& now)
      : launch_(launch), clocks_(clocks), warp_(warp), first_(shared ? 0 : clocks.first_warp()), shared_(shared), writes_(writes), now_(now) {}

  // An aligned access of `bytes` bytes. `words`: of its memory. False, with nothing changed, where a closer look is due.
  bool remember(Word* words, size_t offset, uint32_t bytes, int lane) {
    const Trace now = now_.by(lane, bytes < 4 ? ((1u << bytes) - 1) << (offset % 4) & 15u : 15u);
    words += offset / 4;
    const uint32_t count = (bytes + 3) / 4;
    for (uint32_t k = 0; k < count; ++k) {
      if (!ordered(words[k], now)) return false;
    }
    for (uint32_t k = 0; k < count; ++k) words[k].remember(now, writes_);
    return true;
  }

 private:
  bool ordered(const Word& word, const Trace& now) {
    if (shared_ && word.flight.operation == now.operation) return false;
    return ordered(word.write, now) && (!writes_ || (ordered(word.read[0], now) && ordered(word.read[1], now)));
  }
  bool ordered(const Trace& other, const Trace& now) {
    if (other.operation == 0) return true;
    if (other.operation != now.operation) return shared_ || launch_.follows(other.operation);
    const uint32_t theirs = other.warp - first_;
    if (theirs != warp_) return clocks_.known(warp_, theirs, other.clock);
    return clocks_.together(warp_, other.clock) || (other.lane() == now.lane() && !other.several());
  }

  LaunchChecks& launch_;
  const BlockClocks& clocks_;
  const uint32_t warp_, first_;
  const bool shared_, writes_;
  const Trace now_;
};

}  // namespace softcuda
