// Adam's step of all layers.
//
//   m <- m + (1 - beta1)(g - m)         v <- v + (1 - beta2)(g^2 - v)
//   W <- W - lr m_hat / (sqrt(v_hat) + epsilon),   m_hat = m / (1 - beta1^t),   v_hat = v / (1 - beta2^t)
//
// or, where epsilon is added before the correction (uncorrected != 0),
//
//   W <- W - lr m_hat sqrt(1 - beta2^t) / (sqrt(v) + epsilon)
//
// which is the first line with epsilon / sqrt(1 - beta2^t) in place of epsilon, another number at every step.
//
// shapes    W, g, m, v [rows][columns] of each layer, strides of their own; lr [1]; t a count (count.cuh), 1 at the first step;
//           accepted [1] or null
// guard     W, m and v are written only if accepted is null or 1
// aliasing  none of the matrices may overlap
// groups    up to 32 layers a launch
// launch    256 threads, a warp a row; a layer has (rows / 8) (columns / 1024) blocks, both rounded up
// cost      9 flops, a root and a division, 28 bytes an element
// bound     m, v: 3 roundings; W: eps |W| + 16 eps lr |m_hat| / (sqrt(v_hat) + epsilon)
// source    Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, Algorithm 1, and the line before section 2.1
//
// The moments are written as interpolations: m = g stays exactly m = g, which beta1 m + (1 - beta1) g with both factors
// rounded would not give. One minus beta comes from the host, where it was formed in double: 1 - 0.999f in float is
// wrong by 1e-5. 1 - beta^t = -expm1(t log beta) with log beta from the host's double for the same reason: beta itself
// as a float loses half of the digits of its distance from 1, powf would lose them again, and expm1 loses none.
#include "count.cuh"
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Layer : MatrixGroup {
  float* W;
  const float* g;
  float* m;
  float* v;
  int W_stride;
  int g_stride;
  int m_stride;
  int v_stride;
};

extern "C" __global__ void __launch_bounds__(kThreads)
adam_f32(const __grid_constant__ Groups<Layer> layers, float one_minus_beta1, float one_minus_beta2, float log_beta1,
         float log_beta2, float epsilon, int uncorrected, const float* lr, const int* t_low, const int* t_high,
         const int* accepted) {
  if (accepted != nullptr && *accepted != 1) return;
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  if (row >= layer.rows) return;
  const float t = static_cast<float>(counted(t_low, t_high));
  const float step = *lr / expm1f(t * log_beta1);  // negative: the sign of the descent is in it
  const float scale = 1.0f / sqrtf(-expm1f(t * log_beta2));
  const float floor = uncorrected != 0 ? scale * epsilon : epsilon;
  float* w = row_of(layer.W, row, layer.W_stride);
  const float* gradient = row_of(layer.g, row, layer.g_stride);
  float* first = row_of(layer.m, row, layer.m_stride);
  float* second = row_of(layer.v, row, layer.v_stride);
  sweep(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(w + c);
    const Pack<kWide> y = load<kWide>(gradient + c);
    Pack<kWide> a = load<kWide>(first + c);
    Pack<kWide> b = load<kWide>(second + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) {
      a.v[i] = fmaf(one_minus_beta1, y.v[i] - a.v[i], a.v[i]);
      b.v[i] = fmaf(one_minus_beta2, fmaf(y.v[i], y.v[i], -b.v[i]), b.v[i]);
      x.v[i] = fmaf(step, a.v[i] / fmaf(scale, sqrtf(b.v[i]), floor), x.v[i]);
    }
    store<kWide>(first + c, a);
    store<kWide>(second + c, b);
    store<kWide>(w + c, x);
  });
}
