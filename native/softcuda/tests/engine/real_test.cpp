#include <cfenv>
#include <cfloat>
#include <climits>
#include <cmath>

#include "harness.h"

// Floating point: special values, rounding, conversions, and the accuracy of the approximate functions.
using namespace harness;

namespace {

const float inf = INFINITY, nan32 = NAN, denormal = 1e-40f;
const std::vector<float> corners = {0.0f,  -0.0f, 1.0f,        -1.0f,        0.5f,  -0.5f,   1.5f,   2.5f,      -2.5f,    3.3f,        1e-40f, -1e-40f, FLT_MIN,
                                    -FLT_MIN, FLT_MAX, -FLT_MAX, inf,   -inf,  nan32,   1e10f,  -1e10f,    16777217.0f, 2147483648.0f, 4294967296.0f,
                                    -2147483648.0f, 0.1f, 7.0f, 1e-20f, 1e20f, 123456.789f, 0.99999994f, 1.0000001f};

uint64_t word(float f) { return bits_of(f); }

bool same(float a, float b) { return (a != a && b != b) || bits_of(a) == bits_of(b); }

template <class F>
void compare(const std::string& body, F wanted) {
  std::vector<uint64_t> a, b, c;
  size_t k = 0;
  for (const float x : corners) {
    for (const float y : corners) {
      a.push_back(word(x));
      b.push_back(word(y));
      c.push_back(word(corners[k++ * 7 % corners.size()]));
    }
  }
  const auto got = evaluate(body, a, b, c);
  for (size_t i = 0; i < got.size(); ++i) {
    const float want = wanted(float_of(a[i]), float_of(b[i]), float_of(c[i]));
    std::ostringstream note;
    note.precision(9);
    note << body << " a=" << float_of(a[i]) << " b=" << float_of(b[i]) << " c=" << float_of(c[i]);
    if (!same(float_of(got[i]), want)) EQUAL_AT(float_of(got[i]), want, note.str());
  }
}

float flush(float x) { return std::fabs(x) < FLT_MIN ? std::copysign(0.0f, x) : x; }

float least(float a, float b) { return a != a ? b : b != b ? a : a == b ? (std::signbit(a) ? a : b) : std::fmin(a, b); }
float most(float a, float b) { return a != a ? b : b != b ? a : a == b ? (std::signbit(a) ? b : a) : std::fmax(a, b); }

template <class F>
float in_mode(int mode, F f) {
  std::fesetround(mode);
  volatile float r = f();
  std::fesetround(FE_TONEAREST);
  return r;
}

// Largest error in units of the last place of the result.
template <class F>
void accuracy(const std::string& body, double low, double high, double bound, F exact) {
  std::vector<uint64_t> a;
  const int n = 4096;
  for (int i = 0; i < n; ++i) a.push_back(word(static_cast<float>(low + (high - low) * i / (n - 1))));
  const auto got = evaluate(body, a);
  double worst = 0;
  float at = 0;
  for (int i = 0; i < n; ++i) {
    const double x = float_of(a[static_cast<size_t>(i)]);
    const double want = exact(x);
    const double ulp = std::max(std::ldexp(1.0, std::ilogb(want) - 23), 1.4e-45);
    const double error = std::fabs(float_of(got[static_cast<size_t>(i)]) - want) / ulp;
    if (!(error <= worst)) {
      worst = error;
      at = static_cast<float>(x);
    }
  }
  if (!(worst <= bound)) EQUAL_AT(worst, bound, body + " at x = " + std::to_string(at));
}

}  // namespace

TEST("real: arithmetic with denormals, infinities and NaN") {
  compare("add.f32 %d, %a, %b;", [](float a, float b, float) { return a + b; });
  compare("sub.f32 %d, %a, %b;", [](float a, float b, float) { return a - b; });
  compare("mul.f32 %d, %a, %b;", [](float a, float b, float) { return a * b; });
  compare("div.rn.f32 %d, %a, %b;", [](float a, float b, float) { return a / b; });
  compare("fma.rn.f32 %d, %a, %b, %c;", [](float a, float b, float c) { return std::fma(a, b, c); });
  compare("sqrt.rn.f32 %d, %a;", [](float a, float, float) { return std::sqrt(a); });
  compare("rcp.rn.f32 %d, %a;", [](float a, float, float) { return 1.0f / a; });
  compare("mul.ftz.f32 %d, %a, %b;", [](float a, float b, float) { return flush(flush(a) * flush(b)); });
  compare("add.sat.f32 %d, %a, %b;", [](float a, float b, float) { return a + b > 0 ? std::fmin(a + b, 1.0f) : 0.0f; });
  compare("neg.f32 %d, %a;", [](float a, float, float) { return -a; });
  compare("abs.f32 %d, %a;", [](float a, float, float) { return std::fabs(a); });
  compare("copysign.f32 %d, %a, %b;", [](float a, float b, float) { return std::copysign(b, a); });
  compare("mul.f32 %t, %a, %b; add.f32 %d, %t, %c;", [](float a, float b, float c) {
    volatile float product = a * b;  // not contracted
    return product + c;
  });
}

TEST("real: min and max: a NaN loses, -0 is below +0") {
  compare("min.f32 %d, %a, %b;", [](float a, float b, float) { return least(a, b); });
  compare("max.f32 %d, %a, %b;", [](float a, float b, float) { return most(a, b); });
  compare("min.NaN.f32 %d, %a, %b;", [](float a, float b, float) { return a != a || b != b ? nan32 : least(a, b); });
}

TEST("real: directed rounding") {
  const std::pair<const char*, int> modes[] = {{"rm", FE_DOWNWARD}, {"rp", FE_UPWARD}, {"rz", FE_TOWARDZERO}};
  for (const auto& m : modes) {
    const std::string suffix = m.first;
    const int mode = m.second;
    compare("add." + suffix + ".f32 %d, %a, %b;", [mode](volatile float a, volatile float b, float) { return in_mode(mode, [&] { return a + b; }); });
    compare("mul." + suffix + ".f32 %d, %a, %b;", [mode](volatile float a, volatile float b, float) { return in_mode(mode, [&] { return a * b; }); });
    compare("fma." + suffix + ".f32 %d, %a, %b, %c;",
            [mode](volatile float a, volatile float b, volatile float c) { return in_mode(mode, [&] { return std::fma(a, b, c); }); });
  }
}

TEST("real: comparisons, ordered and unordered") {
  compare("setp.lt.f32 %p, %a, %b; selp.f32 %d, 0f3F800000, 0f00000000, %p;", [](float a, float b, float) { return a < b ? 1.0f : 0.0f; });
  compare("setp.ltu.f32 %p, %a, %b; selp.f32 %d, 0f3F800000, 0f00000000, %p;", [](float a, float b, float) { return !(a >= b) ? 1.0f : 0.0f; });
  compare("setp.ne.f32 %p, %a, %b; selp.f32 %d, 0f3F800000, 0f00000000, %p;", [](float a, float b, float) { return a < b || a > b ? 1.0f : 0.0f; });
  compare("setp.neu.f32 %p, %a, %b; selp.f32 %d, 0f3F800000, 0f00000000, %p;", [](float a, float b, float) { return a != b ? 1.0f : 0.0f; });
  compare("setp.nan.f32 %p, %a, %b; selp.f32 %d, 0f3F800000, 0f00000000, %p;", [](float a, float b, float) { return a != a || b != b ? 1.0f : 0.0f; });
  compare("testp.finite.f32 %p, %a; selp.f32 %d, 0f3F800000, 0f00000000, %p;", [](float a, float, float) { return std::isfinite(a) ? 1.0f : 0.0f; });
  compare("testp.subnormal.f32 %p, %a; selp.f32 %d, 0f3F800000, 0f00000000, %p;", [](float a, float, float) { return a != 0 && std::fabs(a) < FLT_MIN ? 1.0f : 0.0f; });
}

TEST("real: conversions to integers saturate, NaN gives 0, or the highest bit of 64") {
  std::vector<uint64_t> a;
  for (const float x : corners) a.push_back(word(x));
  const auto clamp = [](double x, double low, double high) { return x != x ? 0.0 : std::fmax(low, std::fmin(high, x)); };
  const auto s32 = evaluate("cvt.rzi.s32.f32 %d, %a;", a), u32 = evaluate("cvt.rzi.u32.f32 %d, %a;", a), near = evaluate("cvt.rni.s32.f32 %d, %a;", a);
  const auto s64 = evaluate("cvt.rzi.s64.f32 %D, %a;", a), u64 = evaluate("cvt.rpi.u64.f32 %D, %a;", a), u8 = evaluate("cvt.rmi.u8.f32 %d, %a;", a);
  for (size_t i = 0; i < a.size(); ++i) {
    const float x = corners[i];
    const std::string note = "x = " + std::to_string(x);
    EQUAL_AT(static_cast<int32_t>(s32[i]), static_cast<int32_t>(clamp(std::trunc(x), INT_MIN, INT_MAX)), note);
    EQUAL_AT(static_cast<uint32_t>(u32[i]), static_cast<uint32_t>(clamp(std::trunc(x), 0, UINT_MAX)), note);
    EQUAL_AT(static_cast<int32_t>(near[i]), static_cast<int32_t>(clamp(std::nearbyint(x), INT_MIN, INT_MAX)), note);
    EQUAL_AT(u8[i], static_cast<uint64_t>(clamp(std::floor(x), 0, 255)), note);
    const int64_t wide = x != x ? INT64_MIN : x >= 9.3e18f ? INT64_MAX : x <= -9.3e18f ? INT64_MIN : static_cast<int64_t>(x);
    EQUAL_AT(static_cast<int64_t>(s64[i]), wide, note);
    EQUAL_AT(u64[i], x != x ? uint64_t{1} << 63 : x <= 0 ? 0 : x >= 1.8446744e19f ? UINT64_MAX : static_cast<uint64_t>(std::ceil(x)), note);
  }
}

TEST("real: conversions from integers, between floats, rounding to integral values") {
  const std::vector<uint64_t> a = {0, 1, 16777217, 16777219, 0x7fffffff, 0x80000000, 0xffffffff, 33554435};
  const auto s = evaluate("cvt.rn.f32.s32 %d, %a;", a), u = evaluate("cvt.rn.f32.u32 %d, %a;", a), z = evaluate("cvt.rz.f32.u32 %d, %a;", a);
  for (size_t i = 0; i < a.size(); ++i) {
    EQUAL(float_of(s[i]), static_cast<float>(static_cast<int32_t>(a[i])));
    EQUAL(float_of(u[i]), static_cast<float>(static_cast<uint32_t>(a[i])));
    volatile auto v = static_cast<uint32_t>(a[i]);
    EQUAL(float_of(z[i]), in_mode(FE_TOWARDZERO, [&] {
            volatile float r = static_cast<float>(v);
            return r;
          }));
  }
  compare("cvt.rni.f32.f32 %d, %a;", [](float x, float, float) { return std::nearbyint(x); });
  compare("cvt.rmi.f32.f32 %d, %a;", [](float x, float, float) { return std::floor(x); });
  compare("cvt.rpi.f32.f32 %d, %a;", [](float x, float, float) { return std::ceil(x); });
  compare("cvt.rzi.f32.f32 %d, %a;", [](float x, float, float) { return std::trunc(x); });
  compare("cvt.sat.f32.f32 %d, %a;", [](float x, float, float) { return x > 0 ? std::fmin(x, 1.0f) : 0.0f; });
  compare("cvt.f64.f32 %A, %a; cvt.rn.f32.f64 %d, %A;", [](float x, float, float) { return x; });
}

TEST("real: half, bfloat16 and tf32") {
  const auto half = evaluate("cvt.rn.f16.f32 %h, %a; cvt.u32.u16 %d, %h;", {word(1.0f), word(65504.0f), word(65520.0f), word(5.9604645e-8f), word(2049.0f), word(-2051.0f)});
  EQUAL(half[0], 0x3c00u);
  EQUAL(half[1], 0x7bffu);
  EQUAL(half[2], 0x7c00u);
  EQUAL(half[3], 1u);
  EQUAL(half[4], 0x6800u);
  EQUAL(half[5], 0xe802u);
  const auto brain = evaluate("cvt.rn.bf16.f32 %h, %a; cvt.u32.u16 %d, %h;", {word(1.0f), 0x3f808000, 0x3f818000, 0x7f7fffff, word(nan32)});
  EQUAL(brain[0], 0x3f80u);
  EQUAL(brain[1], 0x3f80u);
  EQUAL(brain[2], 0x3f82u);
  EQUAL(brain[3], 0x7f80u);
  EQUAL(brain[4], 0x7fffu);
  const auto back = evaluate("cvt.u16.u32 %h, %a; cvt.f32.f16 %d, %h;", {0x3c00, 0x0001, 0xfc00});
  EQUAL(float_of(back[0]), 1.0f);
  EQUAL(float_of(back[1]), 5.9604645e-8f);
  EQUAL(float_of(back[2]), -inf);
  const auto tensor = evaluate("cvt.rna.tf32.f32 %d, %a;", {0x3f801000, 0x3f800fff, 0xbf801000, 0x7f800000});
  EQUAL(tensor[0], 0x3f802000u);
  EQUAL(tensor[1], 0x3f800000u);
  EQUAL(tensor[2], 0xbf802000u);
  EQUAL(tensor[3], 0x7f800000u);
}

TEST("real: approximate functions") {
  accuracy("ex2.approx.f32 %d, %a;", -126, 127.9, 2, [](double x) { return std::exp2(x); });
  accuracy("ex2.approx.f32 %d, %a;", -149, -126, 1, [](double x) { return std::exp2(x); });
  accuracy("ex2.approx.ftz.f32 %d, %a;", -1, 1, 1, [](double x) { return std::exp2(x); });
  accuracy("lg2.approx.f32 %d, %a;", 1e-3, 100, 2, [](double x) { return std::log2(x); });
  accuracy("lg2.approx.f32 %d, %a;", 0.9, 1.1, 2, [](double x) { return std::log2(x); });
  accuracy("rsqrt.approx.f32 %d, %a;", 1e-3, 100, 1.5, [](double x) { return 1 / std::sqrt(x); });
  accuracy("rcp.approx.ftz.f32 %d, %a;", 0.1, 100, 1, [](double x) { return 1 / x; });
  accuracy("tanh.approx.f32 %d, %a;", -9, 9.01, 3, [](double x) { return std::tanh(x); });
  const auto error = [](const std::string& body, double (*exact)(double)) {
    std::vector<uint64_t> a;
    for (int i = 0; i < 4096; ++i) a.push_back(word(static_cast<float>(-20 + i * 0.01)));
    const auto got = evaluate(body, a);
    double worst = 0;
    for (size_t i = 0; i < a.size(); ++i) worst = std::fmax(worst, std::fabs(float_of(got[i]) - exact(float_of(a[i]))));
    return worst;
  };
  CHECK(error("sin.approx.f32 %d, %a;", std::sin) < 3e-7);
  CHECK(error("cos.approx.f32 %d, %a;", std::cos) < 3e-7);
  const std::vector<uint64_t> special = {word(0), word(-1), word(inf), word(-inf), word(nan32), word(200), word(-200)};
  const auto ex2 = evaluate("ex2.approx.f32 %d, %a;", special), lg2 = evaluate("lg2.approx.f32 %d, %a;", special);
  EQUAL(float_of(ex2[0]), 1.0f);
  EQUAL(float_of(ex2[2]), inf);
  EQUAL(float_of(ex2[3]), 0.0f);
  CHECK(float_of(ex2[4]) != float_of(ex2[4]));
  EQUAL(float_of(ex2[5]), inf);
  EQUAL(float_of(ex2[6]), 0.0f);
  EQUAL(float_of(lg2[0]), -inf);
  CHECK(float_of(lg2[1]) != float_of(lg2[1]));
  EQUAL(float_of(lg2[2]), inf);
  CHECK(float_of(lg2[4]) != float_of(lg2[4]));
  EQUAL(float_of(evaluate("lg2.approx.f32 %d, %a;", {word(denormal)})[0]), static_cast<float>(std::log2(static_cast<double>(denormal))));
}

TEST("real: double precision") {
  const std::vector<uint64_t> a = {bits_of(1.0), bits_of(-2.5), bits_of(1e300), bits_of(0.1)}, b = {bits_of(3.0), bits_of(0.0), bits_of(1e10), bits_of(0.2)};
  const auto sum = evaluate("add.f64 %D, %A, %B;", a, b), quotient = evaluate("div.rn.f64 %D, %A, %B;", a, b), root = evaluate("sqrt.rn.f64 %D, %A;", a);
  const auto product = evaluate("fma.rn.f64 %D, %A, %B, 0d3FF0000000000000;", a, b), whole = evaluate("cvt.rzi.s32.f64 %d, %A;", a);
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = double_of(a[i]), y = double_of(b[i]);
    EQUAL(double_of(sum[i]), x + y);
    EQUAL(double_of(quotient[i]), x / y);
    EQUAL(double_of(product[i]), std::fma(x, y, 1.0));
    if (x >= 0) EQUAL(double_of(root[i]), std::sqrt(x));
  }
  EQUAL(static_cast<int32_t>(whole[1]), -2);
  EQUAL(static_cast<int32_t>(whole[2]), INT_MAX);
}
