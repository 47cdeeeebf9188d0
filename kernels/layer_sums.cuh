// Sums over the elements of each layer, where a launch takes several layers and a layer several blocks.
#pragma once

#include "flags.cuh"
#include "groups.cuh"
#include "sum.cuh"

namespace krongauss {

// Folds the threads' values of this block and leaves the sums in partial [K][blocks]; the last block of a layer to arrive adds
// them, in the order of the blocks. True in one thread of that block, whose values are the layer's sums then. arrived [groups] is 0
// before and after.
template <int K, class Layer>
__device__ __forceinline__ bool layer_sums(const Groups<Layer>& layers, const Layer& layer, float (&values)[K], float* partial,
                                           unsigned* arrived) {
#pragma unroll
  for (int k = 0; k < K; k++) values[k] = fold<Sum, kThreads>(values[k]);
  const int l = static_cast<int>(&layer - layers.item);
  const int end = l + 1 < layers.count ? layers.item[l + 1].first : layers.blocks;
  const int blocks = end - layer.first;
  __shared__ bool last;
  if (threadIdx.x == 0) {
#pragma unroll
    for (int k = 0; k < K; k++) partial[k * layers.blocks + blockIdx.x] = values[k];
    last = arrive(arrived + l) == blocks - 1;
  }
  __syncthreads();
  if (!last) return false;
#pragma unroll
  for (int k = 0; k < K; k++) values[k] = sum_of(partial + k * layers.blocks + layer.first, blocks);
  if (threadIdx.x != 0) return false;
  arrived[l] = 0;  // for the next launch
  return true;
}

}  // namespace krongauss
