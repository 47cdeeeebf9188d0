// A diagonal tile of cholesky.cu: sum_{k<j} L_jk L_jk^T - A_jj, in registers, is -L_jj L_jj^T.
//
// A and L are negated until L is stored, so that nothing is subtracted. Warp w keeps columns 8w..8w+7, a thread 4 x 4 elements of
// them, in registers. One warp after the other solves its columns, through shared memory: each thread factorises the 8 x 8 block on
// the diagonal for itself, and solves with it two rows, without a wait between columns. Then the warps behind take the eight off
// theirs, and the next one goes on while the others still do so. One barrier for eight columns. Sixteen are stored and their flag is
// released while the next ones are being solved.
//
// A column is multiplied by r, about the inverse root of its pivot p: L_rc L_cc = x p r^2, so that the relative error of r, at
// most 2^-22.9 (PTX ISA, rsqrt.approx), is in the residual twice and once an element only: what is taken off further columns are
// products of elements of L as they are, in one rounding each. With the two roundings of the products with r that is less than
// (k + 6) eps |L||L|^T of the column k.
#pragma once

#include "cholesky_rungs.cuh"

namespace krongauss {

constexpr int kPanel = 8;

// Where row r of column k of a panel lies: so that quads of rows of two columns, four apart, do not meet on the banks.
__device__ __forceinline__ int panel_place(int k, int r) { return k * kSide + (r ^ k / 4 * 16); }

// Columns [first, first + 8) of a tile that has no columns left of them: two rows of one thread, with the block on the diagonal, whose
// rows lie in `panel`, all negated. Gives the 1-based column of the first bad pivot, or 0.
__device__ __forceinline__ int eliminate(float (&rows)[2][kPanel], const float* panel, int first) {
  float block[kPanel][kPanel];
#pragma unroll
  for (int k = 0; k < kPanel; k++) {
#pragma unroll
    for (int q = k / 4 * 4; q < kPanel; q += 4) {
      const Pack<4> y = load_shared(panel + panel_place(k, first + q));
#pragma unroll
      for (int i = 0; i < 4; i++) block[q + i][k] = y.v[i];
    }
  }
  int bad = 0;
#pragma unroll
  for (int j = 0; j < kPanel; j++) {
    const float pivot = -block[j][j];
    if (bad == 0 && !(pivot > 0.0f && pivot <= 0x1.fffffep127f)) bad = first + j + 1;
    const float r = rsqrtf(pivot);
#pragma unroll
    for (int i = j + 1; i < kPanel; i++) {
      block[i][j] *= r;
#pragma unroll
      for (int k = j + 1; k <= i; k++) block[i][k] = fmaf(block[i][j], block[k][j], block[i][k]);
    }
#pragma unroll
    for (int p = 0; p < 2; p++) {
      rows[p][j] *= r;
#pragma unroll
      for (int k = j + 1; k < kPanel; k++) rows[p][k] = fmaf(rows[p][j], block[k][j], rows[p][k]);
    }
  }
  return bad;
}

// The eight columns of one warp, from `acc` to `solved`. Rows above them put numbers without meaning; nobody reads them.
__device__ __forceinline__ void solve_panel(const float (&acc)[4][4], int first, float* solved, int* bad, int thread, Shared& shared) {
  const int lane = thread % kWarp;
#pragma unroll
  for (int q = 0; q < 4; q++) {
    store_shared(shared.panel + panel_place(own_column(thread) % kPanel + q, own_row(thread)),
                 {acc[0][q], acc[1][q], acc[2][q], acc[3][q]});
  }
  __syncwarp();
  float rows[2][kPanel];
#pragma unroll
  for (int k = 0; k < kPanel; k++) {
#pragma unroll
    for (int p = 0; p < 2; p++) rows[p][k] = shared.panel[panel_place(k, kWarp * p + lane)];
  }
  const int first_bad = eliminate(rows, shared.panel, first);
  if (lane == 0) *bad = first_bad;
#pragma unroll
  for (int k = 0; k < kPanel; k++) {
#pragma unroll
    for (int p = 0; p < 2; p++) solved[panel_place(k, kWarp * p + lane)] = rows[p][k];
  }
}

// L_jj in both forms, its columns as they come; gives the flags that say so.
__device__ __forceinline__ int factor_diagonal(const Work& w, const Item& m, int j, float (&acc)[4][4], int* info, Shared& shared) {
  const int thread = thread_anew();
  const int mine = thread / kWarp;
  const int row = own_row(thread);
  const int column = own_column(thread);
  const int tile = m.L + triangle(j) + j;
  float* columns = w.tile(tile);
  const int end = 2 * slabs_of(m.n, j);
#pragma unroll 1
  for (int p = 0; p < end; p++) {
    float* solved = shared.solved[p & 1];
    if (mine == p) solve_panel(acc, kPanel * p, solved, shared.bad + (p & 1), thread, shared);
    __syncthreads();
    // Looked at after the next columns have been brought up to date: the warp whose turn it is does not wait for it.
    const int bad = shared.bad[p & 1];
    if (mine > p && row >= column) {
#pragma unroll
      for (int k = 0; k < kPanel; k++) {
        const Pack<4> l = load_shared(solved + panel_place(k, row));
        const Pack<4> u = load_shared(solved + panel_place(k, column));
#pragma unroll
        for (int i = 0; i < 4; i++) {
#pragma unroll
          for (int q = 0; q < 4; q++) acc[i][q] = fmaf(l.v[i], u.v[q], acc[i][q]);
        }
      }
    }
    if (bad != 0) {
      if (thread == 0) settle(w, info + shared.place, j * kSide + bad);
      fail(w, m.backwards + j, 0, shared);
      return p / 2;
    }
    if (mine != p) continue;
#pragma unroll
    for (int q = 0; q < 4; q++) {
      const Pack<4> l = load_shared(solved + panel_place(column % kPanel + q, row));
#pragma unroll
      for (int i = 0; i < 4; i++) acc[i][q] = l.v[i];
      store(columns + (column + q) * kSide + row, Pack<4>{-l.v[0], -l.v[1], -l.v[2], -l.v[3]});
    }
    __syncwarp();
    if (p % 2 == 1 && thread % kWarp == 0) publish(w, tile, p / 2, shared);
  }
  if (thread == 0 && j == tiles_of(m.n) - 1) settle(w, info + shared.place, 0);
  float* backwards = w.tile(m.backwards + j);
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int q = 0; q < 4; q++) acc[i][q] = column + q > row + i ? 0.0f : -acc[i][q];
    store(backwards + kTileFloats - 4 - (row + i) * kSide - column, Pack<4>{acc[i][3], acc[i][2], acc[i][1], acc[i][0]});
  }
  __syncthreads();
  if (thread == 0) publish(w, m.backwards + j, 0, shared);
  return end / 2;
}

}  // namespace krongauss
