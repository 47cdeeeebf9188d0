// A row's product with the Hessian of its loss, H = diag(w) - [coupled] w w^T (loss.cuh).
#pragma once

#include "loss.cuh"

namespace krongauss {

// H v is the same for v plus a constant, coupled: with the winner's v as the origin what remains is weighted by the others' w
// alone, which have no cancellation. Since the winner's w is at least 1/d, no rounding is magnified by more than sqrt(d).
template <class L>
__device__ __forceinline__ float origin_of(const float* v, Partition z) {
  if constexpr (L::coupled) return v[z.winner];
  return 0.0f;
}

// w, coupled: w total, so that a sum is divided once.
template <class L>
__device__ __forceinline__ float share_of(float h, Partition z) {
  if constexpr (L::coupled) return z.share(h);
  return L::weight(h, z);
}

// What the elements of a row of H v share.
template <class L>
struct HessianRow {
  Partition z;
  float origin;
  float centre;

  template <int W>
  __device__ __forceinline__ Pack<W> times(const Pack<W>& h, const Pack<W>& v) const {
    Pack<W> y;
#pragma unroll
    for (int i = 0; i < W; i++) y.v[i] = L::weight(h.v[i], z) * ((v.v[i] - origin) - centre);
    return y;
  }
};

// By all threads of the row's group of LANES threads.
template <class L, int LANES>
__device__ __forceinline__ HessianRow<L> hessian_row(const float* h, const float* v, int lane, int columns, int whole) {
  const Partition z = partition<L, LANES>(h, lane, columns, whole);
  const float origin = origin_of<L>(v, z);
  float centre = 0.0f;
  if constexpr (L::coupled) {
    sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> x = load<kWide>(h + c);
      const Pack<kWide> y = load<kWide>(v + c);
      float part = 0.0f;
#pragma unroll
      for (int i = 0; i < kWide; i++) part = fmaf(share_of<L>(x.v[i], z), y.v[i] - origin, part);
      centre += part;
    });
    centre = fold<Sum, LANES>(centre) / z.total();
  }
  return {z, origin, centre};
}

}  // namespace krongauss
