// Sums over whole matrices.
//
//   reduce_dot_f32         out[0] = sum of X_ij Y_ij over all pairs of matrices
//   reduce_dot_f32__norm   the same, and norm[0] = sum of X_ij^2 with X read once
//   reduce_dot_f32__first_order   the first sum to the scalar block's SLOPE, and the decision on a first-order update (control.cuh)
//   reduce_sum_f32         out[0] = scale * sum of values
//
// shapes    X, Y [rows][columns] of each pair, strides of their own; values [count]; out and norm [1]; partial [2][blocks], the
//           second half for the norm; arrived [1] is 0 before and after
// aliasing  X may be Y; an output must not be one of the inputs
// groups    up to 32 pairs a launch; what more launches add to is finished by the last block of the last one
// launch    reduce_dot: 256 threads, a warp a row, (rows / 8) (columns / 1024) blocks a pair, both rounded up; reduce_sum:
//           one block
// order     fixed by shape and layout: blocks leave their sums, the last one to arrive adds them. The same bits on every run
// cost      dot: 2 flops, 8 bytes an element; norm: 4 flops, 8 bytes; sum: 4 flops, 4 bytes a value
// bound     dot: 62 eps sum |X_ij Y_ij| (a lane adds at most 8 fours, or 32 single ones, in turn; trees; the sum below);
//           sum: compensated in each thread, then trees: 17 eps sum |values|. Neither grows with the number of terms
// NaN, Inf  a non-finite term makes the result non-finite (the compensation may turn Inf into NaN)
// source    compensation: sum.cuh
#include "control.cuh"
#include "flags.cuh"
#include "groups.cuh"
#include "sum.cuh"

using namespace krongauss;

struct Pair : MatrixGroup {
  const float* X;
  const float* Y;
  int X_stride;
  int Y_stride;
};

namespace {

// Blocks of earlier launches are `before`, of all launches `blocks`. True in one thread of the last block, which then has the sums.
template <bool NORM>
__device__ __forceinline__ bool dot(const Groups<Pair>& pairs, float* partial, unsigned* arrived, int before, int blocks,
                                    float& sum, float& square) {
  const Pair& pair = group_of(pairs);
  const auto [row, begin] = strip_of(blockIdx.x - pair.first, pair.rows);
  sum = square = 0;
  if (row < pair.rows) {
    const float* x = row_of(pair.X, row, pair.X_stride);
    const float* y = row_of(pair.Y, row, pair.Y_stride);
    sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(pair.columns, begin + kChunk), pair.whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> a = load<kWide>(x + c);
      const Pack<kWide> b = load<kWide>(y + c);
      float part = a.v[0] * b.v[0];
      float own = a.v[0] * a.v[0];
#pragma unroll
      for (int i = 1; i < kWide; i++) {
        part = fmaf(a.v[i], b.v[i], part);
        own = fmaf(a.v[i], a.v[i], own);
      }
      sum += part;
      square += own;
    });
  }
  sum = fold<Sum, kThreads>(sum);
  if (NORM) square = fold<Sum, kThreads>(square);
  __shared__ bool last;
  if (threadIdx.x == 0) {
    partial[before + blockIdx.x] = sum;
    if (NORM) partial[blocks + before + blockIdx.x] = square;
    last = arrive(arrived) == blocks - 1;
  }
  __syncthreads();
  if (!last) return false;
  sum = sum_of(partial, blocks);
  if (NORM) square = sum_of(partial + blocks, blocks);
  if (threadIdx.x != 0) return false;
  *arrived = 0;  // for the next launch
  return true;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads)
reduce_dot_f32(const __grid_constant__ Groups<Pair> pairs, float* partial, unsigned* arrived, int before, int blocks,
               float* out) {
  float sum, square;
  if (dot<false>(pairs, partial, arrived, before, blocks, sum, square)) out[0] = sum;
}

extern "C" __global__ void __launch_bounds__(kThreads)
reduce_dot_f32__norm(const __grid_constant__ Groups<Pair> pairs, float* partial, unsigned* arrived, int before, int blocks,
                     float* out, float* norm) {
  float sum, square;
  if (!dot<true>(pairs, partial, arrived, before, blocks, sum, square)) return;
  out[0] = sum;
  norm[0] = square;
}

extern "C" __global__ void __launch_bounds__(kThreads)
reduce_dot_f32__first_order(const __grid_constant__ Groups<Pair> pairs, float* partial, unsigned* arrived, int before,
                            int blocks, float* f, float initial, int halveEvery) {
  float sum, square;
  if (!dot<false>(pairs, partial, arrived, before, blocks, sum, square)) return;
  f[SLOPE] = sum;
  decide_first_order(f, initial, halveEvery);
}

extern "C" __global__ void __launch_bounds__(kThreads)
reduce_sum_f32(const float* values, int count, float scale, float* out) {
  const float sum = sum_of(values, count);
  if (threadIdx.x == 0) out[0] = scale * sum;
}
