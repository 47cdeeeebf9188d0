// Counts of up to 2^53 events in device memory: two words, which need not be neighbours. The low one stands where a count of 32
// bits would, so that who only reads that sees the count modulo 2^32.
#pragma once

namespace krongauss {

// One event more.
__device__ __forceinline__ void count(int* low, int* high) {
  const unsigned next = static_cast<unsigned>(*low) + 1u;
  *low = static_cast<int>(next);
  if (next == 0) *high += 1;
}

// The count; `high` may be null for a count of 32 bits.
__device__ __forceinline__ unsigned long long counted(const int* low, const int* high) {
  const unsigned long long upper = high == nullptr ? 0u : static_cast<unsigned>(*high);
  return upper << 32 | static_cast<unsigned>(*low);
}

}  // namespace krongauss
