#include "approximate.h"

// ex2, lg2, rsqrt, sin, cos and tanh: not bit-defined by PTX. These are polynomials that vectorise, good to 1 or 2 units in
// the last place (sin and cos: of 1), which is better than the hardware's.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

// The scheme of FreeBSD's e_log2f: log2(1 + f) with the leading part split in two.
INLINE float log2(float x) {
  const bool tiny = x < 1.17549435e-38f;
  const float y = tiny ? x * 16777216.0f : x;
  const uint32_t u = bits<uint32_t>(y) + (0x3f800000u - 0x3f3504f3u);
  const int k = static_cast<int>(u >> 23) - 127 - (tiny ? 24 : 0);
  const float f = bits<float>((u & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  const float s = f / (2.0f + f), z = s * s, w = z * z;
  const float t1 = w * (0.40000972152f + w * 0.24279078841f);
  const float t2 = z * (0.66666662693f + w * 0.28498786688f);
  const float half = 0.5f * f * f;
  const float high = bits<float>(bits<uint32_t>(f - half) & 0xfffff000u);
  const float low = f - high - half + s * (half + t1 + t2);
  const float r = (low + high) * -1.7605285393e-4f + low * 1.4428710938f + high * 1.4428710938f + static_cast<float>(k);
  const float infinity = bits<float>(0x7f800000u);
  const float special = x == 0.0f ? -infinity : (x == infinity ? infinity : canonical_nan<float>());
  return x > 0.0f && x < infinity ? r : special;
}

template <bool cosine>
INLINE float sine(float x) {
  const bool finite = absolute(x) < 6.5e6f;  // beyond, the quadrant is no longer the nearest one: 0, as good as any number that a GPU gives
  const float c = finite ? x : 0.0f;
  const float n = __builtin_rintf(c * 0.636619772f);
  float y = __builtin_fmaf(n, -1.57079601f, c);
  y = __builtin_fmaf(n, -3.13916473e-7f, y);
  y = __builtin_fmaf(n, -5.39030253e-15f, y);
  const float z = y * y;
  float p = __builtin_fmaf(z, -1.9515295891e-4f, 8.3321608736e-3f);
  p = __builtin_fmaf(p, z, -1.6666654611e-1f);
  const float s = __builtin_fmaf(p * z, y, y);
  float q = __builtin_fmaf(z, 2.443315711809948e-5f, -1.388731625493765e-3f);
  q = __builtin_fmaf(q, z, 4.166664568298827e-2f);
  const float k = __builtin_fmaf(q * z, z, __builtin_fmaf(z, -0.5f, 1.0f));
  const int quadrant = static_cast<int>(n) + (cosine ? 1 : 0);
  const float r = quadrant & 1 ? k : s;
  const float v = quadrant & 2 ? -r : r;
  return finite ? v : (absolute(x) < bits<float>(0x7f800000u) ? 0.0f : canonical_nan<float>());
}

// Denormal arguments give 1 whether they are flushed or not.
template <int f> struct Ex2 {
  INLINE float apply(float a) {
    const float r = exp2(a);
    return f != 0 && r < 1.17549435e-38f ? 0.0f : r;
  }
};
template <int f> struct Lg2 { INLINE float apply(float a) { return log2(in<f>(a)); } };
template <int f> struct Rsqrt { INLINE float apply(float a) { return out<f>(1.0f / root(in<f>(a))); } };
template <int f> struct Sin { INLINE float apply(float a) { return out<f>(sine<false>(in<f>(a))); } };
template <int f> struct Cos { INLINE float apply(float a) { return out<f>(sine<true>(in<f>(a))); } };
struct Tanh { INLINE float apply(float a) { return hyperbolic_tangent(a); } };
struct Rsqrt64 { INLINE double apply(double a) { return 1.0 / root(a); } };
// The forms with .ftz read and write the upper 32 bits alone; the lower ones of the result are zero.
INLINE double upper(double a) { return bits<double>(bits<uint64_t>(a) & 0xffffffff00000000u); }
INLINE double flush64(double a) { return absolute(a) < 2.2250738585072014e-308 ? with_sign(0.0, a) : a; }
INLINE double to_upper(double a) { return a != a ? canonical_nan<double>() : bits<double>((bits<uint64_t>(flush64(a)) + 0x80000000u) & 0xffffffff00000000u); }
struct ReciprocalFlushed { INLINE double apply(double a) { return to_upper(1.0 / flush64(upper(a))); } };
struct RsqrtFlushed { INLINE double apply(double a) { return to_upper(1.0 / root(flush64(upper(a)))); } };

}  // namespace

TABLE void add_approximate(const Registrar& g) {
#define BOTH(F, name) \
  add<Map1<F<0>, float, float>>(g, name ".approx.f32", "Ww"); \
  add<Map1<F<1>, float, float>>(g, name ".approx.ftz.f32", "Ww");
  BOTH(Ex2, "ex2")
  BOTH(Lg2, "lg2")
  BOTH(Rsqrt, "rsqrt")
  BOTH(Sin, "sin")
  BOTH(Cos, "cos")
  add<Map1<Tanh, float, float>>(g, "tanh.approx.f32", "Ww");
  add<Map1<Rsqrt64, double, double>>(g, "rsqrt.approx.f64", "Xx");
  add<Map1<ReciprocalFlushed, double, double>>(g, "rcp.approx.ftz.f64", "Xx");
  add<Map1<RsqrtFlushed, double, double>>(g, "rsqrt.approx.ftz.f64", "Xx");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
