// The steps between the products of H <- B W^T H W B + D, for a stack of symmetric matrices, one a datapoint. The stack goes
// through a layer as X = H W (one product over all rows), its transpose datapoint by datapoint, M = X^T W = W^T H W (one
// product again), and the scaling by what is the datapoint's own.
//
//   transpose   Y_n = X_n^T
//   scale       H_n = diag(b_n) M_n diag(b_n) + diag(D_n), M_n symmetric: lower triangle read, both halves written, equal
//               bit for bit
//
// b may be null and is ones then, D may be null and is zeros then.
//
// shapes    X [N r][c], Y [N c][r]; M, H [N d][d]; b, D [N][d]; strides of their own
// aliasing  Y is not X; H may be M with its stride; nothing else overlaps
// launch    256 threads, a tile of 32 x 32 of one datapoint a block; transpose: grid N (r / 32) (c / 32), rounded up; scale:
//           grid N T (T + 1) / 2 with T = d / 32 rounded up, tiles of the lower triangle row by row
// cost      transpose 8 bytes an element; scale 6 bytes and 1.5 flops an element of M
// bound     transpose exact; scale eps (2 |b_i b_j M_ij| + |H_ij|)
// source    Botev, Ritter, Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017, the recursion of the
//           pre-activation Hessian
#include "tile.cuh"

using namespace krongauss;

namespace {

constexpr int kSide = 32;               // of a tile
constexpr int kStep = kThreads / kSide;  // rows of a tile that the block moves at a time

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads)
congruence_f32__transpose(const float* X, int X_stride, float* Y, int Y_stride, int rows, int columns) {
  __shared__ float tile[kSide][kSide + 1];
  const int across = (columns + kSide - 1) / kSide;
  const int tiles = across * ((rows + kSide - 1) / kSide);
  const int n = blockIdx.x / tiles;
  const int row0 = blockIdx.x % tiles / across * kSide;
  const int column0 = blockIdx.x % tiles % across * kSide;
  const float* from = X + static_cast<long long>(n) * rows * X_stride;
  float* to = Y + static_cast<long long>(n) * columns * Y_stride;
  const int x = threadIdx.x % kSide;
  const int y = threadIdx.x / kSide;
#pragma unroll
  for (int k = 0; k < kSide; k += kStep) {
    if (row0 + y + k < rows && column0 + x < columns) {
      tile[y + k][x] = row_of(from, row0 + y + k, X_stride)[column0 + x];
    }
  }
  __syncthreads();
#pragma unroll
  for (int k = 0; k < kSide; k += kStep) {
    if (column0 + y + k < columns && row0 + x < rows) {
      row_of(to, column0 + y + k, Y_stride)[row0 + x] = tile[x][y + k];
    }
  }
}

// The barrier stands between the last load of the tile from M and the first store of its image, which on the diagonal is
// the same tile: H may be M.
extern "C" __global__ void __launch_bounds__(kThreads)
congruence_f32__scale(const float* M, int M_stride, const float* b, int b_stride, const float* D, int D_stride, float* H,
                      int H_stride, int d) {
  __shared__ float tile[kSide][kSide + 1];
  const int side = (d + kSide - 1) / kSide;
  const int tiles = side * (side + 1) / 2;
  const int n = blockIdx.x / tiles;
  const TilePlace place = lower_tile(blockIdx.x % tiles);
  const int row0 = place.row * kSide;
  const int column0 = place.column * kSide;
  const float* from = M + static_cast<long long>(n) * d * M_stride;
  float* to = H + static_cast<long long>(n) * d * H_stride;
  const float* factor = row_of(b, n, b_stride);
  const int x = threadIdx.x % kSide;
  const int y = threadIdx.x / kSide;
  const int j = column0 + x;
  const float of_column = b != nullptr && j < d ? factor[j] : 1.0f;
#pragma unroll
  for (int k = 0; k < kSide; k += kStep) {
    const int i = row0 + y + k;
    if (i < d && j <= i) {
      float value = row_of(from, i, M_stride)[j];
      if (b != nullptr) value *= factor[i] * of_column;
      if (D != nullptr && i == j) value += row_of(D, n, D_stride)[i];
      tile[y + k][x] = value;
      row_of(to, i, H_stride)[j] = value;
    }
  }
  __syncthreads();
#pragma unroll
  for (int k = 0; k < kSide; k += kStep) {
    const int image = column0 + y + k;
    const int i = row0 + x;
    if (i < d && image < i) row_of(to, image, H_stride)[i] = tile[x][y + k];
  }
}
