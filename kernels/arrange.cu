// Copies of several matrices, some of them transposed: between the layouts of weights.
//
//   Y = X or Y = X^T
//
// shapes    X [rows][columns], Y the same, or [columns][rows] transposed, of each group
// aliasing  no Y overlaps an X or another Y
// groups    one launch for all matrices
// launch    256 threads a tile of 32 x 32 of X; a group has (rows / 32) (columns / 32) blocks, both rounded up
// cost      no flops, 8 bytes an element, both sides in runs of 32
// bound     none: bits are copied, those of a NaN too
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Arranged : Group {
  int rows;
  int columns;
  int transposed;
  const float* X;
  float* Y;
  int X_stride;
  int Y_stride;
};

constexpr int kSide = 32;

extern "C" __global__ void __launch_bounds__(kThreads) arrange_f32(const __grid_constant__ Groups<Arranged> all) {
  __shared__ float tile[kSide][kSide + 1];  // a column lies in 32 banks
  const Arranged& m = group_of(all);
  const int tiles = (m.columns + kSide - 1) / kSide;
  const int row0 = (blockIdx.x - m.first) / tiles * kSide;
  const int column0 = (blockIdx.x - m.first) % tiles * kSide;
  const int lane = threadIdx.x % kSide;
  for (int i = threadIdx.x / kSide; i < kSide; i += kThreads / kSide) {
    if (row0 + i < m.rows && column0 + lane < m.columns) tile[i][lane] = row_of(m.X, row0 + i, m.X_stride)[column0 + lane];
  }
  __syncthreads();
  if (m.transposed == 0) {
    for (int i = threadIdx.x / kSide; i < kSide; i += kThreads / kSide) {
      if (row0 + i < m.rows && column0 + lane < m.columns) row_of(m.Y, row0 + i, m.Y_stride)[column0 + lane] = tile[i][lane];
    }
    return;
  }
  for (int i = threadIdx.x / kSide; i < kSide; i += kThreads / kSide) {
    if (column0 + i < m.columns && row0 + lane < m.rows) row_of(m.Y, column0 + i, m.Y_stride)[row0 + lane] = tile[lane][i];
  }
}
