#include "spin.h"

#include <cstring>

#include "program.h"

namespace softcuda {

namespace {

uint64_t mix(uint64_t h, uint64_t v) { return (h ^ v) * 0x9fb21c651e98df25u ^ (h >> 29); }

uint64_t hash(const Warp& w, const Program& p) {
  uint64_t h = 0x243f6a8885a308d3u;
  for (size_t i = 0; i < p.register_file_bytes; i += 8) {
    uint64_t v;
    std::memcpy(&v, w.registers + i, 8);
    h = mix(h, v);
  }
  h = mix(h, static_cast<uint64_t>(w.parked) << 32 | w.waiting);
  h = mix(h, static_cast<uint64_t>(w.live) << 32 | (w.converged ? w.pc : ~0u));
  for (uint32_t i = 0; !w.converged && i < 32; ++i) h = mix(h, w.lane_pc[i]);
  return h;
}

constexpr uint64_t kPatience = 64;  // turns before it is worth looking

}  // namespace

void Spin::turn(const Warp& warp, const Program& program, uint64_t changes) {
  if (++turns_ < kPatience || circles(changes)) return;
  const uint64_t state = hash(warp, program);
  if (changes == changes_ && state == state_ && turns_ > kPatience) {
    circling_ = true;
    return;
  }
  circling_ = false;
  if (changes == changes_ && turns_ < renew_) return;
  state_ = state;
  changes_ = changes;
  renew_ = 2 * turns_;
}

bool Deadlock::all_stuck(uint64_t changes, uint64_t& remembered) {
  constexpr uint64_t kCount = 0xffff;
  const uint64_t mine = (changes + 1) << 16;
  uint64_t seen = stuck_.load();
  if (remembered != mine) {
    uint64_t next;
    do {
      if ((seen & ~kCount) > mine) return false;  // something has changed since, which others found out already
      next = (seen & ~kCount) == mine ? seen + 1 : mine | 1;
    } while (!stuck_.compare_exchange_weak(seen, next));
    seen = next;
    remembered = mine;
  }
  return (seen & ~kCount) == mine && (seen & kCount) == working_.load() && changes_.load() == changes;
}

}  // namespace softcuda
