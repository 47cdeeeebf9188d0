// Matrix product with an epilogue: C = epilogue(op(A) op(B)).
//
//   nn nt tn tt   C = alpha op(A) op(B) + beta C      (beta = 0: C is not read)
//   forward       h = a W^T, output = f(h), derivative = f'(h)
//   lowrank       out(n K + k, :) = b(n, :) o (C(n K + k, :) W)      K rows a datapoint; backward is K = 1
//   recursion     G = (W^T P) o S, symmetric: lower tiles computed, mirrored
//   tangent       v = b o (a D^T + u W^T): two products in one accumulator
//
// shapes    inner index last in the lists below; o = outputs of the layer, i = inputs without the homogeneous 1
//             product    op(A) [M][K], op(B) [K][N], C [M][N]
//             forward    a [N][i+1], W [o][i+1], output and derivative [N][o]
//             lowrank    C [n K][o], W [o][i] (the bias column is left out), b [n][i], out [n K][i]
//             recursion  W [o][i], P [o][i] = G_next W, S [i][i] lower, G [i][i] both halves
//             tangent    a [N][i+1], D [o][i+1], u [N][i] or null, W [o][i], b [N][o] or null, v [N][o]
// layout    row-major, any strides; X_whole says how much of a row can be read by fours (tile.cuh); only the columns of
//           an output are written, its padding is not
// aliasing  an output overlaps no input and no other output
// launch    256 threads a tile of 64 x 64; grid (columns / 64, rows / 64), rounded up
// cost      2 M N K flops (recursion: half); M K + K N + M N floats at least, (M N K / 32) through the tiles
// bound     |error| <= (K + 2) eps sum_k |A||B| for the product, eps = 2^-24; each factor of an epilogue adds 1
//           rounding; f adds max |f'| times the error of h and its own error (activation.cuh)
// source    Botev, Ritter, Barber 2017, "Gauss-Newton Approximation" and the recursions of KFLR and KFRA
//
// The plain FP32 version: it stays as the second oracle and as the kernel for chips without fast TF32.
#include "activation.cuh"
#include "tile.cuh"

using namespace krongauss;

#define KRONGAUSS_PRODUCT(name, along_a, along_b)                                                                     \
  extern "C" __global__ void __launch_bounds__(kThreads)                                                              \
  name(const float* A, int A_stride, int A_whole, const float* B, int B_stride, int B_whole, float* C, int C_stride,  \
       int C_whole, int M, int N, int K, float alpha, float beta) {                                                   \
    product_tile<along_a, along_b>({A, A_stride, M, A_whole}, {B, B_stride, N, B_whole}, K,                           \
                                   {C, C_stride, C_whole, alpha, beta});                                              \
  }

// op(A) is read as (row, k): plain A lies along k. op(B) is read as (column, k): plain B lies along the columns.
KRONGAUSS_PRODUCT(matmul_f32__nn, Along::kInner, Along::kOuter)
KRONGAUSS_PRODUCT(matmul_f32__nt, Along::kInner, Along::kInner)
KRONGAUSS_PRODUCT(matmul_f32__tn, Along::kOuter, Along::kOuter)
KRONGAUSS_PRODUCT(matmul_f32__tt, Along::kOuter, Along::kInner)

// derivative may be null: a forward pass that only evaluates.
extern "C" __global__ void __launch_bounds__(kThreads)
matmul_f32__forward(const float* a, int a_stride, int a_whole, const float* W, int W_stride, int W_whole, float* output,
                    int output_stride, float* derivative, int derivative_stride, int whole, int N, int o, int inner,
                    int transfer, float slope) {
  __shared__ TileBuffers shared;
  const int row0 = blockIdx.y * kTile;
  const int column0 = blockIdx.x * kTile;
  float acc[4][4] = {};
  multiply<Along::kInner, Along::kInner>(acc, {a, a_stride, N, a_whole}, {W, W_stride, o, W_whole}, row0, column0, 0,
                                         inner, shared);
  with_transfer(transfer, [&](auto f) {
    each(acc, row0, column0, N, o, [=](int r, int c, const Pack<4>& h) {
      Pack<4> a;
      Pack<4> b;
#pragma unroll
      for (int i = 0; i < 4; i++) decltype(f)::both(h.v[i], slope, a.v[i], b.v[i]);
      store_quad(row_of(output, r, output_stride), c, o, whole, a);
      if (derivative != nullptr) store_quad(row_of(derivative, r, derivative_stride), c, o, whole, b);
    });
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
matmul_f32__lowrank(const float* C, int C_stride, int C_whole, const float* W, int W_stride, int W_whole,
                    const float* b, int b_stride, float* out, int out_stride, int whole, int rows, int o, int i,
                    int rank) {
  __shared__ TileBuffers shared;
  const int row0 = blockIdx.y * kTile;
  const int column0 = blockIdx.x * kTile;
  float acc[4][4] = {};
  multiply<Along::kInner, Along::kOuter>(acc, {C, C_stride, rows, C_whole}, {W, W_stride, i, W_whole}, row0, column0, 0,
                                         o, shared);
  each(acc, row0, column0, rows, i, [=](int r, int c, const Pack<4>& x) {
    const Pack<4> factor = load_quad(row_of(b, r / rank, b_stride), c, i, whole, 0.0f);
    store_quad(row_of(out, r, out_stride), c, i, whole, x * factor);
  });
}

// W^T P is symmetric only up to rounding when P = G W was rounded; the lower half is taken for both.
extern "C" __global__ void __launch_bounds__(kThreads)
matmul_f32__recursion(const float* W, int W_stride, int W_whole, const float* P, int P_stride, int P_whole,
                      const float* S, int S_stride, float* G, int G_stride, int whole, int i, int o) {
  if (blockIdx.x > blockIdx.y) return;
  __shared__ TileBuffers shared;
  const int row0 = blockIdx.y * kTile;
  const int column0 = blockIdx.x * kTile;
  float acc[4][4] = {};
  multiply<Along::kOuter, Along::kOuter>(acc, {W, W_stride, i, W_whole}, {P, P_stride, i, P_whole}, row0, column0, 0, o,
                                         shared);
  store_lower<true>(acc, row0, column0, G, G_stride, i, whole,
                    [=](int r, int c, int length, int by_fours, const Pack<4>& x) {
                      return x * load_quad(row_of(S, r, S_stride), c, length, by_fours, 0.0f);
                    });
}

// u is null at the first layer, whose input does not depend on the weights; b is null where f is the identity.
extern "C" __global__ void __launch_bounds__(kThreads)
matmul_f32__tangent(const float* a, int a_stride, int a_whole, const float* D, int D_stride, int D_whole,
                    const float* u, int u_stride, int u_whole, const float* W, int W_stride, int W_whole,
                    const float* b, int b_stride, float* v, int v_stride, int whole, int N, int o, int i) {
  __shared__ TileBuffers shared;
  const int row0 = blockIdx.y * kTile;
  const int column0 = blockIdx.x * kTile;
  float acc[4][4] = {};
  multiply<Along::kInner, Along::kInner>(acc, {a, a_stride, N, a_whole}, {D, D_stride, o, D_whole}, row0, column0, 0,
                                         i + 1, shared);
  if (u != nullptr) {
    multiply<Along::kInner, Along::kInner>(acc, {u, u_stride, N, u_whole}, {W, W_stride, o, W_whole}, row0, column0, 0,
                                           i, shared);
  }
  each(acc, row0, column0, N, o, [=](int r, int c, Pack<4> x) {
    if (b != nullptr) x = x * load_quad(row_of(b, r, b_stride), c, o, whole, 0.0f);
    store_quad(row_of(v, r, v_stride), c, o, whole, x);
  });
}
