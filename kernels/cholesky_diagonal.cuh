// A diagonal tile of cholesky.cu: S_jj - sum_{k<j} L_jk L_jk^T, in the shared square, is L_jj L_jj^T.
//
// A thread keeps a quarter of a row in registers. Columns are eliminated one after the other, 16 at a time; a column goes through
// shared memory, in two buffers by turns so that one barrier a column is enough. They are divided by the roots of the pivots at
// the end.
#pragma once

#include "cholesky_work.cuh"

namespace krongauss {

// Columns 16 block .. 16 block + 15 of the elimination of the tile. Thread t has row t % 64 and the columns from
// 16 (t / 64) on; x stays unscaled, the pivots are kept. Gives the 1-based column of a bad pivot, or 0.
__device__ __forceinline__ int eliminate(float (&x)[16], int block, Shared& shared) {
  const int r = threadIdx.x % kSide;
  const int mine = threadIdx.x / kSide;
  int bad = 0;
#pragma unroll
  for (int j = 0; j < 16; j++) {
    if (bad != 0) continue;
    float* c = shared.column[j & 1];
    if (mine == block) c[r] = x[j];  // rows above j put numbers without meaning; nobody reads them
    __syncthreads();
    const float pivot = c[16 * block + j];
    if (!(pivot > 0.0f && pivot <= 0x1.fffffep127f)) {
      bad = 16 * block + j + 1;
      continue;
    }
    if (threadIdx.x == 0) shared.pivot[16 * block + j] = pivot;
    if (mine < block) continue;
    const float f = c[r] / pivot;
#pragma unroll
    for (int q = 0; q < 16; q += 4) {
      const Pack<4> y = load<4>(c + 16 * mine + q);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (mine > block || q + i > j) x[q + i] = fmaf(-f, y.v[i], x[q + i]);
      }
    }
  }
  return bad;
}

// L_jj from the square, in both forms.
__device__ __forceinline__ bool factor_diagonal(const Work& w, const Item& m, int j, int* info, Shared& shared) {
  const int r = threadIdx.x % kSide;
  const int mine = threadIdx.x / kSide;
  if (threadIdx.x < kSide) shared.pivot[threadIdx.x] = 1.0f;  // beyond the edge
  __syncthreads();
  float x[16];
#pragma unroll
  for (int q = 0; q < 4; q++) {
    const Pack<4> y = shared.square.quad(r, 4 * mine + q);
#pragma unroll
    for (int i = 0; i < 4; i++) x[4 * q + i] = y.v[i];
  }
  int bad = 0;
#pragma unroll 1
  for (int block = 0; block < slabs_of(m.n, j) && bad == 0; block++) bad = eliminate(x, block, shared);
  if (threadIdx.x == 0 && bad != 0) *info = j * kSide + bad;
  if (bad != 0) return false;
  if (threadIdx.x == 0 && j == tiles_of(m.n) - 1) *info = 0;
  __syncthreads();
  float* columns = w.tile(m.L + triangle(j) + j);
#pragma unroll
  for (int i = 0; i < 16; i++) {
    const int c = 16 * mine + i;
    x[i] = c <= r ? x[i] / sqrtf(shared.pivot[c]) : 0.0f;
    columns[c * kSide + r] = x[i];
  }
#pragma unroll
  for (int q = 0; q < 4; q++) {
    shared.square.put(r, 4 * mine + q, {x[4 * q], x[4 * q + 1], x[4 * q + 2], x[4 * q + 3]});
  }
  __syncthreads();
  float* backwards = w.tile(m.backwards + j);
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int row = 16 * p + quad_y();
    store(backwards + kTileFloats - 4 - row * kSide - 4 * quad_x(), reversed(shared.square.quad(row, quad_x())));
  }
  return true;
}

}  // namespace krongauss
