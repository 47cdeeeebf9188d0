// The epilogues of matmul.cu as element-wise kernels, for products that a library has computed.
//
//   forward        output = f(h), derivative = f'(h)
//   scale_rows     X((c N + n) K + k, :) *= b(n, :)      K rows a datapoint, or chunks c of N rows (K = 1)
//   hadamard_lower G *= S in the lower triangle
//   mirror         upper triangle of S := transpose of its lower one
//
// shapes    h, output, derivative [rows][columns]; X [c N K][columns], b [N][columns]; G, S [d][d]
// aliasing  output may be h in place; G, X and S are changed in place; nothing else overlaps
// launch    256 threads; hadamard_lower: a warp a row, grid (rows / 8, columns / 1024), rounded up (rows.cuh); forward, scale_rows:
//           blocks (lanes, 256 / lanes), lanes threads a row: the fewest of 8, 16 and 32 that reach its columns by fours;
//           mirror: a tile of 64 x 64 a block, grid (d / 64, d / 64), blocks above the diagonal return
// cost      one read and one write an element; forward about 20 instructions an element for tanh
// bound     forward: activation.cuh; scale_rows, hadamard_lower: 1 rounding; mirror: exact
// source    as matmul.cu
#include "activation.cuh"
#include "tile.cuh"

using namespace krongauss;

namespace {

constexpr int kRows = kThreads / kWarp;  // of a block

__device__ __forceinline__ int my_row() { return blockIdx.x * kRows + threadIdx.x / kWarp; }

// Of blockDim.x threads a row: narrow ones share a warp, whose accesses are side by side where strides are 4 blockDim.x.
__device__ __forceinline__ int narrow_row() { return blockIdx.x * blockDim.y + threadIdx.y; }

// Multiplies the columns [begin, end) of one row.
__device__ __forceinline__ void scale(float* x, const float* factor, int begin, int end, int whole, int lane, int lanes) {
  sweep(lane, lanes, begin, end, whole, [=](auto width, int c) {
    constexpr int W = decltype(width)::value;
    Pack<W> p = load<W>(x + c);
    const Pack<W> q = load<W>(factor + c);
#pragma unroll
    for (int i = 0; i < W; i++) p.v[i] *= q.v[i];
    store(x + c, p);
  });
}

}  // namespace

// derivative may be null. The switch over f and the test of derivative are outside of the loop.
extern "C" __global__ void __launch_bounds__(kThreads)
epilogue_f32__forward(const float* h, int h_stride, float* output, int output_stride, float* derivative,
                      int derivative_stride, int rows, int columns, int whole, int transfer, float slope) {
  const int row = narrow_row();
  if (row >= rows) return;
  const float* x = row_of(h, row, h_stride);
  float* y = row_of(output, row, output_stride);
  float* d = row_of(derivative, row, derivative_stride);
  const int begin = blockIdx.y * kChunk;
  const int end = min(columns, begin + kChunk);
  const bool wants_derivative = derivative != nullptr;
  with_transfer(transfer, [=](auto f) {
    const auto apply = [=](auto width, int c, auto with_derivative) {
      constexpr int W = decltype(width)::value;
      Pack<W> a = load<W>(x + c);
      Pack<W> b;
#pragma unroll
      for (int i = 0; i < W; i++) decltype(f)::both(a.v[i], slope, a.v[i], b.v[i]);
      store(y + c, a);
      if constexpr (decltype(with_derivative)::value != 0) store(d + c, b);
    };
    const int lane = threadIdx.x;
    if (wants_derivative) {
      sweep(lane, blockDim.x, begin, end, whole, [=](auto width, int c) { apply(width, c, Width<1>{}); });
    } else {
      sweep(lane, blockDim.x, begin, end, whole, [=](auto width, int c) { apply(width, c, Width<0>{}); });
    }
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
epilogue_f32__scale_rows(float* X, int X_stride, const float* b, int b_stride, int rows, int columns, int whole,
                         int rank, int N) {
  const int row = narrow_row();
  if (row >= rows) return;
  const int begin = blockIdx.y * kChunk;
  scale(row_of(X, row, X_stride), row_of(b, row / rank % N, b_stride), begin, min(columns, begin + kChunk), whole,
        threadIdx.x, blockDim.x);
}

extern "C" __global__ void __launch_bounds__(kThreads)
epilogue_f32__hadamard_lower(float* G, int G_stride, const float* S, int S_stride, int d, int whole) {
  const int row = my_row();
  if (row >= d) return;
  const int begin = blockIdx.y * kChunk;
  const int length = row + 1;  // of the row's part of the lower triangle
  scale(row_of(G, row, G_stride), row_of(S, row, S_stride), begin, min(length, begin + kChunk),
        min(whole, length & ~3), threadIdx.x % kWarp, kWarp);
}

// A thread moves one block of 4 x 4; a warp reads 128 bytes a row and writes 64.
extern "C" __global__ void __launch_bounds__(kThreads)
epilogue_f32__mirror(float* S, int S_stride, int d, int whole) {
  if (blockIdx.x > blockIdx.y) return;
  const int r0 = blockIdx.y * kTile + 4 * (threadIdx.x % kWarp / 8 + 4 * (threadIdx.x / (2 * kWarp)));
  const int c0 = blockIdx.x * kTile + 4 * (threadIdx.x % 8 + 8 * (threadIdx.x / kWarp % 2));
  if (r0 >= d || c0 > r0) return;
  float x[4][4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    Pack<4> row = {};
    if (r0 + i < d) row = load_quad(row_of(S, r0 + i, S_stride), c0, r0 + i + 1, c0 < r0 ? whole : 0, 0.0f);
#pragma unroll
    for (int j = 0; j < 4; j++) x[i][j] = row.v[j];
  }
#pragma unroll
  for (int j = 0; j < 4; j++) {
    if (c0 + j >= d) return;
    float* image = row_of(S, c0 + j, S_stride) + r0;
    if (r0 < whole && c0 < r0) {
      store(image, Pack<4>{x[0][j], x[1][j], x[2][j], x[3][j]});
    } else {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (r0 + i < d && r0 + i > c0 + j) image[i] = x[i][j];
      }
    }
  }
}
