#include "comparisons.h"
#include "real.h"

// setp (the decoder splits off boolean operators and the second result) and testp.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <class C, class T, int f> struct Holds { INLINE bool apply(T a, T b) { return C::template holds<T>(in<f>(a), in<f>(b)); } };

template <class C, class T, int f = 0>
void one(const Registrar& g, const char* comparison, const char* type) {
  char key[64];
  __builtin_snprintf(key, sizeof key, "#setp.%s.%s%s", comparison, f ? "ftz." : "", type);
  add<Compare<Holds<C, T, f>, T>>(g, key, sizeof(T) == 8 ? "Pxx" : "Pww");
}

template <class T>
void integer(const Registrar& g, const char* type, bool ordered, bool is_unsigned) {
  one<Eq, T>(g, "eq", type);
  one<Ne, T>(g, "ne", type);
  if (!ordered) return;
  one<Lt, T>(g, is_unsigned ? "{lt|lo}" : "lt", type);
  one<Le, T>(g, is_unsigned ? "{le|ls}" : "le", type);
  one<Gt, T>(g, is_unsigned ? "{gt|hi}" : "gt", type);
  one<Ge, T>(g, is_unsigned ? "{ge|hs}" : "ge", type);
}

template <class T, int f>
void real(const Registrar& g, const char* type) {
  each_comparison([&](auto c, const char* name) { one<decltype(c), T, f>(g, name, type); });
}

template <class T> struct Limits;
template <> struct Limits<float> {
  static constexpr float smallest = 1.17549435e-38f, largest = 3.40282347e38f;
};
template <> struct Limits<double> {
  static constexpr double smallest = 2.2250738585072014e-308, largest = 1.7976931348623157e308;
};
template <class T> struct Finite { INLINE bool apply(T a, T) { return absolute(a) <= Limits<T>::largest; } };
template <class T> struct Infinite { INLINE bool apply(T a, T) { return absolute(a) > Limits<T>::largest; } };
template <class T> struct Number { INLINE bool apply(T a, T) { return a == a; } };
template <class T> struct NotNumber { INLINE bool apply(T a, T) { return a != a; } };
template <class T> struct Normal { INLINE bool apply(T a, T) { return absolute(a) >= Limits<T>::smallest && absolute(a) <= Limits<T>::largest; } };
template <class T> struct Subnormal { INLINE bool apply(T a, T) { return a != 0 && absolute(a) < Limits<T>::smallest; } };

// The decoder gives the operand twice.
template <class T>
void tests(const Registrar& g, const char* type) {
  const char* signature = sizeof(T) == 8 ? "Pxx" : "Pww";
  char key[64];
  const auto name = [&](const char* test) {
    __builtin_snprintf(key, sizeof key, "#testp.%s.%s", test, type);
    return static_cast<const char*>(key);
  };
  add<Compare<Finite<T>, T>>(g, name("finite"), signature);
  add<Compare<Infinite<T>, T>>(g, name("infinite"), signature);
  add<Compare<Number<T>, T>>(g, name("number"), signature);
  add<Compare<NotNumber<T>, T>>(g, name("notanumber"), signature);
  add<Compare<Normal<T>, T>>(g, name("normal"), signature);
  add<Compare<Subnormal<T>, T>>(g, name("subnormal"), signature);
}

}  // namespace

TABLE void add_compare(const Registrar& g) {
  integer<uint16_t>(g, "{b16|u16}", true, true);
  integer<int16_t>(g, "s16", true, false);
  integer<uint32_t>(g, "{b32|u32}", true, true);
  integer<int32_t>(g, "s32", true, false);
  integer<uint64_t>(g, "{b64|u64}", true, true);
  integer<int64_t>(g, "s64", true, false);
  real<float, 0>(g, "f32");
  real<float, 1>(g, "f32");
  real<double, 0>(g, "f64");
  tests<float>(g, "f32");
  tests<double>(g, "f64");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
