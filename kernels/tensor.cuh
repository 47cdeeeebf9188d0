// A tile of a matrix product on the tensor cores, with the accuracy of FP32 (TERMS = 3) or of TF32 (TERMS = 1).
//
//   acc[row][column] += sum_k A(row, k) B(column, k),    k in [begin, end)
//
// 3xTF32    x = big + small, big = x rounded to 11 bits; A B = small_A big_B + big_A small_B + big_A big_B. The tensor core
//           cuts small to 11 bits of its own, which loses at most the last bit of x; small_A small_B is left out
// 1xTF32    big_A big_B alone
// adding    a tensor core cuts what it adds, always toward zero, so it adds no more than 8 of k: the three products of
//           one step of 8 start from 0, the small ones first, and are then added to acc by an ordinary addition
// tile      ROWS x COLUMNS of C by warps of WARP_ROWS x WARP_COLUMNS each; stages of 16 of k, STAGES of them in shared memory:
//           one is multiplied while the others are under way (cp.async), with one barrier a stage
// edges     elements outside of an operand count as 0 and are not read; fragments of 16 x 8 that lie outside of C, or above
//           the diagonal of a symmetric one, are not multiplied and stay 0
// bound     with S = sum_k |A||B| and K = end - begin, eps = 2^-24:
//           3xTF32  (K / 8 + 29) eps S.  8 eps: small_A small_B is at most 2^-22 |A B|, and each small loses at most 2^-23
//                   of its factor. 20 eps: two times in a step four products and a sum are cut to the greatest's last
//                   bit and their sum once more, 5 x 2 eps each, if there is no bit more than FP32's; on the products of
//                   a small factor the same is 2^-11 of that. K / 8 eps: one addition a step
//           1xTF32  (2^-10 + 2^-22) S + (K / 8 + 20) eps S
// range     |x| above FLT_MAX (1 - 2^-12) rounds to infinity, and such a product gives NaN; NaN and infinity give NaN or
//           infinity, never a finite number
// source    Markidis et al., "NVIDIA tensor core programmability, performance and precision" (2018); Ootomo, Yokota, "Recovering
//           single precision accuracy from tensor cores" (2022); Fasi et al., "Numerical behavior of NVIDIA tensor cores" (2021)
#pragma once

#include "ptx.cuh"
#include "staged.cuh"
#include "tile.cuh"

namespace krongauss {

template <int ROWS, int COLUMNS, int WARP_ROWS, int WARP_COLUMNS, int RESIDENT, int STAGES, int TERMS>
struct TensorTile {
  static constexpr int kRows = ROWS;
  static constexpr int kColumns = COLUMNS;
  static constexpr int kBlock = ROWS / WARP_ROWS * (COLUMNS / WARP_COLUMNS) * kWarp;  // threads
  static constexpr int kResident = RESIDENT;                                          // blocks of a multiprocessor
  static constexpr int kDown = WARP_ROWS / 16;                                        // fragments of a warp
  static constexpr int kRight = WARP_COLUMNS / 8;
  template <Along A>
  using StagedA = StagedOperand<A, ROWS, kBlock>;
  template <Along B>
  using StagedB = StagedOperand<B, COLUMNS, kBlock>;

  static constexpr int kPitch = COLUMNS + 8;  // of staged results: their fragments meet no bank conflict

  union alignas(16) Shared {
    struct {
      float a[STAGES][StagedA<Along::kInner>::kFloats];
      float b[STAGES][StagedB<Along::kInner>::kFloats];
    };
    float out[WARP_ROWS][kPitch];
  };
  static constexpr bool kDynamic = sizeof(Shared) > 48 * 1024;  // its launch asks for so many bytes: Tile.java

  float acc[kDown][kRight][4] = {};

  __device__ __forceinline__ static int warp_row() { return threadIdx.x / kWarp / (COLUMNS / WARP_COLUMNS) * WARP_ROWS; }
  __device__ __forceinline__ static int warp_column() { return threadIdx.x / kWarp % (COLUMNS / WARP_COLUMNS) * WARP_COLUMNS; }

  // Which fragments of this warp have an element of the result.
  struct Inside {
    int down;      // rows of fragments
    int right;     // fragments of a row
    int diagonal;  // of row i at most diagonal + 2 i: the others are above the diagonal

    __device__ __forceinline__ int of_row(int i) const { return min(right, diagonal + 2 * i); }
    __device__ __forceinline__ bool all() const { return down >= kDown && of_row(0) >= kRight; }
  };

  // begin is a multiple of 16; end is one or is the operands' inner size. LOWER: only what lies not above the diagonal of C
  // is wanted. All threads of the block call it together; it returns with the stages free and with all reads of the operands
  // done.
  template <Along A, Along B, bool LOWER = false>
  __device__ __forceinline__ void multiply(const Operand& a, const Operand& b, int row0, int column0, int begin, int end,
                                           Shared& shared) {
    StagedA<A> next_a(a, row0, begin, end, warp_row());
    StagedB<B> next_b(b, column0, begin, end, warp_column());
    const auto fetch = [&](int stage, int k) {
      if (k < end) {
        next_a.copy(shared.a[stage], k);
        next_b.copy(shared.b[stage], k);
      }
      commit_copies();  // an empty group keeps the count
    };
#pragma unroll 1
    for (int s = 0; s < STAGES - 1; s++) fetch(s, begin + s * kDepth);
    const Inside inside{kept((a.outer - row0 - warp_row() + 15) / 16), kept((b.outer - column0 - warp_column() + 7) / 8),
                        LOWER ? kept((row0 + warp_row() - column0 - warp_column() + 16) / 8) : kRight};
    const float zero = zero_register();
    int stage = 0;
#pragma unroll 1
    for (int k = begin; k < end; k += kDepth) {
      await_copies<STAGES - 2>();
      __syncthreads();  // the stage of the step before is free, too
      fetch(stage == 0 ? STAGES - 1 : stage - 1, k + (STAGES - 1) * kDepth);
      const StageOf<StagedA<A>> stage_a{next_a, shared.a[stage], next_a.outer_first(k)};
      const StageOf<StagedB<B>> stage_b{next_b, shared.b[stage], next_b.outer_first(k)};
      if (inside.all() && k + 8 < end) {
        multiply_stage(stage_a, stage_b, zero);
      } else {
        multiply_edge(stage_a, stage_b, zero, inside, end - k);
      }
      stage = stage == STAGES - 1 ? 0 : stage + 1;
    }
    __syncthreads();
  }

  template <class StageA, class StageB>
  __device__ __forceinline__ void multiply_stage(const StageA& a, const StageB& b, float zero) {
#pragma unroll
    for (int k = 0; k < kDepth; k += 8) {
      unsigned big[kRight][2];
      unsigned small[kRight][2];
#pragma unroll
      for (int j = 0; j < kRight; j += 2) columns_of_b(big, small, b, j, k);
#pragma unroll
      for (int i = 0; i < kDown; i++) {
        unsigned r[4];
        a.fragment(r, 16 * i, k);
        multiply_fragments<kRight>(acc[i], r, big, small, zero);
      }
    }
  }

  // The same for a warp at an edge of C or at the end of k, of which `left` are there.
  template <class StageA, class StageB>
  __device__ __forceinline__ void multiply_edge(const StageA& a, const StageB& b, float zero, const Inside& inside, int left) {
#pragma unroll
    for (int k = 0; k < kDepth; k += 8) {
      if (k >= left) break;
      unsigned big[kRight][2];
      unsigned small[kRight][2];
#pragma unroll
      for (int j = 0; j < kRight; j += 2) {
        if (j < inside.of_row(kDown - 1)) columns_of_b(big, small, b, j, k);
      }
#pragma unroll
      for (int i = 0; i < kDown; i++) {
        if (i >= inside.down) break;
        unsigned r[4];
        a.fragment(r, 16 * i, k);
        multiply_first<kRight>(acc[i], r, big, small, zero, inside.of_row(i));
      }
    }
  }

  // Two neighbouring fragments of B, each split in two.
  template <class StageB>
  __device__ __forceinline__ static void columns_of_b(unsigned (&big)[kRight][2], unsigned (&small)[kRight][2],
                                                      const StageB& b, int j, int k) {
    unsigned r[4];
    b.fragment(r, 8 * j, k);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const SplitFloat<TERMS> x(r[i]);
      big[j + i % 2][i / 2] = x.big;
      small[j + i % 2][i / 2] = x.small;
    }
  }

  // As many as there are of a row of fragments, at most RIGHT: one branch for each that is not, none among the products.
  template <int RIGHT>
  __device__ __forceinline__ static void multiply_first(float (&sum)[kRight][4], const unsigned (&a)[4],
                                                        const unsigned (&big)[kRight][2], const unsigned (&small)[kRight][2],
                                                        float zero, int right) {
    if constexpr (RIGHT > 0) {
      if (right >= RIGHT) {
        multiply_fragments<RIGHT>(sum, a, big, small, zero);
      } else {
        multiply_first<RIGHT - 1>(sum, a, big, small, zero, right);
      }
    }
  }

  // One step of 8 for the first RIGHT of a row of fragments. Each of the three products goes through all columns before the
  // next, so that none waits for the one before.
  template <int RIGHT>
  __device__ __forceinline__ static void multiply_fragments(float (&sum)[kRight][4], const unsigned (&a)[4],
                                                            const unsigned (&big)[kRight][2],
                                                            const unsigned (&small)[kRight][2], float zero) {
    unsigned a_big[4];
    unsigned a_small[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const SplitFloat<TERMS> x(a[i]);
      a_big[i] = x.big;
      a_small[i] = x.small;
    }
    float step[RIGHT][4];
    if constexpr (TERMS == 3) {
#pragma unroll
      for (int j = 0; j < RIGHT; j++) mma_tf32(step[j], a_small, big[j], zero);
#pragma unroll
      for (int j = 0; j < RIGHT; j++) mma_tf32(step[j], a_big, small[j], step[j]);
#pragma unroll
      for (int j = 0; j < RIGHT; j++) mma_tf32(step[j], a_big, big[j], step[j]);
    } else {
#pragma unroll
      for (int j = 0; j < RIGHT; j++) mma_tf32(step[j], a_big, big[j], zero);
    }
#pragma unroll
    for (int j = 0; j < RIGHT; j++) {
#pragma unroll
      for (int i = 0; i < 4; i++) sum[j][i] += step[j][i];
    }
  }

  // Calls body(row, column, Pack<4>) for every quad of the tile that begins inside [rows][columns]; it may stand across the
  // right edge. The accumulators go through shared memory, a row of warps after the other, so that rows are stored whole
  // and the body is there once.
  template <class Body>
  __device__ __forceinline__ void each(int row0, int column0, int rows, int columns, Shared& shared, Body body) const {
#pragma unroll 1
    for (int first = 0; first < ROWS; first += WARP_ROWS) {
      put(shared, first);
      each_staged(row0 + first, column0, rows, columns, shared, body);
      __syncthreads();
    }
  }

  // As tile.cuh's: the lower triangle of a symmetric [n][n] result and its image above.
  template <class Value>
  __device__ __forceinline__ void store_lower(int row0, int column0, float* C, int stride, int n, int whole, Shared& shared,
                                              Value value) const {
#pragma unroll 1
    for (int first = 0; first < ROWS; first += WARP_ROWS) {
      put(shared, first);
      each_staged(row0 + first, column0, n, n, shared, [&](int r, int c, Pack<4>& x) {
        const int length = min(n, r + 1);
        if (c >= length) return;
        const int by_fours = c + 4 <= length ? whole : 0;
        x = value(r, c, length, by_fours, x);
        store_quad(row_of(C, r, stride), c, length, by_fours, x);
      });
      __syncthreads();
      mirror(row0 + first, column0, C, stride, n, shared);
      __syncthreads();
    }
  }

 private:
  // The accumulators of the warps whose rows begin at `first`; ends with a barrier.
  __device__ __forceinline__ void put(Shared& shared, int first) const {
    if (warp_row() == first) {
      const int lane = threadIdx.x % kWarp;
      float* at = shared.out[lane / 4] + warp_column() + 2 * (lane % 4);
#pragma unroll
      for (int i = 0; i < kDown; i++) {
#pragma unroll
        for (int j = 0; j < kRight; j++) {
          const float(&x)[4] = acc[i][j];
          *reinterpret_cast<float2*>(at + 16 * i * kPitch + 8 * j) = make_float2(x[0], x[1]);
          *reinterpret_cast<float2*>(at + (16 * i + 8) * kPitch + 8 * j) = make_float2(x[2], x[3]);
        }
      }
    }
    __syncthreads();
  }

  // A body that changes its quad changes the staged one.
  template <class Body>
  __device__ __forceinline__ static void each_staged(int row0, int column0, int rows, int columns, Shared& shared, Body body) {
#pragma unroll 1
    for (int q = threadIdx.x; q < WARP_ROWS * COLUMNS / 4; q += kBlock) {
      const int r = q / (COLUMNS / 4);
      const int c = 4 * (q % (COLUMNS / 4));
      if (row0 + r >= rows || column0 + c >= columns) continue;
      Pack<4> x = load<4>(&shared.out[r][c]);
      body(row0 + r, column0 + c, x);
      store<4>(&shared.out[r][c], x);
    }
  }

  // The image of the staged rows above the diagonal: eight lanes write 32 bytes, a whole sector.
  __device__ __forceinline__ static void mirror(int row0, int column0, float* C, int stride, int n, const Shared& shared) {
    const int lane = threadIdx.x % kWarp;
#pragma unroll 1
    for (int q = threadIdx.x / kWarp; q < WARP_ROWS / 8 * (COLUMNS / 4); q += kBlock / kWarp) {
      const int r = q / (COLUMNS / 4) * 8 + lane % 8;
      const int c = q % (COLUMNS / 4) * 4 + lane / 8;
      if (row0 + r < n && column0 + c < row0 + r) row_of(C, column0 + c, stride)[row0 + r] = shared.out[r][c];
    }
  }
};

// Two blocks of the large one would leave 128 registers a thread, with which ptxas spills.
template <int TERMS>
using BigTensorTile = TensorTile<128, 128, 64, 32, 1, 3, TERMS>;

template <int TERMS>
using TallTensorTile = TensorTile<128, 64, 64, 32, 2, 4, TERMS>;

template <int TERMS>
using SmallTensorTile = TensorTile<64, 64, 32, 32, 3, 3, TERMS>;

}  // namespace krongauss
