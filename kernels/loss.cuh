// The losses: one struct of device functions each. A new loss is a new struct here, a line in each of loss.cu, loss_hessian.cu
// and loss_root.cu, and a kind in Loss.java.
//
// Every loss has an output Hessian of the form  H = diag(w) - [coupled] w w^T.
//   coupled = false  the outputs of a datapoint are independent
//   coupled = true   they share a Partition (softmax); w is then a probability vector
//
//   struct member         gives
//   point(h, t, z)        this output's share of the loss E, and dE/dh
//   rest(z)               the share of E that belongs to the datapoint, not to one output
//   mean(h, z)            mean of the model's distribution of the target
//   weight(h, z)          w
//   root(h, z)            sqrt(w), without the underflow of sqrt(weight)
//   complement(h, z)      1 - w (coupled losses)
//   sampled(h, bits)      dE/dh at a target drawn from the model, four outputs from four random words (uncoupled losses;
//                         coupled ones are drawn by inverse cumulative in loss.cu)
//
// Stability. With e = e^{-|h|} in (0, 1] nothing overflows, and the small one of sigma(h), 1 - sigma(h) is q = e/(1+e)
// without cancellation. So it is with softmax: of the winner, the class that may have p > 1/2, 1 - p is the others' share,
// rest/(1 + rest), and never one minus p. Terms of the losses are non-negative for targets in [0, 1], so their sums do not
// cancel either. Everything is therefore accurate relative to itself however confident an output is, until it underflows.
// Non-finite h or t give a non-finite point; nothing here hides one.
#pragma once

#include "philox.cuh"
#include "rows.cuh"

namespace krongauss {

struct Point {
  float value;
  float gradient;
};

// What the outputs of one datapoint share: max h, the first output that has it, and the sum of e^{h - max} over all others.
struct Partition {
  float maximum;
  float rest;
  int winner;

  __device__ float share(float h) const { return expf(h - maximum); }  // of the total
  __device__ float total() const { return 1.0f + rest; }
  __device__ float others() const { return rest / total(); }
  // Whether h is that of a class with p > 1/2. There is one at most: a second that is as great adds 1 to the rest.
  __device__ bool likely(float h) const { return h == maximum && rest < 1.0f; }
};

// log(1 + e) for 0 <= e <= 1, relative error <= 3 eps: 2 atanh(s), s = e/(2 + e) <= 1/3, and a minimax polynomial in s^2
// (approximation error 0.08 eps). A third of the instructions of log1pf, which must handle every argument.
__device__ __forceinline__ float log1p_unit(float e) {
  const float s = e / (2.0f + e);
  const float z = s * s;
  float p = fmaf(0x1.1e97b8p-3f, z, 0x1.1ecc32p-3f);
  p = fmaf(p, z, 0x1.99d0e8p-3f);
  p = fmaf(p, z, 0x1.555504p-2f);
  const float twice = s + s;
  return fmaf(twice, p * z, twice);
}

// E = 1/2 |h - t|^2: the negative log-likelihood of a unit normal around h, up to a constant.
struct Squared {
  static constexpr bool coupled = false;
  __device__ static Point point(float h, float t, Partition) {
    const float r = h - t;
    return {0.5f * r * r, r};
  }
  __device__ static float rest(Partition) { return 0.0f; }
  __device__ static float mean(float h, Partition) { return h; }
  __device__ static float weight(float, Partition) { return 1.0f; }
  __device__ static float root(float, Partition) { return 1.0f; }
  // t = h + z, so h - t = -z. Adding 0 h lets a non-finite h through.
  __device__ static Pack<4> sampled(const Pack<4>& h, uint4 bits) {
    const float2 a = normal_pair(bits.x, bits.y);
    const float2 b = normal_pair(bits.z, bits.w);
    return {fmaf(0.0f, h.v[0], a.x), fmaf(0.0f, h.v[1], a.y), fmaf(0.0f, h.v[2], b.x), fmaf(0.0f, h.v[3], b.y)};
  }
};

// E = softplus(h) - t h for t in [0, 1], p = sigma(h).
//   h >= 0:  (1 - t) |h| + log1p(e),   dE/dh = (1 - t) - q
//   h <  0:       t  |h| + log1p(e),   dE/dh = -(t - q)
// With u the weight of the less likely side both are u |h| + log1p(e) and +-(u - q).
struct Bernoulli {
  static constexpr bool coupled = false;
  __device__ static Point point(float h, float t, Partition) {
    const float e = expf(-fabsf(h));
    const float u = h >= 0.0f ? 1.0f - t : t;
    const float g = u - e / (1.0f + e);
    return {fmaf(fabsf(h), u, log1p_unit(e)), h >= 0.0f ? g : -g};
  }
  __device__ static float rest(Partition) { return 0.0f; }
  __device__ static float mean(float h, Partition) {
    const float e = expf(-fabsf(h));
    return (h >= 0.0f ? 1.0f : e) / (1.0f + e);
  }
  // p (1 - p) = e / (1 + e)^2
  __device__ static float weight(float h, Partition) {
    const float e = expf(-fabsf(h));
    const float i = 1.0f / (1.0f + e);
    return e * i * i;
  }
  // 1 / (e^{h/2} + e^{-h/2}) with r = e^{-|h|/2}
  __device__ static float root(float h, Partition) {
    const float r = expf(-0.5f * fabsf(h));
    return r / fmaf(r, r, 1.0f);
  }
  // The less likely side comes up with probability q; u = 1 then, else 0.
  __device__ static Pack<4> sampled(const Pack<4>& h, uint4 bits) {
    const unsigned word[4] = {bits.x, bits.y, bits.z, bits.w};
    Pack<4> g;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const float e = expf(-fabsf(h.v[i]));
      const float q = e / (1.0f + e);
      const float x = (unit(word[i]) <= q ? 1.0f : 0.0f) - q;
      g.v[i] = h.v[i] >= 0.0f ? x : -x;
    }
    return g;
  }
};

// E = logsumexp(h) - t.h for t a probability vector (one-hot or not): log(1 + rest) + sum_j t_j (max h - h_j), every term
// non-negative. A target row that does not sum to 1 loses the constant max h (1 - sum t).
struct Softmax {
  static constexpr bool coupled = true;
  __device__ static Point point(float h, float t, Partition z) {
    return {t * (z.maximum - h), z.likely(h) ? (1.0f - t) - z.others() : mean(h, z) - t};
  }
  __device__ static float rest(Partition z) { return z.rest <= 1.0f ? log1p_unit(z.rest) : logf(z.total()); }
  __device__ static float mean(float h, Partition z) { return z.share(h) / z.total(); }
  __device__ static float weight(float h, Partition z) { return mean(h, z); }
  __device__ static float root(float h, Partition z) { return expf(0.5f * (h - z.maximum)) / sqrtf(z.total()); }
  __device__ static float complement(float h, Partition z) { return z.likely(h) ? z.others() : 1.0f - mean(h, z); }
};

struct Minimum {
  __device__ static float join(float a, float b) { return fminf(a, b); }
};

// The row that this thread's group of LANES threads works on.
template <int LANES>
__device__ __forceinline__ int group_row() {
  return blockIdx.x * (kThreads / LANES) + threadIdx.x / LANES;
}

// The Partition of one row, for every thread of the group.
template <class L, int LANES>
__device__ __forceinline__ Partition partition(const float* h, int lane, int columns, int whole) {
  if constexpr (!L::coupled) {
    return {};
  } else {
    float mine = -INFINITY;
    int at = 0;
    sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> x = load<kWide>(h + c);
#pragma unroll
      for (int i = 0; i < kWide; i++) {
        if (x.v[i] > mine) {
          mine = x.v[i];
          at = c + i;
        }
      }
    });
    const float maximum = fold<Maximum, LANES>(mine);  // skips NaN; the sum below does not
    // Floats that are not negative are ordered as their bits.
    const float least = fold<Minimum, LANES>(mine == maximum ? __int_as_float(at) : INFINITY);
    const int winner = __float_as_int(least);
    float rest = maximum - maximum;  // NaN for an infinite one
    sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> x = load<kWide>(h + c);
      float part = 0.0f;
#pragma unroll
      for (int i = 0; i < kWide; i++) part += c + i == winner ? 0.0f : expf(x.v[i] - maximum);
      rest += part;
    });
    return {maximum, fold<Sum, LANES>(rest), winner};
  }
}

}  // namespace krongauss
