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

// What `p` points to is in global memory, which the compiler cannot see where `p` comes from shared memory.
template <class T>
__device__ __forceinline__ T* global(T* p) {
  __builtin_assume(__isGlobal(p));
  return p;
}

__device__ __forceinline__ void put_quads(Square& square, const float (&acc)[4][4]) {
#pragma unroll
  for (int p = 0; p < 4; p++) square.put(4 * quad_y() + p, quad_x(), {acc[p][0], acc[p][1], acc[p][2], acc[p][3]});
}

// Tile (i, j) of -A, with -1 on the diagonal beyond the edge; gives the thread's part of the sum of (A / A_00)^2.
__device__ __forceinline__ float load_damped(float (&acc)[4][4], const Item& m, int i, int j, float damping) {
  const int c = j * kSide + 4 * quad_x();
  const float scale = 1.0f / (*global(m.S) + damping);
  float sum = 0.0f;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = i * kSide + 4 * quad_y() + p;
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

// sum L_ik L_jk^T - A_ij into the square.
__device__ __forceinline__ bool gather_factor(const Work& w, const Item& m, int i, int j, float damping, Shared& shared) {
  float acc[4][4];
  const float sum = fold<Sum, kThreads>(load_damped(acc, m, i, j, damping));
  put_quads(shared.square, acc);
  Parts parts;
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
        parts, kSlabs * k, kSlabs * ready, [=](int s) { return slab(p, s); }, [=](int s) { return slab(q, s); },
        shared.stages);
    k = ready;
  }
  if (j > 0) {
    collect(shared.square, parts);
  } else {
    __syncthreads();
  }
  return true;
}

// sum M_ik L_kj - I into the square, k falling from i: M_ik is there before M_i,k-1, and all of L that is read before M_ii.
__device__ __forceinline__ bool gather_inverse(const Work& w, const Item& m, int i, int j, Shared& shared) {
  float acc[4][4];
#pragma unroll
  for (int p = 0; p < 4; p++) {
#pragma unroll
    for (int q = 0; q < 4; q++) acc[p][q] = i == j && 4 * quad_y() + p == 4 * quad_x() + q ? -1.0f : 0.0f;
  }
  put_quads(shared.square, acc);
  const int row = m.M + triangle(i);
  Parts parts;
  for (int t = 0; t < i - j;) {
    const int ready = await(w, t, i - j, [=](int at) { return row + i - at; }, shared);
    if (ready == kFailed) return false;
    const int begin = t == 0 ? kSlabs - slabs_of(m.n, i) : kSlabs * t;
    multiply<true, false>(
        parts, begin, kSlabs * ready,
        [=](int s) { return w.tile(row + i - s / kSlabs) + (kSlabs - 1 - s % kSlabs) * kSlab; },
        [=](int s) {
          return w.tile(m.L + triangle(i - s / kSlabs) + j) + (kSlabs - 1 - s % kSlabs) * kSlab * kSide;
        },
        shared.stages);
    t = ready;
  }
  if (i > j) collect(shared.square, parts);
  return true;
}

// The square, solved from the right with L_jj and negated, to `out`.
__device__ __forceinline__ void solve(const Work& w, const Item& m, int j, bool backward, float* out, Shared& shared) {
  load_triangle(shared.triangle, w.tile(backward ? m.backwards + j : m.L + triangle(j) + j));
  __syncthreads();
  substitute_rows(shared.square, shared.triangle, backward);
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = 16 * p + quad_y();
    const Pack<4> x = shared.square.quad(r, quad_x());
    store(out + r * kSide + 4 * quad_x(), Pack<4>{-x.v[0], -x.v[1], -x.v[2], -x.v[3]});
  }
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
    if (r < m.n) store_quad(row_of(global(m.X), r, m.X_stride), j * kSide + column, m.n, m.X_whole, x);
#pragma unroll
    for (int q = 0; q < 4; q++) {
      const float y = r < m.n && j * kSide + column + q < m.n ? acc[p][q] * scale : 0.0f;
      sum = fmaf(y, y, sum);
    }
  }
  if (i == j) return sum;
#pragma unroll
  for (int q = 0; q < 4; q++) square.put(column + q, quad_y(), {acc[0][q], acc[1][q], acc[2][q], acc[3][q]});
  __syncthreads();
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const int r = 4 * quad_y() + p;
    const Pack<4> x = square.quad(r, quad_x());
    store_quad(row_of(global(m.X), j * kSide + r, m.X_stride), i * kSide + column, m.n, m.X_whole, x);
  }
  return 2.0f * sum;
}

// The thread's elements of the square; of a symmetric one, whose halves may be rounded apart, those of the lower half.
__device__ __forceinline__ void load_product(float (&acc)[4][4], const Square& square, bool symmetric) {
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const Pack<4> x = square.quad(4 * quad_y() + p, quad_x());
#pragma unroll
    for (int q = 0; q < 4; q++) acc[p][q] = x.v[q];
  }
  if (!symmetric || quad_x() < quad_y()) return;
#pragma unroll
  for (int p = 0; p < 4; p++) {
    const Pack<4> x = square.quad(4 * quad_x() + p, quad_y());
#pragma unroll
    for (int q = 0; q < 4; q++) {
      if (quad_x() > quad_y() || p > q) acc[q][p] = x.v[q];
    }
  }
}

// X_ij. M_kj is there after M_ki.
__device__ __forceinline__ bool product(const Work& w, const Item& m, int i, int j, const float* damping, Shared& shared) {
  float acc[4][4] = {};
  put_quads(shared.square, acc);
  Parts parts;
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
        parts, kSlabs * t, end, [=](int s) { return slab(s, i); }, [=](int s) { return slab(s, j); }, shared.stages);
    t = ready;
  }
  collect(shared.square, parts);
  load_product(acc, shared.square, i == j);
  __syncthreads();
  if (failed) {
#pragma unroll
    for (int p = 0; p < 4; p++) {
#pragma unroll
      for (int q = 0; q < 4; q++) acc[p][q] = __int_as_float(0x7fc00000);
    }
  }
  const float sum = fold<Sum, kThreads>(store_inverse(acc, m, i, j, *global(m.S) + damping[m.place], shared.square));
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

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads, 2)
cholesky_f32(const Task* tasks, int count, const Item* items, float* tiles, unsigned* flags, float* sums,
             unsigned* done, Control* control, const float* damping, int* info, float* condition, const int* before,
             int rows, int row) {
  if (!all_failed(before, rows, row)) return;
  __shared__ Shared shared;
  const Work w{tasks, tiles, flags, sums};
  if (threadIdx.x == 0) shared.launch = control->launch % kLaunches + 1;
#pragma unroll 1
  for (;;) {
    if (threadIdx.x == 0) shared.task = draw(&control->next);
    __syncthreads();
    if (shared.task >= count) break;
    const Task task = tasks[shared.task];
    if (threadIdx.x < sizeof(Item) / sizeof(int)) {
      reinterpret_cast<int*>(&shared.item)[threadIdx.x] = reinterpret_cast<const int*>(items + task.item)[threadIdx.x];
    }
    __syncthreads();
    const Item& m = shared.item;
    const int i = task.i;
    const int j = task.j;
    if (task.kind == kProduct) {
      const bool ok = product(w, m, i, j, damping, shared);
      conclude(w, m, ok, done + task.item, condition == nullptr ? nullptr : condition + m.place, shared);
      continue;
    }
    const bool inverse = task.kind == kInverse;
    const int out = (inverse ? m.M : m.L) + triangle(i) + j;
    const auto there = [&] { return await(w, 0, 1, [&](int) { return m.L + triangle(j) + j; }, shared) != kFailed; };
    bool ok = true;
    if (inverse) {  // L_jj comes before all that is waited for then
      ok = there();
      __syncthreads();
      ok = ok && gather_inverse(w, m, i, j, shared);
    } else {
      ok = gather_factor(w, m, i, j, damping[m.place], shared);
      if (ok) ok = i == j ? factor_diagonal(w, m, j, info + m.place, shared) : there();
    }
    if (ok && (inverse || i > j)) solve(w, m, j, inverse, w.tile(out), shared);
    __syncthreads();
    if (threadIdx.x == 0) release(flags + out, 2 * shared.launch + (ok ? 0 : 1));
  }
  if (threadIdx.x == 0 && arrive(&control->left) == gridDim.x - 1) {
    control->next = 0;
    control->left = 0;
    control->launch = shared.launch;
  }
}
