// Products and triangular solves of packed tiles: 64 x 64 floats, row-major, one after the other in a workspace. 256
// threads work on one.
//
//   multiply          acc[r][c] += sum_k P(r, k) Q(c, k) over slabs of 16 k, a part of the sum a thread
//   collect           tile[r][c] += the parts of the sum
//   substitute_rows   x L^T = x, or x L = x, for each row x of a tile, in the registers of eight threads
//
//   thread t     x = t % 16, y = t / 16; owns rows 4y..4y+3 and columns 4x..4x+3 of a tile: acc[4][4]. In a product 64 threads,
//                t / 64 = g, take the k of a slab with k / 4 = g, and one of them rows 4u..4u+3, 32+4u.. and columns
//                4v.., 32+4v.., with u = t % 64 / 8, v = t % 8: so shared memory gives a word for four multiplications
//   shared       two stages of [16 k][64 outer] floats an operand (8 KB each), one barrier a stage; the outer index is
//                swizzled by k, outer ^ 8 (k / 4). Square: a whole tile, its quads swizzled by the row. So neither
//                rows, nor columns, nor a row a thread meets a bank conflict
//   summation    four FP32 chains over k for each element, in the order of the slabs, added one after the other
#pragma once

#include "rows.cuh"

namespace krongauss {

constexpr int kSide = 64;
constexpr int kTileFloats = kSide * kSide;
constexpr int kSlab = 16;               // inner indices of a stage
constexpr int kSlabs = kSide / kSlab;   // stages of a tile

__device__ __forceinline__ int quad_x() { return threadIdx.x % 16; }
__device__ __forceinline__ int quad_y() { return threadIdx.x / 16; }

// Tiles of a lower triangle, row by row.
__host__ __device__ __forceinline__ int triangle(int i) { return i * (i + 1) / 2; }

struct Stages {
  float p[2][kSlab * kSide];
  float q[2][kSlab * kSide];
};

// INNER: the operand's element (o, k) is the tile's [o][k], else its [k][o]. A slab begins at its first element.
template <bool INNER>
__device__ __forceinline__ Pack<4> fetch(const float* slab) {
  return INNER ? load<4>(slab + threadIdx.x / 4 * kSide + 4 * (threadIdx.x % 4))
               : load<4>(slab + quad_y() * kSide + 4 * quad_x());
}

template <bool INNER>
__device__ __forceinline__ void stash(float* stage, const Pack<4>& x) {
  if constexpr (INNER) {
    const int k = threadIdx.x % 4;
    float* at = stage + 4 * k * kSide + (threadIdx.x / 4 ^ 8 * k);
#pragma unroll
    for (int i = 0; i < 4; i++) at[i * kSide] = x.v[i];
  } else {
    store<4>(stage + quad_y() * kSide + (4 * quad_x() ^ 8 * (quad_y() / 4)), x);
  }
}

// A quad of shared memory. Of load<4> and store<4> nvcc makes four accesses in long straight code, and those meet on the
// banks.
__device__ __forceinline__ Pack<4> load_shared(const float* p) {
  Pack<4> x;
  asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
               : "=f"(x.v[0]), "=f"(x.v[1]), "=f"(x.v[2]), "=f"(x.v[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(p)))
               : "memory");
  return x;
}

__device__ __forceinline__ void store_shared(float* p, const Pack<4>& x) {
  asm volatile("st.shared.v4.f32 [%0], {%1, %2, %3, %4};" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(p))),
               "f"(x.v[0]), "f"(x.v[1]), "f"(x.v[2]), "f"(x.v[3])
               : "memory");
}

// The elements of a product that a thread sums up: two quads of rows by two quads of columns.
struct Parts {
  float v[8][8] = {};
};

__device__ __forceinline__ int part_rows() { return threadIdx.x % 64 / 8 * 4; }
__device__ __forceinline__ int part_columns() { return threadIdx.x % 8 * 4; }
__device__ __forceinline__ int part_group() { return threadIdx.x / 64; }

__device__ __forceinline__ void multiply_slab(Parts& acc, const float* p, const float* q) {
  const int first = part_group() * 4 * kSide;
  const int x = first + (part_rows() ^ 8 * part_group());
  const int y = first + (part_columns() ^ 8 * part_group());
#pragma unroll 2
  for (int k = 0; k < 4; k++) {
    const Pack<4> a[2] = {load_shared(p + k * kSide + x), load_shared(p + k * kSide + x + 32)};
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const Pack<4> b = load_shared(q + k * kSide + y + 32 * half);
#pragma unroll
      for (int i = 0; i < 8; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) acc.v[i][4 * half + j] = fmaf(a[i / 4].v[i % 4], b.v[j], acc.v[i][4 * half + j]);
      }
    }
  }
}

// Slabs [begin, end): p(s) and q(s) give the slabs of the operands. All threads of the block call it together, and
// meet at a barrier before they write to the stages again.
template <bool P_INNER, bool Q_INNER, class P, class Q>
__device__ __forceinline__ void multiply(Parts& acc, int begin, int end, P p, Q q, Stages& shared) {
  if (begin >= end) return;
  Pack<4> next_p = fetch<P_INNER>(p(begin));
  Pack<4> next_q = fetch<Q_INNER>(q(begin));
  int stage = 0;
#pragma unroll 1
  for (int s = begin; s < end; s++) {
    stash<P_INNER>(shared.p[stage], next_p);
    stash<Q_INNER>(shared.q[stage], next_q);
    __syncthreads();
    if (s + 1 < end) {
      next_p = fetch<P_INNER>(p(s + 1));
      next_q = fetch<Q_INNER>(q(s + 1));
    }
    multiply_slab(acc, shared.p[stage], shared.q[stage]);
    stage ^= 1;
  }
}

// A tile in shared memory: quad q of row r lies at place(r, q).
struct alignas(16) Square {
  float v[kTileFloats];

  __device__ __forceinline__ static int place(int r, int q) { return 4 * (r * 16 + (q ^ ((r ^ r >> 2) & 7))); }
  __device__ __forceinline__ Pack<4> quad(int r, int q) const { return load_shared(v + place(r, q)); }
  __device__ __forceinline__ void put(int r, int q, const Pack<4>& x) { store_shared(v + place(r, q), x); }
};

// The rows of one quad of `acc`, by one quad of columns: Q = 2 rows + columns.
template <int Q>
__device__ __forceinline__ void collect_quarter(Square& tile, const Parts& acc) {
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const int r = part_rows() + 32 * (Q / 2) + i;
    const int q = part_columns() / 4 + 8 * (Q % 2);
    Pack<4> x = tile.quad(r, q);
#pragma unroll
    for (int j = 0; j < 4; j++) x.v[j] += acc.v[4 * (Q / 2) + i][4 * (Q % 2) + j];
    tile.put(r, q, x);
  }
}

// Adds all parts of a product to the tile. At each of four times every 64 threads add another quarter of theirs, and then all meet at a
// barrier, as they do before.
__device__ __forceinline__ void collect(Square& tile, const Parts& acc) {
#pragma unroll 1
  for (int time = 0; time < 4; time++) {
    __syncthreads();
    switch (part_group() + time & 3) {
      case 0: collect_quarter<0>(tile, acc); break;
      case 1: collect_quarter<1>(tile, acc); break;
      case 2: collect_quarter<2>(tile, acc); break;
      default: collect_quarter<3>(tile, acc);
    }
  }
  __syncthreads();
}

// The coefficients of a triangular solve: column j of L at v[64 j], so that the coefficients of x_j lie side by side.
struct alignas(16) Triangle {
  float v[kTileFloats];
};

// Copies the tile at `from`; the caller's next barrier makes it visible.
__device__ __forceinline__ void load_triangle(Triangle& t, const float* from) {
#pragma unroll
  for (int i = 0; i < kTileFloats; i += 4 * kThreads) {
    store(t.v + i + 4 * threadIdx.x, load<4>(from + i + 4 * threadIdx.x));
  }
}

constexpr int kPart = 8;  // columns that a warp solves

// x[q] -= y column[q] for two rows, from q = `from` on.
__device__ __forceinline__ void take_off(float (&x)[2][kPart], int from, float y0, float y1, const float* column) {
#pragma unroll
  for (int q = from / 4 * 4; q < kPart; q += 4) {
    const Pack<4> l = load_shared(column + q);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (q + i < from) continue;
      x[0][q + i] = fmaf(-y0, l.v[i], x[0][q + i]);
      x[1][q + i] = fmaf(-y1, l.v[i], x[1][q + i]);
    }
  }
}

// Columns 8 part .. 8 part + 7 of two rows.
__device__ __forceinline__ void load_part(float (&x)[2][kPart], const Square& tile, int part, bool backward) {
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int q = 0; q < 2; q++) {
      const Pack<4> y = tile.quad(threadIdx.x % kWarp + kWarp * p, 2 * part + q ^ (backward ? 15 : 0));
#pragma unroll
      for (int i = 0; i < 4; i++) x[p][4 * q + i] = y.v[backward ? 3 - i : i];
    }
  }
}

__device__ __forceinline__ void store_part(Square& tile, const float (&x)[2][kPart], int part, bool backward) {
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int q = 0; q < 2; q++) {
      const float* y = x[p] + 4 * q;
      tile.put(threadIdx.x % kWarp + kWarp * p, 2 * part + q ^ (backward ? 15 : 0),
               backward ? Pack<4>{y[3], y[2], y[1], y[0]} : Pack<4>{y[0], y[1], y[2], y[3]});
    }
  }
}

// Solves each row of the tile: x L^T = x, or where the rows and the triangle are taken from their ends (`backward`), x L = x.
// Warp w has 8 columns of all rows, a thread those of two. The columns of one warp after the other are solved, in registers, and then
// taken off all that follow; column by column, which leaves many independent updates after each step instead of one chain. Ends with a barrier.
__device__ __forceinline__ void substitute_rows(Square& tile, const Triangle& t, bool backward) {
  const int mine = threadIdx.x / kWarp;
  const float* column = t.v + kPart * mine;
  float x[2][kPart];
  load_part(x, tile, mine, backward);
  float reciprocal[kPart];
#pragma unroll
  for (int j = 0; j < kPart; j++) reciprocal[j] = 1.0f / t.v[(kPart * mine + j) * (kSide + 1)];
#pragma unroll 1
  for (int part = 0; part < kSide / kPart; part++) {
    if (mine == part) {
#pragma unroll
      for (int j = 0; j < kPart; j++) {
        x[0][j] *= reciprocal[j];
        x[1][j] *= reciprocal[j];
        take_off(x, j + 1, x[0][j], x[1][j], column + (kPart * part + j) * kSide);
      }
      store_part(tile, x, part, backward);
    }
    __syncthreads();
    if (mine <= part) continue;
    float y[2][kPart];
    load_part(y, tile, part, backward);
#pragma unroll
    for (int j = 0; j < kPart; j++) take_off(x, 0, y[0][j], y[1][j], column + (kPart * part + j) * kSide);
  }
}

}  // namespace krongauss
