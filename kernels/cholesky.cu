// Damping, Cholesky factorisation and inverse of many symmetric positive definite matrices of any sizes, in one launch.
//
//   A = lower(S) + damping I
//   factor    L_ij = (A_ij - sum_{k<j} L_ik L_jk^T) L_jj^{-T},  i > j;   A_jj - sum_{k<j} L_jk L_jk^T = L_jj L_jj^T
//   inverse   M_ij = ([i = j] I - sum_{j<k<=i} M_ik L_kj) L_jj^{-1}      where M = L^{-1}
//   product   X_ij = sum_{k>=i} M_ki^T M_kj,  i >= j, and its mirror image above the diagonal
//
// tasks     (item, kind, i, j), a 64 x 64 tile each, in an order in which every task comes after those it reads. Blocks
//           take them one after the other from a counter and wait only for tasks taken before, so that one block alone
//           gets to the end too. A tile's flag holds 2 launch + failed, where launch counts the launches of this plan:
//           flags of the launch before mean nothing in this one. The last block to leave moves `launch` on
// shapes    S, X [n][n]; damping, info, condition [row], of an item at its place: between them stand those of matrices that
//           somebody else inverts (diagonal.cu); L and M in packed tiles, lower ones only (packed.cuh). The tile
//           (j, j) of L holds its columns one after the other; backwards, the same tile by rows from its last element on
// aliasing  X is not S, nor another item's X; S is only read, its lower triangle
// launch    256 threads; any number of blocks from 1 on, best as many as the device holds at once
// before    infos [rows][row] of launches before this one, with lower dampings: unless each row has one that is not 0,
//           there is nothing left to do, and the launch ends at once without a trace. Rows 0: always
// info      0, or the 1-based column of the first pivot that is not positive and finite. What depends on it is not
//           computed, flags go on saying so, and X is filled with NaN
// condition |A|_F |X|_F, at least cond(A), at most n cond(A); NaN where info > 0, not finite where beyond FP32
// cost      n^3 flops an item. Each product of two tiles reads 32 KB for 0.5 Mflop, mostly from the L2 cache
// bound     |A - L L^T| <= (n + 8) eps |L||L|^T at every condition number; |M L - I| <= (n + 3) eps |M||L|, hence
//           |A X - I| <= c n eps cond(A): (M L)^T M - X is small beside |L^T||M^T||M|, which a residual L M - I would not give
// source    Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., 10.1 and 14.2; Buttari, Langou, Kurzak,
//           Dongarra, "A class of parallel tiled linear algebra algorithms for multicore architectures" (2009)
//
// The solves are substitutions, not products with inverted diagonal tiles: the residual is then small whatever the
// condition number. That M is solved for from the right (M L = I) and not from the left is what bounds A X - I.
#include "cholesky_diagonal.cuh"
#include "cholesky_work.cuh"
#include "packed.cuh"

using namespace krongauss;

namespace {

// Writes -acc into the square.
__device__ __forceinline__ void put_negated(Square& square, const float (&acc)[4][4]) {
#pragma unroll
  for (int p = 0; p < 4; p++) {
    square.put(4 * quad_y() + p, quad_x(), {-acc[p][0], -acc[p][1], -acc[p][2], -acc[p][3]});
  }
}

// Tile (i, j) of -A, with -1 on the diagonal beyond the edge; gives the thread's part of the sum of (A / A_00)^2.
__device__ __forceinline__ float load_damped(float (&acc)[4][4], const Item& m, int i, int j, float damping) {
  const int c = j * kSide + 4 * quad_x();
  const float scale = 1.0f / (*m.S + damping);
  float sum = 0.0f;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = i * kSide + 4 * quad_y() + p;
    Pack<4> x = {};
    if (r < m.n) x = load_quad(row_of(m.S, r, m.S_stride), c, r + 1, min(m.S_whole, r + 1 & ~3), 0.0f);
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

// A_ij - sum L_ik L_jk^T into the square.
__device__ __forceinline__ bool gather_factor(const Work& w, const Item& m, int i, int j, float damping, Shared& shared) {
  float acc[4][4];
  const float sum = fold<Sum, kThreads>(load_damped(acc, m, i, j, damping));
  const int row_i = m.L + triangle(i);
  const int row_j = m.L + triangle(j);
  if (threadIdx.x == 0) w.sums[row_i + j] = sum;
  const float* p = w.tile(row_i);
  const float* q = w.tile(row_j);
  for (int k = 0; k < j;) {
    const int ready = await(w, k, j, [=](int t) { return row_i + t; }, [=](int t) { return row_j + t; }, shared);
    if (ready == kFailed) return false;
    const auto slab = [](const float* row, int s) { return row + s / kSlabs * kTileFloats + s % kSlabs * kSlab; };
    multiply<true, true>(
        acc, kSlabs * k, kSlabs * ready, [=](int s) { return slab(p, s); }, [=](int s) { return slab(q, s); },
        shared.stages);
    k = ready;
  }
  put_negated(shared.square, acc);
  return true;
}

// I - sum M_ik L_kj into the square, k falling from i: M_ik is there before M_i,k-1, and all of L that is read before M_ii.
__device__ __forceinline__ bool gather_inverse(const Work& w, const Item& m, int i, int j, Shared& shared) {
  float acc[4][4];
#pragma unroll
  for (int p = 0; p < 4; p++) {
#pragma unroll
    for (int q = 0; q < 4; q++) acc[p][q] = i == j && 4 * quad_y() + p == 4 * quad_x() + q ? -1.0f : 0.0f;
  }
  const int row = m.M + triangle(i);
  for (int t = 0; t < i - j;) {
    const int ready = await(w, t, i - j, [=](int at) { return row + i - at; }, shared);
    if (ready == kFailed) return false;
    const int begin = t == 0 ? kSlabs - slabs_of(m.n, i) : kSlabs * t;
    multiply<true, false>(
        acc, begin, kSlabs * ready,
        [=](int s) { return w.tile(row + i - s / kSlabs) + (kSlabs - 1 - s % kSlabs) * kSlab; },
        [=](int s) {
          return w.tile(m.L + triangle(i - s / kSlabs) + j) + (kSlabs - 1 - s % kSlabs) * kSlab * kSide;
        },
        shared.stages);
    t = ready;
  }
  put_negated(shared.square, acc);
  return true;
}

// The square, solved from the right with L_jj, to `out`.
__device__ __forceinline__ bool solve(const Work& w, const Item& m, int j, bool backward, float* out, Shared& shared) {
  const int diagonal = m.L + triangle(j) + j;
  if (await(w, 0, 1, [=](int) { return diagonal; }, shared) == kFailed) return false;
  load_triangle(shared.triangle, w.tile(backward ? m.backwards + j : diagonal));
  __syncthreads();
  substitute_rows(shared.square, shared.triangle, backward);
  __syncthreads();
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = 16 * p + quad_y();
    store(out + r * kSide + 4 * quad_x(), shared.square.quad(r, quad_x()));
  }
  return true;
}

// Stores the tile (i, j) of X and its image; gives the thread's part of the sum of (X A_00)^2.
__device__ __forceinline__ float store_inverse(const float (&acc)[4][4], const Item& m, int i, int j, float scale,
                                               Square& square) {
  const int column = 4 * quad_x();
  float sum = 0.0f;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = i * kSide + 4 * quad_y() + p;
    const Pack<4> x = {acc[p][0], acc[p][1], acc[p][2], acc[p][3]};
    if (r < m.n) store_quad(row_of(m.X, r, m.X_stride), j * kSide + column, m.n, m.X_whole, x);
#pragma unroll
    for (int q = 0; q < 4; q++) {
      const float y = r < m.n && j * kSide + column + q < m.n ? acc[p][q] * scale : 0.0f;
      sum = fmaf(y, y, sum);
    }
  }
  if (i == j) return sum;  // (r, c) and (c, r) have summed the same products in the same order
#pragma unroll
  for (int q = 0; q < 4; q++) square.put(column + q, quad_y(), {acc[0][q], acc[1][q], acc[2][q], acc[3][q]});
  __syncthreads();
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = 4 * quad_y() + p;
    store_quad(row_of(m.X, j * kSide + r, m.X_stride), i * kSide + column, m.n, m.X_whole, square.quad(r, quad_x()));
  }
  return 2.0f * sum;
}

// X_ij. M_kj is there after M_ki.
__device__ __forceinline__ bool product(const Work& w, const Item& m, int i, int j, float damping, Shared& shared) {
  float acc[4][4] = {};
  const int count = tiles_of(m.n) - i;
  bool failed = false;
  for (int t = 0; t < count && !failed;) {
    const int ready = await(w, t, count, [=](int at) { return m.M + triangle(i + at) + j; }, shared);
    failed = ready == kFailed;
    if (failed) break;
    const int end = kSlabs * (ready - 1) + slabs_of(m.n, i + ready - 1);
    const auto slab = [=](int s, int column) {
      return w.tile(m.M + triangle(i + s / kSlabs) + column) + s % kSlabs * kSlab * kSide;
    };
    multiply<false, false>(
        acc, kSlabs * t, end, [=](int s) { return slab(s, i); }, [=](int s) { return slab(s, j); }, shared.stages);
    t = ready;
  }
  if (failed) {
#pragma unroll
    for (int p = 0; p < 4; p++) {
#pragma unroll
      for (int q = 0; q < 4; q++) acc[p][q] = __int_as_float(0x7fc00000);
    }
  }
  const float sum = fold<Sum, kThreads>(store_inverse(acc, m, i, j, *m.S + damping, shared.square));
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

__device__ __forceinline__ Item item_of(const Item* items, int index) {
  const Item m = items[index];
  __builtin_assume(__isGlobal(m.S));
  __builtin_assume(__isGlobal(m.X));
  return m;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads, 2)
cholesky_f32(const Task* tasks, int count, const Item* items, float* tiles, unsigned* flags, float* sums,
             unsigned* done, Control* control, const float* damping, int* info, float* condition, const int* before,
             int rows, int row) {
  if (!all_failed(before, rows, row)) return;
  __shared__ Shared shared;
  const Work w{tasks, tiles, flags, sums, control->launch % kLaunches + 1};
#pragma unroll 1
  for (;;) {
    if (threadIdx.x == 0) shared.task = draw(&control->next);
    __syncthreads();
    if (shared.task >= count) break;
    const Task task = tasks[shared.task];
    const Item m = item_of(items, task.item);
    const float lambda = damping[m.place];
    const int i = task.i;
    const int j = task.j;
    if (task.kind == kProduct) {
      const bool ok = product(w, m, i, j, lambda, shared);
      conclude(w, m, ok, done + task.item, condition == nullptr ? nullptr : condition + m.place, shared);
      continue;
    }
    const bool inverse = task.kind == kInverse;
    const int out = (inverse ? m.M : m.L) + triangle(i) + j;
    bool ok = inverse ? gather_inverse(w, m, i, j, shared) : gather_factor(w, m, i, j, lambda, shared);
    if (ok && !inverse && i == j) {
      ok = factor_diagonal(w, m, j, info + m.place, shared);
    } else if (ok) {
      ok = solve(w, m, j, inverse, w.tile(out), shared);
    }
    __syncthreads();
    if (threadIdx.x == 0) release(flags + out, 2 * w.launch + (ok ? 0 : 1));
  }
  if (threadIdx.x == 0 && arrive(&control->left) == gridDim.x - 1) {
    control->next = 0;
    control->left = 0;
    control->launch = w.launch;
  }
}
