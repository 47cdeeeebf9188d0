// Weights of datapoints, w_n >= 0.
//
//   weights_scale           Y(n K + k, :) = f(w_n) X(n K + k, :),  f(w) = w or sqrt(w)
//   weights_scale__values   x_n *= w_n
//   weights_relative        out_n = w_n / mean(w); all 0 if all w are 0
//
// shapes    w [N][1] with its stride (a column of the targets); X, Y [N K][d]; x, out [N]
// aliasing  Y may be X; out may not be w
// launch    256 threads. scale: a warp a row, grid (N K / 8, d / 1024), rounded up; values: grid N / 256; relative: one block
// cost      one read and one write an element
// bound     scale: f = w 1 rounding, sqrt 2; relative: (N / 1024 + 46) eps, exactly 1 where all w are the same power of two
// limits    a datapoint of weight 0 is absent: 0 comes out also where X is not finite. A negative or NaN weight gives NaN
// order     fixed by N; no atomics
#include "rows.cuh"

using namespace krongauss;

__device__ __forceinline__ float checked(float w) { return w >= 0.0f ? w : NAN; }

extern "C" __global__ void __launch_bounds__(kThreads)
weights_scale_f32(const float* w, int w_stride, const float* X, int X_stride, float* Y, int Y_stride, int rows,
                  int columns, int whole, int rank, int root) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const float weight = checked(*row_of(w, row / rank, w_stride));
  const float factor = root != 0 ? sqrtf(weight) : weight;
  const float* x = row_of(X, row, X_stride);
  float* y = row_of(Y, row, Y_stride);
  const int begin = blockIdx.y * kChunk;
  sweep<4>(threadIdx.x % kWarp, kWarp, begin, min(columns, begin + kChunk), whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> p = load<kWide>(x + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) p.v[i] = factor == 0.0f ? 0.0f : factor * p.v[i];
    store<kWide>(y + c, p);
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
weights_scale_f32__values(const float* w, int w_stride, float* x, int rows) {
  const int n = blockIdx.x * kThreads + threadIdx.x;
  if (n >= rows) return;
  const float weight = checked(*row_of(w, n, w_stride));
  x[n] = weight == 0.0f ? 0.0f : weight * x[n];
}

// Sums of 1024 weights are added to sums of sums, so that the error grows with N / 1024.
extern "C" __global__ void __launch_bounds__(kThreads)
weights_relative_f32(const float* w, int w_stride, float* out, int rows) {
  float outer = 0.0f;
  for (int begin = threadIdx.x; begin < rows; begin += 4 * kThreads) {
    float inner = 0.0f;
    for (int n = begin; n < min(rows, begin + 4 * kThreads); n += kThreads) inner += checked(*row_of(w, n, w_stride));
    outer += inner;
  }
  const float sum = fold<Sum, kThreads>(outer);
  const float mean = sum / static_cast<float>(rows);
  for (int n = threadIdx.x; n < rows; n += kThreads) {
    out[n] = sum == 0.0f ? 0.0f : checked(*row_of(w, n, w_stride)) / mean;
  }
}
