// Products of packed tiles: 64 x 64 floats, row-major, one after the other in a workspace. 256 threads work on one.
//
//   multiply          a part of sum_k P(r, k) Q(c, k) over slabs of 16 k
//   collect           acc[r][c] = the parts of the sum
//
//   thread t     warp w = t / 32 has columns 8w..8w+7 of a tile; its lane the rows own_row().. and columns own_column().., four of
//                each: acc[4][4]. In a product a lane takes the k of a slab with k / 4 = lane / 8 = g, and eight rows and columns, its own
//                among them: so shared memory gives a word for four multiplications, and the four lanes that have the same elements swap
//                what is not their own, without a barrier
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

// A quad of shared memory, OFFSET floats behind an address there: part of the instruction. Of load<4> and store<4> nvcc makes four
// accesses in long straight code, and those meet on the banks.
template <int OFFSET = 0>
__device__ __forceinline__ Pack<4> load_shared(unsigned at) {
  Pack<4> x;
  asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4+%5];"
               : "=f"(x.v[0]), "=f"(x.v[1]), "=f"(x.v[2]), "=f"(x.v[3])
               : "r"(at), "n"(4 * OFFSET)
               : "memory");
  return x;
}

template <int OFFSET = 0>
__device__ __forceinline__ Pack<4> load_shared(const float* p) {
  return load_shared<OFFSET>(shared_address(p));
}

template <int OFFSET = 0>
__device__ __forceinline__ void store_shared(unsigned at, float x) {
  asm volatile("st.shared.f32 [%0+%1], %2;" ::"r"(at), "n"(4 * OFFSET), "f"(x) : "memory");
}

template <int OFFSET = 0>
__device__ __forceinline__ void store_shared(unsigned at, const Pack<4>& x) {
  asm volatile("st.shared.v4.f32 [%0+%1], {%2, %3, %4, %5};" ::"r"(at), "n"(4 * OFFSET),
               "f"(x.v[0]), "f"(x.v[1]), "f"(x.v[2]), "f"(x.v[3])
               : "memory");
}

__device__ __forceinline__ void store_shared(float* p, const Pack<4>& x) { store_shared(shared_address(p), x); }

// Likewise of global memory.
__device__ __forceinline__ void store_global(float* p, const Pack<4>& x) {
  asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(p), "f"(x.v[0]), "f"(x.v[1]), "f"(x.v[2]), "f"(x.v[3]) : "memory");
}

template <bool INNER, int OFFSET = 0>
__device__ __forceinline__ void stash(unsigned at, const Pack<4>& x) {
  if constexpr (INNER) {
    unrolled<0, 4>([&](auto i) { store_shared<OFFSET + i * kSide>(at, x.v[i]); });
  } else {
    store_shared<OFFSET>(at, x);
  }
}

// The elements of a product that a thread sums up, its own and those of the lanes that have the same ones: rows 4 (thread % 8) on and 32
// behind them, the columns of its warp.
struct Parts {
  float v[8][8] = {};
};

__device__ __forceinline__ int part_group(int thread) { return thread % kWarp / 8; }
__device__ __forceinline__ int own_row(int thread) { return thread % 8 * 4 + part_group(thread) / 2 * 32; }
__device__ __forceinline__ int own_column(int thread) { return thread / kWarp * 8 + part_group(thread) % 2 * 4; }

// Where a thread reads the first four of its rows, and of its columns, in a slab: as addresses in shared memory.
struct Reads {
  unsigned rows;
  unsigned columns;

  __device__ __forceinline__ Reads(unsigned stages, int thread) {
    const int swizzle = 8 * part_group(thread);
    const int first = part_group(thread) * 4 * kSide;
    rows = kept(stages + 4 * (first + (own_row(thread) % 32 ^ swizzle)));
    columns = kept(stages + 4 * (2 * kStage + first + (own_column(thread) / 8 * 8 ^ swizzle)));
  }

  __device__ __forceinline__ void go(int floats) {
    rows += 4 * floats;
    columns += 4 * floats;
  }
};

// So many steps of k at a time: of more, ptxas would spill what it reads ahead.
template <int STEPS>
__device__ __forceinline__ void multiply_slab(Parts& acc, Reads& from) {
#pragma unroll 1
  for (int part = 0; part < 4 / STEPS; part++) {
    unrolled<0, STEPS>([&](auto k) {
      const Pack<4> a[2] = {load_shared<k * kSide>(from.rows), load_shared<k * kSide + 32>(from.rows)};
      unrolled<0, 2>([&](auto half) {
        const Pack<4> b = load_shared<k * kSide + 4 * half>(from.columns);
#pragma unroll
        for (int i = 0; i < 8; i++) {
#pragma unroll
          for (int j = 0; j < 4; j++) acc.v[i][4 * half + j] = fmaf(a[i / 4].v[i % 4], b.v[j], acc.v[i][4 * half + j]);
        }
      });
    });
    from.go(STEPS * kSide);
  }
}

// The slabs of an operand one after the other: STEP floats from one to the next of a tile, `jump` more to the first one of the next tile,
// and that grows by GROWTH from tile to tile.
template <bool INNER, int STEP, int GROWTH>
struct Walk {
  static constexpr bool kInner = INNER;
  const float* at;
  int jump;

  __device__ __forceinline__ Pack<4> fetch() const { return load<4>(at); }
  __device__ __forceinline__ void to_slab() { at += STEP; }
  __device__ __forceinline__ void to_tile() {
    at += jump;
    jump += GROWTH;
  }
};

// From slab s of a row of tiles on, whose first one is `tiles`; or back from its last one, with DIRECTION -1. The inner index is the
// column.
template <int DIRECTION>
__device__ __forceinline__ Walk<true, DIRECTION * kSlab, 0> along_row(const float* tiles, unsigned s) {
  const int ahead = static_cast<int>(s % kSlabs * kSlab + s / kSlabs * kTileFloats);
  constexpr int first = DIRECTION > 0 ? 0 : kSide - kSlab;
  return {tiles + first + DIRECTION * ahead, DIRECTION * (kTileFloats - kSide)};
}

// From slab s of a column of tiles down, or up: `tiles` is the first one of row 0 of the triangle in that column, `row` that of
// slab 0. The inner index is the row.
template <int DIRECTION>
__device__ __forceinline__ Walk<false, DIRECTION * kStage, kTileFloats> down_column(const float* tiles, int row, unsigned s) {
  const int at = row + DIRECTION * static_cast<int>(s / kSlabs);
  const unsigned slab = DIRECTION > 0 ? s % kSlabs : kSlabs - 1 - s % kSlabs;
  return {tiles + triangle(at) * kTileFloats + slab * kStage, (DIRECTION > 0 ? at : 1 - at) * kTileFloats};
}

// A product under way: where its operands' next slab is read, and where a thread puts it and reads it again.
template <class P, class Q>
struct Product {
  P p;
  Q q;
  unsigned slab;  // counted from the end of a tile where they are walked back
  int other;      // floats to the other stage
  unsigned to_p;
  unsigned to_q;
  Reads reads;

  __device__ __forceinline__ Product(P first_p, Q first_q, unsigned first, int thread, const Stages& shared)
      : p(first_p), q(first_q), slab(first), other(kept(kStage)), reads(shared_address(shared.v), thread) {
    p.at += fetch_place<P::kInner>(thread);
    q.at += fetch_place<Q::kInner>(thread);
    to_p = kept(shared_address(shared.v) + 4 * stash_place<P::kInner>(thread));
    to_q = P::kInner == Q::kInner ? to_p : kept(shared_address(shared.v) + 4 * stash_place<Q::kInner>(thread));
  }

  __device__ __forceinline__ void on() {
    p.to_slab();
    q.to_slab();
    if (++slab % kSlabs != 0) return;
    p.to_tile();
    q.to_tile();
  }
};

// All of the product's slabs before `end`. The threads of the block call it together.
template <class P, class Q>
__device__ __forceinline__ void multiply(Parts& acc, Product<P, Q>& product, unsigned end) {
  if (product.slab >= end) return;
  Pack<4> next_p = product.p.fetch();
  Pack<4> next_q = product.q.fetch();
#pragma unroll 1
  do {
    stash<P::kInner>(product.to_p, next_p);
    stash<Q::kInner, 2 * kStage>(product.to_q, next_q);
    product.to_p += 4 * product.other;
    product.to_q += 4 * product.other;
    __syncthreads();
    product.on();
    if (product.slab < end) {
      next_p = product.p.fetch();
      next_q = product.q.fetch();
    }
    multiply_slab<P::kInner == Q::kInner ? 2 : 1>(acc, product.reads);
    product.reads.go(product.other - 4 * kSide);
    product.other = -product.other;
  } while (product.slab < end);
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
__device__ __forceinline__ void collect(float (&acc)[4][4], const Parts& parts) {
  const int group = part_group(thread_anew());
  const auto sum = [](float x, float y, bool second, int distance) { return (second ? y : x) + swapped(second ? x : y, distance); };
  float rows[4][8];
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int j = 0; j < 8; j++) rows[i][j] = sum(parts.v[i][j], parts.v[4 + i][j], group >= 2, 16);
#pragma unroll
    for (int j = 0; j < 4; j++) acc[i][j] = sum(rows[i][j], rows[i][4 + j], group % 2 == 1, 8);
  }
}

}  // namespace krongauss
