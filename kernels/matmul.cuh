// The operations of matmul.cu, for any tile: of the plain arithmetic (tile.cuh) or of the tensor cores (tensor.cuh). A block
// computes the tile of the result that begins at (row0, column0).
#pragma once

#include "activation.cuh"
#include "slices.cuh"
#include "tile.cuh"

namespace krongauss {

template <class Tile>
struct Products {
  typename Tile::Shared& shared;
  const int row0;
  const int column0;

  // output = f(a W^T), derivative = f'(a W^T), or null: a forward pass that only evaluates
  __device__ __forceinline__ void forward(const Operand& a, const Operand& W, int inner, float* output, int output_stride,
                                          float* derivative, int derivative_stride, int whole, int transfer,
                                          float slope) const {
    Tile tile;
    tile.template multiply<Along::kInner, Along::kInner>(a, W, row0, column0, 0, inner, shared);
    const int o = W.outer;
    with_transfer(transfer, [&](auto f) {
      tile.each(row0, column0, a.outer, o, shared, [=](int r, int c, const Pack<4>& h) {
        Pack<4> y;
        Pack<4> b;
#pragma unroll
        for (int i = 0; i < 4; i++) decltype(f)::both(h.v[i], slope, y.v[i], b.v[i]);
        store_quad(row_of(output, r, output_stride), c, o, whole, y);
        if (derivative != nullptr) store_quad(row_of(derivative, r, derivative_stride), c, o, whole, b);
      });
    });
  }

  // out = b o (C W); whether the tile has been stored
  template <class Turn = Alone>
  __device__ __forceinline__ bool lowrank(const Operand& C, const Operand& W, int inner, const float* b, int b_stride,
                                          float* out, int out_stride, int whole, int rank, const Turn& turn = {}) const {
    Tile tile;
    turn.await();
    tile.template multiply<Along::kInner, Along::kOuter>(C, W, row0, column0, turn.begin(), turn.end(inner), shared);
    if (!turn.joined(tile)) return false;
    const int i = W.outer;
    tile.each(row0, column0, C.outer, i, shared, [=](int r, int c, const Pack<4>& x) {
      const Pack<4> factor = load_quad(row_of(b, r / rank, b_stride), c, i, whole, 0.0f);
      store_quad(row_of(out, r, out_stride), c, i, whole, x * factor);
    });
    return true;
  }

  // G = (W^T P) o S. W^T P is symmetric only up to rounding when P = G W was rounded; the lower half is taken for both.
  // Tiles above the diagonal have nothing to do. Whether the tile has been stored
  template <class Turn = Alone>
  __device__ __forceinline__ bool recursion(const Operand& W, const Operand& P, int inner, const float* S, int S_stride,
                                            float* G, int G_stride, int whole, const Turn& turn = {}) const {
    Tile tile;
    turn.await();
    tile.template multiply<Along::kOuter, Along::kOuter, true>(W, P, row0, column0, turn.begin(), turn.end(inner), shared);
    if (!turn.joined(tile)) return false;
    tile.store_lower(row0, column0, G, G_stride, W.outer, whole, shared,
                     [=](int r, int c, int length, int by_fours, const Pack<4>& x) {
                       return x * load_quad(row_of(S, r, S_stride), c, length, by_fours, 0.0f);
                     });
    return true;
  }

  // v = b o (a D^T + u W^T). u is null at the first layer, whose input does not depend on the weights; b is null where f is
  // the identity
  template <class Turn = Alone>
  __device__ __forceinline__ void tangent(const Operand& a, const Operand& D, const Operand& u, const Operand& W, int i,
                                          const float* b, int b_stride, float* v, int v_stride, int whole,
                                          const Turn& turn = {}) const {
    Tile tile;
    tile.template multiply<Along::kInner, Along::kInner>(a, D, row0, column0, 0, i + 1, shared);
    if (u.p != nullptr) {
      turn.await();
      tile.template multiply<Along::kInner, Along::kInner>(u, W, row0, column0, 0, i, shared);
    }
    const int o = D.outer;
    tile.each(row0, column0, a.outer, o, shared, [=](int r, int c, Pack<4> x) {
      if (b != nullptr) x = x * load_quad(row_of(b, r, b_stride), c, o, whole, 0.0f);
      store_quad(row_of(v, r, v_stride), c, o, whole, x);
    });
  }
};

}  // namespace krongauss

// The kernels of one tile, with SUFFIX after their names. op(A) is read as (row, k): plain A lies along k. op(B) is read as
// (column, k): plain B lies along the columns.
#define KRONGAUSS_KERNEL(TILE) extern "C" __global__ void __launch_bounds__(TILE::kBlock, TILE::kResident)

#define KRONGAUSS_BLOCK(TILE)                                          \
  TILE::Shared& shared = krongauss::shared_of_block<TILE>();           \
  const krongauss::Products<TILE> block{shared, (int)blockIdx.y * TILE::kRows, (int)blockIdx.x * TILE::kColumns}

#define KRONGAUSS_PRODUCT(OPERANDS, SUFFIX, TILE, ALONG_A, ALONG_B)                                                       \
  KRONGAUSS_KERNEL(TILE)                                                                                                  \
  matmul_f32__##OPERANDS##SUFFIX(const float* A, int A_stride, int A_whole, const float* B, int B_stride, int B_whole,    \
                                 float* C, int C_stride, int C_whole, int M, int N, int K, float alpha, float beta) {     \
    krongauss::product_tile<TILE, krongauss::Along::ALONG_A, krongauss::Along::ALONG_B>(                                  \
        {A, A_stride, M, A_whole}, {B, B_stride, N, B_whole}, K, {C, C_stride, C_whole, alpha, beta}, blockIdx.x,         \
        blockIdx.y);                                                                                                      \
  }

#define KRONGAUSS_RECURSION(SUFFIX, TILE)                                                                                 \
  KRONGAUSS_KERNEL(TILE)                                                                                                  \
  matmul_f32__recursion##SUFFIX(const float* W, int W_stride, int W_whole, const float* P, int P_stride, int P_whole,     \
                                const float* S, int S_stride, float* G, int G_stride, int whole, int i, int o) {          \
    if (blockIdx.x * TILE::kColumns >= (blockIdx.y + 1) * TILE::kRows) return;                                            \
    KRONGAUSS_BLOCK(TILE);                                                                                                \
    block.recursion({W, W_stride, i, W_whole}, {P, P_stride, i, P_whole}, o, S, S_stride, G, G_stride, whole);            \
  }

#define KRONGAUSS_MATMUL(SUFFIX, TILE)                                                                                    \
  KRONGAUSS_PRODUCT(nn, SUFFIX, TILE, kInner, kOuter)                                                                     \
  KRONGAUSS_PRODUCT(nt, SUFFIX, TILE, kInner, kInner)                                                                     \
  KRONGAUSS_PRODUCT(tn, SUFFIX, TILE, kOuter, kOuter)                                                                     \
  KRONGAUSS_RECURSION(SUFFIX, TILE)                                                                                       \
                                                                                                                          \
  KRONGAUSS_KERNEL(TILE)                                                                                                  \
  matmul_f32__forward##SUFFIX(const float* a, int a_stride, int a_whole, const float* W, int W_stride, int W_whole,       \
                              float* output, int output_stride, float* derivative, int derivative_stride, int whole,      \
                              int N, int o, int inner, int transfer, float slope) {                                       \
    KRONGAUSS_BLOCK(TILE);                                                                                                \
    block.forward({a, a_stride, N, a_whole}, {W, W_stride, o, W_whole}, inner, output, output_stride, derivative,         \
                  derivative_stride, whole, transfer, slope);                                                             \
  }                                                                                                                       \
                                                                                                                          \
  KRONGAUSS_KERNEL(TILE)                                                                                                  \
  matmul_f32__lowrank##SUFFIX(const float* C, int C_stride, int C_whole, const float* W, int W_stride, int W_whole,       \
                              const float* b, int b_stride, float* out, int out_stride, int whole, int rows, int o,       \
                              int i, int rank) {                                                                          \
    KRONGAUSS_BLOCK(TILE);                                                                                                \
    block.lowrank({C, C_stride, rows, C_whole}, {W, W_stride, i, W_whole}, o, b, b_stride, out, out_stride, whole,        \
                  rank);                                                                                                  \
  }                                                                                                                       \
                                                                                                                          \
  KRONGAUSS_KERNEL(TILE)                                                                                                  \
  matmul_f32__tangent##SUFFIX(const float* a, int a_stride, int a_whole, const float* D, int D_stride, int D_whole,       \
                              const float* u, int u_stride, int u_whole, const float* W, int W_stride, int W_whole,       \
                              const float* b, int b_stride, float* v, int v_stride, int whole, int N, int o, int i) {     \
    KRONGAUSS_BLOCK(TILE);                                                                                                \
    block.tangent({a, a_stride, N, a_whole}, {D, D_stride, o, D_whole}, {u, u_stride, N, u_whole},                        \
                  {W, W_stride, o, W_whole}, i, b, b_stride, v, v_stride, whole);                                         \
  }
