// A symmetric matrix scaled to a unit diagonal.
//
//   e_i = (S_ii + eta)^-1/2, or 1 where S_ii + eta is not above 1e-30
//   S_ij = e_i e_j (S_ij + eta [i = j])
//
// shapes    S [n][n], of which the lower triangle is read and written; e [1][n]; the stride of S its own
// aliasing  none
// launch    two: roots, 256 threads, one an element of e; scale, 256 threads, a warp a row, grid (n / 8, n / 1024) rounded up
// cost      4 n (n + 1) bytes; 3 flops an element
// bound     e within 3 eps; S_ij within 9 eps of itself, eps = 2^-24
// source    Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", 1963: damping relative to the diagonal
#include "rows.cuh"

using namespace krongauss;

namespace {
constexpr float kNothing = 1e-30f;
}

extern "C" __global__ void __launch_bounds__(kThreads)
equilibrate_f32__roots(const float* S, int S_stride, int n, float eta, float* e) {
  const int i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= n) return;
  const float diagonal = row_of(S, i, S_stride)[i] + eta;
  e[i] = diagonal > kNothing ? 1.0f / sqrtf(diagonal) : 1.0f;
}

extern "C" __global__ void __launch_bounds__(kThreads)
equilibrate_f32__scale(float* S, int S_stride, int n, float eta, const float* e) {
  const int i = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (i >= n) return;
  const int begin = blockIdx.y * kChunk;
  float* row = row_of(S, i, S_stride);
  const float own = e[i];
  for (int j = begin + threadIdx.x % kWarp; j < min(i + 1, begin + kChunk); j += kWarp) {
    const float value = i == j ? row[j] + eta : row[j];
    row[j] = value * own * e[j];
  }
}
