// Average of the weights over the accepted updates, all layers.
//
//   A += max(1 / k, 1 - decay) (W - A)      that is A = xi A + (1 - xi) W, xi = min(1 - 1/k, decay)
//
// k counts the accepted updates, this one included: a plain mean at first, so that the start has no bias; k = 1 is a copy if A
// is 0.
// shapes    A, W [rows][columns] of each group, strides of their own; k a count (count.cuh); accepted [1]
// guard     nothing is written unless accepted is 1
// aliasing  A and W must not overlap
// launch    256 threads, a warp a row; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      3 flops, 12 bytes an element
// bound     eps (|A'| + 4 (1 - xi) |W - A|), A' the new average: the weight two roundings, the difference one, the sum one
// source    Martens, Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", ICML 2015, on iterate
//           averaging (their xi is 0.99); Polyak, Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992
#include "count.cuh"
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Layer : MatrixGroup {
  float* A;
  const float* W;
  int A_stride;
  int W_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
iterate_average_f32(const __grid_constant__ Groups<Layer> layers, float decay, const int* applied_low, const int* applied_high,
                    const int* accepted) {
  if (*accepted != 1) return;
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  if (row >= layer.rows) return;
  const float weight = fmaxf(1.0f / static_cast<float>(counted(applied_low, applied_high)), 1.0f - decay);
  float* a = row_of(layer.A, row, layer.A_stride);
  const float* w = row_of(layer.W, row, layer.W_stride);
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(a + c);
    const Pack<kWide> y = load<kWide>(w + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) x.v[i] = fmaf(weight, y.v[i] - x.v[i], x.v[i]);
    store<kWide>(a + c, x);
  });
}
