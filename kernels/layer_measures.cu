// What the coefficient of each layer is judged by.
//
//   r_l = <D_l, g_l>      q_l = |D_l|^2      p_l = -<D_l, m_l'>,  m_l' = mu m_l + (1 - mu) g_l      w_l = |W_l|^2
//
// m' is computed on the fly (gradient_average.cuh). Where D is minus a positive definite matrix times m', as for a damped
// Kronecker-factored step, p is D's squared length in the metric of that matrix.
// shapes    D, g, m, W [rows][columns] of each group, strides of their own; mu [1] or null for 0; r, q, p, w [layers] of all
//           launches, this one's groups from their beginning; partial [4][blocks] of this launch; arrived [groups] is 0 before
//           and after
// mu = 0    m is not read, and p is -r to the bit
// aliasing  D, g, m and W may be one another; an output must not be one of the inputs
// launch    256 threads, a warp a row; a group has (rows / 8) (columns / 1024) blocks, both rounded up
// order     fixed by shape and layout: blocks leave their sums, the last one of a layer to arrive adds them. The same bits on
//           every run
// cost      11 flops, 16 bytes an element (8 flops, 12 bytes where mu is 0)
// bound     r, q, w: 62 eps of the sum of magnitudes (reduce.cu); p: that, and eps |D| (|m'| + 2 |(1 - mu) g|) an element
// NaN, Inf  a non-finite term makes that layer's result non-finite (the compensation may turn Inf into NaN)
// __taking  further blocks, behind those of the layers, take the part of a batch on which the directions' curvature is measured
//           (subsample.cu): neither waits for the other
#include "gradient_average.cuh"
#include "layer_sums.cuh"
#include "subsample.cuh"

using namespace krongauss;

struct Layer : MatrixGroup {
  const float* D;
  const float* g;
  const float* m;
  const float* W;
  int D_stride;
  int g_stride;
  int m_stride;
  int W_stride;
};

// r, q, p and w of all layers of a launch.
__device__ __forceinline__ void measure(const Groups<Layer>& layers, const float* mu_pointer, float* partial, unsigned* arrived,
                                        float* r, float* q, float* p, float* w) {
  const Layer& layer = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - layer.first, layer.rows);
  float sums[4] = {};
  if (row < layer.rows) {
    const float mu = mu_pointer == nullptr ? 0.0f : *mu_pointer;
    const float* d = row_of(layer.D, row, layer.D_stride);
    const float* g = row_of(layer.g, row, layer.g_stride);
    const float* m = row_of(layer.m, row, layer.m_stride);
    const float* weights = row_of(layer.W, row, layer.W_stride);
    sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(layer.columns, begin + kChunk), layer.whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> x = load<kWide>(d + c);
      const Pack<kWide> y = load<kWide>(g + c);
      const Pack<kWide> z = averaged<kWide>(mu, m + c, y);
      const Pack<kWide> v = load<kWide>(weights + c);
      float xy = x.v[0] * y.v[0], xx = x.v[0] * x.v[0], xz = x.v[0] * z.v[0], vv = v.v[0] * v.v[0];
#pragma unroll
      for (int i = 1; i < kWide; i++) {
        xy = fmaf(x.v[i], y.v[i], xy);
        xx = fmaf(x.v[i], x.v[i], xx);
        xz = fmaf(x.v[i], z.v[i], xz);
        vv = fmaf(v.v[i], v.v[i], vv);
      }
      sums[0] += xy;
      sums[1] += xx;
      sums[2] += xz;
      sums[3] += vv;
    });
  }
  if (!layer_sums(layers, layer, sums, partial, arrived)) return;
  const int l = static_cast<int>(&layer - layers.item);
  r[l] = sums[0];
  q[l] = sums[1];
  p[l] = -sums[2];
  w[l] = sums[3];
}

extern "C" __global__ void __launch_bounds__(kThreads)
layer_measures_f32(const __grid_constant__ Groups<Layer> layers, const float* mu_pointer, float* partial, unsigned* arrived,
                   float* r, float* q, float* p, float* w) {
  measure(layers, mu_pointer, partial, arrived, r, q, p, w);
}

// N, n, c as in subsample.cu.
extern "C" __global__ void __launch_bounds__(kThreads)
layer_measures_f32__taking(const __grid_constant__ Groups<Layer> layers, const float* mu_pointer, float* partial,
                           unsigned* arrived, float* r, float* q, float* p, float* w, const __grid_constant__ Groups<Stack> stacks,
                           int N, int n, int c) {
  const int block = static_cast<int>(blockIdx.x) - layers.blocks;
  if (block >= 0) {
    subsample(stacks, block, N, n, c);
  } else {
    measure(layers, mu_pointer, partial, arrived, r, q, p, w);
  }
}
