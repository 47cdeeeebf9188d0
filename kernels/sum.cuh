// Sums in a fixed order whose error does not grow with the number of terms.
#pragma once

#include "rows.cuh"

namespace krongauss {

// A sum of one thread that carries what its additions rounded away: 2 eps of the sum of magnitudes, however many terms.
// Source: Kahan, "Further remarks on reducing truncation errors", CACM 1965.
struct CompensatedSum {
  float sum = 0;
  float lost = 0;  // what the last addition rounded away, with the sign to be subtracted

  __device__ __forceinline__ void add(float x) {
    const float y = x - lost;
    const float next = sum + y;
    lost = (next - sum) - y;
    sum = next;
  }

  __device__ __forceinline__ float value() const { return sum - lost; }
};

// The block's sum of values, in all threads.
__device__ __forceinline__ float sum_of(const float* values, int count) {
  CompensatedSum sum;
  for (int i = threadIdx.x; i < count; i += kThreads) sum.add(values[i]);
  return fold<Sum, kThreads>(sum.value());
}

}  // namespace krongauss
