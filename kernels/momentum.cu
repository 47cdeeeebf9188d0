// Weight update with the momentum of the update before, all layers.
//
//   V = alpha D + mu V
//   W += V
//
// shapes    W, D, V [rows][columns] of each group, strides of their own; alpha, mu, accepted [1]
// guard     nothing is written unless accepted is 1: a rejected step leaves W and V bit for bit as they were
// aliasing  none of the three may overlap another
// launch    256 threads, a warp a row; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      4 flops, 20 bytes an element
// bound     V: eps (|mu V| + |alpha D + mu V|); W: that, and eps |W + V|
// source    Martens, Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", ICML 2015, section
//           "Momentum": alpha and mu minimise the quadratic model in the plane of D and V (control.cu)
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Layer : MatrixGroup {
  float* W;
  const float* D;
  float* V;
  int W_stride;
  int D_stride;
  int V_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
momentum_f32(const __grid_constant__ Groups<Layer> layers, const float* alpha_pointer, const float* mu_pointer,
             const int* accepted) {
  if (*accepted != 1) return;
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  if (row >= layer.rows) return;
  const float alpha = *alpha_pointer, mu = *mu_pointer;
  float* w = row_of(layer.W, row, layer.W_stride);
  const float* d = row_of(layer.D, row, layer.D_stride);
  float* v = row_of(layer.V, row, layer.V_stride);
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(w + c);
    Pack<kWide> y = load<kWide>(v + c);
    const Pack<kWide> z = load<kWide>(d + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) {
      y.v[i] = fmaf(alpha, z.v[i], mu * y.v[i]);
      x.v[i] += y.v[i];
    }
    store<kWide>(v + c, y);
    store<kWide>(w + c, x);
  });
}
