#include <cfenv>
#include <cfloat>
#include <cmath>
#include <functional>
#include <random>

#include "harness.h"

// Whole families of instructions at their corners against scalar C++: what is wrong here is wrong without a message.
using namespace harness;

namespace {

using u64 = uint64_t;
using s64 = int64_t;
using u32 = uint32_t;
using s32 = int32_t;
using u128 = unsigned __int128;
using s128 = __int128;

// A number as the 64 bits of an operand.
template <class T>
struct Bits {
  static T of(u64 v) {
    T t;
    std::memcpy(&t, &v, sizeof t);
    return t;
  }
  static u64 to(T t) {
    u64 v = 0;
    std::memcpy(&v, &t, sizeof t);
    return v;
  }
};

const std::vector<double> reals = {0.0, -0.0, 1.0, -1.0, 0.5, 1.5, -2.5, 3.0, 1e-40, -1e-40, 1.4e-45, 1.17549435e-38, -1.17549421e-38,
                                   3.4028234663852886e38, -3.4028234663852886e38, INFINITY, -INFINITY, NAN, 1e-310, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1.0 / 3, 1e20, -7e-20, 16777217.0};

template <class T>
std::vector<T> numbers() {
  std::vector<T> v;
  for (const double x : reals) v.push_back(static_cast<T>(x));
  std::mt19937_64 random(3);
  for (int i = 0; i < 40; ++i) v.push_back(Bits<T>::of(random() & (sizeof(T) == 4 ? 0xffffffffu : ~u64{0})));
  return v;
}

template <class T>
T flush(T x) {
  return sizeof(T) == 4 && std::fabs(static_cast<float>(x)) < FLT_MIN ? std::copysign(T{0}, x) : x;
}
template <class T>
T saturate(T x) {
  return x != x ? T{0} : x > 0 ? (x < 1 ? x : T{1}) : T{0};
}

template <class T>
bool same(T a, T b) {
  return (a != a && b != b) || std::memcmp(&a, &b, sizeof a) == 0;
}

template <class T>
void expect(const std::string& body, const std::function<T(T, T, T)>& wanted) {
  const auto all = numbers<T>();
  std::vector<u64> a, b, c;
  size_t k = 0;
  for (const T x : all) {
    for (const T y : all) a.push_back(Bits<T>::to(x)), b.push_back(Bits<T>::to(y)), c.push_back(Bits<T>::to(all[k++ * 13 % all.size()]));
  }
  const auto got = evaluate(body, a, b, c);
  for (size_t i = 0; i < got.size(); ++i) {
    const T want = wanted(Bits<T>::of(a[i]), Bits<T>::of(b[i]), Bits<T>::of(c[i])), is = Bits<T>::of(got[i]);
    std::ostringstream note;
    note.precision(17);
    note << body << " a=" << Bits<T>::of(a[i]) << " b=" << Bits<T>::of(b[i]) << " c=" << Bits<T>::of(c[i]);
    if (!same(is, want)) EQUAL_AT(is, want, note.str());
  }
}

const struct Mode {
  const char* name;
  int round;
} kModes[] = {{"rn", FE_TONEAREST}, {"rz", FE_TOWARDZERO}, {"rm", FE_DOWNWARD}, {"rp", FE_UPWARD}};

template <class F>
auto rounded(int mode, F f) {
  std::fesetround(mode);
  volatile auto r = f();
  std::fesetround(FE_TONEAREST);
  return r;
}

template <class T>
void arithmetic(const char* type, const std::string& d, const std::string& a, const std::string& b, const std::string& c) {
  constexpr bool single = sizeof(T) == 4;
  const std::vector<std::string> modifiers = single ? std::vector<std::string>{"", ".ftz", ".sat", ".ftz.sat"} : std::vector<std::string>{""};
  for (const Mode& mode : kModes) {
    for (const std::string& m : modifiers) {
      const bool f = m.find("ftz") != std::string::npos, s = m.find("sat") != std::string::npos;
      const auto with = [f, s, round = mode.round](auto op) {
        return [=](T x, T y, T z) {
          if (f) x = flush(x), y = flush(y), z = flush(z);
          volatile T vx = x, vy = y, vz = z;
          T r = rounded(round, [&] { return op(vx, vy, vz); });
          if (f) r = flush(r);
          return s ? saturate(r) : r;
        };
      };
      const std::string end = std::string(".") + mode.name + m + "." + type + " " + d + ", " + a;
      expect<T>("add" + end + ", " + b + ";", with([](volatile T& x, volatile T& y, volatile T&) -> T { return x + y; }));
      expect<T>("sub" + end + ", " + b + ";", with([](volatile T& x, volatile T& y, volatile T&) -> T { return x - y; }));
      expect<T>("mul" + end + ", " + b + ";", with([](volatile T& x, volatile T& y, volatile T&) -> T { return x * y; }));
      expect<T>("fma" + end + ", " + b + ", " + c + ";", with([](volatile T& x, volatile T& y, volatile T& z) -> T { return std::fma(T(x), T(y), T(z)); }));
      if (s) continue;
      expect<T>("div" + end + ", " + b + ";", with([](volatile T& x, volatile T& y, volatile T&) -> T { return x / y; }));
      expect<T>("rcp" + end + ";", with([](volatile T& x, volatile T&, volatile T&) -> T { return T{1} / x; }));
      expect<T>("sqrt" + end + ";", with([](volatile T& x, volatile T&, volatile T&) -> T { return std::sqrt(T(x)); }));
    }
  }
}

template <class T>
void comparisons(const char* type, const std::string& a, const std::string& b, const std::string& d) {
  const struct {
    const char* name;
    bool (*holds)(T, T);
  } all[] = {{"eq", [](T x, T y) { return x == y; }},
             {"ne", [](T x, T y) { return x < y || x > y; }},
             {"lt", [](T x, T y) { return x < y; }},
             {"le", [](T x, T y) { return x <= y; }},
             {"gt", [](T x, T y) { return x > y; }},
             {"ge", [](T x, T y) { return x >= y; }},
             {"equ", [](T x, T y) { return !(x < y || x > y); }},
             {"neu", [](T x, T y) { return x != y; }},
             {"ltu", [](T x, T y) { return !(x >= y); }},
             {"leu", [](T x, T y) { return !(x > y); }},
             {"gtu", [](T x, T y) { return !(x <= y); }},
             {"geu", [](T x, T y) { return !(x < y); }},
             {"num", [](T x, T y) { return x == x && y == y; }},
             {"nan", [](T x, T y) { return x != x || y != y; }}};
  const std::string one = sizeof(T) == 4 ? "0f3F800000, 0f00000000" : "0d3FF0000000000000, 0d0000000000000000";
  const std::string select = std::string("selp.f") + (sizeof(T) == 4 ? "32 " : "64 ") + d + ", " + one + ", %p;";
  for (const auto& c : all) {
    for (const bool f : {false, true}) {
      if (f && sizeof(T) == 8) continue;
      const std::string ftz = f ? ".ftz" : "";
      const auto wanted = [&c, f](T x, T y, T) -> T { return c.holds(f ? flush(x) : x, f ? flush(y) : y) ? 1 : 0; };
      expect<T>(std::string("setp.") + c.name + ftz + "." + type + " %p, " + a + ", " + b + "; " + select, wanted);
      if (sizeof(T) == 4) expect<T>(std::string("set.") + c.name + ftz + ".f32." + type + " " + d + ", " + a + ", " + b + ";", wanted);
    }
  }
  const struct {
    const char* name;
    bool (*holds)(T);
  } tests[] = {{"finite", [](T x) { return std::isfinite(x); }},
               {"infinite", [](T x) { return std::isinf(x); }},
               {"number", [](T x) { return x == x; }},
               {"notanumber", [](T x) { return x != x; }},
               {"normal", [](T x) { return std::isnormal(x); }},
               {"subnormal", [](T x) { return std::fpclassify(x) == FP_SUBNORMAL; }}};
  for (const auto& t : tests) {
    expect<T>(std::string("testp.") + t.name + "." + type + " %p, " + a + "; " + select, [&t](T x, T, T) -> T { return t.holds(x) ? 1 : 0; });
  }
}

const std::vector<u64> corners = {0, 1, 2, 3, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 200, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000,
                                  0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffffe, ~u64{0}, 0x123456789abcdef0, 0xfedcba9876543210};

template <class T>
std::string name_of() {
  return std::string(static_cast<T>(-1) < T{0} ? "s" : "u") + std::to_string(8 * sizeof(T));
}

// One instruction on integers of type T. `operands`: what follows the result, a letter each, in capitals where it is always 32 bits wide;
// `counts`: the result is 32 bits wide.
template <class T>
void whole(const std::string& instruction, const std::string& operands, const std::function<u64(T, T, T)>& wanted, const std::string& type = name_of<T>(),
           bool counts = false) {
  std::vector<u64> a, b, c;
  std::mt19937_64 random(5);
  for (const u64 x : corners) {
    for (const u64 y : corners) a.push_back(x), b.push_back(y), c.push_back(random() % 2 ? corners[random() % corners.size()] : random());
  }
  constexpr bool wide = sizeof(T) == 8, narrow = sizeof(T) == 2;
  std::string body = instruction + "." + type + (narrow ? " %h" : wide && !counts ? " %D" : " %d");
  for (const char operand : operands) {
    const auto letter = static_cast<char>(wide == (operand < 'a') ? operand | 0x20 : operand & ~0x20);
    body += std::string(", %") + (narrow ? (operand == 'a' ? 'h' : 'g') : letter);
  }
  body += ";";
  if (narrow) body = "cvt.u16.u32 %h, %a; cvt.u16.u32 %g, %b; " + body + " cvt.u32.u16 %d, %h;";
  const auto got = evaluate(body, a, b, c);
  for (size_t i = 0; i < got.size(); ++i) {
    u64 want = wanted(static_cast<T>(a[i]), static_cast<T>(b[i]), static_cast<T>(c[i]));
    if (sizeof(T) < 8 || counts) want &= sizeof(T) == 2 ? 0xffff : 0xffffffff;
    std::ostringstream note;
    note << std::hex << body << " a=" << a[i] << " b=" << b[i] << " c=" << c[i];
    EQUAL_AT(got[i], want, note.str());
  }
}

template <class T>
void integers() {
  constexpr int w = 8 * sizeof(T);
  constexpr bool is_signed = static_cast<T>(-1) < T{0};
  using W = std::conditional_t<is_signed, s128, u128>;
  const auto u = [](auto v) { return static_cast<u64>(v); };
  whole<T>("add", "ab", [&](T a, T b, T) { return u(W(a) + b); });
  whole<T>("sub", "ab", [&](T a, T b, T) { return u(W(a) - b); });
  whole<T>("mul.lo", "ab", [&](T a, T b, T) { return u(u128(a) * u128(b)); });
  whole<T>("mul.hi", "ab", [&](T a, T b, T) { return u(W(a) * W(b) >> w); });
  whole<T>("min", "ab", [&](T a, T b, T) { return u(std::min(a, b)); });
  whole<T>("max", "ab", [&](T a, T b, T) { return u(std::max(a, b)); });
  whole<T>("div", "ab", [&](T a, T b, T) { return b == 0 ? ~u64{0} : u(W(a) / W(b)); });
  whole<T>("rem", "ab", [&](T a, T b, T) { return b == 0 ? (w == 16 ? u(a) : ~u64{0}) : u(W(a) % W(b)); });
  if (is_signed) {
    whole<T>("abs", "a", [&](T a, T, T) { return u(a < 0 ? -W(a) : W(a)); });
    whole<T>("neg", "a", [&](T a, T, T) { return u(-W(a)); });
  }
  if (w == 16) return;
  whole<T>("mad.lo", "abc", [&](T a, T b, T c) { return u(u128(a) * u128(b) + u128(c)); });
  whole<T>("mad.hi", "abc", [&](T a, T b, T c) { return u((W(a) * W(b) >> w) + W(c)); });
  whole<T>("sad", "abc", [&](T a, T b, T c) { return u(W(c) + (a < b ? W(b) - W(a) : W(a) - W(b))); });
  const auto bit_of = [](T a, u32 i) { return static_cast<u64>(a) >> i & 1; };
  whole<T>("bfe", "aBC", [&](T a, T b, T c) {
    const u32 p = u(b) & 0xff, n = u(c) & 0xff;
    u64 r = 0;
    const u64 sign = is_signed && n > 0 ? bit_of(a, std::min<u32>(p + n - 1, w - 1)) : 0;
    for (u32 i = 0; i < w; ++i) r |= (i < n && p + i < w ? bit_of(a, p + i) : sign) << i;
    return r;
  });
  for (const char* amount : {"bfind", "bfind.shiftamt"}) {
    whole<T>(amount, "a", [&](T a, T, T) -> u64 {
      const T v = is_signed && a < 0 ? static_cast<T>(~a) : a;
      for (int i = w - 1; i >= 0; --i) {
        if (bit_of(v, static_cast<u32>(i))) return amount[5] ? static_cast<u64>(w - 1 - i) : static_cast<u64>(i);
      }
      return ~u64{0};
    }, name_of<T>(), true);
  }
  if (is_signed) return;
  const std::string b = "b" + std::to_string(w);
  const auto sum_of_bits = [&](T a, const std::function<u64(u32)>& weight) {
    u64 sum = 0;
    for (u32 i = 0; i < w; ++i) sum += bit_of(a, i) * weight(i);
    return sum;
  };
  const auto leading_zeros = [&](T a, T, T) {
    u64 n = 0;
    while (n < w && !bit_of(a, static_cast<u32>(w - 1 - n))) ++n;
    return n;
  };
  whole<T>("clz", "a", leading_zeros, b, true);
  whole<T>("popc", "a", [&](T a, T, T) { return sum_of_bits(a, [](u32) { return u64{1}; }); }, b, true);
  whole<T>("brev", "a", [&](T a, T, T) { return sum_of_bits(a, [](u32 i) { return u64{1} << (w - 1 - i); }); }, b);
  whole<T>("cnot", "a", [&](T a, T, T) -> u64 { return a == 0; }, b);
}

// Conversions of integers to floats in every mode.
template <class S, class D>
void to_real(const char* d) {
  std::vector<u64> a = corners;
  std::mt19937_64 random(9);
  for (int i = 0; i < 200; ++i) a.push_back(random() >> random() % 64);
  for (const Mode& mode : kModes) {
    const std::string source = sizeof(S) == 8 ? "%A" : sizeof(S) == 4 ? "%a" : "%h";
    const std::string result = sizeof(D) == 8 ? " %D, " : " %d, ";
    const std::string body = std::string(sizeof(S) < 4 ? "cvt.u16.u32 %h, %a; " : "") + "cvt." + mode.name + "." + d + "." + name_of<S>() + result + source + ";";
    const auto got = evaluate(body, a);
    for (size_t i = 0; i < a.size(); ++i) {
      const auto s = static_cast<S>(a[i]);
      const D want = rounded(mode.round, [&] {
        volatile long double x = static_cast<long double>(s);  // exact
        return static_cast<D>(x);
      });
      EQUAL_AT(Bits<D>::of(got[i]), want, body + " of " + std::to_string(s));
    }
  }
}
template <class S>
void to_reals() {
  to_real<S, float>("f32");
  to_real<S, double>("f64");
}

}  // namespace

TEST("sweep: arithmetic in every rounding mode, flushed and saturated") {
  arithmetic<float>("f32", "%d", "%a", "%b", "%c");
  arithmetic<double>("f64", "%D", "%A", "%B", "%C");
}

TEST("sweep: every comparison and test of floats") {
  comparisons<float>("f32", "%a", "%b", "%d");
  comparisons<double>("f64", "%A", "%B", "%D");
}

TEST("sweep: integers of 16, 32 and 64 bits") {
  integers<uint16_t>();
  integers<int16_t>();
  integers<u32>();
  integers<s32>();
  integers<u64>();
  integers<s64>();
}

TEST("sweep: integers to floats in every rounding mode") {
  to_reals<uint8_t>();
  to_reals<int8_t>();
  to_reals<uint16_t>();
  to_reals<int16_t>();
  to_reals<u32>();
  to_reals<s32>();
  to_reals<u64>();
  to_reals<s64>();
}
