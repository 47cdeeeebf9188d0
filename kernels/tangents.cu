// The tangents of all layers' directions through one layer, one below another.
//
//   out(j n + m, :) = b(m, :) o (u(j n + m, :) W^T)      directions of the layers below: chunks j of u, n rows each
//   out(d n + m, :) = b(m, :) o (a(m, :) D^T)            the layer's own direction, behind the d others
//
// Beside matmul_f32__tangent, which adds both products up: here each direction keeps its rows, for a step length of its own.
//
// shapes    inner index last in the lists below; o = outputs of the layer, i = inputs without the homogeneous 1
//             a [n][i+1], D [o][i+1], u [d n][i] or null (d = 0), W [o][i] (the bias column is left out), b [n][o] or null,
//             out [(d + 1) n][o]
// layout    as matmul.cu
// aliasing  out overlaps nothing else
// groups    layers that do not read one another's results; chain.cu has a pass in one launch
// launch    a block a tile of out, of 64 x 64 (tile.cuh, tensor.cuh); a layer has
//           (columns / 64) (d n / 64 + n / 64) blocks, each rounded up
// cost      2 n o (d i + i + 1) flops; 2 o i + (d + 1) n (o + i) floats at least
// bound     |error| <= (K + 1) eps |b| sum_k |A||B|, K = i or i + 1 and eps = 2^-24; on tensor cores tensor.cuh
// source    matmul.cu's tangent, for each block of the weights by itself
#include "tangents.cuh"
#include "tensor.cuh"

using namespace krongauss;

namespace {

template <class Tile>
__device__ __forceinline__ void tangents(const Groups<Tangents>& layers, int n) {
  __shared__ typename Tile::Shared shared;
  const Tangents& layer = group_of(layers);
  tangents_tile(layer, n, TangentsTile<Tile>(layer, n, static_cast<int>(blockIdx.x) - layer.first), shared);
}

}  // namespace

#define KRONGAUSS_TANGENTS(NAME, TILE)                                         \
  extern "C" __global__ void __launch_bounds__(TILE::kBlock, TILE::kResident)  \
  NAME(const __grid_constant__ Groups<Tangents> layers, int n) {               \
    tangents<TILE>(layers, n);                                                 \
  }

KRONGAUSS_TANGENTS(tangents_f32, PlainTile)
KRONGAUSS_TANGENTS(tangents_f32__tf32x3_64, SmallTensorTile<3>)
KRONGAUSS_TANGENTS(tangents_f32__tf32_64, SmallTensorTile<1>)
