// The system of the layers' coefficients (coefficients.cu) in double, by one block with a thread a layer.
#pragma once

#include "rows.cuh"

namespace krongauss {

constexpr int kMostLayers = kThreads;
constexpr int kLayersInShared = 32;    // 8 KB
constexpr double kRidge = 1e-6;        // on the unit diagonal: beyond the rounding of C, 2^-24 and some
constexpr double kLeastShare = 1e-6;   // of the trace, of a sum that may cancel
constexpr double kLeastSlope = 0x1p-126;

struct System {
  const float* C;
  int stride;
  const float* measures;  // [3][L]: r, q, p
  int L;
  double damping;  // lambda + eta
  double kappa;
};

struct Solution {
  float predicted;
  float common;
  int failed;
  bool slopes;  // all r are finite
};

__device__ __forceinline__ bool finite(double x) { return fabs(x) <= 3.4028234663852886e38; }  // as a float

// The block's sums in all threads: those of the warps as butterflies, then the warps' in their order.
template <int K>
__device__ __forceinline__ void totals(double (&x)[K]) {
  __shared__ double cells[K][kThreads / kWarp];
#pragma unroll
  for (int k = 0; k < K; k++) {
#pragma unroll
    for (int d = kWarp / 2; d > 0; d /= 2) x[k] += __shfl_xor_sync(kAll, x[k], d);
    if (threadIdx.x % kWarp == 0) cells[k][threadIdx.x / kWarp] = x[k];
  }
  __syncthreads();
#pragma unroll
  for (int k = 0; k < K; k++) {
    x[k] = cells[k][0];
#pragma unroll
    for (int w = 1; w < kThreads / kWarp; w++) x[k] += cells[k][w];
  }
  __syncthreads();  // the next ones write the same cells
}

// A_lj = C_lj + damping [l = j] q_l; the lower triangle of C is read.
__device__ __forceinline__ double entry(const System& s, int l, int j) {
  const double c = row_of(s.C, max(l, j), s.stride)[min(l, j)];
  return l == j ? fma(s.damping, static_cast<double>(s.measures[s.L + l]), c) : c;
}

// The common step |sum r / sum A| of this thread's layer and the others, away from 0 and infinity; 0 without any curvature.
__device__ __forceinline__ double common_step(double r, double sum, double diagonal) {
  double all[4] = {diagonal, r, fabs(r), sum};
  totals(all);
  const double slope = fmax(fabs(all[1]), kLeastShare * all[2]);
  const double curvature = fmax(fabs(all[3]), kLeastShare * all[0]);
  return all[0] > 0 ? slope / curvature : 0;
}

// M = L L' in its lower triangle, the roots of the pivots apart; 0, or the 1-based column that is not positive.
__device__ __forceinline__ int factorise(double* M, double* root, int L) {
  for (int k = 0; k < L; k++) {
    const double pivot = M[k * L + k];
    if (!(pivot > 0)) return k + 1;
    const double own = sqrt(pivot);
    if (threadIdx.x == 0) root[k] = own;
    for (int i = k + 1 + threadIdx.x; i < L; i += kThreads) M[i * L + k] /= own;
    __syncthreads();
    const int side = L - k - 1;
    for (int e = threadIdx.x; e < side * side; e += kThreads) {
      const int i = k + 1 + e / side, j = k + 1 + e % side;
      if (i >= j) M[i * L + j] = fma(-M[i * L + k], M[j * L + k], M[i * L + j]);
    }
    __syncthreads();
  }
  return 0;
}

// y = (L L')^-1 z, a component a thread; the array y is work space. Between the last look at one of its cells and the next write
// is a barrier, that of another column.
__device__ __forceinline__ double substitute(const double* M, const double* root, int L, double z, double* y) {
  const int l = threadIdx.x;
  for (int k = 0; k < L; k++) {
    if (l == k) y[k] = z /= root[k];
    __syncthreads();
    if (l > k && l < L) z = fma(-M[l * L + k], y[k], z);
  }
  for (int k = L - 1; k >= 0; k--) {
    if (l == k) y[k] = z /= root[k];
    __syncthreads();
    if (l < k) z = fma(-M[k * L + l], y[k], z);
  }
  return z;
}

// The coefficients of a system, 0 where it fails, to x [L]; all threads of a block of kThreads. scratch [L][L] is used beyond
// kLayersInShared layers.
__device__ __forceinline__ Solution solve(const System& s, double* scratch, float* x) {
  __shared__ double tile[kLayersInShared * kLayersInShared];
  __shared__ double scale[kMostLayers];  // d; 0 for a layer without curvature
  __shared__ double root[kMostLayers];
  __shared__ double cells[kMostLayers];
  double* M = s.L <= kLayersInShared ? tile : scratch;
  const int l = threadIdx.x;
  const bool own = l < s.L;
  const double r = own ? s.measures[l] : 0.0f;
  const double p = own ? s.measures[2 * s.L + l] : 0.0f;
  double sum = 0;
#pragma unroll 1
  for (int j = 0; own && j < s.L; j++) sum += entry(s, l, j);
  const double diagonal = own ? entry(s, l, l) : 0;

  Solution solution = {0, 0, -1, !__syncthreads_or(!finite(r))};
  if (own) x[l] = 0;
  // What is not finite in C, q or the damping shows in the sum: floats do not overflow a double.
  if (__syncthreads_or(!(finite(r) && finite(p) && isfinite(sum) && finite(s.kappa)))) return solution;

  const double common = common_step(r, sum, diagonal);
  const double m = diagonal + (common > 0 ? s.kappa / common * fmax(p, 0.0) : 0);  // M_ll
  if (own) scale[l] = m > 0 ? sqrt(m) : 0;
  __syncthreads();
  for (int e = threadIdx.x; e < s.L * s.L; e += kThreads) {
    const int i = e / s.L, j = e % s.L;
    if (i > j) M[e] = scale[i] > 0 && scale[j] > 0 ? entry(s, i, j) / (scale[i] * scale[j]) : 0;
  }
  // Without curvature: nothing to do if there is no slope, else there is no minimum.
  if (own) M[l * s.L + l] = m > 0 ? 1 + kRidge : m == 0 && fabs(r) < kLeastSlope ? 1 : 0;
  __syncthreads();

  solution.failed = factorise(M, root, s.L);
  if (solution.failed != 0) return solution;
  const double y = substitute(M, root, s.L, own && scale[l] > 0 ? -r / scale[l] : 0, cells);
  const float rounded = own && scale[l] > 0 ? static_cast<float>(y / scale[l]) : 0.0f;
  cells[l] = rounded;
  __syncthreads();
  double half = 0;  // of (A x)_l
#pragma unroll 1
  for (int j = 0; own && j < s.L; j++) half = fma(0.5 * entry(s, l, j), cells[j], half);
  double predicted[1] = {own ? cells[l] * (r + half) : 0};
  totals(predicted);
  const bool bad = !(finite(cells[l]) && finite(predicted[0]) && finite(common));
  if (__syncthreads_or(bad)) {
    solution.failed = -1;
    return solution;
  }
  if (own) x[l] = rounded;
  solution.predicted = static_cast<float>(predicted[0]);
  solution.common = static_cast<float>(common);
  return solution;
}

}  // namespace krongauss
