// The sum of a batch's chunks, added as the leaves of one binary tree.
//
//   Y = t(0, K),  t(k, 1) = scale_k X_k,  t(k, m) = t(k, m / 2) + t(k + m / 2, m / 2)
//
// Every product and every sum is rounded by itself, no fused operation: what K leaves give here, K / 2 leaves twice and a sum of the
// two give as well, bit by bit. So it does not matter how many ranks the leaves are spread over.
// shapes    X_k, Y [rows][columns]; X_k lies k step floats behind X_0. Of a lower one the lower triangle alone is read and written.
//           A stride of 0 is a packed triangle: row r has ceil((r + 1) / 4) 4 floats, and rows follow one another
// aliasing  Y overlaps no X_k of its own nor of another group
// groups    one launch for the statistics of all layers
// launch    256 threads; a warp a row, (rows / 8) (columns / 1024) blocks a group, both rounded up
// cost      2 K - 1 flops and 4 (K + 1) bytes an element, K of 1, 2, 4, 8 or 16
// bound     (1 + log2 K) eps sum |scale_k X_k| an element
// source    pairwise summation: Higham, "The accuracy of floating point summation", 1993
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

constexpr int kMostLeaves = 16;

struct Statistic : MatrixGroup {
  const float* X;
  float* Y;
  int X_stride;
  int Y_stride;
  int lower;
};

struct Scales {
  float of[kMostLeaves];
};

// Where a row begins: at its stride, or in a packed triangle.
__device__ __forceinline__ long long begin_of(int row, int stride) {
  if (stride > 0) return static_cast<long long>(row) * stride;
  const long long q = row / 4;
  return 4 * (q + 1) * (2 * q + row % 4);
}

template <int K, int W>
__device__ __forceinline__ Pack<W> tree(const float* x, long long step, const float* scale) {
  if constexpr (K == 1) {
    Pack<W> p = load<W>(x);
#pragma unroll
    for (int i = 0; i < W; i++) p.v[i] = __fmul_rn(*scale, p.v[i]);
    return p;
  } else {
    Pack<W> p = tree<K / 2, W>(x, step, scale);
    const Pack<W> q = tree<K / 2, W>(x + K / 2 * step, step, scale + K / 2);
#pragma unroll
    for (int i = 0; i < W; i++) p.v[i] = __fadd_rn(p.v[i], q.v[i]);
    return p;
  }
}

template <int K>
__device__ __forceinline__ void sum(const Statistic& of, long long step, const Scales& scales) {
  const auto [row, begin] = strip_of(blockIdx.x - of.first, of.rows);
  if (row >= of.rows) return;
  const float* x = of.X + begin_of(row, of.X_stride);
  float* y = of.Y + begin_of(row, of.Y_stride);
  const int length = of.lower ? row + 1 : of.columns;
  sweep(threadIdx.x % kWarp, kWarp, begin, min(length, begin + kChunk), min(of.whole, length & ~3), [=, &scales](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    store(y + c, tree<K, kWide>(x + c, step, scales.of));
  });
}

// step: floats from one leaf to the next.
extern "C" __global__ void __launch_bounds__(kThreads)
tree_sum_f32(const __grid_constant__ Groups<Statistic> statistics, const __grid_constant__ Scales scales, long long step, int K) {
  const Statistic& of = group_of(statistics);
  switch (K) {
    case 1: return sum<1>(of, step, scales);
    case 2: return sum<2>(of, step, scales);
    case 4: return sum<4>(of, step, scales);
    case 8: return sum<8>(of, step, scales);
    default: return sum<16>(of, step, scales);
  }
}
