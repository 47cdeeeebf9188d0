// How much of a moving average the past keeps as a batch enters: counted on the device, so that a launch replayed from a
// graph enters the next batch, not the captured one once more.
//
//   beta = min(1 - 1/k, decay)     k = 1 for the first batch: a plain mean at first, so that the start has no bias
//
// batches [2] or null for beta = decay: the batches that are in the average, and the blocks of this launch that have their
// beta, 0 before and after. Every block of a matrix looks; the last one to have looked counts the batch, for the next launch.
// The host clears both to forget the past. A further chunk of rows of the same batch looks and does not count.
#pragma once

#include "flags.cuh"

namespace krongauss {

// Long before, 1 - 1/k has become 1 and beta the decay; a count does not overflow.
constexpr unsigned kMostBatches = 1u << 30;

// Every rounding is that of IEEE: 1/k and the difference. restart [1] or null: an int that makes beta 0 where it is positive.
__device__ __forceinline__ float weight_of_past(const unsigned* batches, bool counted, float decay, const int* restart) {
  if (restart != nullptr && *restart > 0) return 0.0f;
  if (batches == nullptr) return decay;
  const unsigned k = *batches + (counted ? 0 : 1);
  return fminf(1.0f - 1.0f / static_cast<float>(k), decay);
}

// Called by all threads of each of the `blocks` of a matrix after they have looked.
__device__ __forceinline__ void count_batch(unsigned* batches, int blocks) {
  __syncthreads();
  if (threadIdx.x != 0 || arrive(batches + 1) != blocks - 1) return;
  batches[1] = 0;
  batches[0] = min(batches[0] + 1, kMostBatches);
}

}  // namespace krongauss
