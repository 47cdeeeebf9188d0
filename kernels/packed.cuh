// Products and triangular solves of packed tiles: 64 x 64 floats, row-major, one after the other in a workspace. 256
// threads work on one.
//
//   multiply          a part of sum_k P(r, k) Q(c, k) over slabs of 16 k
//   collect           acc[r][c] = the parts of the sum
//   substitute_rows   x L^T = x, or x L = x, for each row x of a tile, in the registers of eight threads
//
//   thread t     warp w = t / 32 has columns 8w..8w+7 of a tile; its lane the rows own_row().. and columns own_column().., four of
//                each: acc[4][4]. In a product a lane takes the k of a slab with k / 4 = lane / 8 = g, and eight rows and columns, its own
//                first: so shared memory gives a word for four multiplications, and the four lanes that have the same elements swap what
//                is not their own, without a barrier
//   shared       two stages of [16 k][64 outer] floats an operand (8 KB each), one barrier a stage; the outer index is
//                swizzled by k, outer ^ 8 (k / 4). Square: a whole tile, its quads swizzled by the row. So neither
//                rows, nor columns, nor a row a thread meets a bank conflict
//   summation    four FP32 chains over k for each element, in the order of the slabs, added by twos
#pragma once

#include "rows.cuh"

namespace krongauss {

constexpr int kSide = 64;
constexpr int kTileFloats = kSide * kSide;
constexpr int kSlab = 16;               // inner indices of a stage
constexpr int kSlabs = kSide / kSlab;   // stages of a tile, four

__device__ __forceinline__ int quad_x(int thread) { return thread % 16; }
__device__ __forceinline__ int quad_y(int thread) { return thread / 16; }

// The thread's index, read anew: what is made of it is not kept in registers from one stage of a task to the next.
__device__ __forceinline__ int thread_anew() {
  int t;
  asm volatile("mov.u32 %0, %%tid.x;" : "=r"(t));
  return t;
}

// Tiles of a lower triangle, row by row.
__host__ __device__ __forceinline__ int triangle(int i) { return i * (i + 1) / 2; }

constexpr int kStage = kSlab * kSide;

struct alignas(16) Stages {
  float v[4 * kStage];  // two of the first operand, two of the second one
};

// INNER: the operand's element (o, k) is the tile's [o][k], else its [k][o]. A slab begins at its first element.
template <bool INNER>
__device__ __forceinline__ int fetch_place(int thread) {
  return INNER ? thread / 4 * kSide + 4 * (thread % 4) : 4 * thread;
}

template <bool INNER>
__device__ __forceinline__ void stash(float* stage, const Pack<4>& x, int thread) {
  if constexpr (INNER) {
    const int k = thread % 4;
    float* at = stage + 4 * k * kSide + (thread / 4 ^ 8 * k);
#pragma unroll
    for (int i = 0; i < 4; i++) at[i * kSide] = x.v[i];
  } else {
    store<4>(stage + (4 * thread ^ 8 * (thread / 64)), x);
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

// Likewise of global memory.
__device__ __forceinline__ void store_global(float* p, const Pack<4>& x) {
  asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(p), "f"(x.v[0]), "f"(x.v[1]), "f"(x.v[2]), "f"(x.v[3]) : "memory");
}

// The elements of a product that a thread sums up: rows and columns of its own first, then those that it sums up for others.
struct Parts {
  float v[8][8] = {};
};

__device__ __forceinline__ int part_group(int thread) { return thread % kWarp / 8; }
__device__ __forceinline__ int own_row(int thread) { return thread % 8 * 4 + part_group(thread) / 2 * 32; }
__device__ __forceinline__ int own_column(int thread) { return thread / kWarp * 8 + part_group(thread) % 2 * 4; }

__device__ __forceinline__ void multiply_slab(Parts& acc, const float* p, const float* q, int thread) {
  const int swizzle = 8 * part_group(thread);
  const int first = part_group(thread) * 4 * kSide;
  const int x = first + (own_row(thread) ^ swizzle);
  const int y = first + (own_column(thread) ^ swizzle);
  const float* rows[2] = {p + x, p + (x ^ 32)};
  const float* columns[2] = {q + y, q + (y ^ 4)};
#pragma unroll 1
  for (int k = 0; k < 4; k++) {
    const Pack<4> a[2] = {load_shared(rows[0]), load_shared(rows[1])};
    rows[0] += kSide;
    rows[1] += kSide;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const Pack<4> b = load_shared(columns[half]);
      columns[half] += kSide;
#pragma unroll
      for (int i = 0; i < 8; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) acc.v[i][4 * half + j] = fmaf(a[i / 4].v[i % 4], b.v[j], acc.v[i][4 * half + j]);
      }
    }
  }
}

// Slabs [begin, end): p(s) and q(s) say how many floats behind P and Q the slabs of the operands are. All threads of the block call
// it together, and meet at a barrier before they write to the stages again.
template <bool P_INNER, bool Q_INNER, class Places, class OtherPlaces>
__device__ __forceinline__ void multiply(Parts& acc, int begin, int end, const float* P, Places p, const float* Q, OtherPlaces q,
                                         Stages& shared) {
  if (begin >= end) return;
  const int thread = thread_anew();
  const float* from_p = P + fetch_place<P_INNER>(thread);
  const float* from_q = Q + fetch_place<Q_INNER>(thread);
  Pack<4> next_p = load<4>(from_p + p(begin));
  Pack<4> next_q = load<4>(from_q + q(begin));
  int stage = 0;
#pragma unroll 1
  for (int s = begin; s < end; s++) {
    float* now = shared.v + stage;
    stash<P_INNER>(now, next_p, thread);
    stash<Q_INNER>(now + 2 * kStage, next_q, thread);
    __syncthreads();
    if (s + 1 < end) {
      next_p = load<4>(from_p + p(s + 1));
      next_q = load<4>(from_q + q(s + 1));
    }
    multiply_slab(acc, now, now + 2 * kStage, thread);
    stage ^= kStage;
  }
}

// A tile in shared memory: quad q of row r lies at place(r, q).
struct alignas(16) Square {
  float v[kTileFloats];

  __device__ __forceinline__ static int place(int r, int q) { return 4 * (r * 16 + (q ^ ((r ^ r >> 2) & 7))); }
  __device__ __forceinline__ Pack<4> quad(int r, int q) const { return load_shared(v + place(r, q)); }
  __device__ __forceinline__ void put(int r, int q, const Pack<4>& x) { store_shared(v + place(r, q), x); }
};

// What the thread `distance` lanes on has in x. For __shfl_xor_sync nvcc takes all sums for integers, and copies them in each round of
// a loop.
__device__ __forceinline__ float swapped(float x, int distance) {
  float y;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 31, 0xffffffff;" : "=f"(y) : "f"(x), "r"(distance));
  return y;
}

// The sums of all parts of a product, of the elements that are the thread's own.
__device__ __forceinline__ void collect(float (&acc)[4][4], Parts& parts) {
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int j = 0; j < 8; j++) parts.v[i][j] += swapped(parts.v[4 + i][j], 16);
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int j = 0; j < 4; j++) acc[i][j] = parts.v[i][j] + swapped(parts.v[i][4 + j], 8);
  }
}

// The coefficients of a part of a triangular solve: of column j of -L, with the reciprocal of L_jj on the diagonal, at v[64 j],
// so that the coefficients of x_j lie side by side.
struct alignas(16) Columns {
  float v[kSlab * kSide];
};

// Columns 16 part .. 16 part + 15, a quad a thread; the next barrier makes them visible.
__device__ __forceinline__ void put_columns(Columns& columns, const Pack<4>& x, int part, int thread) {
  const int column = kSlab * part + quad_y(thread);
  store_shared(columns.v + 4 * thread, {-x.v[0], -x.v[1], -x.v[2], -x.v[3]});
  if (column / 4 != quad_x(thread)) return;
  float* diagonal = columns.v + 4 * thread + column % 4;
  *diagonal = -1.0f / *diagonal;
}

__device__ __forceinline__ Pack<4> fetch_columns(const float* L, int part, int thread) {
  return load<4>(L + part * kSlab * kSide + 4 * thread);
}

constexpr int kPart = 8;  // columns that a warp solves

// x[q] += y column[q] for two rows, from q = `from` on.
__device__ __forceinline__ void take_off(float (&x)[2][kPart], int from, float y0, float y1, const float* column) {
#pragma unroll
  for (int q = from / 4 * 4; q < kPart; q += 4) {
    const Pack<4> l = load_shared(column + q);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (q + i < from) continue;
      x[0][q + i] = fmaf(y0, l.v[i], x[0][q + i]);
      x[1][q + i] = fmaf(y1, l.v[i], x[1][q + i]);
    }
  }
}

// Columns 8 part .. 8 part + 7 of two rows.
__device__ __forceinline__ void load_part(float (&x)[2][kPart], const Square& tile, int part, bool backward, int lane) {
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int q = 0; q < 2; q++) {
      const Pack<4> y = tile.quad(lane + kWarp * p, 2 * part + q ^ (backward ? 15 : 0));
#pragma unroll
      for (int i = 0; i < 4; i++) x[p][4 * q + i] = y.v[backward ? 3 - i : i];
    }
  }
}

// To the square, and negated to the tile at `out`.
__device__ __forceinline__ void store_part(Square& tile, float* out, const float (&x)[2][kPart], int part, bool backward, int lane) {
#pragma unroll
  for (int p = 0; p < 2; p++) {
#pragma unroll
    for (int q = 0; q < 2; q++) {
      const float* y = x[p] + 4 * q;
      const Pack<4> quad = backward ? Pack<4>{y[3], y[2], y[1], y[0]} : Pack<4>{y[0], y[1], y[2], y[3]};
      const int r = lane + kWarp * p;
      const int at = 2 * part + q ^ (backward ? 15 : 0);
      tile.put(r, at, quad);
      store_global(out + r * kSide + 4 * at, Pack<4>{-quad.v[0], -quad.v[1], -quad.v[2], -quad.v[3]});
    }
  }
}

// Solves each row of the tile: x L^T = x, or where the rows and the triangle are taken from their ends (`backward`), x L = x, and
// stores it negated. Warp w has 8 columns of all rows, a thread those of two. The columns of one warp after the other are solved, in
// registers, and then taken off all that follow; column by column, which leaves many independent updates after each step instead of
// one chain. `there` of the triangle's four parts are in memory, the first one in columns[0] then; await(part) waits for more and gives
// how many, or less than `part` where they never come; solved(part) is called by one thread once the part is stored. Gives the number
// of those that are.
template <class Await, class Solved>
__device__ __forceinline__ int substitute_rows(Square& tile, Columns (&columns)[2], const float* L, int there, bool backward, float* out,
                                               Await await, Solved solved) {
  const int thread = thread_anew();
  const int lane = thread % kWarp;
  const int warp = thread / kWarp;
  const int mine = backward ? kSide / kPart - 1 - warp : warp;
  float x[2][kPart];
  __syncwarp();
  load_part(x, tile, mine, backward, lane);
  bool fetched = there > 0;
#pragma unroll 1
  for (int part = 0; part < kSlabs; part++) {
    Columns& now = columns[part & 1];
    if (!fetched) {
      there = await(part);
      if (there < part) return part;
      put_columns(now, fetch_columns(L, part, thread), part, thread);
      __syncthreads();
    }
    fetched = part + 1 < min(there, kSlabs);
    Pack<4> next = {};
#pragma unroll 1
    for (int half = 0; half < 2; half++) {
      const float* column = now.v + half * kPart * kSide + kPart * mine;
      const int step = 2 * part + half;
      if (mine == step) {
#pragma unroll
        for (int j = 0; j < kPart; j++) {
          const float reciprocal = column[j * kSide + j];
          x[0][j] *= reciprocal;
          x[1][j] *= reciprocal;
          take_off(x, j + 1, x[0][j], x[1][j], column + j * kSide);
        }
        store_part(tile, out, x, step, backward, lane);
      }
      if (half == 1 && fetched) put_columns(columns[part + 1 & 1], next, part + 1, thread);
      __syncthreads();
      if (half == 0 && fetched) next = fetch_columns(L, part + 1, thread);
      if (half == 1 && mine == step && lane == 0) solved(part);
      if (mine <= step) continue;
      float y[2][kPart];
      load_part(y, tile, step, backward, lane);
#pragma unroll
      for (int j = 0; j < kPart; j++) take_off(x, 0, y[0][j], y[1][j], column + j * kSide);
    }
  }
  return kSlabs;
}

}  // namespace krongauss
