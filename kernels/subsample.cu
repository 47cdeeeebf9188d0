// Copies of a part of a batch's rows, several of them stacked.
//
//   to_j = from_row(j mod n), row(s) = floor(e N / 8) + s mod c, e = floor(s / c), c = n / 8; row(s) = s where c is 0
//
// The part is the first c rows of each eighth of the batch, so that a batch that lies in some order is met evenly, and reads
// come in runs of rows.
// shapes    from [N][d], to [copies n][d] of each group, strides and d of their own
// aliasing  to must not overlap from
// launch    256 threads, a warp a row of to; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      no flops, 8 bytes an element of to; all copies but one read rows again, from the cache
// bound     none: bits are copied, those of a NaN too
#include "subsample.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
subsample_f32(const __grid_constant__ Groups<Stack> stacks, int N, int n, int c) {
  subsample(stacks, blockIdx.x, N, n, c);
}
