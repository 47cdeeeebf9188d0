// Passes through all layers in one launch each, with the operations of matmul.cu and tangents.cu.
//
//   forward     a_l = f(a_{l-1} W_l^T), b_l = f'(...)                          layers upwards
//   backward    delta_{l-1} = b_{l-1} o (delta_l W_l)                          layers downwards
//   tangent     v_l = b_l o (a_{l-1} D_l^T + v_{l-1} W_l^T)                    layers upwards
//   tangents    T_l = b_l o [T_{l-1} W_l^T ; a_{l-1} D_l^T], stacked rows       layers upwards
//   recursion   P_l = G_l W_l, G_{l-1} = (W_l^T P_l) o S_{l-1}: two links      layers downwards
//
// shapes    as matmul.cu and tangents.cu; of G the lower triangle is read, both halves are written; G_L of a diagonal loss is its
//           diagonal [o]
// aliasing  a result overlaps nothing but the next link's operand; P_l may overlap P_{l-2}, not P_{l-1}
// launch    a block a task at a time (tile.cuh, tensor.cuh), any number of blocks, best as many as the device holds at once; up to
//           32 links (chain.cuh)
// slices    of backward, tangents and recursion: links of few tiles share out their inner dimension (slices.cuh), as their shapes
//           say; partials 16 KB a slice
// cost      as matmul.cu; 16 KB more a slice, written and read
// bound     as matmul.cu for each link; on tensor cores tensor.cuh. Slices add up less than a chain over all of K: of K >= 96 slices
//           it is K / slices + 16 and an addition a slice, and K / 8 in place of K on tensor cores
// source    as matmul.cu
#include "chain.cuh"
#include "links.cuh"
#include "matmul.cuh"
#include "tangents.cuh"
#include "tensor.cuh"

using namespace krongauss;

namespace {

template <class Tile>
__device__ __forceinline__ int rows_of_tiles(int rows) {
  return (rows + Tile::kRows - 1) / Tile::kRows;
}

template <class Tile>
__device__ __forceinline__ int tiles_across(int columns) {
  return (columns + Tile::kColumns - 1) / Tile::kColumns;
}

// The tile `index` of a result with so many columns, row by row.
template <class Tile>
__device__ __forceinline__ Products<Tile> tile_at(typename Tile::Shared& shared, int index, int columns) {
  const int across = tiles_across<Tile>(columns);
  return {shared, index / across * Tile::kRows, index % across * Tile::kColumns};
}

// Rows of tiles of a batch's results, and which one the tile `index` is in that has so many across.
template <class Tile>
__device__ __forceinline__ Counts counts_of_row(int N, int index, int across) {
  const int part = Lines{rows_of_tiles<Tile>(N)}.part_of(index / across);
  return {part, part};
}

template <class Tile>
__device__ __forceinline__ void forward(const Groups<Forward>& links, int N, ChainControl* control) {
  __shared__ typename Tile::Shared shared;
  const auto work = [&](const Task& task) {
    const Forward& l = links.item[task.link];
    const Products<Tile> tile = tile_at<Tile>(shared, task.index, l.o);
    if (task.link > 0) {
      const Lines lines{rows_of_tiles<Tile>(N)};
      task.await(lines.part(tile.row0 / Tile::kRows, tiles_across<Tile>(links.item[task.link - 1].o)));
    }
    tile.forward({l.a, l.a_stride, N, l.a_whole}, {l.W, l.W_stride, l.o, l.W_whole}, l.inner, l.output, l.output_stride,
                 l.derivative, l.derivative_stride, l.whole, l.transfer, l.slope);
    return true;
  };
  run_chain("chain_f32__forward", links, control, work, [&](const Task& task) {
    return counts_of_row<Tile>(N, task.index, tiles_across<Tile>(links.item[task.link].o));
  });
}

template <class Tile>
__device__ __forceinline__ void backward(const Groups<Backward>& links, int N, ChainControl* control, float* partials) {
  __shared__ typename Tile::Shared shared;
  const auto work = [&](const Task& task) {
    const Backward& l = links.item[task.link];
    const Products<Tile> tile = tile_at<Tile>(shared, task.index / l.share.slices, l.i);
    const Lines lines{rows_of_tiles<Tile>(N)};
    const int line = tile.row0 / Tile::kRows;
    const SliceTurn turn{l.share, task, partials, [&] { task.await(lines.part(line, tiles_across<Tile>(links.item[task.before()].i))); }};
    return tile.lowrank({l.delta, l.delta_stride, N, l.delta_whole}, {l.W, l.W_stride, l.i, l.W_whole}, l.o, l.b, l.b_stride,
                        l.below, l.below_stride, l.whole, 1, turn);
  };
  run_chain("chain_f32__backward", links, control, work, [&](const Task& task) {
    const Backward& l = links.item[task.link];
    return counts_of_row<Tile>(N, task.index / l.share.slices, tiles_across<Tile>(l.i));
  });
}

template <class Tile>
__device__ __forceinline__ void tangent(const Groups<Tangent>& links, int N, ChainControl* control) {
  __shared__ typename Tile::Shared shared;
  const auto work = [&](const Task& task) {
    const Tangent& l = links.item[task.link];
    const Products<Tile> tile = tile_at<Tile>(shared, task.index, l.o);
    const Lines lines{rows_of_tiles<Tile>(N)};
    const int line = tile.row0 / Tile::kRows;
    const WholeTurn turn([&] { task.await(lines.part(line, tiles_across<Tile>(links.item[task.before()].o))); });
    tile.tangent({l.a, l.a_stride, N, l.a_whole}, {l.D, l.D_stride, l.o, l.D_whole}, {l.u, l.u_stride, N, l.u_whole},
                 {l.W, l.W_stride, l.o, l.W_whole}, l.i, l.b, l.b_stride, l.v, l.v_stride, l.whole, turn);
    return true;
  };
  run_chain("chain_f32__tangent", links, control, work, [&](const Task& task) {
    return counts_of_row<Tile>(N, task.index, tiles_across<Tile>(links.item[task.link].o));
  });
}

// Where row r of a link's result stands among its rows of tiles.
template <class Tile>
__device__ __forceinline__ int line_of(const Tangents& l, int r) {
  return r < l.below ? r / Tile::kRows : rows_of_tiles<Tile>(l.below) + (r - l.below) / Tile::kRows;
}

template <class Tile>
__device__ __forceinline__ void tangents(const Groups<Tangents>& links, int n, ChainControl* control, float* partials) {
  __shared__ typename Tile::Shared shared;
  const auto work = [&](const Task& task) {
    const Tangents& l = links.item[task.link];
    const TangentsTile<Tile> tile(l, n, task.index / l.share.slices);
    // A tile reads the rows that lie in at most two rows of tiles below.
    const SliceTurn turn{l.share, task, partials, [&] {
                           const Tangents& before = links.item[task.before()];
                           const Lines lines{rows_of_tiles<Tile>(before.below) + tile.rows};
                           const int across = tiles_across<Tile>(before.o);
                           const int first = tile.row * Tile::kRows;
                           const int last = min(first + Tile::kRows, l.below) - 1;
                           task.await(lines.part(line_of<Tile>(before, first), across),
                                      lines.part(line_of<Tile>(before, last), across));
                         }};
    return tangents_tile(l, n, tile, shared, turn);
  };
  run_chain("chain_f32__tangents", links, control, work, [&](const Task& task) {
    const Tangents& l = links.item[task.link];
    const TangentsTile<Tile> tile(l, n, task.index / l.share.slices);
    const int part = Lines{tile.carried + tile.rows}.part_of(tile.line());
    return Counts{part, part};
  });
}

// P = G W: whether the tile has been stored. Both halves of a G that a link has written are there, of the first one the lower.
template <class Tile, class Turn>
__device__ __forceinline__ bool product(const Recursion& l, const Products<Tile>& at, bool first, const Turn& turn) {
  const Operand G{l.A, l.A_stride, l.o, l.A_whole};
  const Operand W{l.B, l.B_stride, l.i, l.B_whole};
  const Scaled out{l.C, l.C_stride, l.C_whole, 1.0f, 0.0f};
  if (l.A_stride == 0) {
    scaled_rows_at<Tile>(l.A, l.o, W, out, at.row0, at.column0);
    return true;
  }
  Tile tile;
  if (first) {
    tile.template multiply<Along::kSymmetric, Along::kOuter>(G, W, at.row0, at.column0, turn.begin(), turn.end(l.o), at.shared);
  } else {
    turn.await();
    tile.template multiply<Along::kInner, Along::kOuter>(G, W, at.row0, at.column0, turn.begin(), turn.end(l.o), at.shared);
  }
  if (!turn.joined(tile)) return false;
  tile.each(at.row0, at.column0, l.o, l.i, at.shared,
            [=](int r, int c, const Pack<4>& p) { store_quad(row_of(out.C, r, out.stride), c, l.i, out.whole, p); });
  return true;
}

template <class Tile>
__device__ __forceinline__ void recursion(const Groups<Recursion>& links, ChainControl* control, float* partials) {
  __shared__ typename Tile::Shared shared;
  const auto work = [&](const Task& task) {
    const Recursion& l = links.item[task.link];
    const int place = task.index / l.share.slices;
    const Lines outputs{rows_of_tiles<Tile>(l.o)};
    const Lines inputs{tiles_across<Tile>(l.i)};
    if (l.S == nullptr) {
      // Column by column, as the next link reads it.
      const int row = place % outputs.count;
      const int column = place / outputs.count;
      const SliceTurn turn{l.share, task, partials, [&] { task.await(outputs.symmetric_part(row)); }};
      return product<Tile>(l, {shared, row * Tile::kRows, column * Tile::kColumns}, task.link == 0, turn);
    }
    const TilePlace at = lower_tile(place);
    const SliceTurn turn{l.share, task, partials,
                         [&] { task.await(inputs.part(at.row, outputs.count), inputs.part(at.column, outputs.count)); }};
    return Products<Tile>{shared, at.row * Tile::kRows, at.column * Tile::kColumns}.recursion(
        {l.A, l.A_stride, l.i, l.A_whole}, {l.B, l.B_stride, l.i, l.B_whole}, l.o, l.S, l.S_stride, l.C, l.C_stride, l.C_whole,
        turn);
  };
  run_chain("chain_f32__recursion", links, control, work, [&](const Task& task) {
    const Recursion& l = links.item[task.link];
    const int place = task.index / l.share.slices;
    const Lines inputs{tiles_across<Tile>(l.i)};
    if (l.S == nullptr) {
      const int part = inputs.part_of(place / rows_of_tiles<Tile>(l.o));
      return Counts{part, part};
    }
    const TilePlace at = lower_tile(place);
    return Counts{inputs.part_of(at.row), inputs.part_of(at.column)};
  });
}

}  // namespace

// Blocks of a multiprocessor: three where ptxas finds the registers without a spill, for the draw and the wait take some, too.
#define KRONGAUSS_LINKS(TILE) extern "C" __global__ void __launch_bounds__(TILE::kBlock, 2)
#define KRONGAUSS_THREE(TILE) extern "C" __global__ void __launch_bounds__(TILE::kBlock, TILE::kResident < 3 ? 2 : 3)

#define KRONGAUSS_TANGENTS(SUFFIX, TILE)                                                                                       \
  KRONGAUSS_THREE(TILE)                                                                                                        \
  chain_f32__tangents##SUFFIX(const __grid_constant__ Groups<Tangents> links, int n, ChainControl* control, float* partials) { \
    tangents<TILE>(links, n, control, partials);                                                                               \
  }

#define KRONGAUSS_RECURSION_LINKS(SUFFIX, TILE)                                                                            \
  KRONGAUSS_LINKS(TILE)                                                                                                    \
  chain_f32__recursion##SUFFIX(const __grid_constant__ Groups<Recursion> links, ChainControl* control, float* partials) {  \
    recursion<TILE>(links, control, partials);                                                                             \
  }

#define KRONGAUSS_CHAIN(SUFFIX, TILE)                                                                                          \
  KRONGAUSS_LINKS(TILE)                                                                                                        \
  chain_f32__forward##SUFFIX(const __grid_constant__ Groups<Forward> links, int N, ChainControl* control) {                    \
    forward<TILE>(links, N, control);                                                                                          \
  }                                                                                                                            \
  KRONGAUSS_THREE(TILE)                                                                                                        \
  chain_f32__backward##SUFFIX(const __grid_constant__ Groups<Backward> links, int N, ChainControl* control, float* partials) { \
    backward<TILE>(links, N, control, partials);                                                                               \
  }                                                                                                                            \
  KRONGAUSS_LINKS(TILE)                                                                                                        \
  chain_f32__tangent##SUFFIX(const __grid_constant__ Groups<Tangent> links, int N, ChainControl* control) {                    \
    tangent<TILE>(links, N, control);                                                                                          \
  }                                                                                                                            \
  KRONGAUSS_TANGENTS(SUFFIX, TILE)                                                                                             \
  KRONGAUSS_RECURSION_LINKS(SUFFIX, TILE)

KRONGAUSS_CHAIN(, PlainTile)
KRONGAUSS_CHAIN(_tf32x3_64, SmallTensorTile<3>)

// With the accuracy of TF32
KRONGAUSS_TANGENTS(_tf32_64, SmallTensorTile<1>)
KRONGAUSS_RECURSION_LINKS(_tf32_64, SmallTensorTile<1>)
