#include <algorithm>

#include "addresses.h"
#include "block_checks.h"

// cp.async: what is under way, and has come.
namespace softcuda {

void BlockChecks::issue_copy(Warp& warp, const Op& op, const Effect& effect, uint32_t mask) {
  const uint32_t* const reads = words(warp, op.o[2]);
  Use use{&warp, &op, &effect, 0, effect.bytes, false, true, "cp.async"};
  const Trace writing = record(use, true, 15);
  Usual into(launch_, clocks_, warp.index, true, true, writing), out_of(launch_, clocks_, warp.index, false, false, record(use, false, 15));
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    use = {&warp, &op, &effect, __builtin_ctz(rest), effect.bytes, false, true, "cp.async"};
    const int lane = use.lane;
    Place to;
    const bool watched = place(use, Effect::Shared, address_of(warp, op.o[0], Effect::Shared, static_cast<int32_t>(op.imm), lane), to);
    if (watched && launch_.race) {
      if (!into.remember(to.shadow->words(), to.offset, use.bytes, lane)) check_race(use, to);
      const Trace now = writing.by(lane, 15);
      for (size_t at = 0; at < use.bytes; at += 4) to.shadow->word(to.offset + at).flight = now;
    }
    // Until the wait the bytes are whatever they will be.
    if (watched && launch_.init) to.shadow->forget(to.offset, use.bytes);
    if (reads[lane] == 0) continue;
    Place from;
    use.read = true;
    use.write = false;
    // Alignment is that of the whole copy, although fewer bytes may be read.
    if (!place(use, Effect::Flat, address_of(warp, op.o[1], Effect::Flat, op.imm >> 32, lane), from)) continue;
    use.bytes = std::min(use.bytes, reads[lane]);
    if (!launch_.race) continue;
    const bool usual = !from.shared && !meets_touches(*from.shadow) && out_of.remember(from.shadow->words(), from.offset, use.bytes, lane);
    if (!usual) check_race(use, from);
  }
}

void BlockChecks::finish_copies(Warp& warp, const Op& op, uint32_t mask) {
  if (!shared_) return;
  Effect effect;
  effect.kind = Effect::AsyncCopy;
  Memory::Found found;  // of the lane before
  for (uint32_t k = 0; k < warp.copy_count; ++k) {
    const AsyncCopy& c = warp.copies[k];
    for (uint32_t rest = c.mask & mask; rest != 0; rest &= rest - 1) {
      const int lane = __builtin_ctz(rest);
      if (op.imm >= 0 && static_cast<int64_t>(c.group) + op.imm >= static_cast<int64_t>(warp.copy_group[lane])) continue;
      const Use use{&warp, c.op, &effect, lane, c.bytes, false, true, "cp.async"};
      const size_t to = c.target[lane];
      if (launch_.race) {
        const Trace now = record(use, true, 15);
        for (size_t at = 0; at < c.bytes; at += 4) {
          Word& word = shared_->word(to + at);
          word.flight = Trace();
          word.write = now;
        }
      }
      if (!launch_.init) continue;
      shared_->initialise(to, c.bytes);
      if (c.valid[lane] == 0) continue;
      const uint64_t from = c.source[lane];
      const bool again = found.size >= c.valid[lane] && from - found.base <= found.size - c.valid[lane];
      if ((again || launch_.device.find(from, found)) && found.shadow) shared_->copy(to, *found.shadow, from - found.base, c.valid[lane]);
    }
  }
}

}  // namespace softcuda
