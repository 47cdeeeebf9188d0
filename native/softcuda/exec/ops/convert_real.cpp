#include "real.h"

// cvt from integers to floating point and between f32 and f64.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <class D, class S> struct Plain { INLINE D apply(S a) { return static_cast<D>(a); } };
// 0 or 1, in every rounding mode: an integer that is not 0 is at least 1 or negative.
template <class D, class S> struct Clamped { INLINE D apply(S a) { return a > S{0} ? D{1} : D{0}; } };
// From f16 or f32; which of them may be flushed is up to the table.
template <class D, class S, int f> struct Widen { INLINE D apply(S a) { return out<f & 2>(static_cast<D>(in<f & 1>(a))); } };
template <int f> struct Narrow { INLINE float apply(double a) { return out<f>(static_cast<float>(a)); } };
template <int f> struct Same { INLINE float apply(float a) { return out<f>(in<f>(a)); } };
template <int f> struct Even { INLINE float apply(float a) { return out<f>(__builtin_rintf(in<f>(a))); } };
template <int f> struct Trunc { INLINE float apply(float a) { return out<f>(__builtin_truncf(in<f>(a))); } };
template <int f> struct Floor { INLINE float apply(float a) { return out<f>(__builtin_floorf(in<f>(a))); } };
template <int f> struct Ceil { INLINE float apply(float a) { return out<f>(__builtin_ceilf(in<f>(a))); } };
template <int f> struct Same64 { INLINE double apply(double a) { return out<f>(a); } };
template <int f> struct Even64 { INLINE double apply(double a) { return out<f>(__builtin_rint(a)); } };
template <int f> struct Trunc64 { INLINE double apply(double a) { return out<f>(__builtin_trunc(a)); } };
template <int f> struct Floor64 { INLINE double apply(double a) { return out<f>(__builtin_floor(a)); } };
template <int f> struct Ceil64 { INLINE double apply(double a) { return out<f>(__builtin_ceil(a)); } };

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
    __builtin_snprintf(key, sizeof key, "cvt.%s%s.%s", round, d, s);
    return static_cast<const char*>(key);
  };
  using F = Map1<Plain<float, S>, float, S>;
  using D = Map1<Plain<double, S>, double, S>;
  add<F>(g, name("rn", "{|.ftz}.f32"), single);
  add<D>(g, name("rn", ".f64"), twice);
  add<In<F, 0x2000>>(g, name("rm", "{|.ftz}.f32"), single);
  add<In<F, 0x4000>>(g, name("rp", "{|.ftz}.f32"), single);
  add<In<F, 0x6000>>(g, name("rz", "{|.ftz}.f32"), single);
  add<In<D, 0x2000>>(g, name("rm", ".f64"), twice);
  add<In<D, 0x4000>>(g, name("rp", ".f64"), twice);
  add<In<D, 0x6000>>(g, name("rz", ".f64"), twice);
  add<Map1<Clamped<float, S>, float, S>>(g, name("{rn|rz|rm|rp}", "{|.ftz}.sat.f32"), single);
  add<Map1<Clamped<double, S>, double, S>>(g, name("{rn|rz|rm|rp}", ".sat.f64"), twice);
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

template <template <int> class F>
void twice(const Registrar& g, const char* key, const char* saturated) {
  add<Map1<F<0>, double, double>>(g, key, "Xx");
  add<Map1<F<2>, double, double>>(g, saturated, "Xx");
}

// f64 to f32 in one rounding mode. Rounding and then clamping to [0, 1] is monotonic, so the order does not matter.
template <unsigned mode>
void narrow_in(const Registrar& g, const char* round) {
  char key[64];
  const auto name = [&](const char* modifiers) {
    __builtin_snprintf(key, sizeof key, "cvt.%s%s.f32.f64", round, modifiers);
    return static_cast<const char*>(key);
  };
  add<In<Map1<Narrow<0>, float, double>, mode>>(g, name(""), "Wx");
  add<In<Map1<Narrow<1>, float, double>, mode>>(g, name(".ftz"), "Wx");
  add<In<Map1<Narrow<2>, float, double>, mode>>(g, name(".sat"), "Wx");
  add<In<Map1<Narrow<3>, float, double>, mode>>(g, name(".ftz.sat"), "Wx");
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
  twice<Same64>(g, "cvt.f64.f64", "cvt.sat.f64.f64");
  twice<Even64>(g, "cvt.rni.f64.f64", "cvt.rni.sat.f64.f64");
  twice<Trunc64>(g, "cvt.rzi.f64.f64", "cvt.rzi.sat.f64.f64");
  twice<Floor64>(g, "cvt.rmi.f64.f64", "cvt.rmi.sat.f64.f64");
  twice<Ceil64>(g, "cvt.rpi.f64.f64", "cvt.rpi.sat.f64.f64");
  add<Map1<Plain<double, float>, double, float>>(g, "cvt.f64.f32", "Xw");
  add<Map1<Widen<double, float, 1>, double, float>>(g, "cvt.ftz.f64.f32", "Xw");
  add<Map1<Widen<double, float, 2>, double, float>>(g, "cvt.sat.f64.f32", "Xw");
  add<Map1<Widen<double, float, 3>, double, float>>(g, "cvt.ftz.sat.f64.f32", "Xw");
  add<Map1<Narrow<0>, float, double>>(g, "cvt.rn.f32.f64", "Wx");
  add<Map1<Narrow<1>, float, double>>(g, "cvt.rn.ftz.f32.f64", "Wx");
  add<Map1<Narrow<2>, float, double>>(g, "cvt.rn.sat.f32.f64", "Wx");
  add<Map1<Narrow<3>, float, double>>(g, "cvt.rn.ftz.sat.f32.f64", "Wx");
  narrow_in<0x2000>(g, "rm");
  narrow_in<0x4000>(g, "rp");
  narrow_in<0x6000>(g, "rz");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
