#include "real.h"

// cvt from integers to floating point and between f32 and f64.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <class D, class S> struct Plain { INLINE D apply(S a) { return static_cast<D>(a); } };
template <int f> struct Narrow { INLINE float apply(double a) { return out<f>(static_cast<float>(a)); } };
template <int f> struct Same { INLINE float apply(float a) { return out<f>(in<f>(a)); } };
template <int f> struct Even { INLINE float apply(float a) { return out<f>(__builtin_rintf(in<f>(a))); } };
template <int f> struct Trunc { INLINE float apply(float a) { return out<f>(__builtin_truncf(in<f>(a))); } };
template <int f> struct Floor { INLINE float apply(float a) { return out<f>(__builtin_floorf(in<f>(a))); } };
template <int f> struct Ceil { INLINE float apply(float a) { return out<f>(__builtin_ceilf(in<f>(a))); } };
struct Even64 { INLINE double apply(double a) { return __builtin_rint(a); } };
struct Trunc64 { INLINE double apply(double a) { return __builtin_trunc(a); } };
struct Floor64 { INLINE double apply(double a) { return __builtin_floor(a); } };
struct Ceil64 { INLINE double apply(double a) { return __builtin_ceil(a); } };

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

template <class S>
void from_integer(const Registrar& g, const char* s) {
  char key[64];
  const char* single = sizeof(S) == 8 ? "Wx" : "Ww";
  const char* twice = sizeof(S) == 8 ? "Xx" : "Xw";
  const auto name = [&](const char* round, const char* d) {
    __builtin_snprintf(key, sizeof key, "cvt.%s.%s.%s", round, d, s);
    return static_cast<const char*>(key);
  };
  using F = Map1<Plain<float, S>, float, S>;
  using D = Map1<Plain<double, S>, double, S>;
  add<F>(g, name("rn", "f32"), single);
  add<D>(g, name("rn", "f64"), twice);
  add<In<F, 0x2000>>(g, name("rm", "f32"), single);
  add<In<F, 0x4000>>(g, name("rp", "f32"), single);
  add<In<F, 0x6000>>(g, name("rz", "f32"), single);
  add<In<D, 0x2000>>(g, name("rm", "f64"), twice);
  add<In<D, 0x4000>>(g, name("rp", "f64"), twice);
  add<In<D, 0x6000>>(g, name("rz", "f64"), twice);
}

template <template <int> class F>
void single(const Registrar& g, const char* round) {
  char key[64];
  const auto name = [&](const char* modifiers) {
    __builtin_snprintf(key, sizeof key, "cvt%s%s.f32.f32", round, modifiers);
    return static_cast<const char*>(key);
  };
  add<Map1<F<0>, float, float>>(g, name(""), "Ww");
  add<Map1<F<1>, float, float>>(g, name(".ftz"), "Ww");
  add<Map1<F<2>, float, float>>(g, name(".sat"), "Ww");
  add<Map1<F<3>, float, float>>(g, name(".ftz.sat"), "Ww");
}

}  // namespace

TABLE void add_convert_real(const Registrar& g) {
  from_integer<uint8_t>(g, "u8");
  from_integer<int8_t>(g, "s8");
  from_integer<uint16_t>(g, "u16");
  from_integer<int16_t>(g, "s16");
  from_integer<uint32_t>(g, "u32");
  from_integer<int32_t>(g, "s32");
  from_integer<uint64_t>(g, "u64");
  from_integer<int64_t>(g, "s64");
  single<Same>(g, "");
  single<Even>(g, ".rni");
  single<Trunc>(g, ".rzi");
  single<Floor>(g, ".rmi");
  single<Ceil>(g, ".rpi");
  add<Map1<Plain<double, double>, double, double>>(g, "cvt.f64.f64", "Xx");
  add<Map1<Even64, double, double>>(g, "cvt.rni.f64.f64", "Xx");
  add<Map1<Trunc64, double, double>>(g, "cvt.rzi.f64.f64", "Xx");
  add<Map1<Floor64, double, double>>(g, "cvt.rmi.f64.f64", "Xx");
  add<Map1<Ceil64, double, double>>(g, "cvt.rpi.f64.f64", "Xx");
  add<Map1<Plain<double, float>, double, float>>(g, "cvt.f64.f32", "Xw");
  using N = Map1<Narrow<0>, float, double>;
  add<N>(g, "cvt.rn.f32.f64", "Wx");
  add<Map1<Narrow<1>, float, double>>(g, "cvt.rn.ftz.f32.f64", "Wx");
  add<In<N, 0x2000>>(g, "cvt.rm.f32.f64", "Wx");
  add<In<N, 0x4000>>(g, "cvt.rp.f32.f64", "Wx");
  add<In<N, 0x6000>>(g, "cvt.rz.f32.f64", "Wx");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
