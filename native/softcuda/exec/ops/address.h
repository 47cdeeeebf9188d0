#pragma once
#include "lanes.h"

// Addresses of ld, st, atom and cp.async, with their checks.
namespace softcuda {
namespace SOFTCUDA_ISA {

enum Space { Flat, Shared, Local, Parameter };

// The first operand of every memory operation is the address register: 32 bits wide for shared memory, else 64.
template <Space space> struct AddressLetter { static constexpr char value = 'x'; };
template <> struct AddressLetter<Shared> { static constexpr char value = 'w'; };

// Bit i: lane i's access of `bytes` at offset[i] leaves [0, size) or is misaligned.
INLINE uint32_t outside(const uint64_t* offset, uint64_t size, uint32_t bytes, uint64_t bias) {
  if (size < bytes) return ~0u;
  const uint64_t last = size - bytes;
  alignas(64) int32_t t[32];
  LANES t[i] = offset[i] - bias > last || (offset[i] & (bytes - 1)) != 0 ? -1 : 0;
  return to_mask(t);
}

// Fills address[] for all lanes; `bytes` is the whole access of one lane (a power of two).
template <Space space>
INLINE void addresses(const Op* op, uint32_t slot, int64_t displacement, char* r, Warp* w, uint32_t mask, uint32_t bytes, uint64_t* address, const char* what) {
  if constexpr (space == Flat) {
    const auto a = at<uint64_t>(r, slot);
    LANES address[i] = a[i] + static_cast<uint64_t>(displacement);
    if (w->check) {
      const AccessCache& c = w->cache[op - w->ops];
      if (outside(address, c.size, bytes, c.base) & mask) check_flat(w, op, mask, address, bytes, what);
    }
  } else {
    if constexpr (space == Shared) {
      const auto a = at<uint32_t>(r, slot);
      LANES address[i] = static_cast<uint32_t>(a[i] + static_cast<uint32_t>(displacement));
    } else {
      const auto a = at<uint64_t>(r, slot);
      LANES address[i] = a[i] + static_cast<uint64_t>(displacement);
    }
    const uint64_t size = space == Shared ? w->shared_bytes : space == Local ? w->local_bytes : w->param_bytes;
    if (w->check && (outside(address, size, bytes, 0) & mask)) {
      fail_window(w, op, mask, address, bytes, space == Shared ? "shared" : space == Local ? "local" : "parameter", size);
    }
    const auto base = reinterpret_cast<uint64_t>(space == Shared ? w->shared : space == Local ? w->local : w->params);
    const uint64_t pitch = space == Local ? w->local_bytes : 0;
    LANES address[i] += base + pitch * static_cast<uint64_t>(i);
  }
}

// address[i] == address[0] + i * step for all lanes.
INLINE bool in_steps(const uint64_t* address, uint64_t step) {
  if (address[1] - address[0] != step || address[31] - address[0] != 31 * step) return false;
  uint64_t difference = 0;
  const uint64_t base = address[0];
  LANES difference |= address[i] - base - step * static_cast<uint64_t>(i);
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
