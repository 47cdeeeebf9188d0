// The tangents of all layers' directions through one layer, one below another: the operation of tangents.cu and of a link of
// chain.cu.
#pragma once

#include "groups.cuh"
#include "slices.cuh"
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
  Slices share;  // in a chain
};

// A tile of a layer, in tiles: first those of the layer's own direction, which need nothing from below, row by row, then those
// of the rows that come from below. No tile has rows of both. In `out` the own direction's rows are behind the others.
template <class Tile>
struct TangentsTile {
  bool own;
  int row;  // among its own kind
  int column;
  int carried;  // rows of tiles from below
  int rows;     // and of the own direction

  __device__ __forceinline__ TangentsTile(const Tangents& l, int n, int index) {
    const int across = (l.o + Tile::kColumns - 1) / Tile::kColumns;
    carried = (l.below + Tile::kRows - 1) / Tile::kRows;
    rows = (n + Tile::kRows - 1) / Tile::kRows;
    own = index < rows * across;
    row = index / across - (own ? 0 : rows);
    column = index % across;
  }

  // Its row of tiles in `out`.
  __device__ __forceinline__ int line() const { return own ? carried + row : row; }
};

// Whether the tile has been stored.
template <class Tile, class Turn = Alone>
__device__ __forceinline__ bool tangents_tile(const Tangents& l, int n, const TangentsTile<Tile>& t, typename Tile::Shared& shared,
                                              const Turn& turn = {}) {
  const int row0 = t.row * Tile::kRows;
  const int column0 = t.column * Tile::kColumns;
  const Operand A = t.own ? Operand{l.a, l.a_stride, n, l.a_whole} : Operand{l.u, l.u_stride, l.below, l.u_whole};
  const Operand B = t.own ? Operand{l.D, l.D_stride, l.o, l.D_whole} : Operand{l.W, l.W_stride, l.o, l.W_whole};
  Tile tile;
  if (!t.own) turn.await();
  tile.template multiply<Along::kInner, Along::kInner>(A, B, row0, column0, turn.begin(), turn.end(t.own ? l.i + 1 : l.i), shared);
  if (!turn.joined(tile)) return false;
  float* out = row_of(l.out, t.own ? l.below : 0, l.out_stride);
  tile.each(row0, column0, A.outer, l.o, shared, [&](int r, int c, Pack<4> x) {
    if (l.b != nullptr) x = x * load_quad(row_of(l.b, r % n, l.b_stride), c, l.o, l.whole, 0.0f);
    store_quad(row_of(out, r, l.out_stride), c, l.o, l.whole, x);
  });
  return true;
}

}  // namespace krongauss
