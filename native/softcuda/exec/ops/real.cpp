#include "real.h"

// Floating-point arithmetic in round-to-nearest; the other roundings are in rounded.cpp.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

// f: which of .ftz (bit 0) and .sat (bit 1) are on.
#define REAL1(name, expression) \
  template <class T, int f> struct name { INLINE T apply(T a0) { const T a = in<f>(a0); return out<f>(static_cast<T>(expression)); } };
#define REAL2(name, expression) \
  template <class T, int f> struct name { INLINE T apply(T a0, T b0) { const T a = in<f>(a0), b = in<f>(b0); return out<f>(static_cast<T>(expression)); } };

REAL2(Add, a + b)
REAL2(Sub, a - b)
REAL2(Mul, a * b)
REAL2(Div, a / b)
REAL2(Min, minimum(a, b))
REAL2(Max, maximum(a, b))
REAL2(MinNan, a != a || b != b ? canonical_nan<T>() : minimum(a, b))
REAL2(MaxNan, a != a || b != b ? canonical_nan<T>() : maximum(a, b))
REAL1(Reciprocal, T{1} / a)
REAL1(Sqrt, root(a))
REAL1(Abs, absolute(a))
REAL1(Neg, negated(a))
template <class T, int f> struct Fma { INLINE T apply(T a, T b, T c) { return out<f>(fused(in<f>(a), in<f>(b), in<f>(c))); } };
template <class T> struct CopySign { INLINE T apply(T a, T b) { return with_sign(b, a); } };

template <template <class, int> class F>
void add_binary(const Registrar& g, const char* name, bool saturates) {
  char key[64];
  __builtin_snprintf(key, sizeof key, "%s.f32", name);
  add<Map2<F<float, 0>, float, float, float>>(g, key, "Www");
  __builtin_snprintf(key, sizeof key, "%s.ftz.f32", name);
  add<Map2<F<float, 1>, float, float, float>>(g, key, "Www");
  if (!saturates) return;
  __builtin_snprintf(key, sizeof key, "%s.sat.f32", name);
  add<Map2<F<float, 2>, float, float, float>>(g, key, "Www");
  __builtin_snprintf(key, sizeof key, "%s.ftz.sat.f32", name);
  add<Map2<F<float, 3>, float, float, float>>(g, key, "Www");
}

template <template <class, int> class F>
void add_unary(const Registrar& g, const char* name) {
  char key[64];
  __builtin_snprintf(key, sizeof key, "%s.f32", name);
  add<Map1<F<float, 0>, float, float>>(g, key, "Ww");
  __builtin_snprintf(key, sizeof key, "%s.ftz.f32", name);
  add<Map1<F<float, 1>, float, float>>(g, key, "Ww");
}

// A run of multiply-adds without a dispatch between them. The operations stay in place behind it, so that other paths
// (masked, a jump into the middle) see nothing of it.
struct FmaRuns {
  static const Op* full(const Op* op, char* r, Warp*) {
    const auto* run = static_cast<const FmaRun*>(op->extra);
    const FmaStep* s = run->data;
    const FmaStep* end = s + run->count;
    for (; s != end; ++s) {
      auto d = at<float>(r, s->d);
      const auto a = at<float>(r, s->a), b = at<float>(r, s->b), c = at<float>(r, s->c);
      LANES d[i] = __builtin_fmaf(a[i], b[i], c[i]);
    }
    return op + run->count;
  }
};

#ifdef __AVX512F__
struct FmaRow {
  static const Op* full(const Op* op, char* r, Warp*) {
    const auto* run = static_cast<const FmaRun*>(op->extra);
    const FmaStep* s = run->data;
    const FmaStep* end = s + run->count;
    const float* a = at<float>(r, s->a);
    const __m512 a0 = _mm512_load_ps(a), a1 = _mm512_load_ps(a + 16);
    for (; s != end; ++s) {
      float* d = at<float>(r, s->d);
      const float *b = at<float>(r, s->b), *c = at<float>(r, s->c);
      const __m512 d0 = _mm512_fmadd_ps(a0, _mm512_load_ps(b), _mm512_load_ps(c));
      const __m512 d1 = _mm512_fmadd_ps(a1, _mm512_load_ps(b + 16), _mm512_load_ps(c + 16));
      _mm512_store_ps(d, d0);
      _mm512_store_ps(d + 16, d1);
    }
    return op + run->count;
  }
};
#else
struct FmaRow {
  static const Op* full(const Op* op, char* r, Warp*) {
    const auto* run = static_cast<const FmaRun*>(op->extra);
    const FmaStep* s = run->data;
    const FmaStep* end = s + run->count;
    const float* a = at<float>(r, s->a);
    __m256 v[4];
    for (int k = 0; k < 4; ++k) v[k] = _mm256_load_ps(a + 8 * k);
    for (; s != end; ++s) {
      float* d = at<float>(r, s->d);
      const float *b = at<float>(r, s->b), *c = at<float>(r, s->c);
      for (int k = 0; k < 4; ++k) {
        _mm256_store_ps(d + 8 * k, _mm256_fmadd_ps(v[k], _mm256_load_ps(b + 8 * k), _mm256_load_ps(c + 8 * k)));
      }
    }
    return op + run->count;
  }
};
#endif

}  // namespace

TABLE void add_real(const Registrar& g) {
  add_binary<Add>(g, "add{.rn|}", true);
  add_binary<Sub>(g, "sub{.rn|}", true);
  add_binary<Mul>(g, "mul{.rn|}", true);
  add_binary<Div>(g, "div{.rn|.full|.approx}", false);
  add_binary<Min>(g, "min", false);
  add_binary<Max>(g, "max", false);
  add<Map2<MinNan<float, 0>, float, float, float>>(g, "min.NaN.f32", "Www");
  add<Map2<MaxNan<float, 0>, float, float, float>>(g, "max.NaN.f32", "Www");
  add<Map2<MinNan<float, 1>, float, float, float>>(g, "min.ftz.NaN.f32", "Www");
  add<Map2<MaxNan<float, 1>, float, float, float>>(g, "max.ftz.NaN.f32", "Www");
  add_unary<Reciprocal>(g, "rcp{.rn|.approx}");
  add_unary<Sqrt>(g, "sqrt{.rn|.approx}");
  add_unary<Abs>(g, "abs");
  add_unary<Neg>(g, "neg");
  add<Map3<Fma<float, 0>, float, float, float, float>>(g, "{fma|mad}.rn.f32", "Wwww");
  add<Map3<Fma<float, 1>, float, float, float, float>>(g, "{fma|mad}.rn.ftz.f32", "Wwww");
  add<Map3<Fma<float, 2>, float, float, float, float>>(g, "{fma|mad}.rn.sat.f32", "Wwww");
  add<Map3<Fma<float, 3>, float, float, float, float>>(g, "{fma|mad}.rn.ftz.sat.f32", "Wwww");
  add<Map2<CopySign<float>, float, float, float>>(g, "copysign.f32", "Www");

  add<Map2<Add<double, 0>, double, double, double>>(g, "add{.rn|}.f64", "Xxx");
  add<Map2<Sub<double, 0>, double, double, double>>(g, "sub{.rn|}.f64", "Xxx");
  add<Map2<Mul<double, 0>, double, double, double>>(g, "mul{.rn|}.f64", "Xxx");
  add<Map2<Div<double, 0>, double, double, double>>(g, "div.rn.f64", "Xxx");
  add<Map2<Min<double, 0>, double, double, double>>(g, "min.f64", "Xxx");
  add<Map2<Max<double, 0>, double, double, double>>(g, "max.f64", "Xxx");
  add<Map1<Reciprocal<double, 0>, double, double>>(g, "rcp.rn.f64", "Xx");
  add<Map1<Sqrt<double, 0>, double, double>>(g, "sqrt.rn.f64", "Xx");
  add<Map1<Abs<double, 0>, double, double>>(g, "abs.f64", "Xx");
  add<Map1<Neg<double, 0>, double, double>>(g, "neg.f64", "Xx");
  add<Map3<Fma<double, 0>, double, double, double, double>>(g, "{fma|mad}.rn.f64", "Xxxx");
  add<Map2<CopySign<double>, double, double, double>>(g, "copysign.f64", "Xxx");
  g.add(g.table, "#fma.run", "", FmaRuns::full, nullptr, nullptr, nullptr);
  g.add(g.table, "#fma.row", "", FmaRow::full, nullptr, nullptr, nullptr);
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
