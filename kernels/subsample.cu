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
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Stack : MatrixGroup {
  float* to;
  const float* from;
  int to_stride;
  int from_stride;
};

// N rows of the batch, n of the part, c of each eighth or 0.
extern "C" __global__ void __launch_bounds__(kThreads)
subsample_f32(const __grid_constant__ Groups<Stack> stacks, int N, int n, int c) {
  const Stack& stack = group_of(stacks);
  const auto [row, begin] = strip_of(blockIdx.x - stack.first, stack.rows);
  if (row >= stack.rows) return;
  const int s = row % n;
  const int source = c == 0 ? s : static_cast<int>(static_cast<long long>(s / c) * N / 8) + s % c;
  const float* x = row_of(stack.from, source, stack.from_stride);
  float* y = row_of(stack.to, row, stack.to_stride);
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(stack.columns, begin + kChunk), stack.whole, [=](auto width, int k) {
    constexpr int kWide = decltype(width)::value;
    store<kWide>(y + k, load<kWide>(x + k));
  });
}
