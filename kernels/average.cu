// Moving averages of symmetric factors.
//
//   S = beta S + (1 - beta) X     on the lower triangle, or of the diagonals of diagonal matrices;
//                                 beta = min(1 - 1/k, decay) for the k-th batch
//
// shapes    X, S [d][d], or the diagonals [1][d], strided; S is not read where beta == 0, so NaN in fresh memory is
//           harmless; batches [2] or null: batches.cuh, which counts k; restart [1] or null: an int that makes beta 0 where
//           it is positive, so that a past that is not finite can be left behind
// aliasing  an S overlaps no X and no other S, and no two have the same batches
// groups    one launch for the factors of all layers
// launch    256 threads; a warp a row, (d / 8) (d / 1024) blocks a factor, both rounded up; d / 1024 a diagonal
// cost      3 flops and 12 bytes an element of the triangle or the diagonal
// bound     3 eps (|beta S| + |(1 - beta) X|) an element: 1 - beta, one product, one fused product-sum
// source    Martens, Grosse 2015, "Estimating the required expectations"
#include "batches.cuh"
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Factor : Group {
  int rows;  // d, or 1 for a diagonal
  int whole;
  float decay;
  const float* X;
  float* S;
  unsigned* batches;
  int X_stride;
  int S_stride;
  int blocks;
  int d;
};

extern "C" __global__ void __launch_bounds__(kThreads)
average_f32__lower(const __grid_constant__ Groups<Factor> factors, const int* restart) {
  const Factor& factor = group_of(factors);
  const float beta = weight_of_past(factor.batches, false, factor.decay, restart);
  if (factor.batches != nullptr) count_batch(factor.batches, factor.blocks);
  const auto [row, begin] = strip_of(blockIdx.x - factor.first, factor.rows);
  if (row >= factor.rows) return;
  const float* x = row_of(factor.X, row, factor.X_stride);
  float* s = row_of(factor.S, row, factor.S_stride);
  const int length = factor.rows == 1 ? factor.d : row + 1;  // of the diagonal, or of the row's part of the lower triangle
  const float fresh = 1.0f - beta;
  const bool reads = beta != 0.0f;
  sweep(threadIdx.x % kWarp, kWarp, begin, min(length, begin + kChunk), min(factor.whole, length & ~3),
        [=](auto width, int c) {
          constexpr int W = decltype(width)::value;
          Pack<W> p = load<W>(x + c);
          Pack<W> old{};
          if (reads) old = load<W>(s + c);
#pragma unroll
          for (int i = 0; i < W; i++) p.v[i] = fmaf(beta, old.v[i], fresh * p.v[i]);
          store(s + c, p);
        });
}
