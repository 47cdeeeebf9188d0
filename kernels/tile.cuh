// A 64 x 64 tile of a matrix product, by 256 threads: the one main loop of every product on the plain units.
//
//   acc[row][column] += sum_k A(row, k) B(column, k),    k in [begin, end)
//
// Both operands are indexed (outer, inner): A(row, k) and B(column, k). How an operand lies in memory is a compile-time
// parameter: transposition and symmetry cost nothing in the loop.
//
//   thread t      x = t % 16, y = t / 16; owns rows 4y..4y+3 and columns 4x..4x+3 of the tile: acc[4][4]
//   shared        two stages of [16 inner][64 outer] floats an operand; s is read while s ^ 1 is filled: one barrier a stage
//   bank conflict none: the quad of outer indices is swizzled by the inner index, outer ^ 8 (inner / 4). Loads along
//                 the inner index store four scalars whose rows would else fall on two banks; reads stay whole quads
//   summation     one FP32 chain over k in rising order for each element: repeatable, at most (end - begin) eps of sum |A||B|
//   edges         elements outside of an operand count as 0 and are not read
#pragma once

#include "rows.cuh"

namespace krongauss {

constexpr int kTile = 64;
constexpr int kDepth = 16;

// Which index of an operand runs through consecutive memory.
enum class Along {
  kInner,     // element (o, k) at p[o * stride + k]
  kOuter,     // element (o, k) at p[k * stride + o]
  kSymmetric  // square, element (o, k) at p[max * stride + min]: only the lower triangle is read
};

struct TilePlace {
  int row;
  int column;
};

// The tile `index` of a lower triangle, counted row by row, in tiles. The root is near; the loops make it exact.
__device__ __forceinline__ TilePlace lower_tile(int index) {
  int row = static_cast<int>(0.5f * (sqrtf(8.0f * static_cast<float>(index) + 1.0f) - 1.0f));
  while (row * (row + 1) / 2 > index) row--;
  while ((row + 1) * (row + 2) / 2 <= index) row++;
  return {row, index - row * (row + 1) / 2};
}

// `whole`: how many leading elements along the consecutive index go by fours: the count & ~3, or 0 where rows do not begin at
// multiples of 16 bytes.
struct Operand {
  const float* p;
  int stride;
  int outer;
  int whole;
};

struct alignas(16) TileBuffers {
  float a[2][kDepth * kTile];
  float b[2][kDepth * kTile];
};

__device__ __forceinline__ int tile_x() { return 4 * (threadIdx.x % 16); }
__device__ __forceinline__ int tile_y() { return 4 * (threadIdx.x / 16); }

// How this stage of an operand is read: a symmetric one along the inner index below its diagonal, along the outer one above it.
template <Along A>
__device__ __forceinline__ bool reads_along_outer(int outer0, int k0) {
  if constexpr (A == Along::kSymmetric) return k0 >= outer0 + kTile - 1;
  return A == Along::kOuter;
}

__device__ __forceinline__ Pack<4> fetch_inner(const Operand& x, int outer0, int k0, int end) {
  const int o = outer0 + threadIdx.x / 4;
  const int k = k0 + 4 * (threadIdx.x % 4);
  if (o >= x.outer) return {};
  return load_quad(row_of(x.p, o, x.stride), k, end, x.whole, 0.0f);
}

__device__ __forceinline__ Pack<4> fetch_outer(const Operand& x, int outer0, int k0, int end) {
  const int o = outer0 + 4 * (threadIdx.x % 16);
  const int k = k0 + threadIdx.x / 16;
  if (k >= end) return {};
  return load_quad(row_of(x.p, k, x.stride), o, x.outer, x.whole, 0.0f);
}

__device__ __forceinline__ Pack<4> fetch_across_diagonal(const Operand& x, int outer0, int k0, int end) {
  const int o = outer0 + threadIdx.x / 4;
  const int k = k0 + 4 * (threadIdx.x % 4);
  Pack<4> r = {};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    if (o < x.outer && k + i < end) r.v[i] = *(row_of(x.p, max(o, k + i), x.stride) + min(o, k + i));
  }
  return r;
}

template <Along A>
__device__ __forceinline__ Pack<4> fetch(const Operand& x, int outer0, int k0, int end) {
  if (reads_along_outer<A>(outer0, k0)) return fetch_outer(x, outer0, k0, end);
  if (A == Along::kSymmetric && k0 + kDepth - 1 > outer0) return fetch_across_diagonal(x, outer0, k0, end);
  return fetch_inner(x, outer0, k0, end);
}

template <Along A>
__device__ __forceinline__ void stash(float* buffer, const Pack<4>& r, int outer0, int k0) {
  if (reads_along_outer<A>(outer0, k0)) {
    const int o = 4 * (threadIdx.x % 16);
    const int k = threadIdx.x / 16;
    store<4>(buffer + k * kTile + (o ^ (8 * (k / 4))), r);
  } else {
    const int o = threadIdx.x / 4;
    const int k = threadIdx.x % 4;
    float* at = buffer + 4 * k * kTile + (o ^ (8 * k));
#pragma unroll
    for (int i = 0; i < 4; i++) at[i * kTile] = r.v[i];
  }
}

__device__ __forceinline__ void multiply_stage(float (&acc)[4][4], const float* a, const float* b) {
#pragma unroll
  for (int k = 0; k < kDepth; k++) {
    const int swizzle = 8 * (k / 4);
    const Pack<4> x = load<4>(a + k * kTile + (tile_y() ^ swizzle));
    const Pack<4> y = load<4>(b + k * kTile + (tile_x() ^ swizzle));
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < 4; j++) acc[i][j] = fmaf(x.v[i], y.v[j], acc[i][j]);
    }
  }
}

// The main loop. begin is a multiple of 16; end is one or is the operands' inner size. All threads of the block call it
// together; it returns with the buffers free and with all reads of the operands done.
template <Along A, Along B>
__device__ __forceinline__ void multiply(float (&acc)[4][4], const Operand& a, const Operand& b, int row0, int column0,
                                         int begin, int end, TileBuffers& shared) {
  if (begin >= end) return;
  Pack<4> next_a = fetch<A>(a, row0, begin, end);
  Pack<4> next_b = fetch<B>(b, column0, begin, end);
  int stage = 0;
#pragma unroll 1
  for (int k = begin; k < end; k += kDepth) {
    stash<A>(shared.a[stage], next_a, row0, k);
    stash<B>(shared.b[stage], next_b, column0, k);
    __syncthreads();
    if (k + kDepth < end) {
      next_a = fetch<A>(a, row0, k + kDepth, end);
      next_b = fetch<B>(b, column0, k + kDepth, end);
    }
    multiply_stage(acc, shared.a[stage], shared.b[stage]);
    stage ^= 1;
  }
  __syncthreads();
}

// Calls body(row, column, Pack<4>) for this thread's rows of the tile inside [rows][columns]. The quad may stand across the right
// edge: bodies read and write by load_quad and store_quad.
template <class Body>
__device__ __forceinline__ void each(const float (&acc)[4][4], int row0, int column0, int rows, int columns,
                                     Body body) {
  const int c = column0 + tile_x();
  if (c >= columns) return;
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const int r = row0 + tile_y() + i;
    if (r < rows) body(r, c, Pack<4>{acc[i][0], acc[i][1], acc[i][2], acc[i][3]});
  }
}

// The lower triangle of a symmetric [n][n] result, and with MIRROR its image above the diagonal. value(row, column,
// length, whole, Pack<4>) turns accumulators into stored elements; only the first `length` columns of a row are in the
// lower triangle, and only the first `whole` may be read by fours. Tiles above the diagonal must not call this.
template <bool MIRROR, class Value>
__device__ __forceinline__ void store_lower(float (&acc)[4][4], int row0, int column0, float* C, int stride, int n,
                                            int whole, Value value) {
  const int r0 = row0 + tile_y();
  const int c0 = column0 + tile_x();
  if (r0 < c0) return;  // the other half of a diagonal tile
  const int by_fours = r0 == c0 ? 0 : whole;
  each(acc, row0, column0, n, n, [&](int r, int c, const Pack<4>& x) {
    const int length = min(n, r + 1);
    const Pack<4> y = value(r, c, length, by_fours, x);
    store_quad(row_of(C, r, stride), c, length, by_fours, y);
#pragma unroll
    for (int j = 0; j < 4; j++) acc[r - r0][j] = y.v[j];
  });
  if constexpr (MIRROR) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      const int r = c0 + j;  // the image's row; its columns are r0..r0+3
      if (r >= n) return;
      float* image = row_of(C, r, stride) + r0;
      if (r0 < by_fours) {
        store(image, Pack<4>{acc[0][j], acc[1][j], acc[2][j], acc[3][j]});
      } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          if (r0 + i < n && r0 + i > r) image[i] = acc[i][j];
        }
      }
    }
  }
}

// The store that most products end with: C = alpha acc, or alpha acc + beta C.
struct Scaled {
  float* C;
  int stride;
  int whole;
  float alpha;
  float beta;

  __device__ __forceinline__ Pack<4> value(int r, int c, int length, int by_fours, Pack<4> x) const {
#pragma unroll
    for (int i = 0; i < 4; i++) x.v[i] *= alpha;
    if (beta != 0.0f) {
      const Pack<4> old = load_quad(row_of(C, r, stride), c, length, by_fours, 0.0f);
#pragma unroll
      for (int i = 0; i < 4; i++) x.v[i] = fmaf(beta, old.v[i], x.v[i]);
    }
    return x;
  }
};

__device__ __forceinline__ Pack<4> operator*(const Pack<4>& x, const Pack<4>& y) {
  return {x.v[0] * y.v[0], x.v[1] * y.v[1], x.v[2] * y.v[2], x.v[3] * y.v[3]};
}

// The same tile as an object, which operations take as a parameter: tensor.cuh has others.
struct PlainTile {
  static constexpr int kRows = kTile;
  static constexpr int kColumns = kTile;
  static constexpr int kBlock = kThreads;
  static constexpr int kResident = 1;  // blocks that a multiprocessor has registers for
  static constexpr bool kDynamic = false;
  using Shared = TileBuffers;

  float acc[4][4] = {};

  template <Along A, Along B, bool LOWER = false>
  __device__ __forceinline__ void multiply(const Operand& a, const Operand& b, int row0, int column0, int begin, int end,
                                           Shared& shared) {
    krongauss::multiply<A, B>(acc, a, b, row0, column0, begin, end, shared);
  }

  template <class Body>
  __device__ __forceinline__ void each(int row0, int column0, int rows, int columns, Shared&, Body body) const {
    krongauss::each(acc, row0, column0, rows, columns, body);
  }

  template <class Value>
  __device__ __forceinline__ void store_lower(int row0, int column0, float* C, int stride, int n, int whole, Shared&, Value value) {
    krongauss::store_lower<true>(acc, row0, column0, C, stride, n, whole, value);
  }
};

// A tile's shared memory: static, of the kernel that calls this, or what its launch asks for.
template <class Tile>
__device__ __forceinline__ typename Tile::Shared& shared_of_block() {
  if constexpr (Tile::kDynamic) {
    extern __shared__ float4 asked_for[];
    return *reinterpret_cast<typename Tile::Shared*>(asked_for);
  } else {
    __shared__ typename Tile::Shared shared;
    return shared;
  }
}

// The tile of C = alpha A B + beta C that begins at (row0, column0).
template <class Tile, Along A, Along B>
__device__ __forceinline__ void product_at(const Operand& a, const Operand& b, int inner, const Scaled& out, int row0,
                                           int column0, typename Tile::Shared& shared) {
  Tile tile;
  tile.template multiply<A, B>(a, b, row0, column0, 0, inner, shared);
  tile.each(row0, column0, a.outer, b.outer, shared, [=](int r, int c, const Pack<4>& p) {
    store_quad(row_of(out.C, r, out.stride), c, b.outer, out.whole, out.value(r, c, b.outer, out.whole, p));
  });
}

// The same for the tile (x, y).
template <class Tile, Along A, Along B>
__device__ __forceinline__ void product_tile(const Operand& a, const Operand& b, int inner, const Scaled& out, int x,
                                             int y) {
  product_at<Tile, A, B>(a, b, inner, out, y * Tile::kRows, x * Tile::kColumns, shared_of_block<Tile>());
}

// The tile of C = alpha diag(s) B that begins at (row0, column0); s [rows], B and C [rows][B.outer].
template <class Tile>
__device__ __forceinline__ void scaled_rows_at(const float* s, int rows, const Operand& B, const Scaled& out, int row0,
                                               int column0) {
  constexpr int kAcross = Tile::kColumns / 4;
  for (int q = threadIdx.x; q < Tile::kRows * kAcross; q += Tile::kBlock) {
    const int r = row0 + q / kAcross;
    const int c = column0 + 4 * (q % kAcross);
    if (r >= rows) return;
    const float factor = out.alpha * s[r];
    Pack<4> x = load_quad(row_of(B.p, r, B.stride), c, B.outer, B.whole, 0.0f);
#pragma unroll
    for (int i = 0; i < 4; i++) x.v[i] *= factor;
    store_quad(row_of(out.C, r, out.stride), c, B.outer, out.whole, x);
  }
}

}  // namespace krongauss
