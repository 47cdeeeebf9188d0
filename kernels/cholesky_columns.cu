// Damping, Cholesky factorisation and inverse of a symmetric positive definite matrix, blocked by tiles of 64.
//
//   damp             A = lower(S) + damping I
//   add_diagonal     A <- A + damping I
//   diagonal         A_kk -> L_kk
//   panel            A_ik -> L_ik = A_ik L_kk^{-T},             i > k
//   trailing         A_ij -> A_ij - L_ik L_jk^T,                i >= j > k
//   invert_diagonal  M_ii = L_ii^{-1}                           where M = L^{-1}
//   invert_row       M_ij = -M_ii sum_{j<=k<i} L_ik M_kj,       j < i
//   invert_below     X_ij = sum_{k>=i} M_ki^T M_kj,             j < i
//   invert_square    X_ii likewise
//
// shapes    all [n][n]; damping [1] and info [1] in device memory
// layout    L and A: only the lower triangle is read or written. While X is being made, M_ii lies in X's tile (i, i),
//           with zeros above its diagonal, and M_ij, i > j, transposed in X's tile (j, i); X's lower tiles then receive
//           the result and mirror (epilogue.cu) overwrites M with its upper half. So no scratch is needed
// aliasing  X does not overlap L; damp: A does not overlap S
// launch    see each kernel; the launcher enqueues diagonal, panel, trailing for every tile column in turn
// info      0, or the 1-based column of the first pivot that is not positive and finite; nothing is computed after it.
//           The tile columns left of it hold L, the rest of the lower triangle what elimination had made of A by then
// cost      n^3 / 3 flops to factorise, 2 n^3 / 3 more to invert
// bound     |A - L L^T| <= (n + 8) eps |L||L|^T, about (n + 8) eps sqrt(A_rr A_cc), at every condition number;
//           |A X - I| <= c n eps cond(A); eps = 2^-24
// source    Golub, Van Loan, "Matrix Computations", 4th ed., 4.2.6 (outer product form by blocks); Higham, "Accuracy
//           and Stability", 10.1
//
// The solves are substitutions, not products with M_kk: the residual is then small whatever the condition number.
#include "tile.cuh"

using namespace krongauss;

namespace {

constexpr int kRows = kThreads / kWarp;

// x L^T = x for the row x of this thread; column[j * kTile + k] = L_kj, reciprocal[j] = 1 / L_jj. Eliminating forward
// (column by column) leaves 63 - j independent updates after each step instead of one chain.
__device__ __forceinline__ void substitute(float (&x)[kTile], const float* column, const float* reciprocal) {
#pragma unroll
  for (int j = 0; j < kTile; j++) {
    x[j] *= reciprocal[j];
#pragma unroll
    for (int q = (j + 1) / 4 * 4; q < kTile; q += 4) {
      const Pack<4> l = load<4>(column + j * kTile + q);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (q + i > j) x[q + i] = fmaf(-x[j], l.v[i], x[q + i]);
      }
    }
  }
}

struct Triangle {
  float column[kTile * kTile];
  float reciprocal[kTile];
};

// The diagonal tile of L at `first` into shared memory, transposed; thread t takes row t. Beyond the edge of the matrix
// stands the identity.
__device__ __forceinline__ void load_triangle(Triangle& t, const float* L, int stride, int first, int n) {
  const int k = threadIdx.x;
  const float* row = row_of(L, first + k, stride) + first;
#pragma unroll 8
  for (int j = 0; j < kTile; j++) {
    float x = j == k ? 1.0f : 0.0f;
    if (j <= k && first + k < n) x = row[j];
    t.column[j * kTile + k] = x;
    if (j == k) t.reciprocal[k] = 1.0f / x;
  }
  __syncthreads();
}

}  // namespace

// 256 threads, a warp a row; grid (n / 8, n / 1024), rounded up.
extern "C" __global__ void __launch_bounds__(kThreads)
cholesky_columns_f32__damp(const float* S, int S_stride, float* A, int A_stride, int n, int whole, const float* damping) {
  const int row = blockIdx.x * kRows + threadIdx.x / kWarp;
  if (row >= n) return;
  const float* from = row_of(S, row, S_stride);
  float* to = row_of(A, row, A_stride);
  const int begin = blockIdx.y * kChunk;
  sweep(threadIdx.x % kWarp, kWarp, begin, min(row, begin + kChunk), min(whole, row & ~3), [=](auto width, int c) {
    store(to + c, load<decltype(width)::value>(from + c));
  });
  if (blockIdx.y == 0 && threadIdx.x % kWarp == 0) to[row] = from[row] + *damping;
}

// 256 threads, a thread a row; grid n / 256, rounded up.
extern "C" __global__ void __launch_bounds__(kThreads)
cholesky_columns_f32__add_diagonal(float* A, int A_stride, int n, const float* damping) {
  const int row = blockIdx.x * kThreads + threadIdx.x;
  if (row < n) *(row_of(A, row, A_stride) + row) += *damping;
}

// One block of 64 threads, a row a thread, held in registers. `first` is a multiple of 64; the launch with first = 0
// starts a factorisation and resets info.
extern "C" __global__ void __launch_bounds__(kTile)
cholesky_columns_f32__diagonal(float* A, int A_stride, int n, int first, int* info) {
  if (first > 0 && *info != 0) return;
  __shared__ float column[2][kTile];
  const int r = threadIdx.x;
  const bool inside = first + r < n;
  float* row = row_of(A, first + r, A_stride) + first;
  float x[kTile];
#pragma unroll
  for (int j = 0; j < kTile; j++) {
    x[j] = j == r ? 1.0f : 0.0f;  // the identity beyond the edge of the matrix
    if (inside && j <= r) x[j] = row[j];
  }
  int bad = 0;
#pragma unroll
  for (int j = 0; j < kTile; j++) {
    if (bad != 0) continue;
    float* c = column[j & 1];
    c[r] = x[j];  // rows above j put numbers without meaning; nobody reads them
    __syncthreads();
    const float pivot = c[j];
    if (!(pivot > 0.0f && pivot <= 0x1.fffffep127f)) {
      bad = j + 1;
      continue;
    }
    const float f = x[j] / pivot;
    x[j] /= sqrtf(pivot);
#pragma unroll
    for (int q = (j + 1) / 4 * 4; q < kTile; q += 4) {
      const Pack<4> y = load<4>(c + q);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (q + i > j) x[q + i] = fmaf(-f, y.v[i], x[q + i]);
      }
    }
  }
#pragma unroll
  for (int j = 0; j < kTile; j++) {
    if (inside && j <= r) row[j] = x[j];
  }
  if (r == 0) *info = bad == 0 ? 0 : first + bad;
}

// 64 threads, a row a thread; a block for each 64 rows below the diagonal tile at `first`.
extern "C" __global__ void __launch_bounds__(kTile)
cholesky_columns_f32__panel(float* A, int A_stride, int n, int first, int whole, const int* info) {
  if (*info != 0) return;
  __shared__ Triangle triangle;
  load_triangle(triangle, A, A_stride, first, n);
  const int r = first + (blockIdx.x + 1) * kTile + threadIdx.x;
  if (r >= n) return;
  float* row = row_of(A, r, A_stride) + first;
  float x[kTile];
#pragma unroll
  for (int q = 0; q < kTile; q += 4) {
    const Pack<4> y = load_quad(row, q, kTile, whole, 0.0f);
#pragma unroll
    for (int i = 0; i < 4; i++) x[q + i] = y.v[i];
  }
  substitute(x, triangle.column, triangle.reciprocal);
#pragma unroll
  for (int q = 0; q < kTile; q += 4) store_quad(row, q, kTile, whole, Pack<4>{x[q], x[q + 1], x[q + 2], x[q + 3]});
}

// 256 threads a tile; grid (tiles, tiles) of the matrix below and right of the tile at `first`.
extern "C" __global__ void __launch_bounds__(kThreads)
cholesky_columns_f32__trailing(float* A, int A_stride, int n, int first, int whole, const int* info) {
  if (blockIdx.x > blockIdx.y || *info != 0) return;
  __shared__ TileBuffers shared;
  const int row0 = first + (blockIdx.y + 1) * kTile;
  const int column0 = first + (blockIdx.x + 1) * kTile;
  const Operand l{A, A_stride, n, whole};
  float acc[4][4] = {};
  multiply<Along::kInner, Along::kInner>(acc, l, l, row0, column0, first, first + kTile, shared);
  const Scaled out{A, A_stride, whole, -1.0f, 1.0f};
  store_lower<false>(acc, row0, column0, A, A_stride, n, whole,
                     [=](int r, int c, int length, int by_fours, const Pack<4>& x) {
                       return out.value(r, c, length, by_fours, x);
                     });
}

// 64 threads, a column of the inverse a thread; a block a diagonal tile. Column c of M_ii solves L y = e_c, which is
// the substitution with the row e_c.
extern "C" __global__ void __launch_bounds__(kTile)
cholesky_columns_f32__invert_diagonal(const float* L, int L_stride, float* X, int X_stride, int n) {
  __shared__ Triangle triangle;
  const int first = blockIdx.x * kTile;
  load_triangle(triangle, L, L_stride, first, n);
  const int c = threadIdx.x;
  if (first + c >= n) return;
  float y[kTile];
#pragma unroll
  for (int j = 0; j < kTile; j++) y[j] = j == c ? 1.0f : 0.0f;
  substitute(y, triangle.column, triangle.reciprocal);
#pragma unroll
  for (int j = 0; j < kTile; j++) {
    if (first + j < n) *(row_of(X, first + j, X_stride) + first + c) = y[j];
  }
}

// Tile row i of M, one block of 256 threads a tile j < i; grid i. Worked transposed, as it is stored: tile (j, i) of X.
// The inner sum passes through that same tile, which belongs to this block alone.
extern "C" __global__ void __launch_bounds__(kThreads)
cholesky_columns_f32__invert_row(const float* L, int L_stride, int L_whole, float* X, int X_stride, int X_whole, int n, int i) {
  __shared__ TileBuffers shared;
  const int row0 = blockIdx.x * kTile;
  const int column0 = i * kTile;
  const Operand l{L, L_stride, n, L_whole};
  const Operand x{X, X_stride, n, X_whole};
  float acc[4][4] = {};
  multiply<Along::kOuter, Along::kInner>(acc, x, l, row0, column0, row0, row0 + kTile, shared);
  multiply<Along::kInner, Along::kInner>(acc, x, l, row0, column0, row0 + kTile, column0, shared);
  const auto keep = [=](int r, int c, const Pack<4>& y) { store_quad(row_of(X, r, X_stride), c, n, X_whole, y); };
  each(acc, row0, column0, n, n, keep);
  __syncthreads();
  float sum[4][4] = {};
  multiply<Along::kInner, Along::kInner>(sum, x, x, row0, column0, column0, min(n, column0 + kTile), shared);
#pragma unroll
  for (int p = 0; p < 4; p++) {
#pragma unroll
    for (int q = 0; q < 4; q++) sum[p][q] = -sum[p][q];
  }
  each(sum, row0, column0, n, n, keep);
}

// 256 threads a tile; grid (tiles, tiles), only the tiles below the diagonal work. They read the diagonal ones, which
// invert_square replaces afterwards.
extern "C" __global__ void __launch_bounds__(kThreads)
cholesky_columns_f32__invert_below(float* X, int X_stride, int whole, int n) {
  if (blockIdx.x >= blockIdx.y) return;
  __shared__ TileBuffers shared;
  const int row0 = blockIdx.y * kTile;
  const int column0 = blockIdx.x * kTile;
  const Operand x{X, X_stride, n, whole};
  const int next = min(n, row0 + kTile);
  float acc[4][4] = {};
  multiply<Along::kOuter, Along::kInner>(acc, x, x, row0, column0, row0, next, shared);
  multiply<Along::kInner, Along::kInner>(acc, x, x, row0, column0, next, n, shared);
  each(acc, row0, column0, n, n,
       [=](int r, int c, const Pack<4>& y) { store_quad(row_of(X, r, X_stride), c, n, whole, y); });
}

// 256 threads a diagonal tile; grid tiles. (r, c) and (c, r) sum the same products in the same order.
extern "C" __global__ void __launch_bounds__(kThreads)
cholesky_columns_f32__invert_square(float* X, int X_stride, int whole, int n) {
  __shared__ TileBuffers shared;
  const int row0 = blockIdx.x * kTile;
  const Operand x{X, X_stride, n, whole};
  const int next = min(n, row0 + kTile);
  float acc[4][4] = {};
  multiply<Along::kOuter, Along::kOuter>(acc, x, x, row0, row0, row0, next, shared);
  multiply<Along::kInner, Along::kInner>(acc, x, x, row0, row0, next, n, shared);
  each(acc, row0, row0, n, n,
       [=](int r, int c, const Pack<4>& y) { store_quad(row_of(X, r, X_stride), c, n, whole, y); });
}
