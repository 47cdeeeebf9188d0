// The last stage of cholesky.cu: X_ij = sum_{k>=i} M_ki^T M_kj with its image, and what the sums of all tiles give, the condition.
#pragma once

#include "cholesky_work.cuh"

namespace krongauss {

// Stores the tile (i, j) of X and its image; gives the thread's part of the sum of (X A_00)^2.
__device__ __forceinline__ float store_inverse(const float (&acc)[4][4], const Item& m, int i, int j, float scale,
                                               Square& square, int thread) {
  const int column = 4 * quad_x(thread);
  float sum = 0.0f;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = i * kSide + 4 * quad_y(thread) + p;
    const Pack<4> x = {acc[p][0], acc[p][1], acc[p][2], acc[p][3]};
    if (r < m.n) store_quad(row_of(global(m.X), r, m.X_stride), j * kSide + column, m.n, m.X_whole, x);
#pragma unroll
    for (int q = 0; q < 4; q++) {
      const float y = r < m.n && j * kSide + column + q < m.n ? acc[p][q] * scale : 0.0f;
      sum = fmaf(y, y, sum);
    }
  }
  if (i == j) return sum;
#pragma unroll
  for (int q = 0; q < 4; q++) square.put(column + q, quad_y(thread), {acc[0][q], acc[1][q], acc[2][q], acc[3][q]});
  __syncthreads();
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = 4 * quad_y(thread) + p;
    const Pack<4> x = square.quad(r, quad_x(thread));
    store_quad(row_of(global(m.X), j * kSide + r, m.X_stride), i * kSide + column, m.n, m.X_whole, x);
  }
  return 2.0f * sum;
}

// The thread's elements of the square; of a symmetric one, whose halves may be rounded apart, those of the lower half.
__device__ __forceinline__ void load_product(float (&acc)[4][4], const Square& square, bool symmetric, int thread) {
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const Pack<4> x = square.quad(4 * quad_y(thread) + p, quad_x(thread));
#pragma unroll
    for (int q = 0; q < 4; q++) acc[p][q] = x.v[q];
  }
  if (!symmetric || quad_x(thread) < quad_y(thread)) return;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const Pack<4> x = square.quad(4 * quad_x(thread) + p, quad_y(thread));
#pragma unroll
    for (int q = 0; q < 4; q++) {
      if (quad_x(thread) > quad_y(thread) || p > q) acc[q][p] = x.v[q];
    }
  }
}

// X_ij. M_kj is there after M_ki.
__device__ __forceinline__ bool product(const Work& w, const Item& m, int i, int j, const float* damping, Shared& shared) {
  Parts parts;
  const int count = tiles_of(m.n) - i;
  bool failed = false;
  for (int t = 0; t < count;) {
    const int ready = await(w, t, count, [=](int at) { return kSlabs * (m.M + triangle(i + at) + j) + kSlabs - 1; }, shared);
    failed = ready == kFailed;
    if (failed) break;
    const int end = kSlabs * (ready - 1) + slabs_of(m.n, i + ready - 1);
    const auto place = [=](int s) { return triangle(i + (s >> 2)) * kTileFloats + (s & 3) * kStage; };
    multiply<false, false>(parts, kSlabs * t, end, w.tile(m.M + i), place, w.tile(m.M + j), place, shared.stages);
    t = ready;
  }
  float acc[4][4];
  collect(acc, parts);
  const int thread = thread_anew();
  put_own(shared.square, acc, thread);
  __syncthreads();
  load_product(acc, shared.square, i == j, thread);
  __syncthreads();
  if (failed) {
#pragma unroll
    for (int p = 0; p < 4; p++) {
#pragma unroll
      for (int q = 0; q < 4; q++) acc[p][q] = __int_as_float(0x7fc00000);
    }
  }
  const float sum = fold<Sum, kThreads>(store_inverse(acc, m, i, j, *global(m.S) + damping[m.place], shared.square, thread));
  if (threadIdx.x == 0) w.sums[m.M + triangle(i) + j] = sum;
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
  if (condition != nullptr) *condition = ok ? sqrtf(A) * sqrtf(X) : __int_as_float(0x7fc00000);
}

}  // namespace krongauss
