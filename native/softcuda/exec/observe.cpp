#include "observe.h"

#include "block.h"

namespace softcuda {

namespace {

const Op* observed(const Op* op, char* registers, Warp* warp, uint32_t mask, bool full) {
  Block& block = *warp->block;
  const Program& program = *block.launch->program;
  const size_t index = index_of(*warp, *op);
  const Effect& effect = program.effects[index];
  for (Observer* o : block.observers) o->before(*warp, *op, effect, mask);
  const uint32_t parked = warp->parked | mask;
  const Op& plain = program.plain[index];
  const Op* const next = full ? plain.full(op, registers, warp) : plain.masked(op, registers, warp, mask);
  const bool gathers = effect.kind == Effect::WarpSync || effect.kind == Effect::Vote || effect.kind == Effect::Shuffle;
  const uint32_t done = gathers && !full ? parked & ~warp->parked : mask;
  for (Observer* o : block.observers) o->after(*warp, *op, effect, done);
  return next;
}

const Op* observed_full(const Op* op, char* registers, Warp* warp) { return observed(op, registers, warp, warp->active, true); }
const Op* observed_masked(const Op* op, char* registers, Warp* warp, uint32_t mask) { return observed(op, registers, warp, mask, false); }

}  // namespace

const std::vector<Op>& Program::watched(bool every) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<Op>& result = watched_[every];
  if (!result.empty()) return result;
  // Runs of multiply-adds have no effect to look at, but are to be counted one by one.
  result = every ? plain : ops;
  for (size_t i = 0; i < result.size(); ++i) {
    if (!every && effects[i].kind == Effect::None) continue;
    result[i].full = observed_full;
    result[i].masked = observed_masked;
  }
  return result;
}

}  // namespace softcuda
