// The gradients of the outputs in the space of residuals, with square roots S_n = [c_n1 .. c_nK] of each datapoint.
//
//   z_n of the least |g_n - S_n z_n| and rest_n = g_n - S_n z_n
//
// solves S^T S z = S^T g by Cholesky and corrects z once by the residual. A column that depends on those before it, its
// pivot being 1e-5 of its diagonal or less, is left out, and z is made orthogonal to that dependence, the softmax' being
// sqrt(p): what S takes to nothing would be divided by the damping. Any z with rest = g - S z serves; a rest of 64 eps |g| or
// less is what rounding leaves of nothing, and 0 then.
//
// shapes    C [N K][d], row n K + k is c_nk; g, rest [N][d]; z [K][N]; strides of their own; scratch [N][K][K]
// aliasing  none
// launch    split: a warp a datapoint, grid N, K <= 32; split__wide: 256 threads a datapoint, grid N, 12 K bytes of dynamic shared
//           memory, L in scratch
// cost      (K + 8) K d flops a datapoint, and 2 K d a dependent column; C is read K + 8 times, from the cache
// bound     eps = 2^-24: |g - S z - rest| <= (K + 66) eps (|g| + sum |c z|), and S^T rest is small where S has full rank
// order     fixed by the shape; no atomics
// source    damped least squares in the space of residuals, with the square roots of KFLR
#include "rows.cuh"

using namespace krongauss;

namespace {

constexpr int kMostRoots = 32;
constexpr float kDependent = 1e-5f;  // of a column's own diagonal
constexpr float kNothing = 1e-30f;   // a squared length of no use
constexpr float kRounding2 = 1.4551915e-11f;  // (64 eps)^2

// a . b over the columns of a row, in all lanes.
__device__ __forceinline__ float inner(const float* a, const float* b, int columns, int whole) {
  float part = 0.0f;
  sweep(threadIdx.x % kWarp, kWarp, 0, columns, whole, [&](auto width, int j) {
    constexpr int kWide = decltype(width)::value;
    const Pack<kWide> x = load<kWide>(a + j);
    const Pack<kWide> y = load<kWide>(b + j);
#pragma unroll
    for (int i = 0; i < kWide; i++) part = fmaf(x.v[i], y.v[i], part);
  });
  return fold_warp<Sum>(part);
}

// L of S^T S, below and on its diagonal; a column of a dependent root is 0. One warp.
__device__ __forceinline__ void factorise(float (*L)[kMostRoots + 1], const float* roots, int stride, int rank, int columns,
                                          int whole) {
  const int lane = threadIdx.x;
  for (int i = 0; i < rank; i++) {
    for (int j = 0; j <= i; j++) {
      const float x = inner(row_of(roots, i, stride), row_of(roots, j, stride), columns, whole);
      if (lane == 0) L[i][j] = x;
    }
  }
  __syncwarp();
  for (int j = 0; j < rank; j++) {
    const float diagonal = L[j][j];
    float pivot = diagonal;
    for (int m = 0; m < j; m++) pivot = fmaf(-L[j][m], L[j][m], pivot);
    const bool kept = pivot > kDependent * diagonal && diagonal > kNothing;
    const float length = kept ? sqrtf(pivot) : 0.0f;
    float x = lane < rank && lane > j ? L[lane][j] : 0.0f;
    for (int m = 0; m < j; m++) x = fmaf(lane < rank && lane > j ? -L[lane][m] : 0.0f, L[j][m], x);
    __syncwarp();
    if (lane == j) L[j][j] = length;
    if (lane > j && lane < rank) L[lane][j] = kept ? x / length : 0.0f;
    __syncwarp();
  }
}

// The solution of L L^T x = b, element i in lane i; 0 for a dependent root.
__device__ __forceinline__ float substituted(const float (*L)[kMostRoots + 1], float b, int rank) {
  const int lane = threadIdx.x;
  for (int j = 0; j < rank; j++) {
    const float length = L[j][j];
    const float x = length > 0.0f ? __shfl_sync(kAll, b, j) / length : 0.0f;
    if (lane == j) b = x;
    if (lane > j && lane < rank) b = fmaf(-L[lane][j], x, b);
  }
  for (int j = rank - 1; j >= 0; j--) {
    const float length = L[j][j];
    const float x = length > 0.0f ? __shfl_sync(kAll, b, j) / length : 0.0f;
    if (lane == j) b = x;
    if (lane < j) b = fmaf(-L[j][lane], x, b);
  }
  return b;
}

// z without its part along what the dependent roots add to nothing; one after the other.
__device__ __forceinline__ float without_dependence(const float (*L)[kMostRoots + 1], const float* roots, int stride, float z,
                                                    int rank, int columns, int whole) {
  const int lane = threadIdx.x;
  for (int j = 0; j < rank; j++) {
    if (L[j][j] > 0.0f) continue;
    float b = 0.0f;
    for (int k = 0; k < rank; k++) {
      const float x = inner(row_of(roots, k, stride), row_of(roots, j, stride), columns, whole);
      if (lane == k) b = x;
    }
    const float v = substituted(L, b, rank) - (lane == j ? 1.0f : 0.0f);
    z = fmaf(-v, fold_warp<Sum>(v * z) / fold_warp<Sum>(v * v), z);
  }
  return z;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kWarp)
root_space_split_f32(const float* C, int C_stride, const float* g, int g_stride, float* z, int z_stride, float* rest,
                     int rest_stride, int rank, int columns, int whole) {
  __shared__ float L[kMostRoots][kMostRoots + 1];
  const int n = blockIdx.x;
  const int lane = threadIdx.x;
  const float* roots = C + static_cast<long long>(n) * rank * C_stride;
  const float* gradient = row_of(g, n, g_stride);
  float* left = row_of(rest, n, rest_stride);
  factorise(L, roots, C_stride, rank, columns, whole);
  const float length2 = inner(gradient, gradient, columns, whole);
  float mine = 0.0f;  // z of the lane's root
  float left2 = 0.0f;
  for (int pass = 0; pass < 2; pass++) {
    float b = 0.0f;
    for (int k = 0; k < rank; k++) {
      const float x = inner(row_of(roots, k, C_stride), pass == 0 ? gradient : left, columns, whole);
      if (lane == k) b = x;
    }
    mine = without_dependence(L, roots, C_stride, mine + substituted(L, b, rank), rank, columns, whole);
    sweep(lane, kWarp, 0, columns, whole, [&](auto width, int j) {
      constexpr int kWide = decltype(width)::value;
      store<kWide>(left + j, load<kWide>(gradient + j));
    });
    for (int k = 0; k < rank; k++) {
      const float weight = __shfl_sync(kAll, mine, k);
      // A lane meets the same columns each time: no other reads what it wrote.
      sweep(lane, kWarp, 0, columns, whole, [&](auto width, int j) {
        constexpr int kWide = decltype(width)::value;
        const Pack<kWide> c = load<kWide>(row_of(roots, k, C_stride) + j);
        Pack<kWide> x = load<kWide>(left + j);
#pragma unroll
        for (int i = 0; i < kWide; i++) x.v[i] = fmaf(-weight, c.v[i], x.v[i]);
        store<kWide>(left + j, x);
      });
    }
    left2 = inner(left, left, columns, whole);
  }
  if (lane < rank) row_of(z, lane, z_stride)[n] = mine;
  if (left2 <= kRounding2 * length2) {
    sweep(lane, kWarp, 0, columns, whole, [&](auto width, int j) { store<decltype(width)::value>(left + j, {}); });
  }
}

namespace {

// The same for more roots, by a block, with L [K][K] in global memory and vectors [K] in shared memory.
struct WideRoots {
  const float* roots;
  int stride;
  int rank;
  int columns;
  int whole;
  float* L;

  __device__ __forceinline__ float* row(int i) const { return L + static_cast<long long>(i) * rank; }
  __device__ __forceinline__ const float* root(int k) const { return row_of(roots, k, stride); }
};

// b_k = c_k . x, a warp a root.
__device__ __forceinline__ void project_wide(const WideRoots& w, const float* x, float* b) {
  for (int k = threadIdx.x / kWarp; k < w.rank; k += kThreads / kWarp) {
    const float y = inner(w.root(k), x, w.columns, w.whole);
    if (threadIdx.x % kWarp == 0) b[k] = y;
  }
  __syncthreads();
}

// Columns one after the other, each from the rows of those before it; a warp a row.
__device__ __forceinline__ void factorise_wide(const WideRoots& w) {
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  for (int i = 0; i < w.rank; i++) {
    for (int j = warp; j <= i; j += kThreads / kWarp) {
      const float x = inner(w.root(i), w.root(j), w.columns, w.whole);
      if (lane == 0) w.row(i)[j] = x;
    }
  }
  __syncthreads();
  for (int j = 0; j < w.rank; j++) {
    const float diagonal = w.row(j)[j];
    const float pivot = diagonal - inner(w.row(j), w.row(j), j, 0);
    const bool kept = pivot > kDependent * diagonal && diagonal > kNothing;
    const float length = kept ? sqrtf(pivot) : 0.0f;
    for (int i = j + 1 + warp; i < w.rank; i += kThreads / kWarp) {
      const float x = inner(w.row(i), w.row(j), j, 0);
      if (lane == 0) w.row(i)[j] = kept ? (w.row(i)[j] - x) / length : 0.0f;
    }
    __syncthreads();  // all have read the diagonal
    if (threadIdx.x == 0) w.row(j)[j] = length;
    __syncthreads();
  }
}

// b becomes the solution of L L^T x = b; 0 for a dependent root.
__device__ __forceinline__ void substitute_wide(const WideRoots& w, float* b) {
  for (int j = 0; j < w.rank; j++) {
    const float length = w.row(j)[j];
    const float x = length > 0.0f ? b[j] / length : 0.0f;
    __syncthreads();
    if (threadIdx.x == 0) b[j] = x;
    for (int i = j + 1 + threadIdx.x; i < w.rank; i += kThreads) b[i] = fmaf(-w.row(i)[j], x, b[i]);
    __syncthreads();
  }
  for (int j = w.rank - 1; j >= 0; j--) {
    const float length = w.row(j)[j];
    const float x = length > 0.0f ? b[j] / length : 0.0f;
    __syncthreads();
    if (threadIdx.x == 0) b[j] = x;
    for (int i = threadIdx.x; i < j; i += kThreads) b[i] = fmaf(-w.row(j)[i], x, b[i]);
    __syncthreads();
  }
}

__device__ __forceinline__ float dot_wide(const float* x, const float* y, int n) {
  float sum = 0.0f;
  for (int i = threadIdx.x; i < n; i += kThreads) sum = fmaf(x[i], y[i], sum);
  return fold<Sum, kThreads>(sum);
}

__device__ __forceinline__ void without_dependence_wide(const WideRoots& w, float* z, float* v) {
  for (int j = 0; j < w.rank; j++) {
    if (w.row(j)[j] > 0.0f) continue;
    project_wide(w, w.root(j), v);
    substitute_wide(w, v);
    if (threadIdx.x == 0) v[j] -= 1.0f;
    __syncthreads();
    const float along = dot_wide(v, z, w.rank) / dot_wide(v, v, w.rank);
    for (int k = threadIdx.x; k < w.rank; k += kThreads) z[k] = fmaf(-v[k], along, z[k]);
    __syncthreads();
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads, 1)
root_space_split_f32__wide(const float* C, int C_stride, const float* g, int g_stride, float* z, int z_stride, float* rest,
                           int rest_stride, float* scratch, int rank, int columns, int whole) {
  extern __shared__ float vectors[];
  const int n = blockIdx.x;
  const long long first = static_cast<long long>(n) * rank;
  const WideRoots w = {C + first * C_stride, C_stride, rank, columns, whole, scratch + first * rank};
  const float* gradient = row_of(g, n, g_stride);
  float* left = row_of(rest, n, rest_stride);
  float* mine = vectors;
  float* b = vectors + rank;
  float* v = vectors + 2 * rank;
  factorise_wide(w);
  for (int k = threadIdx.x; k < rank; k += kThreads) mine[k] = 0.0f;
  for (int pass = 0; pass < 2; pass++) {
    project_wide(w, pass == 0 ? gradient : left, b);
    substitute_wide(w, b);
    for (int k = threadIdx.x; k < rank; k += kThreads) mine[k] += b[k];
    __syncthreads();
    without_dependence_wide(w, mine, v);
    for (int j = threadIdx.x; j < columns; j += kThreads) {
      float x = gradient[j];
      for (int k = 0; k < rank; k++) x = fmaf(-mine[k], w.root(k)[j], x);
      left[j] = x;
    }
    __syncthreads();
  }
  const float length2 = dot_wide(gradient, gradient, columns);
  const float left2 = dot_wide(left, left, columns);
  for (int k = threadIdx.x; k < rank; k += kThreads) row_of(z, k, z_stride)[n] = mine[k];
  if (left2 > kRounding2 * length2) return;
  for (int j = threadIdx.x; j < columns; j += kThreads) left[j] = 0.0f;
}
