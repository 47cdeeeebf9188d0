// Weight update of all layers.
//
//   W += alpha D
//
// shapes    W, D [rows][columns] of each group, strides of their own; alpha [1]; accepted [1] or null
// guard     nothing is written unless accepted is null or 1: a rejected step leaves W bit for bit as it was
// aliasing  D may be W; otherwise they must not overlap
// launch    256 threads, a warp a row; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      2 flops, 12 bytes an element
// bound     1 rounding: eps |W + alpha D|
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Layer : MatrixGroup {
  float* W;
  const float* D;
  int W_stride;
  int D_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
update_f32(const __grid_constant__ Groups<Layer> layers, const float* alpha_pointer, const int* accepted) {
  if (accepted != nullptr && *accepted != 1) return;
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  if (row >= layer.rows) return;
  const float alpha = *alpha_pointer;
  float* w = row_of(layer.W, row, layer.W_stride);
  const float* d = row_of(layer.D, row, layer.D_stride);
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(w + c);
    const Pack<kWide> y = load<kWide>(d + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) x.v[i] = fmaf(alpha, y.v[i], x.v[i]);
    store<kWide>(w + c, x);
  });
}
