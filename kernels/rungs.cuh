// The ladder of dampings: whether a launch with a higher damping is needed.
#pragma once

#include "rows.cuh"

namespace krongauss {

// Whether each of the launches before has failed: infos [rows][row], 0 where a matrix had an inverse. The same in every thread of
// all blocks, as nobody writes there now. True where there was no launch before.
__device__ __forceinline__ bool all_failed(const int* before, int rows, int row) {
  for (int r = 0; r < rows; r++) {
    int failed = 0;
    for (int k = threadIdx.x % kWarp; k < row; k += kWarp) failed |= before[r * row + k];
    if (!__any_sync(kAll, failed != 0)) return false;
  }
  return true;
}

}  // namespace krongauss
