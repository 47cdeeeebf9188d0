// Rows of the Jacobian of a layer's weights, from square roots and inputs.
//
//   row_kronecker       X[r][i I + j] = C[r][i] a[r / K][j],   row r = n K + k
//   row_kronecker_sum   X[r][i I + j] = sum_u C[(g m + u) K + k][i] a[g m + u][j],   row r = g K + k: a datapoint of m rows
//
// shapes    C [N K][d], a [N][I], X [N K][d I], of a sum [N K / m][d I]; strides of their own
// aliasing  none
// launch    256 threads; a warp a row of X, grid (rows / 8, d I / 1024), rounded up (rows.cuh); row_kronecker_f32: a warp the given
//           number of units of a row, a lane an input
// cost      one multiplication an element, m of a sum; 4 bytes written an element, C and a come from the cache
// bound     one rounding; of a sum m eps sum |C a|, eps = 2^-24
// order     u from 0
// source    J = C (x) a: Botev, Ritter, Barber, ICML 2017, "sample Hessian of a layer"; the weights row by row
#include "rows.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
row_kronecker_f32(const float* C, int C_stride, const float* a, int a_stride, float* X, int X_stride, int rows, int rank,
                  int inputs, int columns, int units) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const int first = blockIdx.y * units;
  const int end = min(first + units, columns / inputs);
  const float* c = row_of(C, row, C_stride);
  const float* x = row_of(a, row / rank, a_stride);
  float* out = row_of(X, row, X_stride);
  for (int begin = 0; begin < inputs; begin += kWarp) {  // all lanes stay: those behind the end read and write nothing
    const int j = begin + threadIdx.x % kWarp;
    const float y = j < inputs ? x[j] : 0.0f;
#pragma unroll 4
    for (int i = first; i < end; i++) {
      const float product = c[i] * y;
      if (j < inputs) out[i * inputs + j] = product;
    }
  }
}

extern "C" __global__ void __launch_bounds__(kThreads)
row_kronecker_sum_f32(const float* C, int C_stride, const float* a, int a_stride, float* X, int X_stride, int rows, int rank,
                      int stack, int inputs, int columns) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const int begin = blockIdx.y * kChunk;
  const int first = row / rank * stack;  // of the datapoint's rows
  const int root = row % rank;
  float* out = row_of(X, row, X_stride);
  for (int p = begin + threadIdx.x % kWarp; p < min(columns, begin + kChunk); p += kWarp) {
    float sum = 0.0f;
    for (int n = first; n < first + stack; n++) {
      sum = fmaf(row_of(C, n * rank + root, C_stride)[p / inputs], row_of(a, n, a_stride)[p % inputs], sum);
    }
    out[p] = sum;
  }
}
