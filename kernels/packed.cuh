// Products and triangular solves of packed tiles: 64 x 64 floats, row-major, one after the other in a workspace. 256
// threads work on one.
//
//   multiply          acc[r][c] += sum_k P(r, k) Q(c, k) over slabs of 16 k
//   substitute_rows   x L^T = x, or x L = x, for each row x of a tile, held in the registers of one thread
//
//   thread t     x = t % 16, y = t / 16; owns rows 4y..4y+3 and columns 4x..4x+3 of a tile: acc[4][4]
//   shared       two stages of [16 k][64 outer] floats an operand (8 KB each), one barrier a stage; the outer index is
//                swizzled by k, outer ^ 8 (k / 4). Square: a whole tile, its quads swizzled by the row. So neither
//                rows, nor columns, nor a row a thread meets a bank conflict
//   summation    one FP32 chain over k for each element, in the order of the slabs
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

__device__ __forceinline__ void multiply_slab(float (&acc)[4][4], const float* p, const float* q) {
#pragma unroll
  for (int k = 0; k < kSlab; k++) {
    const Pack<4> x = load<4>(p + k * kSide + (4 * quad_y() ^ 8 * (k / 4)));
    const Pack<4> y = load<4>(q + k * kSide + (4 * quad_x() ^ 8 * (k / 4)));
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < 4; j++) acc[i][j] = fmaf(x.v[i], y.v[j], acc[i][j]);
    }
  }
}

// Slabs [begin, end): p(s) and q(s) give the slabs of the operands. All threads of the block call it together, and
// meet at a barrier before they write to the stages again.
template <bool P_INNER, bool Q_INNER, class P, class Q>
__device__ __forceinline__ void multiply(float (&acc)[4][4], int begin, int end, P p, Q q, Stages& shared) {
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

// A tile in shared memory: quad q of row r lies at place(r, q).
struct alignas(16) Square {
  float v[kTileFloats];

  __device__ __forceinline__ static int place(int r, int q) { return 4 * (r * 16 + (q ^ ((r ^ r >> 2) & 7))); }
  __device__ __forceinline__ Pack<4> quad(int r, int q) const { return load_shared(v + place(r, q)); }
  __device__ __forceinline__ void put(int r, int q, const Pack<4>& x) { store_shared(v + place(r, q), x); }
};

// The coefficients of a triangular solve: column j of L at v[64 j], so that the coefficients of x_j lie side by side.
struct alignas(16) Triangle {
  float v[kTileFloats];
  float reciprocal[kSide];
};

// Copies the tile at `from`; the caller's next barrier makes it visible.
__device__ __forceinline__ void load_triangle(Triangle& t, const float* from) {
#pragma unroll
  for (int i = 0; i < kTileFloats; i += 4 * kThreads) {
    store(t.v + i + 4 * threadIdx.x, load<4>(from + i + 4 * threadIdx.x));
  }
  if (threadIdx.x < kSide) t.reciprocal[threadIdx.x] = 1.0f / from[threadIdx.x * (kSide + 1)];
}

// Solves x L^T = x. Eliminating column by column leaves 63 - j independent updates after each step instead of one chain.
__device__ __forceinline__ void substitute(float (&x)[kSide], const Triangle& t) {
#pragma unroll
  for (int j = 0; j < kSide; j++) {
    x[j] *= t.reciprocal[j];
#pragma unroll
    for (int q = (j + 1) / 4 * 4; q < kSide; q += 4) {
      const Pack<4> l = load_shared(t.v + j * kSide + q);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (q + i > j) x[q + i] = fmaf(-x[j], l.v[i], x[q + i]);
      }
    }
  }
}

__device__ __forceinline__ Pack<4> reversed(const Pack<4>& x) { return {x.v[3], x.v[2], x.v[1], x.v[0]}; }

// Solves each row of the tile, by the first 64 threads: x L^T = x, or where the rows and the triangle are taken from their
// ends (`backward`), x L = x.
__device__ __forceinline__ void substitute_rows(Square& tile, const Triangle& t, bool backward) {
  if (threadIdx.x >= kSide) return;
  const int flip = backward ? 15 : 0;
  float x[kSide];
#pragma unroll
  for (int q = 0; q < 16; q++) {
    const Pack<4> y = tile.quad(threadIdx.x, q ^ flip);
    const Pack<4> z = backward ? reversed(y) : y;
#pragma unroll
    for (int i = 0; i < 4; i++) x[4 * q + i] = z.v[i];
  }
  substitute(x, t);
#pragma unroll
  for (int q = 0; q < 16; q++) {
    const Pack<4> y = {x[4 * q], x[4 * q + 1], x[4 * q + 2], x[4 * q + 3]};
    tile.put(threadIdx.x, q ^ flip, backward ? reversed(y) : y);
  }
}

}  // namespace krongauss
