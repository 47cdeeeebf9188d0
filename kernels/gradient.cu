// Gradients of the weights of all layers, from what the backward pass left.
//
//   g = alpha delta^T a + beta W        alpha = 1 / N, beta = the L2 weight
//
// shapes    delta [N][o], a [N][i+1], W and g [o][i+1] of each layer, strides of their own; W is not read if beta = 0
// aliasing  g overlaps nothing else
// groups    one launch for all layers
// launch    a block a tile of g, of 64 x 64 or 128 x 128 (tile.cuh, tensor.cuh); a group has (columns / tile) (rows / tile)
//           blocks, both rounded up
// cost      2 N o (i + 1) flops; N (o + i + 1) + 2 o (i + 1) floats at least
// bound     |error| <= (N + 2) eps alpha sum_n |delta||a| + 2 eps |beta W|, eps = 2^-24; on tensor cores tensor.cuh
// source    Botev, Ritter, Barber 2017, the gradient of a layer
#include "groups.cuh"
#include "tensor.cuh"

using namespace krongauss;

struct Layer : Group {
  int rows;
  int columns;
  int delta_whole;
  const float* delta;
  const float* a;
  const float* W;
  float* g;
  int delta_stride;
  int a_stride;
  int W_stride;
  int g_stride;
  int a_whole;
  int whole;  // of W and g
};

namespace {

template <class Tile>
__device__ __forceinline__ void gradient(const Groups<Layer>& layers, int N, float alpha, float beta) {
  typename Tile::Shared& shared = shared_of_block<Tile>();
  const Layer& layer = group_of(layers);
  const int across = (layer.columns + Tile::kColumns - 1) / Tile::kColumns;
  const int block = blockIdx.x - layer.first;
  const int row0 = block / across * Tile::kRows;
  const int column0 = block % across * Tile::kColumns;
  Tile tile;
  tile.template multiply<Along::kOuter, Along::kOuter>({layer.delta, layer.delta_stride, layer.rows, layer.delta_whole},
                                                       {layer.a, layer.a_stride, layer.columns, layer.a_whole}, row0,
                                                       column0, 0, N, shared);
  const int whole = layer.whole;
  tile.each(row0, column0, layer.rows, layer.columns, shared, [&](int r, int c, Pack<4> x) {
    Pack<4> w = {};
    if (beta != 0.0f) w = load_quad(row_of(layer.W, r, layer.W_stride), c, layer.columns, whole, 0.0f);
#pragma unroll
    for (int i = 0; i < 4; i++) x.v[i] = fmaf(beta, w.v[i], alpha * x.v[i]);
    store_quad(row_of(layer.g, r, layer.g_stride), c, layer.columns, whole, x);
  });
}

}  // namespace

#define KRONGAUSS_GRADIENT(NAME, TILE)                                                            \
  extern "C" __global__ void __launch_bounds__(TILE::kBlock, TILE::kResident)                     \
  NAME(const __grid_constant__ Groups<Layer> layers, int N, float alpha, float beta) {            \
    gradient<TILE>(layers, N, alpha, beta);                                                       \
  }

KRONGAUSS_GRADIENT(gradient_f32, PlainTile)
KRONGAUSS_GRADIENT(gradient_f32__tf32x3_64, SmallTensorTile<3>)
KRONGAUSS_GRADIENT(gradient_f32__tf32x3_128x64, TallTensorTile<3>)
KRONGAUSS_GRADIENT(gradient_f32__tf32x3_128, BigTensorTile<3>)
