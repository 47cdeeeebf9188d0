#pragma once
#include "real.h"

// Functions that are not bit-defined by PTX; f16 shares them.
namespace softcuda {
namespace SOFTCUDA_ISA {

INLINE float two_to(uint32_t n) { return bits<float>((n + 127u) << 23); }

// Beyond +-160 the result is infinite or zero anyway. The integer part is split off by adding 1.5 * 2^23, which a NaN
// survives; two factors reach the denormals.
INLINE float exp2(float x) {
  constexpr float magic = 12582912.0f;
  const float low = x < -160.0f ? -160.0f : x;
  const float c = low > 160.0f ? 160.0f : low;
  const float t = c + magic;
  const float f = c - (t - magic);
  float p = 1.535336188319500e-4f;
  p = __builtin_fmaf(p, f, 1.339887440266574e-3f);
  p = __builtin_fmaf(p, f, 9.618437357674640e-3f);
  p = __builtin_fmaf(p, f, 5.550332471162809e-2f);
  p = __builtin_fmaf(p, f, 2.402264791363012e-1f);
  p = __builtin_fmaf(p, f, 6.931472028550421e-1f);
  p = __builtin_fmaf(p, f, 1.0f);
  const uint32_t k = bits<uint32_t>(t) - 0x4b400000u;
  const uint32_t half = static_cast<uint32_t>(static_cast<int32_t>(k) >> 1);
  return p * two_to(half) * two_to(k - half);
}

INLINE float hyperbolic_tangent(float x) {
  const float a = absolute(x), z = x * x;
  float p = __builtin_fmaf(0.0157396831f, z, -0.0523039624f);
  p = __builtin_fmaf(p, z, 0.133152977f);
  p = __builtin_fmaf(p, z, -0.333327681f);
  const float small = with_sign(__builtin_fmaf(p * z, x, x), x);  // -0 stays -0
  const float large = with_sign(1.0f - 2.0f / (1.0f + exp2(a * 2.88539004f)), x);
  return x != x ? canonical_nan<float>() : (a < 0.6f ? small : large);
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
