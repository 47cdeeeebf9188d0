// Gram matrix, the second moment of the rows of X.
//
//   S <- beta S + alpha X^T X
//
// shapes    X [M][d], S [d][d]; the lower triangle of S is read (not if beta = 0), both halves are written
// aliasing  S does not overlap X
// launch    256 threads a lower tile of 64 x 64; grid (d / 64, d / 64) rounded up, blocks above the diagonal return
// cost      M d^2 flops; M d + d^2 floats at least
// bound     |error| <= (M + 2) eps |alpha| sum_m |x_r x_c| + 2 eps |beta S|, eps = 2^-24
// source    Q_l and G_l of Botev, Ritter, Barber 2017; moving average of Martens, Grosse 2015, "Estimating the required
//           expectations"
//
// One FP32 chain over the rows for each element, in order, so the same bits come out each time, and (r, c) and (c, r)
// are the same number.
#include "tile.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
gram_f32(const float* X, int X_stride, int X_whole, float* S, int S_stride, int S_whole, int M, int d, float alpha,
         float beta) {
  if (blockIdx.x > blockIdx.y) return;
  __shared__ TileBuffers shared;
  const int row0 = blockIdx.y * kTile;
  const int column0 = blockIdx.x * kTile;
  const Operand x{X, X_stride, d, X_whole};
  float acc[4][4] = {};
  multiply<Along::kOuter, Along::kOuter>(acc, x, x, row0, column0, 0, M, shared);
  const Scaled out{S, S_stride, S_whole, alpha, beta};
  store_lower<true>(acc, row0, column0, S, S_stride, d, S_whole,
                    [=](int r, int c, int length, int by_fours, const Pack<4>& y) {
                      return out.value(r, c, length, by_fours, y);
                    });
}
