// Stochastic gradient descent of all layers, plain and with (Nesterov) momentum.
//
//   sgd_f32             W -= lr g
//   sgd_f32__momentum   u <- mu u + g;   W -= lr (from_gradient g + from_velocity u)
//                       momentum: from_gradient 0, from_velocity 1; Nesterov: from_gradient 1, from_velocity mu
//
// shapes    W, g, u [rows][columns] of each layer, strides of their own; lr [1]; accepted [1] or null
// guard     neither W nor u is written unless accepted is null or 1
// aliasing  none of the matrices may overlap
// groups    up to 32 layers a launch
// launch    256 threads, a warp a row; a layer has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      2 or 6 flops, 12 or 20 bytes an element
// bound     4 roundings: 4 eps (|W| + lr (|mu u| + |g|))
// source    Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning",
//           ICML 2013, in the form where W is the look-ahead point
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Layer : MatrixGroup {
  float* W;
  const float* g;
  int W_stride;
  int g_stride;
};

struct MovingLayer : MatrixGroup {
  float* W;
  const float* g;
  float* u;
  int W_stride;
  int g_stride;
  int u_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
sgd_f32(const __grid_constant__ Groups<Layer> layers, const float* lr, const int* accepted) {
  if (accepted != nullptr && *accepted != 1) return;
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  if (row >= layer.rows) return;
  const float step = -*lr;
  float* w = row_of(layer.W, row, layer.W_stride);
  const float* gradient = row_of(layer.g, row, layer.g_stride);
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(w + c);
    const Pack<kWide> y = load<kWide>(gradient + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) x.v[i] = fmaf(step, y.v[i], x.v[i]);
    store<kWide>(w + c, x);
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
sgd_f32__momentum(const __grid_constant__ Groups<MovingLayer> layers, float mu, float from_gradient, float from_velocity,
                  const float* lr, const int* accepted) {
  if (accepted != nullptr && *accepted != 1) return;
  const MovingLayer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  if (row >= layer.rows) return;
  const float a = -*lr * from_gradient;
  const float b = -*lr * from_velocity;
  float* w = row_of(layer.W, row, layer.W_stride);
  const float* gradient = row_of(layer.g, row, layer.g_stride);
  float* velocity = row_of(layer.u, row, layer.u_stride);
  sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(w + c);
    const Pack<kWide> y = load<kWide>(gradient + c);
    Pack<kWide> v = load<kWide>(velocity + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) {
      v.v[i] = fmaf(mu, v.v[i], y.v[i]);
      x.v[i] = fmaf(b, v.v[i], fmaf(a, y.v[i], x.v[i]));
    }
    store<kWide>(velocity + c, v);
    store<kWide>(w + c, x);
  });
}
