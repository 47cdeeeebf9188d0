// A loss of your own in CUDA: the kernels that dev.krongauss.net.CudaLoss launches. Define the first two, and others where
// the loss has them; nvcc then holds the definitions against these declarations.
//
//   loss_evaluate          values_n = E(h_n, t_n), gradient_n = dE/dh_n              (gradient may be null)
//   loss_square_root       C_n of K rows c_nk with sum_k c_nk c_nk^T = d2E/dh2, or a positive semidefinite matrix in its place:
//                          its Gauss-Newton part, or the Fisher. Every element is to be written. All other curvature is made of it
//   loss_sampled_gradient  optional, for KFAC: dE/dh at a target drawn from the model; equal (seed, step, n) give equal draws
//   loss_hessian_vector    optional: the literal d2E/dh2 times v, where that is not what C is a square root of
//
// shapes    row-major floats, element (n, j) at n * stride + j: h, gradient, v, product [N][d], t [N][targets], values [N],
//           C [N K][d] with c_nk in row n K + k
// launch    blocks of 128 threads in x alone, at least N * threads of them in all, where `threads` is what the loss was built with
//           (1: a thread a datapoint, n = blockIdx.x * blockDim.x + threadIdx.x); the last block is not full: check n < N
// aliasing  gradient and product are never h, t or v
//
// A loss should be a pure function of its arguments: updates are captured as graphs and replayed. Values that are not finite are
// allowed; the update is then rejected.
#pragma once

#include "philox.cuh"

extern "C" __global__ void loss_evaluate(const float* h, int h_stride, const float* t, int t_stride, float* gradient,
                                         int gradient_stride, float* values, int N, int d);

extern "C" __global__ void loss_square_root(const float* h, int h_stride, const float* t, int t_stride, float* C,
                                            int C_stride, int N, int d, int K);

extern "C" __global__ void loss_sampled_gradient(const float* h, int h_stride, float* gradient, int gradient_stride,
                                                 int N, int d, long long seed, const int* step);

extern "C" __global__ void loss_hessian_vector(const float* h, int h_stride, const float* t, int t_stride,
                                               const float* v, int v_stride, float* product, int product_stride, int N,
                                               int d);

namespace krongauss {

// Four random words of datapoint n for its columns 4 i to 4 i + 3; unit() makes a number in (0, 1] of one, normal_pair() two
// standard normals of two.
__device__ __forceinline__ uint4 drawn(int n, int i, long long seed, const int* step) {
  return philox(make_uint4(i, n, *step, kDomainTarget), key_of(seed));
}

}  // namespace krongauss
