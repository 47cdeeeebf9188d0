// Product with a symmetric matrix. With the inverse factors this is the two-sided solve  Delta = -G^{-1} grad Q^{-1}: left,
// then right.
//
//   left    C = alpha S B        S [n][n], or the diagonal [n] of a diagonal S; B [n][m], C [n][m]
//   right   C = alpha B S        B [m][n], S [n][n], C [m][n]
//
//   left, right                  read the lower triangle of S alone
//   left_whole, right_whole      read both halves, row by row: of inverses by cholesky.cu, which writes both
//
// aliasing  C overlaps neither S nor B
// groups    one launch for the products of all layers
// launch    a block a tile of C, of 64 x 64 or, whole, of 128 x 64 (tile.cuh, tensor.cuh); a group has (columns / tile)
//           (rows / tile) blocks, both rounded up
// cost      2 n^2 m flops; n^2 / 2 + 2 n m floats at least; of a diagonal S n m flops, 2 n m floats
// bound     |error| <= (n + 2) eps |alpha| sum_k |S||B|, eps = 2^-24; on tensor cores tensor.cuh. _tf32 has the accuracy of TF32, for
//           directions and, on request, the product G W of KFRA's recursion. Of a diagonal S: 2 eps |alpha S B|
// source    Martens, Grosse 2015, "Inverting the approximate Fisher", the identity (A (x) B)^{-1} vec X
//
// Of a lower triangle a stage of the main loop that lies above the diagonal is read as the transpose of its image below; the
// few that straddle the diagonal are read element by element. Of a whole S the row of its columns is read: both are the same.
#include "groups.cuh"
#include "tensor.cuh"

using namespace krongauss;

// C [rows][columns] = alpha A B, of which one is S.
struct Product : Group {
  int rows;
  int columns;
  int A_whole;
  const float* A;
  const float* B;
  float* C;
  int A_stride;  // 0: A is the diagonal of a diagonal S
  int B_stride;
  int C_stride;
  int B_whole;
  int C_whole;
};

namespace {

enum class Side { kLeft, kRight };

// SYMMETRIC is how S is read: kSymmetric, or kInner of a whole one.
template <class Tile, Side SIDE, Along SYMMETRIC>
__device__ __forceinline__ void solve(const Groups<Product>& products, float alpha) {
  constexpr bool kLeft = SIDE == Side::kLeft;
  const Product& p = group_of(products);
  const int tiles = (p.columns + Tile::kColumns - 1) / Tile::kColumns;
  const int tile = blockIdx.x - p.first;
  const Scaled out{p.C, p.C_stride, p.C_whole, alpha, 0.0f};
  if constexpr (kLeft) {
    if (p.A_stride == 0) {
      scaled_rows_at<Tile>(p.A, p.rows, {p.B, p.B_stride, p.columns, p.B_whole}, out, tile / tiles * Tile::kRows,
                           tile % tiles * Tile::kColumns);
      return;
    }
  }
  product_tile<Tile, kLeft ? SYMMETRIC : Along::kInner, kLeft ? Along::kOuter : SYMMETRIC>(
      {p.A, p.A_stride, p.rows, p.A_whole}, {p.B, p.B_stride, p.columns, p.B_whole}, kLeft ? p.rows : p.columns, out,
      tile % tiles, tile / tiles);
}

}  // namespace

#define KRONGAUSS_SOLVE(NAME, TILE, SIDE, SYMMETRIC)                                        \
  extern "C" __global__ void __launch_bounds__(TILE::kBlock, TILE::kResident)               \
  solve_f32__##NAME(const __grid_constant__ Groups<Product> products, float alpha) {        \
    solve<TILE, Side::SIDE, Along::SYMMETRIC>(products, alpha);                             \
  }

#define KRONGAUSS_SOLVE_WHOLE(SUFFIX, TILE)                          \
  KRONGAUSS_SOLVE(left_whole##SUFFIX, TILE, kLeft, kInner)           \
  KRONGAUSS_SOLVE(right_whole##SUFFIX, TILE, kRight, kInner)

KRONGAUSS_SOLVE(left, PlainTile, kLeft, kSymmetric)
KRONGAUSS_SOLVE(right, PlainTile, kRight, kSymmetric)
KRONGAUSS_SOLVE(left_tf32x3_64, SmallTensorTile<3>, kLeft, kSymmetric)
KRONGAUSS_SOLVE(right_tf32x3_64, SmallTensorTile<3>, kRight, kSymmetric)
KRONGAUSS_SOLVE(left_tf32_64, SmallTensorTile<1>, kLeft, kSymmetric)

KRONGAUSS_SOLVE_WHOLE(, PlainTile)
KRONGAUSS_SOLVE_WHOLE(_tf32x3_64, SmallTensorTile<3>)
KRONGAUSS_SOLVE_WHOLE(_tf32x3_128x64, TallTensorTile<3>)
KRONGAUSS_SOLVE_WHOLE(_tf32_64, SmallTensorTile<1>)
