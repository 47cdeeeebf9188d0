// Products with matrices that are given by square roots, one for each datapoint: A_n = sum_k c_nk c_nk^T.
//
//   root_product   product_n = A_n v_n = sum_k c_nk (c_nk . v_n),  quadratic_n = v_n^T A_n v_n = sum_k (c_nk . v_n)^2,
//                  each where its pointer is not null
//
// shapes    C [N K][d], row n K + k is c_nk; v, product [N][d], quadratic [N]; each matrix with its own stride
// aliasing  none
// launch    256 threads, a warp a datapoint, grid N / 8 rounded up
// cost      reads C and v once from memory, v K times and product 2 K times from the cache; 4 K d flops a datapoint
// bound     eps = 2^-24, S_k = sum_j |c_kj v_j|, n = min(d, d / 32 + 6): quadratic (2 n + 1 + K) eps sum_k S_k^2,
//           product_j (n + 1 + K) eps sum_k S_k |c_kj|
// order     fixed by the shape; no atomics
// source    the square roots of KFLR: Botev, Ritter, Barber, ICML 2017
#include "rows.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
root_product_f32(const float* C, int C_stride, const float* v, int v_stride, float* product, int product_stride,
                 float* quadratic, int rows, int rank, int columns, int whole) {
  const int n = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (n >= rows) return;  // whole warps leave
  const int lane = threadIdx.x % kWarp;
  const float* along = row_of(v, n, v_stride);
  float* out = row_of(product, n, product_stride);
  float sum = 0.0f;
  for (int k = 0; k < rank; k++) {
    const float* c = C + (static_cast<long long>(n) * rank + k) * C_stride;
    float part = 0.0f;
    sweep(lane, kWarp, 0, columns, whole, [&](auto width, int j) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> a = load<kWide>(c + j);
      const Pack<kWide> b = load<kWide>(along + j);
#pragma unroll
      for (int i = 0; i < kWide; i++) part = fmaf(a.v[i], b.v[i], part);
    });
    const float inner = fold_warp<Sum>(part);
    sum = fmaf(inner, inner, sum);
    if (product == nullptr) continue;
    // A lane meets the same columns each time: no other reads what it wrote.
    sweep(lane, kWarp, 0, columns, whole, [&](auto width, int j) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> a = load<kWide>(c + j);
      Pack<kWide> x = {};
      if (k > 0) x = load<kWide>(out + j);
#pragma unroll
      for (int i = 0; i < kWide; i++) x.v[i] = fmaf(inner, a.v[i], x.v[i]);
      store<kWide>(out + j, x);
    });
  }
  if (quadratic != nullptr && lane == 0) quadratic[n] = sum;
}
