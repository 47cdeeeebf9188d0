#include "real.h"

// add, sub, mul, fma, div, rcp and sqrt rounded toward zero, down and up.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <class T, int f> struct Add { INLINE T apply(T a, T b) { return out<f>(in<f>(a) + in<f>(b)); } };
template <class T, int f> struct Sub { INLINE T apply(T a, T b) { return out<f>(in<f>(a) - in<f>(b)); } };
template <class T, int f> struct Mul { INLINE T apply(T a, T b) { return out<f>(in<f>(a) * in<f>(b)); } };
template <class T, int f> struct Div { INLINE T apply(T a, T b) { return out<f>(in<f>(a) / in<f>(b)); } };
template <class T, int f> struct Fma { INLINE T apply(T a, T b, T c) { return out<f>(fused(in<f>(a), in<f>(b), in<f>(c))); } };
template <class T, int f> struct Reciprocal { INLINE T apply(T a) { return out<f>(T{1} / in<f>(a)); } };
template <class T, int f> struct Sqrt { INLINE T apply(T a) { return out<f>(root(in<f>(a))); } };

template <class M, unsigned mode>
struct In {
  static const Op* full(const Op* op, char* r, Warp* w) {
    const Rounding rounding(mode);
    return M::full(op, r, w);
  }
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    const Rounding rounding(mode);
    return M::masked(op, r, w, m);
  }
};

// expf and tanhf use fma.rm, so it is worth the instruction that rounds by itself, where there is one.
#ifdef __AVX512F__
template <unsigned mode>
struct FmaRounded {
  static constexpr int kRound =
      (mode == 0x2000 ? _MM_FROUND_TO_NEG_INF : mode == 0x4000 ? _MM_FROUND_TO_POS_INF : _MM_FROUND_TO_ZERO) | _MM_FROUND_NO_EXC;

  static const Op* full(const Op* op, char* r, Warp*) {
    float* d = at<float>(r, op->o[0]);
    const float *a = at<float>(r, op->o[1]), *b = at<float>(r, op->o[2]), *c = at<float>(r, op->o[3]);
    for (int k = 0; k < 32; k += 16) {
      _mm512_store_ps(d + k, _mm512_fmadd_round_ps(_mm512_load_ps(a + k), _mm512_load_ps(b + k), _mm512_load_ps(c + k), kRound));
    }
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    float* d = at<float>(r, op->o[0]);
    const float *a = at<float>(r, op->o[1]), *b = at<float>(r, op->o[2]), *c = at<float>(r, op->o[3]);
    for (int k = 0; k < 32; k += 16) {
      const __m512 v = _mm512_fmadd_round_ps(_mm512_load_ps(a + k), _mm512_load_ps(b + k), _mm512_load_ps(c + k), kRound);
      _mm512_mask_store_ps(d + k, static_cast<__mmask16>(m >> k), v);
    }
    return op + 1;
  }
};
#else
template <unsigned mode>
struct FmaRounded : In<Map3<Fma<float, 0>, float, float, float, float>, mode> {};
#endif

template <unsigned mode>
void add_mode(const Registrar& g, const char* suffix) {
  char key[64];
  const auto name = [&](const char* op, const char* rest) {
    __builtin_snprintf(key, sizeof key, "%s.%s%s", op, suffix, rest);
    return static_cast<const char*>(key);
  };
#define BINARY(F, op) \
  add<In<Map2<F<float, 0>, float, float, float>, mode>>(g, name(op, ".f32"), "Www"); \
  add<In<Map2<F<float, 1>, float, float, float>, mode>>(g, name(op, ".ftz.f32"), "Www"); \
  add<In<Map2<F<double, 0>, double, double, double>, mode>>(g, name(op, ".f64"), "Xxx");
#define UNARY(F, op) \
  add<In<Map1<F<float, 0>, float, float>, mode>>(g, name(op, ".f32"), "Ww"); \
  add<In<Map1<F<float, 1>, float, float>, mode>>(g, name(op, ".ftz.f32"), "Ww"); \
  add<In<Map1<F<double, 0>, double, double>, mode>>(g, name(op, ".f64"), "Xx");
  BINARY(Add, "add")
  BINARY(Sub, "sub")
  BINARY(Mul, "mul")
  BINARY(Div, "div")
  UNARY(Reciprocal, "rcp")
  UNARY(Sqrt, "sqrt")
#define SATURATED(F, op) \
  add<In<Map2<F<float, 2>, float, float, float>, mode>>(g, name(op, ".sat.f32"), "Www"); \
  add<In<Map2<F<float, 3>, float, float, float>, mode>>(g, name(op, ".ftz.sat.f32"), "Www");
  SATURATED(Add, "add")
  SATURATED(Sub, "sub")
  SATURATED(Mul, "mul")
  add<In<Map3<Fma<float, 1>, float, float, float, float>, mode>>(g, name("{fma|mad}", ".ftz.f32"), "Wwww");
  add<In<Map3<Fma<float, 2>, float, float, float, float>, mode>>(g, name("{fma|mad}", ".sat.f32"), "Wwww");
  add<In<Map3<Fma<float, 3>, float, float, float, float>, mode>>(g, name("{fma|mad}", ".ftz.sat.f32"), "Wwww");
  add<In<Map3<Fma<double, 0>, double, double, double, double>, mode>>(g, name("{fma|mad}", ".f64"), "Xxxx");
  add<FmaRounded<mode>>(g, name("{fma|mad}", ".f32"), "Wwww");
}

}  // namespace

TABLE void add_rounded(const Registrar& g) {
  add_mode<0x2000>(g, "rm");
  add_mode<0x4000>(g, "rp");
  add_mode<0x6000>(g, "rz");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
