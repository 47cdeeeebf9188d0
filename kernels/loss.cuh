// The losses: one struct of device functions each. A new loss is a new struct here, three lines in loss.cu and a kind in
// Loss.java.
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
//   sampled(h, bits)      dE/dh at a target drawn from the model, four outputs from four random words (uncoupled losses;
//                         coupled ones are drawn by inverse cumulative in loss.cu)
//
// Stability. With e = e^{-|h|} in (0, 1] nothing overflows, and the small one of sigma(h), 1 - sigma(h) is q = e/(1+e)
// without cancellation. Terms of the losses are non-negative for targets in [0, 1], so their sums do not cancel either.
// Non-finite h or t give a non-finite point; nothing here hides one.
#pragma once

#include "philox.cuh"
#include "rows.cuh"

namespace krongauss {

struct Point {
  float value;
  float gradient;
};

// What the outputs of one datapoint share: max h and sum e^{h - max}.
struct Partition {
  float maximum;
  float total;
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

// E = logsumexp(h) - t.h for t a probability vector (one-hot or not): log(total) + sum_j t_j (max h - h_j), every term
// non-negative. A target row that does not sum to 1 loses the constant max h (1 - sum t).
struct Softmax {
  static constexpr bool coupled = true;
  __device__ static Point point(float h, float t, Partition z) {
    const float below = z.maximum - h;
    return {t * below, expf(-below) / z.total - t};
  }
  __device__ static float rest(Partition z) { return logf(z.total); }
  __device__ static float mean(float h, Partition z) { return expf(h - z.maximum) / z.total; }
  __device__ static float weight(float h, Partition z) { return mean(h, z); }
  __device__ static float root(float h, Partition z) { return expf(0.5f * (h - z.maximum)) / sqrtf(z.total); }
};

// The Partition of one row, for every thread of the group.
template <class L, int LANES>
__device__ __forceinline__ Partition partition(const float* h, int lane, int columns, int whole) {
  if constexpr (!L::coupled) {
    return {0.0f, 1.0f};
  } else {
    float maximum = -INFINITY;
    sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> x = load<kWide>(h + c);
#pragma unroll
      for (int i = 0; i < kWide; i++) maximum = fmaxf(maximum, x.v[i]);
    });
    maximum = fold<Maximum, LANES>(maximum);  // skips NaN; the sum below does not
    float total = 0.0f;
    sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> x = load<kWide>(h + c);
      float part = 0.0f;
#pragma unroll
      for (int i = 0; i < kWide; i++) part += expf(x.v[i] - maximum);
      total += part;
    });
    return {maximum, fold<Sum, LANES>(total)};
  }
}

}  // namespace krongauss
