// Sums over whole matrices.
//
//   reduce_dot_f32      partial[block] = sum of X_ij Y_ij over the block's part of one matrix
//   reduce_sum_f32      out[0] = scale * sum of values
//
// shapes    X, Y [rows][columns], strides of their own; partial [gridDim.x * gridDim.y]; values [count]; out [1]
// aliasing  X may be Y; out must not be one of the values
// launch    reduce_dot: 256 threads, a warp a row, grid (rows / 8, columns / 1024), rounded up; reduce_sum: one block
// order     fixed by shape and layout: the same bits on every run. No atomics
// cost      dot: 2 flops, 8 bytes an element; sum: 4 flops, 4 bytes a value
// bound     dot: 62 eps sum |X_ij Y_ij| (a lane adds at most 8 fours, or 32 single ones, in turn; trees; the sum below);
//           sum: compensated in each thread, then trees: 17 eps sum |values|. Neither grows with the number of terms
// NaN, Inf  a non-finite term makes the result non-finite (the compensation may turn Inf into NaN)
// source    compensation: Kahan, "Further remarks on reducing truncation errors", CACM 1965
#include "rows.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
reduce_dot_f32(const float* X, int X_stride, const float* Y, int Y_stride, int rows, int columns, int whole,
               float* partial) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  float sum = 0;
  if (row < rows) {
    const float* x = row_of(X, row, X_stride);
    const float* y = row_of(Y, row, Y_stride);
    const int begin = blockIdx.y * kChunk;
    sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(columns, begin + kChunk), whole, [&](auto width, int c) {
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
  if (threadIdx.x == 0) partial[blockIdx.y * gridDim.x + blockIdx.x] = sum;
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
