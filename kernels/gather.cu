// Rows of a data set that stays on the device, in the order of permutations: the next batch.
//
//   to(i, :) = from(order(i), :)      order = orders + floor(k / B) M + (k mod B) N      k' = (k + 1) mod (P B),  B = floor(M / N)
//
// Which batch it is, k, stands on the device and goes on by itself, so that a captured launch gathers another one each time.
// shapes    orders [P][M], each 0 .. M - 1; from [M][d], to [up to N][d] of each group, strides and d of their own; next [2]: k, and
//           a counter that is 0 before and after
// aliasing  to must not overlap from
// launch    256 threads, a warp a row of to; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// order     the last block to arrive goes on to k', when all have read k
// cost      no flops, 8 bytes an element of to, 4 a row for each group
// bound     none: bits are copied, those of a NaN too
// limits    a number in orders that is no row of from reads beyond it
#include "flags.cuh"
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Chosen : MatrixGroup {
  float* to;
  const float* from;
  int to_stride;
  int from_stride;
};

// count is P B.
extern "C" __global__ void __launch_bounds__(kThreads)
gather_f32(const __grid_constant__ Groups<Chosen> groups, const int* orders, int M, int N, int count, unsigned* next) {
  const Chosen& chosen = group_of(groups);
  const auto [row, begin] = strip_of(blockIdx.x - chosen.first, chosen.rows);
  const int k = static_cast<int>(next[0]);
  if (row < chosen.rows) {
    const int batches = M / N;
    const int* order = orders + static_cast<long long>(k / batches) * M + k % batches * N;
    const float* x = row_of(chosen.from, order[row], chosen.from_stride);
    float* y = row_of(chosen.to, row, chosen.to_stride);
    sweep<4>(threadIdx.x % kWarp, kWarp, begin, min(chosen.columns, begin + kChunk), chosen.whole, [=](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      store<kWide>(y + c, load<kWide>(x + c));
    });
  }
  __syncthreads();
  if (threadIdx.x != 0 || arrive(next + 1) != groups.blocks - 1) return;
  next[0] = k + 1 == count ? 0 : k + 1;
  next[1] = 0;  // for the next launch
}
