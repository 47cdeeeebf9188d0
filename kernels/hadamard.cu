// The sum of two element-wise products: what a derivative of the backward pass adds up to in each layer.
//
//   Y = X o A + c U o V
//
// A and V may be null and are ones then; U may be null, and then there is no second product.
//
// shapes    X, A, U, V, Y [rows][columns], strides of their own
// aliasing  Y may be any of the others with its stride
// launch    256 threads; a warp a row, grid (rows / 8, columns / 1024), rounded up (rows.cuh)
// cost      4 bytes an element of each matrix; at most 4 flops
// bound     eps (2 |X o A| + 3 |c U o V|)
// source    Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 1994 (his R-operator)
#include "rows.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
hadamard_f32(const float* X, int X_stride, const float* A, int A_stride, const float* U, int U_stride, const float* V,
             int V_stride, float* Y, int Y_stride, int rows, int columns, int whole, float c) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const int begin = blockIdx.y * kChunk;
  const float* x_row = row_of(X, row, X_stride);
  const float* a_row = row_of(A, row, A_stride);
  const float* u_row = row_of(U, row, U_stride);
  const float* v_row = row_of(V, row, V_stride);
  float* y_row = row_of(Y, row, Y_stride);
  sweep(threadIdx.x % kWarp, kWarp, begin, min(columns, begin + kChunk), whole, [=](auto width, int k) {
    constexpr int W = decltype(width)::value;
    Pack<W> y = load<W>(x_row + k);
    if (A != nullptr) {
      const Pack<W> a = load<W>(a_row + k);
#pragma unroll
      for (int i = 0; i < W; i++) y.v[i] *= a.v[i];
    }
    if (U != nullptr) {
      Pack<W> u = load<W>(u_row + k);
      if (V != nullptr) {
        const Pack<W> v = load<W>(v_row + k);
#pragma unroll
        for (int i = 0; i < W; i++) u.v[i] *= v.v[i];
      }
#pragma unroll
      for (int i = 0; i < W; i++) y.v[i] = fmaf(c, u.v[i], y.v[i]);
    }
    store(y_row + k, y);
  });
}
