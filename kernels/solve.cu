// Product with a symmetric matrix, of which only the lower triangle is read. With the inverse factors this is the
// two-sided solve  Delta = -G^{-1} grad Q^{-1}: left, then right.
//
//   left    C = alpha S B        S [n][n], B [n][m], C [n][m]
//   right   C = alpha B S        B [m][n], S [n][n], C [m][n]
//
// aliasing  C overlaps neither S nor B
// launch    256 threads a tile of 64 x 64 of C; grid (columns / 64, rows / 64), rounded up
// cost      2 n^2 m flops; n^2 / 2 + 2 n m floats at least
// bound     |error| <= (n + 2) eps |alpha| sum_k |S||B|, eps = 2^-24
// source    Martens, Grosse 2015, "Inverting the approximate Fisher", the identity (A (x) B)^{-1} vec X
//
// A stage of the main loop that lies above the diagonal is read as the transpose of its image below; the few that
// straddle the diagonal are read element by element.
#include "tile.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
solve_f32__left(const float* S, int S_stride, int S_whole, const float* B, int B_stride, int B_whole, float* C,
                int C_stride, int C_whole, int n, int m, float alpha) {
  product_tile<Along::kSymmetric, Along::kOuter>({S, S_stride, n, S_whole}, {B, B_stride, m, B_whole}, n,
                                                 {C, C_stride, C_whole, alpha, 0.0f});
}

extern "C" __global__ void __launch_bounds__(kThreads)
solve_f32__right(const float* B, int B_stride, int B_whole, const float* S, int S_stride, int S_whole, float* C,
                 int C_stride, int C_whole, int m, int n, float alpha) {
  product_tile<Along::kInner, Along::kSymmetric>({B, B_stride, m, B_whole}, {S, S_stride, n, S_whole}, n,
                                                 {C, C_stride, C_whole, alpha, 0.0f});
}
