// An operand of a product on tensor cores in shared memory, a stage of 16 of k at a time, and its numbers split in two
// (tensor.cuh).
//
// shared    along k: [outer][16], the quad q of row o at q ^ (o / 2 % 4); else [16][outer + 8]: neither cp.async nor ldmatrix
//           nor the scalar reads meet a bank conflict
// edges     elements outside of the operand count as 0 and are not read. Where rows go by fours the copy of a quad across an
//           edge is told how many of its bytes are there, so that an edge costs no branch; else floats are copied one by one
#pragma once

#include "ptx.cuh"
#include "tile.cuh"

namespace krongauss {

// x as the sum of two numbers of which a tensor core leaves out nothing, or only the last bit. With TERMS = 1 big stands
// alone: the greatest NaN, which a GPU makes, would round up to zero of the other sign and stays as it is; with TERMS = 3
// small is NaN then.
template <int TERMS>
struct SplitFloat {
  unsigned big;
  unsigned small;

  __device__ __forceinline__ explicit SplitFloat(unsigned x) {
    const unsigned rounded = x + 0x1000u;
    big = rounded & 0xffffe000u;
    if (TERMS == 1 && static_cast<int>(rounded ^ x) < 0) big = x;
    small = subtract_floats(x, big);
  }
};

// One operand's part of a stage: OUTER x 16 elements in one of two layouts. A thread copies quads, and reads fragments, whose
// places differ by constants, so that it keeps one address for each.
template <Along A, int OUTER, int THREADS>
struct StagedOperand {
  static constexpr int kPitch = OUTER + 8;                     // along the outer index
  static constexpr int kFloats = kDepth * kPitch;              // of a stage, in either layout
  static constexpr int kQuads = OUTER * kDepth / 4 / THREADS;  // of a thread
  static constexpr int kRowsOfQuads = THREADS / (kDepth / 4);  // along k: rows from one of its quads to the next
  static constexpr int kStepsOfQuads = THREADS / (OUTER / 4);  // else: steps of k likewise

  const Operand& x;
  const int outer0;
  const int end;
  const float* from;  // the first quad of the next stage
  int left;           // elements from there to the end of the inner index
  int to;             // where it goes in the stage
  int inner_lane;     // where the fragments of this lane begin in a stage along k
  int outer_lane;     // and in one along the outer index

  // `warp` is the first outer index of the warp's fragments in the tile.
  __device__ __forceinline__ StagedOperand(const Operand& operand, int first_outer, int begin, int end_of_inner, int warp)
      : x(operand), outer0(first_outer), end(end_of_inner) {
    from = A == Along::kOuter ? row_of(x.p, begin + step(), x.stride) + outer0 + outer_quad()
                              : row_of(x.p, outer0 + row(), x.stride) + begin + inner_quad();
    left = end - begin - (A == Along::kOuter ? step() : inner_quad());
    to = kept(A == Along::kOuter ? along_outer(step(), outer_quad()) : along_inner(row(), inner_quad()));
    const int lane = threadIdx.x % kWarp;
    if (A != Along::kOuter) inner_lane = kept(along_inner(warp + lane % 16, lane / 16 * 4));
    if (A != Along::kInner) outer_lane = kept(along_outer(lane % 4, warp + lane / 4));
  }

  __device__ __forceinline__ static int row() { return threadIdx.x / (kDepth / 4); }
  __device__ __forceinline__ static int inner_quad() { return 4 * (threadIdx.x % (kDepth / 4)); }
  __device__ __forceinline__ static int step() { return threadIdx.x / (OUTER / 4); }
  __device__ __forceinline__ static int outer_quad() { return 4 * (threadIdx.x % (OUTER / 4)); }

  // Places in a stage.
  __device__ __forceinline__ static int along_inner(int o, int k) { return o * kDepth + (k ^ 4 * (o / 2 % 4)); }
  __device__ __forceinline__ static int along_outer(int k, int o) { return k * kPitch + o; }

  // Whether the stage of k0 lies along the outer index.
  __device__ __forceinline__ bool outer_first(int k0) const {
    if constexpr (A == Along::kSymmetric) return k0 >= outer0 + OUTER - 1;
    return A == Along::kOuter;
  }

  // Bytes of a quad that are there, if so many elements are from its first one on.
  __device__ __forceinline__ static int bytes_of_quad(int elements) { return 4 * max(0, min(elements, 4)); }

  // A quad whose first `bytes` are there, by fours or one by one.
  template <bool BY_FOURS>
  __device__ __forceinline__ static void copy_quad(float* to, const float* quad, int bytes) {
    if constexpr (BY_FOURS) {
      copy_four(to, quad, bytes);
    } else {
#pragma unroll 1
      for (int i = 0; i < 4; i++) copy_one(to + i, quad + i, 4 * i < bytes);
    }
  }

  // Starts the copies of the stage of k0, and goes on to the next.
  __device__ __forceinline__ void copy(float* stage, int k0) {
    if (x.whole > 0) {
      copy_quads<true>(stage, k0);
    } else {
      copy_quads<false>(stage, k0);
    }
  }

  template <bool BY_FOURS>
  __device__ __forceinline__ void copy_quads(float* stage, int k0) {
    if constexpr (A == Along::kSymmetric) {
      copy_symmetric<BY_FOURS>(stage, k0);
    } else if constexpr (A == Along::kOuter) {
      const int bytes = bytes_of_quad(x.outer - outer0 - outer_quad());
#pragma unroll
      for (int k = 0; k < kDepth; k += kStepsOfQuads) {
        copy_quad<BY_FOURS>(stage + to + k * kPitch, from, k < left ? bytes : 0);
        from = row_of(from, kStepsOfQuads, x.stride);
      }
      left -= kDepth;
    } else {
      const int rows = x.outer - outer0 - row();
      const int bytes = bytes_of_quad(left);
      const float* quad = from;
#pragma unroll
      for (int o = 0; o < OUTER; o += kRowsOfQuads) {
        copy_quad<BY_FOURS>(stage + to + o * kDepth, quad, o < rows ? bytes : 0);
        quad = row_of(quad, kRowsOfQuads, x.stride);
      }
      from += kDepth;
      left -= kDepth;
    }
  }

  // Along the inner index below the diagonal, along the outer one above, element by element across it.
  template <bool BY_FOURS>
  __device__ __forceinline__ void copy_symmetric(float* stage, int k0) const {
#pragma unroll
    for (int i = 0; i < kQuads; i++) {
      if (outer_first(k0)) {
        const int k = step() + i * kStepsOfQuads;
        const int o = outer0 + outer_quad();
        copy_quad<BY_FOURS>(stage + along_outer(k, outer_quad()), row_of(x.p, k0 + k, x.stride) + o,
                            k0 + k < end ? bytes_of_quad(x.outer - o) : 0);
        continue;
      }
      const int r = row() + i * kRowsOfQuads;
      const int k = k0 + inner_quad();
      float* to = stage + along_inner(r, inner_quad());
      if (k0 + kDepth - 1 <= outer0) {
        copy_quad<BY_FOURS>(to, row_of(x.p, outer0 + r, x.stride) + k, outer0 + r < x.outer ? bytes_of_quad(end - k) : 0);
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          copy_one(to + j, row_of(x.p, max(outer0 + r, k + j), x.stride) + min(outer0 + r, k + j),
                   outer0 + r < x.outer && k + j < end);
        }
      }
    }
  }

  // Elements (o + g, k + t), (o + 8 + g, k + t), (o + g, k + 4 + t), (o + 8 + g, k + 4 + t) of a stage, o from the warp's first
  // outer index on: the fragment A of mma, and as 0, 2 and 1, 3 two fragments B of neighbouring columns. k is 0 or 8.
  __device__ __forceinline__ void fragment(unsigned (&r)[4], const float* stage, bool along_outer_first, int o, int k) const {
    if (along_outer_first) {
      const float* at = stage + outer_lane + along_outer(k, o);
#pragma unroll
      for (int i = 0; i < 4; i++) r[i] = __float_as_uint(at[along_outer(i / 2 * 4, i % 2 * 8)]);
    } else {
      load_matrices(r, stage + (inner_lane ^ k) + o * kDepth);
    }
  }
};

// A stage of an operand as it lies in shared memory.
template <class Staged>
struct StageOf {
  const Staged& operand;
  const float* at;
  bool outer_first;

  __device__ __forceinline__ void fragment(unsigned (&r)[4], int o, int k) const {
    operand.fragment(r, at, outer_first, o, k);
  }
};

}  // namespace krongauss
