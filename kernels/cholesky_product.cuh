// The last stage of cholesky.cu: X_ij = sum_{k>=i} M_ki^T M_kj with its image, and what the sums of all tiles give, the condition.
#pragma once

#include "cholesky_work.cuh"

namespace krongauss {

// Stores the tile (i, j) of X and its image; gives the thread's part of the sum of (X A_00)^2. A tile on the diagonal is its own
// image to the bit, as both are the same sums of the same products.
__device__ __forceinline__ float store_inverse(const float (&acc)[4][4], const Item& m, int i, int j, float scale, int thread) {
  const int r = i * kSide + own_row(thread);
  const int c = j * kSide + own_column(thread);
  float sum = 0.0f;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    if (r + p < m.n) store_quad(row_of(global(m.X), r + p, m.X_stride), c, m.n, m.X_whole, {acc[p][0], acc[p][1], acc[p][2], acc[p][3]});
#pragma unroll
    for (int q = 0; q < 4; q++) {
      const float y = r + p < m.n && c + q < m.n ? acc[p][q] * scale : 0.0f;
      sum = fmaf(y, y, sum);
    }
  }
  if (i == j) return sum;
#pragma unroll
  for (int q = 0; q < 4; q++) {
    store_quad(row_of(global(m.X), c + q, m.X_stride), r, m.n, m.X_whole, {acc[0][q], acc[1][q], acc[2][q], acc[3][q]});
  }
  return 2.0f * sum;
}

// X_ij. M_kj is there after M_ki.
__device__ __forceinline__ bool product(const Work& w, const Item& m, const Task& at, const float* damping, Shared& shared) {
  Parts parts;
  const auto count = [&] { return tiles_of(m.n) - at.i; };
  bool failed = false;
  const auto operand = [&](int column) { return down_column<1>(w.tile(m.M + column), at.i, 0); };
  Product both(operand(at.i), operand(at.j), 0, thread_anew(), shared.stages);
  for (int t = 0; t < count();) {
    const int ready =
        await(w, t, count(), [&](int k) { return kSlabs * (m.M + triangle(at.i + k) + at.j) + kSlabs - 1; }, shared);
    failed = ready == kFailed;
    if (failed) break;
    multiply(parts, both, kSlabs * (ready - 1) + slabs_of(m.n, at.i + ready - 1));
    t = ready;
  }
  float acc[4][4];
  collect(acc, parts);
  if (failed) {
#pragma unroll
    for (int p = 0; p < 4; p++) {
#pragma unroll
      for (int q = 0; q < 4; q++) acc[p][q] = __int_as_float(0x7fc00000);
    }
  }
  const float sum = fold<Sum, kThreads>(store_inverse(acc, m, at.i, at.j, *global(m.S) + damping[shared.place], thread_anew()));
  if (threadIdx.x == 0) w.sums[m.M + triangle(at.i) + at.j] = sum;
  return !failed;
}

// The block that finishes an item's last product sums up what all tiles have left.
__device__ __forceinline__ void conclude(const Work& w, const Item& m, bool ok, unsigned* done, float* condition,
                                         Shared& shared) {
  const int count = triangle(tiles_of(m.n));
  if (threadIdx.x == 0) shared.ready = arrive(done) == count - 1;
  __syncthreads();
  if (shared.ready == 0) return;
  float A = 0.0f;
  float X = 0.0f;
  for (int t = threadIdx.x; ok && t < count; t += kThreads) {
    A += w.sums[m.L + t];
    X += w.sums[m.M + t];
  }
  A = fold<Sum, kThreads>(A);
  X = fold<Sum, kThreads>(X);
  if (threadIdx.x != 0) return;
  *done = 0;
  if (condition != nullptr) condition[shared.place] = ok ? sqrtf(A) * sqrtf(X) : __int_as_float(0x7fc00000);
}

}  // namespace krongauss
