// Gram matrices of several layers, second moments of the rows of X, with the moving average in the same pass.
//
//   S <- keep S + alpha (1 - beta) X^T X      keep = beta, or 1 for a further chunk of rows of the same batch
//
// beta = min(1 - 1/k, decay) for the k-th batch, which batches.cuh counts
// shapes    X [M][d], S [d][d]; the lower triangle of S is read (not if keep = 0), both halves are written; batches [2] or
//           null; restart [1] or null: an int that makes beta 0 where it is positive, so that a past that is not finite can
//           be left behind
// aliasing  an S overlaps no X and no other S, and no two have the same batches
// groups    one launch for the matrices of all layers
// launch    a block a lower tile of 64 x 64 (tile.cuh, tensor.cuh) and slice of the rows; a matrix has t (t + 1) / 2 tiles, t = d / 64 rounded
//           up, and none above the diagonal
// slices    few tiles of many rows are shared out: each block leaves its sum in the workspace, and the last one of a tile to
//           arrive adds them all in the order of the rows. arrived [tiles] is 0 before and after; partials [blocks] of 16 KB
// cost      M d (d + 1) flops; M d + d^2 floats at least, 2048 more for each tile and slice, twice
// bound     |error| <= (rows + slices + 4) eps |alpha (1 - beta)| sum_m |x_r x_c| + 2 eps |keep S|, eps = 2^-24, of slices of
//           `rows` rows: the chain over a slice, that over the slices, 1 - beta, its product with alpha and theirs with the
//           sum, and the last addition; on tensor cores tensor.cuh for the chain over a slice
// source    Q_l and G_l of Botev, Ritter, Barber 2017; moving average of Martens, Grosse 2015, "Estimating the required
//           expectations"
//
// The order of all sums is fixed by the shapes, so the same bits come out each time, and (r, c) and (c, r) are the same number.
#include "batches.cuh"
#include "groups.cuh"
#include "slices.cuh"
#include "tensor.cuh"

using namespace krongauss;

struct Moment : Group {
  int M;
  int d;
  int X_whole;
  const float* X;
  float* S;
  unsigned* batches;
  int X_stride;
  int S_stride;
  int S_whole;
  int slices;
  int rows;     // of a slice, a multiple of 16
  int partial;  // index of the first of its blocks that leave a sum
  int counter;  // of its first tile
  int adds;     // an earlier chunk has weighted the past
  float alpha;
  float decay;
};

namespace {

// The tile, one of `tiles`, into S and its mirror image.
template <class Tile>
__device__ __forceinline__ void store_average(Tile& tile, const Moment& m, int row0, int column0, int tiles,
                                              const int* restart, typename Tile::Shared& shared) {
  const float beta = weight_of_past(m.batches, m.adds != 0, m.decay, restart);
  if (m.batches != nullptr && m.adds == 0) count_batch(m.batches, tiles);
  const Scaled out{m.S, m.S_stride, m.S_whole, m.alpha * (1.0f - beta), m.adds != 0 ? 1.0f : beta};
  tile.store_lower(row0, column0, m.S, m.S_stride, m.d, m.S_whole, shared,
                   [=](int r, int c, int length, int by_fours, const Pack<4>& y) {
                     return out.value(r, c, length, by_fours, y);
                   });
}

template <class Tile>
__device__ __forceinline__ void gram(const Groups<Moment>& moments, float* partials, unsigned* arrived,
                                     const int* restart) {
  __shared__ typename Tile::Shared shared;
  const Moment& m = group_of(moments);
  const int t = (m.d + kTile - 1) / kTile;
  const int tiles = t * (t + 1) / 2;
  const int slice = (blockIdx.x - m.first) / tiles;
  const int place = (blockIdx.x - m.first) % tiles;
  const auto [row, column] = lower_tile(place);
  const int row0 = row * kTile;
  const int column0 = column * kTile;
  const int begin = slice * m.rows;
  const int end = min(m.M, begin + m.rows);
  const Operand x{m.X, m.X_stride, m.d, m.X_whole};
  Tile tile;
  tile.template multiply<Along::kOuter, Along::kOuter, true>(x, x, row0, column0, begin, end, shared);
  if (m.slices > 1) {
    float* sums = partials + static_cast<long long>(m.partial + place * m.slices) * kPartial;
    if (!join_slices(tile, sums, slice, m.slices, arrived + m.counter + place)) return;
  }
  store_average(tile, m, row0, column0, tiles, restart, shared);
}

}  // namespace

#define KRONGAUSS_GRAM(NAME, TILE)                                                                               \
  extern "C" __global__ void __launch_bounds__(TILE::kBlock, TILE::kResident)                                    \
  NAME(const __grid_constant__ Groups<Moment> moments, float* partials, unsigned* arrived, const int* restart) { \
    gram<TILE>(moments, partials, arrived, restart);                                                             \
  }

KRONGAUSS_GRAM(gram_f32, PlainTile)
KRONGAUSS_GRAM(gram_f32__tf32x3_64, SmallTensorTile<3>)
KRONGAUSS_GRAM(gram_f32__tf32_64, SmallTensorTile<1>)
