// The Gauss-Newton matrix of a batch in the space of its residuals: what J J^T is, J never being formed.
//
//   M[k N + n][k' N + n'] = scale sum_l (a_ln . a_ln') (c_lnk . c_ln'k'),   a_l the inputs of layer l, c_l its square roots
//
// which is scale B B^T with B = [c_lnk (x) a_ln] over all layers: the product of two Grams, element by element, added up over the
// layers in registers.
//
// shapes    a_l [N][I_l]; C_l [N K][d_l], row n K + k is c_lnk; M [N K][N K], of which the lower triangle is written and nothing
//           read; strides of their own
// aliasing  M overlaps no input
// launch    256 threads, a block a tile of 64 x 64 of datapoints and a pair k >= k'; T = N / 64 rounded up: K T (T + 1) / 2 tiles
//           of pairs k = k', none of them above the diagonal, then K (K - 1) / 2 T^2 of the others
// cost      N K (N K + 1) (I + d + 1) flops a layer; the Gram of a_l is computed once a pair
// bound     (I + d + 2 + L) eps of scale sum_l (sum |a a|)(sum |c c|), of the largest I + d: two chains, their product, the sum
//           over L layers, scale; eps = 2^-24
// order     fixed by the shapes
// source    y = (B B^T + nu I)^-1 z of regularised least squares; the square roots are KFLR's: Botev, Ritter, Barber, ICML 2017
#include "tile.cuh"

using namespace krongauss;

namespace {

constexpr int kMostLayers = 32;

struct SampleLayer {
  const float* a;
  const float* C;
  int a_stride;
  int a_columns;
  int a_whole;
  int C_stride;
  int C_columns;
  int C_whole;
};

struct SampleLayers {
  int count;
  SampleLayer layer[kMostLayers];
};

struct SampleTile {
  int k;      // of the rows
  int other;  // of the columns, not above k
  TilePlace place;
};

// The tile of a block: pairs of one k first.
__device__ __forceinline__ SampleTile sample_tile(int block, int tiles, int rank) {
  const int lower = tiles * (tiles + 1) / 2;
  if (block < rank * lower) return {block / lower, block / lower, lower_tile(block % lower)};
  const int index = block - rank * lower;
  const TilePlace pair = lower_tile(index / (tiles * tiles));
  const int tile = index % (tiles * tiles);
  return {pair.row + 1, pair.column, {tile / tiles, tile % tiles}};
}

__device__ __forceinline__ Operand roots_of(const SampleLayer& x, int k, int rank, int datapoints) {
  return {row_of(x.C, k, x.C_stride), rank * x.C_stride, datapoints, x.C_whole};
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads)
sample_gram_f32(const __grid_constant__ SampleLayers layers, float* M, int M_stride, int M_whole, int datapoints, int rank,
                float scale) {
  __shared__ TileBuffers shared;
  const SampleTile tile = sample_tile(blockIdx.x, (datapoints + kTile - 1) / kTile, rank);
  const int row0 = tile.place.row * kTile;
  const int column0 = tile.place.column * kTile;
  float sum[4][4] = {};
#pragma unroll 1
  for (int l = 0; l < layers.count; l++) {
    const SampleLayer& x = layers.layer[l];
    const Operand a{x.a, x.a_stride, datapoints, x.a_whole};
    float inputs[4][4] = {};
    float roots[4][4] = {};
    multiply<Along::kInner, Along::kInner>(inputs, a, a, row0, column0, 0, x.a_columns, shared);
    multiply<Along::kInner, Along::kInner>(roots, roots_of(x, tile.k, rank, datapoints),
                                           roots_of(x, tile.other, rank, datapoints), row0, column0, 0, x.C_columns, shared);
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < 4; j++) sum[i][j] = fmaf(inputs[i][j], roots[i][j], sum[i][j]);
    }
  }
  const int left = tile.other * datapoints;  // the column of M that the pair's columns begin with
  const int whole = left % 4 == 0 ? M_whole : 0;
  each(sum, row0, column0, datapoints, datapoints, [=](int r, int c, const Pack<4>& x) {
    const int length = tile.k == tile.other ? r + 1 : datapoints;
    Pack<4> y = x;
#pragma unroll
    for (int i = 0; i < 4; i++) y.v[i] *= scale;
    store_quad(row_of(M, tile.k * datapoints + r, M_stride) + left, c, length, min(whole, length & ~3), y);
  });
}
