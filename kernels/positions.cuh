// Which rows of a batch count, how much, and which of them are drawn: datapoints n < N of T positions each, row n T + t.
//
//   v_nt      mask [N T], or 1 for t < lengths [N] and 0 behind, or 1. Padding has 0; other weights are positive
//   totals    Z = sum v, and V, the datapoints with any v > 0; where all count, N T and N
//   a draw    of each `group` members (rows or datapoints) that follow one another one, with equal probabilities; the last group
//             may be smaller. It stands for all of them: times its group's size g every sum keeps its expectation
//
// A draw is a number of (member, batches entered, use), so that a launch replayed from a graph draws anew and a training that is
// resumed draws what it would have drawn. A negative or NaN weight and a length outside of 0 .. T give NaN.
#pragma once

#include "philox.cuh"
#include "rows.cuh"

namespace krongauss {

constexpr unsigned kDomainPosition = 4;  // of philox.cuh, which has the others

// Filled by kernel/argument/PositionSet.java.
struct Positions {
  const float* mask;
  const int* lengths;
  const float* totals;      // [2] or null: all count
  const unsigned* batches;  // as batches.cuh has them, or null for 0
  int N;
  int T;
  int group;
  int ahead;  // batches that were counted since this one's first launch
  unsigned use;
};

__device__ __forceinline__ float weight_at(const Positions& p, int n, int t) {
  if (p.mask != nullptr) {
    const float v = p.mask[static_cast<long long>(n) * p.T + t];
    return v >= 0.0f ? v : NAN;
  }
  if (p.lengths == nullptr) return 1.0f;
  const int length = p.lengths[n];
  if (length < 0 || length > p.T) return NAN;
  return t < length ? 1.0f : 0.0f;
}

// Z, or V if `datapoints`.
__device__ __forceinline__ float total_of(const Positions& p, bool datapoints) {
  if (p.totals != nullptr) return p.totals[datapoints ? 1 : 0];
  return datapoints ? static_cast<float>(p.N) : static_cast<float>(p.N) * static_cast<float>(p.T);
}

struct Drawn {
  int member;
  int size;  // of its group
};

// The member of a group that is drawn, of `members` in all.
__device__ __forceinline__ Drawn drawn(const Positions& p, int group, int members) {
  const int first = group * p.group;
  const int size = min(p.group, members - first);
  if (size == 1) return {first, 1};
  const unsigned count = (p.batches != nullptr ? *p.batches : 0u) - p.ahead;
  const uint4 bits = philox(make_uint4(group, count, p.use, kDomainPosition), make_uint2(0, 0));
  return {first + static_cast<int>(__umulhi(bits.x, static_cast<unsigned>(size))), size};
}

// With it a row enters a second moment over the total D; D times that where the rows are gradients of a mean over D.
__device__ __forceinline__ float root_of_share(float weight, float total, bool times) {
  if (weight == 0.0f) return 0.0f;
  const float root = sqrtf(weight / total);
  return times ? root * total : root;
}

}  // namespace krongauss
