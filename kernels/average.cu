// Moving average of a symmetric factor.
//
//   S = beta S + (1 - beta) X     on the lower triangle
//
// shapes    X, S [d][d], strided; S is not read where beta == 0, so NaN in fresh memory is harmless; restart [1] or null:
//           an int that makes beta 0 where it is positive, so that a past that is not finite can be left behind
// aliasing  none
// launch    256 threads; a warp a row, grid (d / 8, d / 1024), rounded up
// cost      3 flops and 12 bytes an element of the triangle
// bound     3 eps (|beta S| + |(1 - beta) X|) an element: 1 - beta, one product, one fused product-sum
// source    Martens, Grosse 2015, "Estimating the required expectations"
#include "tile.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
average_f32__lower(const float* X, int X_stride, float* S, int S_stride, int d, int whole, float beta,
                   const int* restart) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= d) return;
  const float* x = row_of(X, row, X_stride);
  float* s = row_of(S, row, S_stride);
  const int begin = blockIdx.y * kChunk;
  const int length = row + 1;  // of the row's part of the lower triangle
  if (restart != nullptr && *restart > 0) beta = 0.0f;
  const float fresh = 1.0f - beta;
  const bool reads = beta != 0.0f;
  sweep(threadIdx.x % kWarp, kWarp, begin, min(length, begin + kChunk), min(whole, length & ~3), [=](auto width, int c) {
    constexpr int W = decltype(width)::value;
    Pack<W> p = load<W>(x + c);
    Pack<W> old{};
    if (reads) old = load<W>(s + c);
#pragma unroll
    for (int i = 0; i < W; i++) p.v[i] = fmaf(beta, old.v[i], fresh * p.v[i]);
    store(s + c, p);
  });
}
