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
// aliasing  a result overlaps nothing but the next link's operand
// launch    a block a tile at a time (tile.cuh, tensor.cuh), any number of blocks, best as many as the device holds at once; up to
//           32 links (chain.cuh)
// cost      as matmul.cu
// bound     as matmul.cu for each link; on tensor cores tensor.cuh
// source    as matmul.cu
#include "chain.cuh"
#include "matmul.cuh"
#include "tangents.cuh"
#include "tensor.cuh"

using namespace krongauss;

struct Forward : Group {
  int o;
  int inner;
  int transfer;
  const float* a;
  const float* W;
  float* output;
  float* derivative;
  int a_stride;
  int W_stride;
  int output_stride;
  int derivative_stride;
  int a_whole;
  int W_whole;
  int whole;
  float slope;
};

struct Backward : Group {
  int o;
  int i;
  int whole;
  const float* delta;
  const float* W;
  const float* b;
  float* below;
  int delta_stride;
  int W_stride;
  int b_stride;
  int below_stride;
  int delta_whole;
  int W_whole;
};

struct Tangent : Group {
  int o;
  int i;
  int whole;
  const float* a;
  const float* D;
  const float* u;
  const float* W;
  const float* b;
  float* v;
  int a_stride;
  int D_stride;
  int u_stride;
  int W_stride;
  int b_stride;
  int v_stride;
  int a_whole;
  int D_whole;
  int u_whole;
  int W_whole;
};

// P = G W where S is null, else G_below = (W^T P) o S: A and B are the operands, C is the result. A_stride
// is 0 where G is the diagonal of a diagonal matrix.
struct Recursion : Group {
  int o;
  int i;
  int C_whole;  // and that of S
  const float* A;
  const float* B;
  const float* S;
  float* C;
  int A_stride;
  int B_stride;
  int S_stride;
  int C_stride;
  int A_whole;
  int B_whole;
};

namespace {

// The tile `index` of a result with so many columns, row by row.
template <class Tile>
__device__ __forceinline__ Products<Tile> tile_at(typename Tile::Shared& shared, int index, int columns) {
  const int across = (columns + Tile::kColumns - 1) / Tile::kColumns;
  return {shared, index / across * Tile::kRows, index % across * Tile::kColumns};
}

// The tile `index` of a lower triangle, row by row.
template <class Tile>
__device__ __forceinline__ Products<Tile> lower_tile_at(typename Tile::Shared& shared, int index) {
  const auto [row, column] = lower_tile(index);
  return {shared, row * Tile::kRows, column * Tile::kColumns};
}

template <class Tile>
__device__ __forceinline__ void forward(const Groups<Forward>& links, int N, ChainControl* control) {
  __shared__ typename Tile::Shared shared;
  run_chain("chain_f32__forward", links, control, [&](const Forward& l, int index) {
    tile_at<Tile>(shared, index, l.o)
        .forward({l.a, l.a_stride, N, l.a_whole}, {l.W, l.W_stride, l.o, l.W_whole}, l.inner, l.output, l.output_stride,
                 l.derivative, l.derivative_stride, l.whole, l.transfer, l.slope);
  });
}

template <class Tile>
__device__ __forceinline__ void backward(const Groups<Backward>& links, int N, ChainControl* control) {
  __shared__ typename Tile::Shared shared;
  run_chain("chain_f32__backward", links, control, [&](const Backward& l, int index) {
    tile_at<Tile>(shared, index, l.i)
        .lowrank({l.delta, l.delta_stride, N, l.delta_whole}, {l.W, l.W_stride, l.i, l.W_whole}, l.o, l.b, l.b_stride,
                 l.below, l.below_stride, l.whole, 1);
  });
}

template <class Tile>
__device__ __forceinline__ void tangent(const Groups<Tangent>& links, int N, ChainControl* control) {
  __shared__ typename Tile::Shared shared;
  run_chain("chain_f32__tangent", links, control, [&](const Tangent& l, int index) {
    tile_at<Tile>(shared, index, l.o)
        .tangent({l.a, l.a_stride, N, l.a_whole}, {l.D, l.D_stride, l.o, l.D_whole}, {l.u, l.u_stride, N, l.u_whole},
                 {l.W, l.W_stride, l.o, l.W_whole}, l.i, l.b, l.b_stride, l.v, l.v_stride, l.whole);
  });
}

template <class Tile>
__device__ __forceinline__ void tangents(const Groups<Tangents>& links, int n, ChainControl* control) {
  __shared__ typename Tile::Shared shared;
  run_chain("chain_f32__tangents", links, control,
            [&](const Tangents& l, int index) { tangents_tile<Tile>(l, n, index, shared); });
}

template <class Tile>
__device__ __forceinline__ void recursion(const Groups<Recursion>& links, ChainControl* control) {
  __shared__ typename Tile::Shared shared;
  run_chain("chain_f32__recursion", links, control, [&](const Recursion& l, int index) {
    if (l.S == nullptr) {
      const Products<Tile> p = tile_at<Tile>(shared, index, l.i);
      const Operand W{l.B, l.B_stride, l.i, l.B_whole};
      const Scaled out{l.C, l.C_stride, l.C_whole, 1.0f, 0.0f};
      if (l.A_stride == 0) {
        scaled_rows_at<Tile>(l.A, l.o, W, out, p.row0, p.column0);
      } else {
        product_at<Tile, Along::kSymmetric, Along::kOuter>({l.A, l.A_stride, l.o, l.A_whole}, W, l.o, out, p.row0, p.column0,
                                                           shared);
      }
    } else {
      lower_tile_at<Tile>(shared, index)
          .recursion({l.A, l.A_stride, l.i, l.A_whole}, {l.B, l.B_stride, l.i, l.B_whole}, l.o, l.S, l.S_stride, l.C,
                     l.C_stride, l.C_whole);
    }
  });
}

}  // namespace

// Two blocks of a multiprocessor, since the draw and the wait take registers, too.
#define KRONGAUSS_LINKS(TILE) extern "C" __global__ void __launch_bounds__(TILE::kBlock, 2)

#define KRONGAUSS_CHAIN(SUFFIX, TILE)                                                                          \
  KRONGAUSS_LINKS(TILE)                                                                                        \
  chain_f32__forward##SUFFIX(const __grid_constant__ Groups<Forward> links, int N, ChainControl* control) {    \
    forward<TILE>(links, N, control);                                                                          \
  }                                                                                                            \
  KRONGAUSS_LINKS(TILE)                                                                                        \
  chain_f32__backward##SUFFIX(const __grid_constant__ Groups<Backward> links, int N, ChainControl* control) {  \
    backward<TILE>(links, N, control);                                                                         \
  }                                                                                                            \
  KRONGAUSS_LINKS(TILE)                                                                                        \
  chain_f32__tangent##SUFFIX(const __grid_constant__ Groups<Tangent> links, int N, ChainControl* control) {    \
    tangent<TILE>(links, N, control);                                                                          \
  }                                                                                                            \
  KRONGAUSS_LINKS(TILE)                                                                                        \
  chain_f32__tangents##SUFFIX(const __grid_constant__ Groups<Tangents> links, int n, ChainControl* control) {  \
    tangents<TILE>(links, n, control);                                                                         \
  }                                                                                                            \
  KRONGAUSS_LINKS(TILE)                                                                                        \
  chain_f32__recursion##SUFFIX(const __grid_constant__ Groups<Recursion> links, ChainControl* control) {       \
    recursion<TILE>(links, control);                                                                           \
  }

KRONGAUSS_CHAIN(, PlainTile)
KRONGAUSS_CHAIN(_tf32x3_64, SmallTensorTile<3>)

KRONGAUSS_LINKS(SmallTensorTile<1>)
chain_f32__recursion_tf32_64(const __grid_constant__ Groups<Recursion> links, ChainControl* control) {
  recursion<SmallTensorTile<1>>(links, control);
}
