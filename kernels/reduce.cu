// Sums over whole matrices.
//
//   reduce_dot_f32      partial[block] = sum of X_ij Y_ij over the block's part of one pair of matrices
//   reduce_sum_f32      out[0] = scale * sum of values
//
// shapes    X, Y [rows][columns] of each pair, strides of their own; partial [gridDim.x]; values [count]; out [1]
// aliasing  X may be Y; out must not be one of the values
// launch    reduce_dot: 256 threads, a warp a row, (rows / 8) (columns / 1024) blocks a pair, both rounded up; reduce_sum:
//           one block
// order     fixed by shape and layout: the same bits on every run. No atomics
// cost      dot: 2 flops, 8 bytes an element; sum: 4 flops, 4 bytes a value
// bound     dot: 62 eps sum |X_ij Y_ij| (a lane adds at most 8 fours, or 32 single ones, in turn; trees; the sum below);
//           sum: compensated in each thread, then trees: 17 eps sum |values|. Neither grows with the number of terms
// NaN, Inf  a non-finite term makes the result non-finite (the compensation may turn Inf into NaN)
// source    compensation: Kahan, "Further remarks on reducing truncation errors", CACM 1965
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Pair {
  int first;
  int rows;
  int columns;
  int whole;
  const float* X;
  const float* Y;
  int X_stride;
  int Y_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
reduce_dot_f32(const __grid_constant__ Groups<Pair> pairs, float* partial) {
  const Pair& pair = group_of(pairs);
  const int block = blockIdx.x - pair.first;
  const int bands = (pair.rows + kThreads / kWarp - 1) / (kThreads / kWarp);
  const int row = block % bands * (kThreads / kWarp) + threadIdx.x / kWarp;
  float sum = 0;
  if (row < pair.rows) {
    const float* x = row_of(pair.X, row, pair.X_stride);
    const float* y = row_of(pair.Y, row, pair.Y_stride);
    const int begin = block / bands * kChunk;
    sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(pair.columns, begin + kChunk), pair.whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> a = load<kWide>(x + c);
      const Pack<kWide> b = load<kWide>(y + c);
      float part = a.v[0] * b.v[0];
#pragma unroll
      for (int i = 1; i < kWide; i++) part = fmaf(a.v[i], b.v[i], part);
      sum += part;
    });
  }
  sum = fold<Sum, kThreads>(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

extern "C" __global__ void __launch_bounds__(kThreads)
reduce_sum_f32(const float* values, int count, float scale, float* out) {
  float sum = 0;
  float lost = 0;  // what the last addition rounded away, with the sign to be subtracted
  for (int i = threadIdx.x; i < count; i += kThreads) {
    const float y = values[i] - lost;
    const float next = sum + y;
    lost = (next - sum) - y;
    sum = next;
  }
  sum = fold<Sum, kThreads>(sum - lost);
  if (threadIdx.x == 0) out[0] = scale * sum;
}
