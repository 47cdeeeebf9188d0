// Products and sums in double, for residuals: a tile of 32 x 32 by 256 threads, folds of a warp and of a block.
//
//   acc[row][column] += sum_k A(row, k) B(column, k),    k in [0, inner)
//
//   thread t      column t % 32, rows 4 (t / 32) .. 4 (t / 32) + 3 of the tile: acc[4]
//   shared        one stage of [32 inner][32 outer] doubles an operand, rows of 33: an operand that lies along the inner index is
//                 stored along columns, two words apart for neighbours
//   summation     one chain over k in rising order for each element, in double: inner eps64 of sum |A||B|, eps64 = 2^-53
//   edges         elements outside of an operand count as 0 and are not read
#pragma once

#include "rows.cuh"

namespace krongauss {

constexpr int kSide = 32;

// An operand of floats or doubles, indexed (outer, inner): along the inner index at p[o stride + k], else at p[k stride + o].
template <class T, bool INNER>
struct Wide {
  const T* p;
  int stride;
  int outer;
};

struct WideBuffers {
  double a[kSide][kSide + 1];
  double b[kSide][kSide + 1];
};

// Launches of work that turned out not to be needed leave at once; null where that cannot be.
__device__ __forceinline__ bool stopped(const int* stop) { return stop != nullptr && *stop != 0; }

template <class T, bool INNER>
__device__ __forceinline__ void stage(double (&cells)[kSide][kSide + 1], const Wide<T, INNER>& x, int outer0, int k0, int inner) {
  const int v = threadIdx.x % kSide;
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const int u = threadIdx.x / kSide + 8 * i;
    const int o = INNER ? u : v;
    const int k = INNER ? v : u;
    const bool inside = outer0 + o < x.outer && k0 + k < inner;
    const long long at = INNER ? static_cast<long long>(outer0 + o) * x.stride + k0 + k : static_cast<long long>(k0 + k) * x.stride + outer0 + o;
    cells[k][o] = inside ? static_cast<double>(x.p[at]) : 0.0;
  }
}

// All threads of the block call it together.
template <class TA, bool A, class TB, bool B>
__device__ __forceinline__ void multiply(double (&acc)[4], const Wide<TA, A>& a, const Wide<TB, B>& b, int row0, int column0,
                                         int inner, WideBuffers& shared) {
  const int column = threadIdx.x % kSide;
  const int row = 4 * (threadIdx.x / kSide);
#pragma unroll 1
  for (int k0 = 0; k0 < inner; k0 += kSide) {
    stage(shared.a, a, row0, k0, inner);
    stage(shared.b, b, column0, k0, inner);
    __syncthreads();
    const int end = min(kSide, inner - k0);
#pragma unroll 4
    for (int k = 0; k < end; k++) {
      const double y = shared.b[k][column];
#pragma unroll
      for (int i = 0; i < 4; i++) acc[i] = fma(shared.a[k][row + i], y, acc[i]);
    }
    __syncthreads();
  }
}

// Calls body(row, column, value) for this thread's elements of the tile that lie inside [rows][columns].
template <class Body>
__device__ __forceinline__ void each(const double (&acc)[4], int row0, int column0, int rows, int columns, Body body) {
  const int c = column0 + threadIdx.x % kSide;
  if (c >= columns) return;
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const int r = row0 + 4 * (threadIdx.x / kSide) + i;
    if (r < rows) body(r, c, acc[i]);
  }
}

// The same value in every lane of the warp, in the order of a butterfly.
__device__ __forceinline__ double fold_warp(double x) {
#pragma unroll
  for (int d = kWarp / 2; d > 0; d /= 2) x += __shfl_xor_sync(kAll, x, d);
  return x;
}

// The block's sum in all threads.
__device__ __forceinline__ double fold_block(double x) {
  __shared__ double parts[kThreads / kWarp];
  x = fold_warp(x);
  if (threadIdx.x % kWarp == 0) parts[threadIdx.x / kWarp] = x;
  __syncthreads();
  x = parts[0];
#pragma unroll
  for (int i = 1; i < kThreads / kWarp; i++) x += parts[i];
  __syncthreads();  // the next fold writes the same cells
  return x;
}

}  // namespace krongauss
