// Weight update with a step size a layer, and what follows from it: the gradients' average and the weights' average.
//
//   W_l += x_l D_l
//   m_l = mu m_l + (1 - mu) g_l              (where mu has an address)
//   A_l += max(1 / k, 1 - decay) (W_l - A_l) (where k has an address), W_l the new weights
//
// shapes    W, D, m, g, A [rows][columns] of each group, strides of their own; x [groups]; mu, accepted [1]; k the accepted
//           updates with this one (count.cuh). What has no address stands for no operand, and its matrices are not read
// guard     nothing is written unless accepted is 1: a rejected step leaves W, m and A bit for bit as they were
// mu = 0    m is g to the bit, and the old m is not read (gradient_average.cuh)
// aliasing  W, m and A may overlap nothing else here
// launch    256 threads, a warp a row; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      8 flops, 32 bytes an element with both averages; 2 flops, 12 bytes with none
// bound     W: eps |W|; m as in gradient_average.cu, A as in iterate_average.cu, to the same bits as these
#include "count.cuh"
#include "gradient_average.cuh"
#include "groups.cuh"

using namespace krongauss;

struct Layer : MatrixGroup {
  float* W;
  const float* D;
  float* m;
  const float* g;
  float* A;
  int W_stride;
  int D_stride;
  int m_stride;
  int g_stride;
  int A_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
layer_update_f32(const __grid_constant__ Groups<Layer> layers, const float* coefficients, const float* mu_pointer, float decay,
                 const int* applied_low, const int* applied_high, const int* accepted) {
  if (*accepted != 1) return;
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  if (row >= layer.rows) return;
  const float step = coefficients[&layer - layers.item];
  const bool gradients = mu_pointer != nullptr;
  const bool iterates = applied_low != nullptr;
  const float mu = gradients ? *mu_pointer : 0.0f;
  const float weight =
      iterates ? fmaxf(1.0f / static_cast<float>(counted(applied_low, applied_high)), 1.0f - decay) : 0.0f;
  float* w = row_of(layer.W, row, layer.W_stride);
  const float* d = row_of(layer.D, row, layer.D_stride);
  float* m = row_of(layer.m, row, layer.m_stride);
  const float* g = row_of(layer.g, row, layer.g_stride);
  float* a = row_of(layer.A, row, layer.A_stride);
  sweep(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(w + c);
    const Pack<kWide> y = load<kWide>(d + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) x.v[i] = fmaf(step, y.v[i], x.v[i]);
    store<kWide>(w + c, x);
    if (gradients) store<kWide>(m + c, averaged<kWide>(mu, m + c, load<kWide>(g + c)));
    if (iterates) {
      Pack<kWide> z = load<kWide>(a + c);
#pragma unroll
      for (int i = 0; i < kWide; i++) z.v[i] = fmaf(weight, x.v[i] - z.v[i], z.v[i]);
      store<kWide>(a + c, z);
    }
  });
}
