// The moving average of the gradients, one expression for all kernels that need it, so that its bits agree.
#pragma once

#include "rows.cuh"

namespace krongauss {

// mu m + (1 - mu) g of W elements at m. Where mu is 0 that is g to the bit, and m is not read.
template <int W>
__device__ __forceinline__ Pack<W> averaged(float mu, const float* m, const Pack<W>& g) {
  if (mu == 0.0f) return g;
  Pack<W> x = load<W>(m);
#pragma unroll
  for (int i = 0; i < W; i++) x.v[i] = fmaf(mu, x.v[i], (1.0f - mu) * g.v[i]);
  return x;
}

}  // namespace krongauss
