// The mean over the datapoints of Kronecker products: exact curvature blocks of a layer's weights.
//
//   K = [K +] scale sum_n (a_n a_n^T) (x) H_n,    K[j d + i][j' d + i'] = scale sum_n a_nj a_nj' H_n[i][i']
//
// which is the block of vec(W), W [d][I] stacked column by column, weight W[i][j] at j d + i. With I = 1 and a = 1 it is the
// mean of the H_n. Where K is added to, it is a sum of such products itself: its sub-blocks (j, j') and (j', j) are equal.
//
// shapes    a [N][I]; H [N d][d], row n d + i, each H_n symmetric bit for bit; K [I d][I d]; strides of their own
// aliasing  none
// launch    256 threads; a block computes 256 elements (i, i') of a tile of 4 x 4 sub-blocks (j, j'); grid T (T + 1) / 2 times
//           d d / 256, all rounded up, T = I / 4: tiles of the lower triangle, row by row, each written a second time as its
//           image, which for symmetric H_n has the same elements
// cost      20 flops for 32 results of each n (40 N I I d d / 64 in all); H is read I I / 32 times, from the cache
// bound     (N + 3) eps of scale sum |a a H|, and one rounding more where it is added
// order     n in rising order for each element; K is symmetric bit for bit
// source    Botev, Ritter, Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017, "sample Hessian of a
//           layer"
#include "tile.cuh"

using namespace krongauss;

namespace {

constexpr int kSub = 4;     // sub-blocks a side of a block's tile
constexpr int kStaged = 32;  // datapoints whose a is in shared memory at a time

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads)
kronecker_f32(const float* a, int a_stride, const float* H, int H_stride, float* K, int K_stride, int datapoints,
              int columns, int d, float scale, int add) {
  __shared__ __align__(16) float staged[kStaged][2 * kSub];  // of each datapoint a_j of the tile's rows, then its columns
  const int chunks = (d * d + kThreads - 1) / kThreads;
  const TilePlace place = lower_tile(blockIdx.x / chunks);
  const int element = blockIdx.x % chunks * kThreads + threadIdx.x;
  const bool mine = element < d * d;
  const int i = element / d;
  const int image = element % d;
  const int slot = threadIdx.x % (2 * kSub);
  const int j = kSub * (slot < kSub ? place.row : place.column) + slot % kSub;
  float sums[kSub][kSub] = {};
  for (int begin = 0; begin < datapoints; begin += kStaged) {
    const int mate = begin + threadIdx.x / (2 * kSub);
    const bool there = mate < datapoints && j < columns;
    staged[threadIdx.x / (2 * kSub)][slot] = there ? row_of(a, mate, a_stride)[j] : 0.0f;
    __syncthreads();
    const int count = mine ? min(kStaged, datapoints - begin) : 0;
    for (int k = 0; k < count; k++) {
      const float h = H[(static_cast<long long>(begin + k) * d + i) * H_stride + image];
      const Pack<kSub> x = load<kSub>(&staged[k][0]);
      const Pack<kSub> y = load<kSub>(&staged[k][kSub]);
#pragma unroll
      for (int r = 0; r < kSub; r++) {
        const float hx = h * x.v[r];
#pragma unroll
        for (int c = 0; c < kSub; c++) sums[r][c] = fmaf(hx, y.v[c], sums[r][c]);
      }
    }
    __syncthreads();
  }
  if (!mine) return;
  const bool diagonal = place.row == place.column;
#pragma unroll
  for (int r = 0; r < kSub; r++) {
#pragma unroll
    for (int c = 0; c < kSub; c++) {
      const int row = kSub * place.row + r;
      const int column = kSub * place.column + c;
      if (row >= columns || column >= columns || (diagonal && c > r)) continue;
      float* out = row_of(K, row * d + i, K_stride) + column * d + image;
      float value = scale * sums[r][c];
      if (add) value += *out;
      *out = value;
      if (row != column) row_of(K, column * d + i, K_stride)[row * d + image] = value;
    }
  }
}
