// Rows of a data set that stays on the device, in the order of a permutation: a batch.
//
//   to(i, :) = from(order(i), :)
//
// shapes    order [N] in 0 .. M - 1; from [M][d], to [N][d] of each group, strides and d of their own
// aliasing  to must not overlap from
// launch    256 threads, a warp a row of to; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      no flops, 8 bytes an element of to, 4 a row for each group
// bound     none: bits are copied, those of a NaN too
// limits    a number in order that is no row of from reads beyond it
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Chosen : MatrixGroup {
  float* to;
  const float* from;
  int to_stride;
  int from_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
gather_f32(const __grid_constant__ Groups<Chosen> groups, const int* order) {
  const Chosen& chosen = group_of(groups);
  const auto [row, begin] = strip_of(blockIdx.x - chosen.first, chosen.rows);
  if (row >= chosen.rows) return;
  const float* x = row_of(chosen.from, order[row], chosen.from_stride);
  float* y = row_of(chosen.to, row, chosen.to_stride);
  sweep<4>(threadIdx.x % kWarp, kWarp, begin, min(chosen.columns, begin + kChunk), chosen.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    store<kWide>(y + c, load<kWide>(x + c));
  });
}
