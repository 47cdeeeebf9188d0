// Rows of the Jacobian of a layer's weights, from square roots and inputs.
//
//   X[r][i I + j] = C[r][i] a[r / K][j],   row r = n K + k
//
// shapes    C [N K][d], a [N][I], X [N K][d I]; strides of their own
// aliasing  none
// launch    256 threads; a warp a row, grid (N K / 8, d I / 1024), rounded up (rows.cuh)
// cost      one multiplication an element; 4 bytes written an element, C and a come from the cache
// bound     one rounding
// source    J = C (x) a: Botev, Ritter, Barber, ICML 2017, "sample Hessian of a layer"; the weights row by row
#include "rows.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
row_kronecker_f32(const float* C, int C_stride, const float* a, int a_stride, float* X, int X_stride, int rows, int rank,
                  int inputs, int columns) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const int begin = blockIdx.y * kChunk;
  const float* c = row_of(C, row, C_stride);
  const float* x = row_of(a, row / rank, a_stride);
  float* out = row_of(X, row, X_stride);
  for (int p = begin + threadIdx.x % kWarp; p < min(columns, begin + kChunk); p += kWarp) {
    out[p] = c[p / inputs] * x[p % inputs];
  }
}
