// Muon's steps around its products: momentum, normalisation, the polynomial of a Newton-Schulz iteration, the update.
//
//   momentum     M <- M + (1 - mu)(g - M);   X = g + mu (M - g) with Nesterov's look-ahead, else M
//   normalize    X <- X / max(||X||_F, epsilon)
//   polynomial   B <- a I + b A + c B, lower triangles: with A = X'X and B = A A the factor of X <- X B
//   step         W <- (1 - lr decay) W - lr scale X
//
// shapes    W, g, M [rows][columns] of each layer, without the bias column; X of the same shape, or [columns][rows] where it is
//           turned, so that it has no more columns than rows; A, B [n][n]; strides of their own; partial [tiles of all layers];
//           lr [1]; accepted [1] or null
// guard     momentum, normalize and step write nothing unless accepted is null or 1
// aliasing  none of the matrices may overlap
// groups    up to 32 layers a launch
// launch    256 threads; a tile of 32 x 32 a block, (rows / 32) (columns / 32) of them a layer, both rounded up; polynomial: a
//           warp a row, (n / 8) (n / 1024) blocks, both rounded up
// order     fixed by shape: a block leaves the sum of its squares, and each block of normalize adds those of its layer alike.
//           The same bits on every run
// cost      momentum 6 flops, 16 bytes an element; normalize 1 and 8; polynomial 4 flops, 12 bytes an element of the lower
//           triangle; step 3 flops, 12 bytes
// bound     M: eps |M| + 2 eps (1 - mu)(|g| + |M|); normalize: (18 + tiles / 512) eps |X|, each square being in a sum of 4 and of
//           256, and each tile's in one of tiles / 256 and of 256, halved by the root; polynomial: 2 eps (|b A| + |c B|) +
//           eps |a|; step: 3 eps (|W| + lr scale |X|)
// source    Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; scales of steps: there, and Liu et
//           al., "Muon is Scalable for LLM Training", 2025, section 2.2
#include "groups.cuh"
#include "rows.cuh"

using namespace krongauss;

struct Moving : Group {
  int rows;
  int columns;
  int turned;
  const float* g;
  float* M;
  float* X;
  int g_stride;
  int M_stride;
  int X_stride;
};

struct Scaled : Group {
  int rows;  // of X
  int columns;
  float* X;
  int X_stride;
};

struct Stepping : Group {
  int rows;
  int columns;
  int turned;
  float* W;
  const float* X;
  int W_stride;
  int X_stride;
  float scale;
};

struct Square : MatrixGroup {
  const float* A;
  float* B;
  int A_stride;
  int B_stride;
};

namespace {

constexpr int kSide = 32;                // of a tile
constexpr int kStep = kThreads / kSide;  // rows of a tile that the block takes at a time

struct Place {
  int row;
  int column;
};

__device__ __forceinline__ int tiles_of(int count) { return (count + kSide - 1) / kSide; }

// The first element of a block's tile.
__device__ __forceinline__ Place tile_at(int block, int columns) {
  const int across = tiles_of(columns);
  return {block / across * kSide, block % across * kSide};
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads)
muon_f32__momentum(const __grid_constant__ Groups<Moving> layers, float mu, float one_minus_mu, int nesterov, float* partial,
                   const int* accepted) {
  if (accepted != nullptr && *accepted != 1) return;
  __shared__ float tile[kSide][kSide + 1];
  const Moving& layer = group_of(layers);
  const Place at = tile_at(blockIdx.x - layer.first, layer.columns);
  const int x = threadIdx.x % kSide;
  const int y = threadIdx.x / kSide;
  float square = 0;
#pragma unroll
  for (int k = 0; k < kSide; k += kStep) {
    const int r = at.row + y + k;
    const int c = at.column + x;
    if (r < layer.rows && c < layer.columns) {
      const float g = row_of(layer.g, r, layer.g_stride)[c];
      float* M = row_of(layer.M, r, layer.M_stride) + c;
      const float m = fmaf(one_minus_mu, g - *M, *M);
      *M = m;
      const float value = nesterov ? fmaf(mu, m - g, g) : m;
      square = fmaf(value, value, square);
      if (layer.turned) {
        tile[y + k][x] = value;
      } else {
        row_of(layer.X, r, layer.X_stride)[c] = value;
      }
    }
  }
  square = fold<Sum, kThreads>(square);  // a barrier, too: the tile is whole
  if (threadIdx.x == 0) partial[blockIdx.x] = square;
  if (!layer.turned) return;
#pragma unroll
  for (int k = 0; k < kSide; k += kStep) {
    const int c = at.column + y + k;
    const int r = at.row + x;
    if (c < layer.columns && r < layer.rows) row_of(layer.X, c, layer.X_stride)[r] = tile[x][y + k];
  }
}

extern "C" __global__ void __launch_bounds__(kThreads)
muon_f32__normalize(const __grid_constant__ Groups<Scaled> layers, const float* partial, float epsilon, const int* accepted) {
  if (accepted != nullptr && *accepted != 1) return;
  const Scaled& layer = group_of(layers);
  const int tiles = tiles_of(layer.rows) * tiles_of(layer.columns);
  float sum = 0;
  for (int i = threadIdx.x; i < tiles; i += kThreads) sum += partial[layer.first + i];
  const float inverse = 1.0f / fmaxf(sqrtf(fold<Sum, kThreads>(sum)), epsilon);
  const Place at = tile_at(blockIdx.x - layer.first, layer.columns);
  const int c = at.column + static_cast<int>(threadIdx.x) % kSide;
#pragma unroll
  for (int k = 0; k < kSide; k += kStep) {
    const int r = at.row + static_cast<int>(threadIdx.x) / kSide + k;
    if (r < layer.rows && c < layer.columns) row_of(layer.X, r, layer.X_stride)[c] *= inverse;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads)
muon_f32__polynomial(const __grid_constant__ Groups<Square> squares, float a, float b, float c) {
  const Square& p = group_of(squares);
  const Strip at = strip_of(blockIdx.x - p.first, p.rows);
  const int row = at.row;
  if (row >= p.rows) return;
  const float* A = row_of(p.A, row, p.A_stride);
  float* B = row_of(p.B, row, p.B_stride);
  const int end = min(row + 1, at.begin + kChunk);
  sweep(threadIdx.x % kWarp, kWarp, at.begin, end, min(p.whole, end & ~3), [=](auto width, int j) {
    constexpr int kWide = decltype(width)::value;
    const Pack<kWide> first = load<kWide>(A + j);
    Pack<kWide> second = load<kWide>(B + j);
#pragma unroll
    for (int i = 0; i < kWide; i++) second.v[i] = fmaf(c, second.v[i], fmaf(b, first.v[i], j + i == row ? a : 0.0f));
    store<kWide>(B + j, second);
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
muon_f32__step(const __grid_constant__ Groups<Stepping> layers, float decay, const float* lr, const int* accepted) {
  if (accepted != nullptr && *accepted != 1) return;
  __shared__ float tile[kSide][kSide + 1];
  const Stepping& layer = group_of(layers);
  const Place at = tile_at(blockIdx.x - layer.first, layer.columns);
  const int x = threadIdx.x % kSide;
  const int y = threadIdx.x / kSide;
  if (layer.turned) {
#pragma unroll
    for (int k = 0; k < kSide; k += kStep) {
      const int c = at.column + y + k;
      const int r = at.row + x;
      if (c < layer.columns && r < layer.rows) tile[x][y + k] = row_of(layer.X, c, layer.X_stride)[r];
    }
    __syncthreads();
  }
  const float step = -*lr * layer.scale;
  const float keep = 1.0f - *lr * decay;
#pragma unroll
  for (int k = 0; k < kSide; k += kStep) {
    const int r = at.row + y + k;
    const int c = at.column + x;
    if (r < layer.rows && c < layer.columns) {
      const float value = layer.turned ? tile[y + k][x] : row_of(layer.X, r, layer.X_stride)[c];
      float* W = row_of(layer.W, r, layer.W_stride) + c;
      *W = fmaf(step, value, keep * *W);
    }
  }
}
