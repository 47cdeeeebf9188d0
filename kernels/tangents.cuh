// The tangents of all layers' directions through one layer, one below another: the operation of tangents.cu and of a link of
// chain.cu.
#pragma once

#include "groups.cuh"
#include "tile.cuh"

namespace krongauss {

// One layer. `below` is how many rows come from the layers below: n for each of their directions, 0 at the first layer, where
// u is null.
struct Tangents : Group {
  int o;
  int i;
  int whole;  // of b and out
  const float* a;
  const float* D;
  const float* u;
  const float* W;
  const float* b;
  float* out;
  int a_stride;
  int D_stride;
  int u_stride;
  int W_stride;
  int b_stride;
  int out_stride;
  int a_whole;
  int D_whole;
  int u_whole;
  int W_whole;
  int below;
};

// The tile `index` of a layer: first those of the rows that come from below, row by row, then those of the layer's own
// direction. No tile has rows of both.
template <class Tile>
__device__ __forceinline__ void tangents_tile(const Tangents& l, int n, int index, typename Tile::Shared& shared) {
  const int across = (l.o + Tile::kColumns - 1) / Tile::kColumns;
  const int carried = (l.below + Tile::kRows - 1) / Tile::kRows * across;
  const bool own = index >= carried;
  const int place = own ? index - carried : index;
  const int row0 = place / across * Tile::kRows;
  const int column0 = place % across * Tile::kColumns;
  const Operand A = own ? Operand{l.a, l.a_stride, n, l.a_whole} : Operand{l.u, l.u_stride, l.below, l.u_whole};
  const Operand B = own ? Operand{l.D, l.D_stride, l.o, l.D_whole} : Operand{l.W, l.W_stride, l.o, l.W_whole};
  Tile tile;
  tile.template multiply<Along::kInner, Along::kInner>(A, B, row0, column0, 0, own ? l.i + 1 : l.i, shared);
  float* out = row_of(l.out, own ? l.below : 0, l.out_stride);
  tile.each(row0, column0, A.outer, l.o, shared, [&](int r, int c, Pack<4> x) {
    if (l.b != nullptr) x = x * load_quad(row_of(l.b, r % n, l.b_stride), c, l.o, l.whole, 0.0f);
    store_quad(row_of(out, r, l.out_stride), c, l.o, l.whole, x);
  });
}

}  // namespace krongauss
