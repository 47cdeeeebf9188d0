// Moving average of the gradients of all layers, not in place.
//
//   gradient_average          out = mu m + (1 - mu) g
//   gradient_average__along   the same, and before along_l = <out_l, g_l> with what out held: how far the new gradient agrees with
//                             the direction before it, whose memory the average takes
//
// shapes    m, g, out [rows][columns] of each group, strides of their own; mu [1]; along [layers] of all launches, this one's groups
//           from their beginning; partial [blocks] of this launch; arrived [groups] is 0 before and after
// mu = 0    out is g to the bit, and m is not read
// aliasing  out must overlap neither m nor g
// launch    256 threads, a warp a row; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// order     fixed by shape and layout, as that of layer_measures.cu
// cost      3 flops, 12 bytes an element; along: 5 flops, 16 bytes
// bound     eps (|out| + 2 |(1 - mu) g|); along: 62 eps of the sum of magnitudes
// source    Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, the first moment, without its correction of
//           the bias: mu is 0 at first (control_layers.cu)
#include "gradient_average.cuh"
#include "layer_sums.cuh"

using namespace krongauss;

struct Layer : MatrixGroup {
  const float* m;
  const float* g;
  float* out;
  int m_stride;
  int g_stride;
  int out_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
gradient_average_f32(const __grid_constant__ Groups<Layer> layers, const float* mu_pointer) {
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  if (row >= layer.rows) return;
  const float mu = *mu_pointer;
  const float* m = row_of(layer.m, row, layer.m_stride);
  const float* g = row_of(layer.g, row, layer.g_stride);
  float* out = row_of(layer.out, row, layer.out_stride);
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    store<kWide>(out + c, averaged<kWide>(mu, m + c, load<kWide>(g + c)));
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
gradient_average_f32__along(const __grid_constant__ Groups<Layer> layers, const float* mu_pointer, float* partial,
                            unsigned* arrived, float* along) {
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  float sums[1] = {};
  if (row < layer.rows) {
    const float mu = *mu_pointer;
    const float* m = row_of(layer.m, row, layer.m_stride);
    const float* g = row_of(layer.g, row, layer.g_stride);
    float* out = row_of(layer.out, row, layer.out_stride);
    sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> y = load<kWide>(g + c);
      const Pack<kWide> x = load<kWide>(out + c);
      float xy = x.v[0] * y.v[0];
#pragma unroll
      for (int i = 1; i < kWide; i++) xy = fmaf(x.v[i], y.v[i], xy);
      sums[0] += xy;
      store<kWide>(out + c, averaged<kWide>(mu, m + c, y));
    });
  }
  if (layer_sums(layers, layer, sums, partial, arrived)) along[&layer - layers.item] = sums[0];
}
