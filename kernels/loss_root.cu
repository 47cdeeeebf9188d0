// Square roots of the Hessian of a loss in the pre-activations h of the last layer. For each loss of loss.cuh (squared, bernoulli,
// softmax):
//
//   loss_root   C[n d + k] = column k of a C_n with C_n C_n^T = H_n: sqrt(w_k) e_k, coupled: sqrt(w_k) (e_k - w)
//
// shapes    h [N][d], C [N d][d], each with its own stride
// aliasing  none
// launch    256 threads. Coupled: grid (N, d / 64 rounded up), a block writes 64 rows of C. Others: blocks (lanes, 256 / lanes), 1 or
//           32 lanes a row of C
// cost      each element of C is written once, 4 N d^2 bytes
// bound     per element, eps = 2^-24: sqrt(w) 6 eps; softmax half the error of loss_hessian.cu's w and 3 eps, and the winner's
//           1 - w relative to itself. LossReference has the numbers
// limits    a probability below 2^-126, about e^-87, loses digits and ends as 0 at e^-103; its square root does not
// order     fixed by shape and layout; no atomics
// source    Botev, Ritter, Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017
#include "loss.cuh"

namespace krongauss {

constexpr int kRootRows = 64;  // rows of C that one block writes

// Of a coupled loss.
template <class L>
__device__ __forceinline__ void coupled_root(const float* h_matrix, int h_stride, float* C, int C_stride, int columns, int h_whole,
                                             int C_whole) {
  __shared__ __align__(16) float weights[kChunk];
  const int n = blockIdx.x;
  const int begin_k = blockIdx.y * kRootRows;
  const int end_k = min(columns, begin_k + kRootRows);
  const int warp = threadIdx.x / kWarp;
  const int lane = threadIdx.x % kWarp;
  const float* h = row_of(h_matrix, n, h_stride);
  const Partition z = partition<L, kThreads>(h, threadIdx.x, columns, h_whole);
  for (int begin = 0; begin < columns; begin += kChunk) {
    const int width_here = min(kChunk, columns - begin);
    for (int c = threadIdx.x; c < width_here; c += kThreads) weights[c] = L::weight(h[begin + c], z);
    __syncthreads();
    for (int k = begin_k + warp; k < end_k; k += kThreads / kWarp) {
      const float root = L::root(h[k], z);
      const float diagonal = root * L::complement(h[k], z);
      float* out = C + (static_cast<long long>(n) * columns + k) * C_stride + begin;
      sweep(lane, kWarp, 0, width_here, C_whole - begin, [&](auto width, int c) {
        constexpr int kWide = decltype(width)::value;
        Pack<kWide> x = load<kWide>(weights + c);
#pragma unroll
        for (int i = 0; i < kWide; i++) x.v[i] = -root * x.v[i];
        store<kWide>(out + c, x);
        // The thread that wrote the diagonal writes it again: cheaper than a choice for every element.
        const int offset = k - begin - c;
        if (offset >= 0 && offset < kWide) out[c + offset] = diagonal;
      });
    }
    __syncthreads();
  }
}

// Of a loss whose outputs are independent: blockDim.x lanes a row of C.
template <class L>
__device__ __forceinline__ void diagonal_root(const float* h, int h_stride, float* C, int C_stride, int rows, int columns, int C_whole) {
  const int row = blockIdx.x * blockDim.y + threadIdx.y;
  if (row >= rows) return;
  const int k = row % columns;
  const float diagonal = L::root(row_of(h, row / columns, h_stride)[k], {});
  float* out = row_of(C, row, C_stride);
  sweep(threadIdx.x, blockDim.x, 0, columns, C_whole, [&](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    store<kWide>(out + c, Pack<kWide>{});
    const int offset = k - c;
    if (offset >= 0 && offset < kWide) out[k] = diagonal;
  });
}

}  // namespace krongauss

using namespace krongauss;

#define ROOT_KERNEL(suffix, L)                                                                                       \
  extern "C" __global__ void __launch_bounds__(kThreads) loss_root_f32__##suffix(                                    \
      const float* h, int h_stride, float* C, int C_stride, int rows, int columns, int h_whole, int C_whole) {       \
    if constexpr (L::coupled) {                                                                                      \
      coupled_root<L>(h, h_stride, C, C_stride, columns, h_whole, C_whole);                                          \
    } else {                                                                                                         \
      diagonal_root<L>(h, h_stride, C, C_stride, rows, columns, C_whole);                                            \
    }                                                                                                                \
  }

ROOT_KERNEL(squared, Squared)
ROOT_KERNEL(bernoulli, Bernoulli)
ROOT_KERNEL(softmax, Softmax)
