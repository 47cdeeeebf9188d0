// Products of packed tiles: 64 x 64 floats, row-major, one after the other in a workspace. 256 threads work on one.
//
//   multiply          a part of sum_k P(r, k) Q(c, k) over slabs of 16 k
//   collect           acc[r][c] = the parts of the sum
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

#include "ptx.cuh"
#include "rows.cuh"

namespace krongauss {

constexpr int kSide = 64;
constexpr int kTileFloats = kSide * kSide;
constexpr int kSlab = 16;               // inner indices of a stage
constexpr int kSlabs = kSide / kSlab;   // stages of a tile, four

// The thread's index, read anew: what is made of it is not kept in registers from one stage of a task to the next.
__device__ __forceinline__ int thread_anew() {
  int t;
  asm volatile("mov.u32 %0, %%tid.x;" : "=r"(t));
  __builtin_assume(t >= 0 && t < kThreads);
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

// Where a thread's quad goes in a stage: four rows of k, or one.
template <bool INNER>
__device__ __forceinline__ int stash_place(int thread) {
  const int k = thread % 4;
  return INNER ? 4 * k * kSide + (thread / 4 ^ 8 * k) : 4 * thread ^ 8 * (thread / 64);
}

template <bool INNER>
__device__ __forceinline__ void stash(float* at, const Pack<4>& x) {
  if constexpr (INNER) {
#pragma unroll
    for (int i = 0; i < 4; i++) at[i * kSide] = x.v[i];
  } else {
    store<4>(at, x);
  }
}

// body(Constant<BEGIN>), ..., for bodies that need the number at compile time.
template <int VALUE>
struct Constant {
  __device__ constexpr operator int() const { return VALUE; }
};

template <int BEGIN, int END, class Body>
__device__ __forceinline__ void unrolled(Body body) {
  if constexpr (BEGIN < END) {
    body(Constant<BEGIN>{});
    unrolled<BEGIN + 1, END>(body);
  }
}

// A quad of shared memory, OFFSET floats behind p: part of the address, not an instruction of its own. Of load<4> and store<4> nvcc
// makes four accesses in long straight code, and those meet on the banks.
template <int OFFSET = 0>
__device__ __forceinline__ Pack<4> load_shared(const float* p) {
  Pack<4> x;
  asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4+%5];"
               : "=f"(x.v[0]), "=f"(x.v[1]), "=f"(x.v[2]), "=f"(x.v[3])
               : "r"(shared_address(p)), "n"(4 * OFFSET)
               : "memory");
  return x;
}

__device__ __forceinline__ void store_shared(float* p, const Pack<4>& x) {
  asm volatile("st.shared.v4.f32 [%0], {%1, %2, %3, %4};" ::"r"(shared_address(p)),
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

// Where a thread reads its rows and columns of a slab in the first stage: its own, then those of others.
struct Reads {
  const float* rows[2];
  const float* columns[2];

  __device__ __forceinline__ Reads(const Stages& shared, int thread) {
    const int swizzle = 8 * part_group(thread);
    const int first = part_group(thread) * 4 * kSide;
    const int x = first + (own_row(thread) ^ swizzle);
    const int y = 2 * kStage + first + (own_column(thread) ^ swizzle);
    rows[0] = shared.v + kept(x);
    rows[1] = shared.v + kept(x ^ 32);
    columns[0] = shared.v + kept(y);
    columns[1] = shared.v + kept(y ^ 4);
  }
};

// Not unrolled: ptxas would spill what it reads ahead.
__device__ __forceinline__ void multiply_slab(Parts& acc, const Reads& from, int stage) {
  const float* rows[2] = {from.rows[0] + stage, from.rows[1] + stage};
  const float* columns[2] = {from.columns[0] + stage, from.columns[1] + stage};
  const float* const end = rows[0] + 4 * kSide;
#pragma unroll 1
  do {
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
  } while (rows[0] != end);
}

// The slabs of an operand one after the other: place(s) says where the slab s begins, STEP how far from one to the next of a tile.
template <int STEP, class Places>
struct Walk {
  const float* at;
  Places place;

  __device__ __forceinline__ Pack<4> fetch() const { return load<4>(at); }
  __device__ __forceinline__ void on_to(int s) { at += s % kSlabs == 0 ? place(s) - place(s - 1) : STEP; }
};

// Slabs [begin, end), which lie one after the other in a tile, or with DIRECTION -1 one before the other: p(s) and q(s) say how many
// floats behind P and Q those of the operands are. All threads of the block call it together, and meet at a barrier before they
// write to the stages again.
template <bool P_INNER, bool Q_INNER, int DIRECTION, class Places, class OtherPlaces>
__device__ __forceinline__ void multiply(Parts& acc, unsigned begin, unsigned end, const float* P, Places p, const float* Q,
                                         OtherPlaces q, Stages& shared) {
  if (begin >= end) return;
  const int thread = thread_anew();
  Walk<DIRECTION * (P_INNER ? kSlab : kStage), Places> walk_p{P + fetch_place<P_INNER>(thread) + p(begin), p};
  Walk<DIRECTION * (Q_INNER ? kSlab : kStage), OtherPlaces> walk_q{Q + fetch_place<Q_INNER>(thread) + q(begin), q};
  float* to_p = shared.v + kept(stash_place<P_INNER>(thread));
  float* to_q = shared.v + kept(2 * kStage + stash_place<Q_INNER>(thread));
  const Reads reads(shared, thread);
  Pack<4> next_p = walk_p.fetch();
  Pack<4> next_q = walk_q.fetch();
  int stage = 0;
#pragma unroll 1
  for (unsigned s = begin; s < end;) {
    stash<P_INNER>(to_p + stage, next_p);
    stash<Q_INNER>(to_q + stage, next_q);
    __syncthreads();
    if (++s < end) {
      walk_p.on_to(s);
      walk_q.on_to(s);
      next_p = walk_p.fetch();
      next_q = walk_q.fetch();
    }
    multiply_slab(acc, reads, stage);
    stage ^= kStage;
  }
}

// A tile in shared memory: quad q of row r lies at place(r, q), that of row r + 32 by 32 kSide floats behind it.
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

}  // namespace krongauss
