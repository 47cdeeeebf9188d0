// How often the rows of an embedding are looked up: the diagonal of the second moment of one-hot rows, without these rows.
//
//   embedding_counts_f32__add   counts(index_j) += 2^32 g v_j       row j drawn of each group
//   embedding_counts_f32        q_i = 2^-32 counts(i) / Z
//
// shapes    v, Z, g, a draw: positions.cuh; index [N T]; counts [size + 1] 64-bit integers, zeros before the first; q [size]
// aliasing  none
// launch    256 threads, a thread a group; a thread an element of q
// cost      add: 8 bytes and an atomic a group; 12 bytes an element of q
// bound     add: 2^-33 a row, none where g v is whole; q: 3 eps and total's error (position_rows.cu)
// order     sums of integers are the same in any order
// limits    an index outside of 0 .. size - 1, or g v of 2^30 or more, of a row that counts is counted behind the last element, and
//           then all of q is NaN; the index of a row of weight 0 is not looked at. Sums below 2^32
#include "positions.cuh"

using namespace krongauss;

constexpr float kUnit = 0x1p32f;
constexpr float kMost = 0x1p30f;

extern "C" __global__ void __launch_bounds__(kThreads)
embedding_counts_f32__add(const Positions p, const int* index, unsigned long long* counts, int groups, int size) {
  const int group = blockIdx.x * kThreads + threadIdx.x;
  if (group >= groups) return;
  const Drawn draw = drawn(p, group, p.N * p.T);
  const float weight = draw.size * weight_at(p, draw.member / p.T, draw.member % p.T);
  if (weight == 0.0f) return;
  const int i = index[draw.member];
  const bool right = i >= 0 && i < size && weight < kMost;  // a NaN is not
  atomicAdd(counts + (right ? i : size), right ? __float2ull_rn(weight * kUnit) : 1ull);
}

extern "C" __global__ void __launch_bounds__(kThreads)
embedding_counts_f32(const Positions p, const unsigned long long* counts, float* q, int size) {
  const int i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= size) return;
  const float count = __ull2float_rn(counts[i]) / kUnit;
  q[i] = counts[size] != 0 ? NAN : count == 0.0f ? 0.0f : count / total_of(p, false);
}
