// f'' of a layer's transfer function from what its forward pass keeps, a = f(h) and b = f'(h); h itself is not needed.
//
//   out = f''(h):  tanh -2 a b,  logistic b (1 - 2 a),  softplus b (1 - b),  identity, ReLU, leaky ReLU 0
//
// shapes    a, b, out [rows][columns], strides of their own
// aliasing  out may be a or b with its stride
// launch    256 threads; a warp a row, grid (rows / 8, columns / 1024), rounded up (rows.cuh)
// cost      12 bytes and at most 3 flops an element
// bound     against f''(h), with a and b right to one rounding: 7 eps b (tanh 4 eps |a| b + 2 eps |f''|; logistic
//           eps b |1 - 2a| + 2 eps a b + 2 eps |f''|; softplus eps b |1 - 2b| + 2 eps |f''|)
// source    Botev, Ritter, Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017, the recursion of the
//           pre-activation Hessian
#include "activation.cuh"
#include "rows.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
second_derivative_f32(const float* a, int a_stride, const float* b, int b_stride, float* out, int out_stride, int rows,
                      int columns, int whole, int transfer) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const float* x = row_of(a, row, a_stride);
  const float* y = row_of(b, row, b_stride);
  float* z = row_of(out, row, out_stride);
  const int begin = blockIdx.y * kChunk;
  const int end = min(columns, begin + kChunk);
  with_transfer(transfer, [=](auto f) {
    sweep(threadIdx.x % kWarp, kWarp, begin, end, whole, [=](auto width, int c) {
      constexpr int W = decltype(width)::value;
      Pack<W> p = load<W>(x + c);
      const Pack<W> q = load<W>(y + c);
#pragma unroll
      for (int i = 0; i < W; i++) p.v[i] = decltype(f)::second(p.v[i], q.v[i]);
      store(z + c, p);
    });
  });
}
