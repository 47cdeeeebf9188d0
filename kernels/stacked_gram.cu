// Inner products of the chunks of two stacks.
//
//   C_ij = C_ji = (1 / n) sum of V_i P_j over all n d elements, i >= j; V_i are rows i n to i n + n - 1 of V
//
// With V_i = J D_i and P_j = H J D_j, H the loss' Hessian at each row, C is the Gauss-Newton matrix in the basis of the
// directions D_i, a mean over the n rows.
// shapes    V, P [L n][d], C [L][L], strides of their own
// aliasing  V may be P; C must overlap neither
// symmetric only i >= j is computed, and written twice
// launch    L x L blocks of 256 threads, those with i < j leave at once; a warp a row
// order     fixed. The same bits on every run
// cost      n d L (L + 1) flops; 4 n d L (L + 1) bytes, all but 8 n d L of them from the cache
// bound     48 eps sum |V P| / n: a lane adds at most 8 fours, or 32 single ones, in turn, carries the sum over chunks and rows
//           with compensation, then trees of 5 and 7, and the division. It does not grow with n d
// NaN, Inf  a non-finite term makes C_ij and C_ji non-finite (the compensation may turn Inf into NaN)
#include "sum.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
stacked_gram_f32(const float* V, int V_stride, const float* P, int P_stride, int n, int d, int whole, float* C, int C_stride) {
  const int i = blockIdx.x;
  const int j = blockIdx.y;
  if (i < j) return;
  CompensatedSum sum;
  for (int row = static_cast<int>(threadIdx.x) / kWarp; row < n; row += kThreads / kWarp) {
    const float* v = row_of(V, i * n + row, V_stride);
    const float* p = row_of(P, j * n + row, P_stride);
    for (int begin = 0; begin < d; begin += kChunk) {
      float chunk = 0;
      sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(d, begin + kChunk), whole, [&](auto width, int c) {
        constexpr int kWide = decltype(width)::value;
        const Pack<kWide> x = load<kWide>(v + c);
        const Pack<kWide> y = load<kWide>(p + c);
        float part = x.v[0] * y.v[0];
#pragma unroll
        for (int k = 1; k < kWide; k++) part = fmaf(x.v[k], y.v[k], part);
        chunk += part;
      });
      sum.add(chunk);
    }
  }
  const float mean = fold<Sum, kThreads>(sum.value()) / static_cast<float>(n);
  if (threadIdx.x != 0) return;
  row_of(C, i, C_stride)[j] = mean;
  row_of(C, j, C_stride)[i] = mean;
}
