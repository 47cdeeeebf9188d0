// Damping, Cholesky factorisation and inverse of many symmetric positive definite matrices of any sizes, in one launch.
//
//   A = lower(S) + damping I
//   factor    L_ij = (A_ij - sum_{k<j} L_ik L_jk^T) L_jj^{-T},  i > j;   A_jj - sum_{k<j} L_jk L_jk^T = L_jj L_jj^T
//   inverse   M_ij = ([i = j] I - sum_{j<k<=i} M_ik L_kj) L_jj^{-1}      where M = L^{-1}
//   product   X_ij = sum_{k>=i} M_ki^T M_kj,  i >= j, and its mirror image above the diagonal
//
// tasks     (item, kind, i, j), a 64 x 64 tile each, or a diagonal matrix, in an order in which every task comes after those it
//           reads. Blocks take them one after the other from a counter and wait only for tasks taken before, so that one block
//           alone gets to the end too. A tile has a flag for each 16 of its columns, which others go on with before the rest is
//           there (cholesky_work.cuh)
// rungs     dampings, of which the first is taken with which all items have an inverse, from `first` on (cholesky_rungs.cuh); those
//           behind it are not tried. first > 0: unless the infos of the rung before it, by whomever, have one that is not 0 the launch
//           ends at once without a trace
// shapes    S, X [n][n], or [n] of a diagonal matrix; damping, info, condition [rungs][items]; L and M in packed tiles, lower ones
//           only (packed.cuh). The tile (j, j) of L holds its columns one after the other; backwards, the same tile by rows from its
//           last element on
// aliasing  X is not S, nor another item's X; S is only read, its lower triangle
// launch    256 threads; any number of blocks from 1 on, best as many as the device holds at once
// info      0, or the 1-based column of the first pivot that is not positive and finite. What depends on it is not
//           computed, flags go on saying so, and X is filled with NaN
// condition |A|_F |X|_F, at least cond(A), at most n cond(A); NaN where info > 0, not finite where beyond FP32. Of a diagonal matrix
//           none
// cost      n^3 flops an item, 2 n of a diagonal one. Each product of two tiles reads 32 KB for 0.5 Mflop, mostly from the L2 cache
// bound     |A - L L^T| <= (n + 8) eps |L||L|^T at every condition number; |M L - I| <= (n + 3) eps |M||L|, hence
//           |A X - I| <= c n eps cond(A): (M L)^T M - X is small beside |L^T||M^T||M|, which a residual L M - I would not give.
//           Of a diagonal matrix 3 eps |x|
// source    Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., 10.1 and 14.2; Buttari, Langou, Kurzak,
//           Dongarra, "A class of parallel tiled linear algebra algorithms for multicore architectures" (2009)
//
// The solves are substitutions, not products with inverted diagonal tiles: the residual is then small whatever the
// condition number. That M is solved for from the right (M L = I) and not from the left is what bounds A X - I.
#include "cholesky_diagonal.cuh"
#include "cholesky_product.cuh"
#include "cholesky_rungs.cuh"
#include "cholesky_work.cuh"
#include "diagonal.cuh"
#include "packed.cuh"

using namespace krongauss;

namespace {

__device__ __forceinline__ void add_own(float (&acc)[4][4], const Square& square, int thread) {
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const Pack<4> x = square.quad(own_row(thread) + p, own_column(thread) / 4);
#pragma unroll
    for (int q = 0; q < 4; q++) acc[p][q] += x.v[q];
  }
}

// Tile (i, j) of -A, with -1 on the diagonal beyond the edge; gives the thread's part of the sum of (A / A_00)^2.
__device__ __forceinline__ float load_damped(float (&acc)[4][4], const Item& m, int i, int j, float damping, int thread) {
  const int c = j * kSide + own_column(thread);
  const float scale = 1.0f / (*global(m.S) + damping);
  float sum = 0.0f;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = i * kSide + own_row(thread) + p;
    Pack<4> x = {};
    if (r < m.n) x = load_quad(row_of(global(m.S), r, m.S_stride), c, r + 1, min(m.S_whole, r + 1 & ~3), 0.0f);
#pragma unroll
    for (int q = 0; q < 4; q++) {
      const bool diagonal = c + q == r;
      if (diagonal && r < m.n) x.v[q] += damping;
      const float y = x.v[q] * scale;
      sum = fmaf(diagonal ? y : 2.0f * y, y, sum);
      if (diagonal && r >= m.n) x.v[q] = 1.0f;
      acc[p][q] = -x.v[q];
    }
  }
  return sum;
}

// sum L_ik L_jk^T - A_ij. While the sum is being made, A_ij waits in the square.
__device__ __forceinline__ bool gather_factor(const Work& w, const Item& m, const Task& at, float damping, float (&acc)[4][4],
                                              Shared& shared) {
  const auto row_i = [&] { return m.L + triangle(at.i); };
  const auto row_j = [&] { return m.L + triangle(at.j); };
  const int thread = thread_anew();
  const float sum = fold<Sum, kThreads>(load_damped(acc, m, at.i, at.j, damping, thread));
  put_own(shared.square, acc, thread);
  Parts parts;
  if (thread == 0) w.sums[row_i() + at.j] = sum;
  Product both(along_row<1>(w.tile(row_i()), 0), along_row<1>(w.tile(row_j()), 0), 0, thread_anew(), shared.stages);
  while (both.slab < kSlabs * at.j) {
    const int ready = await(
        w, both.slab, kSlabs * at.j, [&](int t) { return kSlabs * row_i() + t; }, [&](int t) { return kSlabs * row_j() + t; }, shared);
    if (ready == kFailed) return false;
    multiply(parts, both, ready);
  }
  collect(acc, parts);
  add_own(acc, shared.square, thread_anew());
  return true;
}

// sum M_ik L_kj - I, k falling from i: M_ik is there before M_i,k-1, and all of L that is read before M_ii. Of a tile of M the last
// columns are there first.
__device__ __forceinline__ bool gather_inverse(const Work& w, const Item& m, const Task& at, float (&acc)[4][4], Shared& shared) {
  const auto last = [&] { return m.M + triangle(at.i) + at.i; };
  const auto end = [&] { return kSlabs * (at.i - at.j); };
  Parts parts;
  const int first = kSlabs - slabs_of(m.n, at.i);
  Product both(along_row<-1>(w.tile(last()), first), down_column<-1>(w.tile(m.L + at.j), at.i, first), first, thread_anew(), shared.stages);
  while (both.slab < end()) {
    const int ready = await(w, both.slab, end(), [&](int t) { return kSlabs * (last() - t / kSlabs) + t % kSlabs; }, shared);
    if (ready == kFailed) return false;
    multiply(parts, both, ready);
  }
  collect(acc, parts);
  const int thread = thread_anew();
#pragma unroll
  for (int p = 0; p < 4; p++) {
#pragma unroll
    for (int q = 0; q < 4; q++) {
      if (at.i == at.j && own_row(thread) + p == own_column(thread) + q) acc[p][q] = -1.0f;
    }
  }
  return true;
}

// `acc`, solved from the right with L_jj and negated, to the tile `out`; gives the flags that say so.
__device__ __forceinline__ int solve(const Work& w, const Item& m, int j, bool backward, const float (&acc)[4][4], int out,
                                     Shared& shared) {
  put_own(shared.square, acc, thread_anew());
  const int diagonal = backward ? m.backwards + j : m.L + triangle(j) + j;
  return substitute_rows(
      shared.square, shared.columns, w.tile(diagonal), backward ? kSlabs : 0, backward, w.tile(out),
      [&](int part) { return await(w, part, kSlabs, [=](int t) { return kSlabs * diagonal + t; }, shared); },
      [&](int part) { publish(w, out, part, shared); });
}

// L_ij, i >= j; gives the flags that say so.
__device__ __forceinline__ int factor(const Work& w, const Item& m, const Task& at, const float* damping, int* info, Shared& shared) {
  float acc[4][4];
  if (!gather_factor(w, m, at, damping[shared.place], acc, shared)) {
    if (at.i == at.j) fail(w, m.backwards + at.j, 0, shared);
    return 0;
  }
  return at.i == at.j ? factor_diagonal(w, m, at.j, acc, info, shared)
                      : solve(w, m, at.j, false, acc, m.L + triangle(at.i) + at.j, shared);
}

// M_ij likewise. L_jj comes before all that is waited for then.
__device__ __forceinline__ int invert(const Work& w, const Item& m, const Task& at, Shared& shared) {
  const int diagonal = m.backwards + at.j;
  if (await(w, 0, 1, [=](int) { return kSlabs * diagonal; }, shared) == kFailed) return 0;
  const int thread = thread_anew();
  put_columns(shared.columns[0], fetch_columns(w.tile(diagonal), 0, thread), 0, thread);
  __syncthreads();
  float acc[4][4];
  return gather_inverse(w, m, at, acc, shared) ? solve(w, m, at.j, true, acc, m.M + triangle(at.i) + at.j, shared) : 0;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads, 2)
cholesky_f32(const Task* tasks, int count, const Item* items, int matrices, float* tiles, unsigned* flags, float* sums,
             unsigned* done, Control* control, const float* damping, int* info, float* condition, int first, int rungs) {
  if (first > 0 && !any_failed(info + (first - 1) * matrices, matrices)) return;
  __shared__ Shared shared;
  const Work w{tiles, flags, sums, control};
  if (threadIdx.x == 0) begin_rung(first, control->attempt, shared);
  do {
#pragma unroll 1
    for (;;) {
      if (threadIdx.x == 0) shared.drawn = draw(&control->next[shared.rung]);
      __syncthreads();
      if (shared.drawn >= count) break;
      const int item = tasks[shared.drawn].item;
      if (threadIdx.x == 0) {
        shared.task = tasks[shared.drawn];
        shared.place = shared.rung * matrices + item;
        shared.taken++;
      }
      if (threadIdx.x < sizeof(Item) / sizeof(int)) {
        reinterpret_cast<int*>(&shared.item)[threadIdx.x] = reinterpret_cast<const int*>(items + item)[threadIdx.x];
      }
      __syncthreads();
      const Item& m = shared.item;
      const Task& at = shared.task;
      if (at.kind == kProduct) {
        const bool ok = product(w, m, at, damping, shared);
        conclude(w, m, ok, done + at.item, condition, shared);
      } else if (at.kind == kDiagonal) {
        const int failed = invert_diagonal(global(m.S), damping[shared.place], global(m.X), m.n);
        if (threadIdx.x == 0) settle(w, info + shared.place, failed);
      } else {
        const bool inverse = at.kind == kInverse;
        const int published = inverse ? invert(w, m, at, shared) : factor(w, m, at, damping, info, shared);
        fail(w, (inverse ? m.M : m.L) + triangle(at.i) + at.j, published, shared);
        __syncthreads();
      }
    }
  } while (climb(w, first, rungs, matrices, count, info, shared));
  if (threadIdx.x == 0 && arrive(&control->left) == gridDim.x - 1) *control = {shared.attempt};
}
