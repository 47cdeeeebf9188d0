#pragma once
#include <cstring>

#include "../exec/effect.h"
#include "../exec/warp.h"

namespace softcuda {

inline const uint32_t* words(const Warp& w, uint32_t slot) { return reinterpret_cast<const uint32_t*>(w.registers + slot); }

inline uint64_t address_of(const Warp& w, uint32_t slot, Effect::Space space, int64_t displacement, int lane) {
  if (space == Effect::Shared) return static_cast<uint32_t>(words(w, slot)[lane] + static_cast<uint32_t>(displacement));
  uint64_t a;
  std::memcpy(&a, w.registers + slot + 8 * static_cast<size_t>(lane), 8);
  return a + static_cast<uint64_t>(displacement);
}

}  // namespace softcuda
