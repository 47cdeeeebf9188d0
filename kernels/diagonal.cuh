// The damped inverse of a diagonal matrix, for diagonal.cu and cholesky.cu.
#pragma once

#include <cfloat>

#include "rows.cuh"

namespace krongauss {

// x = 1 / (g + damping), all NaN where an element of g + damping is not positive and finite; g, x [n], n < 2^24. Gives 0, or the 1-based
// index of the first such element. All threads of the block together.
__device__ __forceinline__ int invert_diagonal(const float* g, float damping, float* x, int n) {
  float left = 0.0f;  // elements from the first that fails on, exact below 2^24
  for (int i = threadIdx.x; i < n; i += kThreads) {
    const float pivot = g[i] + damping;
    if (!(pivot > 0.0f && pivot <= FLT_MAX)) left = fmaxf(left, static_cast<float>(n - i));
  }
  left = fold<Maximum, kThreads>(left);
  for (int i = threadIdx.x; i < n; i += kThreads) x[i] = left > 0.0f ? NAN : 1.0f / (g[i] + damping);
  return left > 0.0f ? n - static_cast<int>(left) + 1 : 0;
}

}  // namespace krongauss
