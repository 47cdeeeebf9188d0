// An operand of a product on tensor cores in shared memory, a stage of 16 of k at a time (tensor.cuh).
//
// shared    along k: [outer][16], the quad q of row o at q ^ (o / 2 % 4); else [16][outer], outer ^ 8 (k % 4): neither
//           cp.async nor ldmatrix nor the scalar reads meet a bank conflict
// edges     elements outside of the operand count as 0 and are not read
#pragma once

#include "ptx.cuh"
#include "tile.cuh"

namespace krongauss {

// One operand's part of a stage: OUTER x 16 elements in one of two layouts. A thread copies quads whose places differ by
// constants, so that it keeps one address.
template <Along A, int OUTER, int THREADS>
struct StagedOperand {
  static constexpr int kFloats = OUTER * kDepth;
  static constexpr int kQuads = kFloats / 4 / THREADS;    // of a thread
  static constexpr int kRowsOfQuads = THREADS / (kDepth / 4);  // along k: rows from one of its quads to the next
  static constexpr int kStepsOfQuads = THREADS / (OUTER / 4);  // else: steps of k likewise

  const Operand& x;
  const int outer0;
  const int end;
  const float* from;  // the first quad of the next stage

  __device__ __forceinline__ StagedOperand(const Operand& operand, int first_outer, int begin, int end_of_inner)
      : x(operand), outer0(first_outer), end(end_of_inner) {
    from = A == Along::kOuter ? row_of(x.p, begin + step(), x.stride) + outer0 + outer_quad()
                              : row_of(x.p, outer0 + row(), x.stride) + begin + inner_quad();
  }

  __device__ __forceinline__ static int row() { return threadIdx.x / (kDepth / 4); }
  __device__ __forceinline__ static int inner_quad() { return 4 * (threadIdx.x % (kDepth / 4)); }
  __device__ __forceinline__ static int step() { return threadIdx.x / (OUTER / 4); }
  __device__ __forceinline__ static int outer_quad() { return 4 * (threadIdx.x % (OUTER / 4)); }

  // Places in a stage.
  __device__ __forceinline__ static int along_inner(int o, int k) { return o * kDepth + (k ^ 4 * (o / 2 % 4)); }
  __device__ __forceinline__ static int along_outer(int k, int o) { return k * OUTER + (o ^ 8 * (k & 3)); }

  // Whether the stage of k0 lies along the outer index.
  __device__ __forceinline__ bool outer_first(int k0) const {
    if constexpr (A == Along::kSymmetric) return k0 >= outer0 + OUTER - 1;
    return A == Along::kOuter;
  }

  // Four elements from column c of a row; the row's end may lie among them. Zeros where `inside` is false.
  __device__ __forceinline__ void copy_quad(float* to, const float* quad, int c, int columns, bool inside) const {
    if (c < x.whole || (c >= columns && x.whole > 0)) {
      copy_four(to, quad, inside && c < columns);
      return;
    }
#pragma unroll 1
    for (int i = 0; i < 4; i++) copy_one(to + i, quad + i, inside && c + i < columns);
  }

  // Starts the copies of the stage of k0, and goes on to the next.
  __device__ __forceinline__ void copy(float* stage, int k0) {
    if constexpr (A == Along::kSymmetric) {
      copy_symmetric(stage, k0);
    } else if constexpr (A == Along::kOuter) {
      float* to = stage + along_outer(step(), outer_quad());
#pragma unroll
      for (int i = 0; i < kQuads; i++) {
        const int k = i * kStepsOfQuads;
        copy_quad(to + k * OUTER, row_of(from, k, x.stride), outer0 + outer_quad(), x.outer, k0 + step() + k < end);
      }
      from += kDepth * static_cast<long long>(x.stride);
    } else {
      float* to = stage + along_inner(row(), inner_quad());
#pragma unroll
      for (int i = 0; i < kQuads; i++) {
        const int o = i * kRowsOfQuads;
        copy_quad(to + o * kDepth, row_of(from, o, x.stride), k0 + inner_quad(), end, outer0 + row() + o < x.outer);
      }
      from += kDepth;
    }
  }

  // Along the inner index below the diagonal, along the outer one above, element by element across it.
  __device__ __forceinline__ void copy_symmetric(float* stage, int k0) const {
#pragma unroll
    for (int i = 0; i < kQuads; i++) {
      if (outer_first(k0)) {
        const int k = step() + i * kStepsOfQuads;
        const int o = outer0 + outer_quad();
        copy_quad(stage + along_outer(k, outer_quad()), row_of(x.p, k0 + k, x.stride) + o, o, x.outer, k0 + k < end);
        continue;
      }
      const int r = row() + i * kRowsOfQuads;
      const int k = k0 + inner_quad();
      float* to = stage + along_inner(r, inner_quad());
      if (k0 + kDepth - 1 <= outer0) {
        copy_quad(to, row_of(x.p, outer0 + r, x.stride) + k, k, end, outer0 + r < x.outer);
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          copy_one(to + j, row_of(x.p, max(outer0 + r, k + j), x.stride) + min(outer0 + r, k + j),
                   outer0 + r < x.outer && k + j < end);
        }
      }
    }
  }

  // Elements (o + g, k + t), (o + 8 + g, k + t), (o + g, k + 4 + t), (o + 8 + g, k + 4 + t) of a stage: the fragment A of mma,
  // and as 0, 2 and 1, 3 two fragments B of neighbouring columns.
  __device__ __forceinline__ static void fragment(unsigned (&r)[4], const float* stage, bool outer_first, int o, int k) {
    const int lane = threadIdx.x % kWarp;
    if (outer_first) {
      const float* row = stage + (k + lane % 4) * OUTER;
#pragma unroll
      for (int i = 0; i < 4; i++) {
        r[i] = __float_as_uint(row[i / 2 * 4 * OUTER + (o + lane / 4 + i % 2 * 8 ^ lane % 4 * 8)]);
      }
    } else {
      load_matrices(r, stage + along_inner(o + lane % 16, k + lane / 16 * 4));
    }
  }
};

}  // namespace krongauss
