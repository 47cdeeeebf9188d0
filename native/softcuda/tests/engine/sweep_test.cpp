#include <cfenv>
#include <cfloat>
#include <cmath>
#include <functional>
#include <random>

#include "sweep.h"

// Whole families of instructions on floats at their corners against scalar C++: what is wrong here is wrong without a message.
using namespace harness;
using namespace sweep;

namespace {

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

}  // namespace

TEST("sweep: arithmetic in every rounding mode, flushed and saturated") {
  arithmetic<float>("f32", "%d", "%a", "%b", "%c");
  arithmetic<double>("f64", "%D", "%A", "%B", "%C");
}

TEST("sweep: every comparison and test of floats") {
  comparisons<float>("f32", "%a", "%b", "%d");
  comparisons<double>("f64", "%A", "%B", "%D");
}
