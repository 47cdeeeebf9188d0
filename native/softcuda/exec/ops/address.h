#pragma once
#include "lanes.h"

// Addresses of ld, st, atom and cp.async.
namespace softcuda {
namespace SOFTCUDA_ISA {

enum Space { Flat, Shared, Local, Parameter };

// The first operand of every memory operation is the address register: 32 bits wide for shared memory, else 64.
template <Space space> struct AddressLetter { static constexpr char value = 'x'; };
template <> struct AddressLetter<Shared> { static constexpr char value = 'w'; };

// Fills address[] for all lanes. Whether they may be accessed is not looked at here: with the checks on, an observer has done so
// before the operation runs (observe.h).
template <Space space>
INLINE void addresses(uint32_t slot, int64_t displacement, char* r, const Warp* w, uint64_t* address) {
  if constexpr (space == Flat) {
    const auto a = at<uint64_t>(r, slot);
    LANES address[i] = a[i] + static_cast<uint64_t>(displacement);
  } else {
    const auto base = reinterpret_cast<uint64_t>(space == Shared ? w->shared : space == Local ? w->local : w->params);
    if constexpr (space == Shared) {
      const auto a = at<uint32_t>(r, slot);
      LANES address[i] = base + static_cast<uint32_t>(a[i] + static_cast<uint32_t>(displacement));
    } else {
      const auto a = at<uint64_t>(r, slot);
      const uint64_t pitch = space == Local ? w->local_bytes : 0;
      LANES address[i] = base + a[i] + static_cast<uint64_t>(displacement) + pitch * static_cast<uint64_t>(i);
    }
  }
}

// address[i] == address[0] + i * step for all lanes.
INLINE bool in_steps(const uint64_t* address, uint64_t step) {
#ifndef SOFTCUDA_TRANSLATED
  // Most others are told from these; where the addresses are in vector registers, looking at all costs less than at two.
  if (address[1] - address[0] != step || address[31] - address[0] != 31 * step) return false;
#endif
  uint64_t difference = 0;
  const uint64_t base = address[0];
  LANES difference |= address[i] - base - step * static_cast<uint64_t>(i);
  return difference == 0;
}

// The same for the lanes of `mask`, which is not 0; `base`: where lane 0 is or would be.
INLINE bool in_steps(const uint64_t* address, uint64_t step, uint32_t mask, uint64_t& base) {
  const int first = __builtin_ctz(mask);
  base = address[first] - step * static_cast<uint64_t>(first);
  uint64_t difference = 0;
  const uint64_t begin = base;
  LANES difference |= bit(mask, i) ? address[i] - begin - step * static_cast<uint64_t>(i) : 0;
  return difference == 0;
}

template <class T> INLINE T read(uint64_t address) {
  T v;
  __builtin_memcpy(&v, reinterpret_cast<const void*>(address), sizeof v);
  return v;
}
template <class T> INLINE void write(uint64_t address, T v) { __builtin_memcpy(reinterpret_cast<void*>(address), &v, sizeof v); }

#define EACH_LANE(mask) for (uint32_t rest = (mask), i = 0; rest != 0 && (i = static_cast<uint32_t>(__builtin_ctz(rest)), true); rest &= rest - 1)

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
