// Weight update.
//
//   W += alpha D
//
// shapes    W, D [rows][columns], strides of their own; alpha [1]; accepted [1] or null
// guard     nothing is written unless accepted is null or 1: a rejected step leaves W bit for bit as it was
// aliasing  D may be W; otherwise they must not overlap
// launch    256 threads, a warp a row; grid (rows / 8, columns / 1024), rounded up
// cost      2 flops, 12 bytes an element
// bound     1 rounding: eps |W + alpha D|
#include "rows.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
update_f32(float* W, int W_stride, const float* D, int D_stride, int rows, int columns, int whole,
           const float* alpha_pointer, const int* accepted) {
  if (accepted != nullptr && *accepted != 1) return;
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const float alpha = *alpha_pointer;
  float* w = row_of(W, row, W_stride);
  const float* d = row_of(D, row, D_stride);
  const int begin = blockIdx.y * kChunk;
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(columns, begin + kChunk), whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(w + c);
    const Pack<kWide> y = load<kWide>(d + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) x.v[i] = fmaf(alpha, y.v[i], x.v[i]);
    store<kWide>(w + c, x);
  });
}
