// Product with a symmetric matrix, of which only the lower triangle is read. With the inverse factors this is the
// two-sided solve  Delta = -G^{-1} grad Q^{-1}: left, then right.
//
//   left    C = alpha S B        S [n][n], or the diagonal [n] of a diagonal S; B [n][m], C [n][m]
//   right   C = alpha B S        B [m][n], S [n][n], C [m][n]
//
// aliasing  C overlaps neither S nor B
// groups    one launch for the products of all layers
// launch    256 threads (128 on tensor cores) a tile of 64 x 64 of C; a group has (columns / 64) (rows / 64) blocks, both rounded up
// cost      2 n^2 m flops; n^2 / 2 + 2 n m floats at least; of a diagonal S n m flops, 2 n m floats
// bound     |error| <= (n + 2) eps |alpha| sum_k |S||B|, eps = 2^-24; on tensor cores tensor.cuh. _tf32 has the accuracy of TF32, for
//           statistics: the product G W of KFRA's recursion. Of a diagonal S: 2 eps |alpha S B|
// source    Martens, Grosse 2015, "Inverting the approximate Fisher", the identity (A (x) B)^{-1} vec X
//
// A stage of the main loop that lies above the diagonal is read as the transpose of its image below; the few that
// straddle the diagonal are read element by element.
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

template <class Tile, Along A, Along B>
__device__ __forceinline__ void solve(const Groups<Product>& products, float alpha) {
  const Product& p = group_of(products);
  const int tiles = (p.columns + Tile::kColumns - 1) / Tile::kColumns;
  const int tile = blockIdx.x - p.first;
  const Scaled out{p.C, p.C_stride, p.C_whole, alpha, 0.0f};
  if constexpr (A == Along::kSymmetric) {
    if (p.A_stride == 0) {
      scaled_rows_at<Tile>(p.A, p.rows, {p.B, p.B_stride, p.columns, p.B_whole}, out, tile / tiles * Tile::kRows,
                           tile % tiles * Tile::kColumns);
      return;
    }
  }
  product_tile<Tile, A, B>({p.A, p.A_stride, p.rows, p.A_whole}, {p.B, p.B_stride, p.columns, p.B_whole},
                           A == Along::kSymmetric ? p.rows : p.columns, out, tile % tiles, tile / tiles);
}

}  // namespace

#define KRONGAUSS_SOLVE(NAME, TILE, ALONG_A, ALONG_B)                                       \
  extern "C" __global__ void __launch_bounds__(TILE::kBlock, TILE::kResident)               \
  solve_f32__##NAME(const __grid_constant__ Groups<Product> products, float alpha) {        \
    solve<TILE, Along::ALONG_A, Along::ALONG_B>(products, alpha);                           \
  }

KRONGAUSS_SOLVE(left, PlainTile, kSymmetric, kOuter)
KRONGAUSS_SOLVE(right, PlainTile, kInner, kSymmetric)
KRONGAUSS_SOLVE(left_tf32x3_64, SmallTensorTile<3>, kSymmetric, kOuter)
KRONGAUSS_SOLVE(right_tf32x3_64, SmallTensorTile<3>, kInner, kSymmetric)
KRONGAUSS_SOLVE(left_tf32_64, SmallTensorTile<1>, kSymmetric, kOuter)
