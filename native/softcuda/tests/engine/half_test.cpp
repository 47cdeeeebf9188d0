#include <climits>
#include <cmath>
#include <random>

#include "half_model.h"
#include "harness.h"

// f16, bf16 and tf32: conversions, arithmetic and comparisons against exact integer arithmetic. Unary operations on all 65536 numbers.
using namespace half_model;
using namespace harness;

namespace {

const struct {
  const char* name;
  Mode mode;
} modes[] = {{"rn", Nearest}, {"rz", Zero}, {"rm", Down}, {"rp", Up}};

uint32_t low(uint64_t v) { return static_cast<uint32_t>(v); }

std::vector<uint64_t> all_numbers() {
  std::vector<uint64_t> v(65536);
  for (size_t i = 0; i < v.size(); ++i) v[i] = i;
  return v;
}

template <class F>
void expect(const std::string& body, const std::vector<uint64_t>& a, const std::vector<uint64_t>& b, const std::vector<uint64_t>& c, F wanted) {
  const auto got = evaluate(body, a, b, c);
  const auto get = [](const std::vector<uint64_t>& v, size_t i) { return i < v.size() ? v[i] : 0; };
  for (size_t i = 0; i < got.size(); ++i) {
    const auto want = static_cast<uint64_t>(wanted(get(a, i), get(b, i), get(c, i)));
    if (got[i] == want) continue;
    std::ostringstream note;
    note << std::hex << body << " a=" << get(a, i) << " b=" << get(b, i) << " c=" << get(c, i) << " got=" << got[i] << " wanted=" << want;
    EQUAL_AT(got[i], want, note.str());
  }
}

// Operands that meet: every number, with random others, equal ones, negatives, and ones whose product is near the third.
struct Triples {
  std::vector<uint64_t> a, b, c;
  explicit Triples(const Format& f) {
    std::mt19937 random(5);
    const auto add = [&](uint32_t x, uint32_t y, uint32_t z) {
      a.push_back(x & 0xffff);
      b.push_back(y & 0xffff);
      c.push_back(z & 0xffff);
    };
    const uint32_t special[] = {0, 0x8000, 1, 0x8001, one(f), one(f) | 0x8000, f.infinity(), f.infinity() | 0x8000, f.infinity() - 1, f.infinity() + 1, 0x7fff, 0xffff, 1u << f.fraction};
    for (const uint32_t x : special) {
      for (const uint32_t y : special) {
        for (const uint32_t z : special) add(x, y, z);
      }
    }
    for (uint32_t x = 0; x < 65536; x += 3) {
      add(x, random(), random());
      add(x, x ^ (random() & 0x8007), x ^ 0x8000);
      // The third near the product, from above and below, and far below it where a tie needs a hint.
      const uint32_t y = one(f) + (random() & 0xff) - 0x80, p = fma16(f, x, y, 0x8000);
      add(x, y, p ^ 0x8000 ^ (random() & 3));
      add(x, y, random() & 0x8003);
      add(x, one(f) + (1u << f.fraction >> 1), (random() & 0x8000) | (random() % 5 << f.fraction));
    }
  }
};

}  // namespace

TEST("half: to float and double") {
  const auto all = all_numbers();
  expect("cvt.f32.f16 %d, %a;", all, {}, {}, [](uint64_t a, uint64_t, uint64_t) { return f16.nan(static_cast<uint32_t>(a)) ? 0x7fffffffu : bits_of(static_cast<float>(f16.value(static_cast<uint32_t>(a)))); });
  expect("cvt.f32.bf16 %d, %a;", all, {}, {}, [](uint64_t a, uint64_t, uint64_t) { return bf16.nan(static_cast<uint32_t>(a)) ? 0x7fffffffu : static_cast<uint32_t>(a << 16); });
  const auto got = evaluate("cvt.f64.f16 %D, %a;", all);
  for (size_t i = 0; i < all.size(); ++i) {
    const double want = f16.value(static_cast<uint32_t>(i));
    CHECK(want != want ? double_of(got[i]) != double_of(got[i]) : got[i] == bits_of(want));
  }
}

TEST("half: from float and double, in every mode, at every number and on both sides of every tie") {
  for (const Format* f : {&f16, &bf16}) {
    std::vector<uint64_t> a, wide;
    for (uint32_t h = 0; h < 65536; ++h) {
      if (!f->finite(h)) continue;
      const double x = f->value(h), next = (h & 0x7fff) + 1 == f->infinity() ? 2 * x - f->value(h - 1) : f->value(h + 1), middle = (x + next) / 2;
      const auto m = static_cast<float>(middle);
      for (const float v : {static_cast<float>(x), m, std::nextafterf(m, INFINITY), std::nextafterf(m, -INFINITY), std::nextafterf(static_cast<float>(x), INFINITY)}) a.push_back(bits_of(v));
      for (const double v : {middle, std::nextafter(middle, HUGE_VAL), std::nextafter(middle, -HUGE_VAL)}) wide.push_back(bits_of(v));
    }
    for (const float v : {INFINITY, -INFINITY, NAN, 1e-45f, -1e-45f, 3.4e38f, -3.4e38f, 1e-20f}) a.push_back(bits_of(v));
    for (const double v : {double{INFINITY}, -double{INFINITY}, double{NAN}, 5e-324, -5e-324, 1e300, -1e300}) wide.push_back(bits_of(v));
    for (const auto& m : modes) {
      if (f == &bf16 && m.mode > Zero) continue;
      const std::string name = std::string("cvt.") + m.name, type = f->name;
      const auto from_float = [&](uint64_t v, uint64_t, uint64_t) { return round16(*f, float_of(v), m.mode); };
      expect(name + "." + type + ".f32 %d, %a;", a, {}, {}, from_float);
      if (f == &f16) {
        expect(name + ".f16.f64 %d, %A;", wide, {}, {}, [&](uint64_t v, uint64_t, uint64_t) { return round16(f16, double_of(v), m.mode); });
        expect(name + ".sat.f16.f32 %d, %a;", a, {}, {}, [&](uint64_t v, uint64_t, uint64_t) { return round16(f16, float_of(v) > 0 ? std::fmin(float_of(v), 1.0f) : 0.0f, m.mode); });
      }
      if (m.mode > Zero) continue;
      const auto relu = [&](uint64_t v, uint64_t, uint64_t) {
        const uint32_t r = round16(*f, float_of(v), m.mode);
        return r & 0x8000 ? 0u : r;
      };
      expect(name + ".relu." + type + ".f32 %d, %a;", a, {}, {}, relu);
      std::vector<uint64_t> b(a.rbegin(), a.rend());
      expect(name + "." + type + "x2.f32 %d, %a, %b;", a, b, {}, [&](uint64_t v, uint64_t w, uint64_t) { return from_float(v, 0, 0) << 16 | from_float(w, 0, 0); });
      expect(name + ".relu." + type + "x2.f32 %d, %a, %b;", a, b, {}, [&](uint64_t v, uint64_t w, uint64_t) { return relu(v, 0, 0) << 16 | relu(w, 0, 0); });
    }
  }
}

TEST("half: to and from integers") {
  const auto all = all_numbers();
  const char* rounds[] = {"rni", "rzi", "rmi", "rpi"};
  std::vector<uint64_t> integers = {0, 1, 2047, 2048, 2049, 2051, 4097, 4099, 65503, 65504, 65519, 65520, 65521, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
                                    0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xffffffffffff0001, 0xfffffffffffff7ff};
  for (int m = 0; m < 4; ++m) {
    const auto integral = [m](uint64_t a) {
      const double v = f16.value(static_cast<uint32_t>(a));
      return v != v ? 0.0 : m == 0 ? std::nearbyint(v) : m == 1 ? std::trunc(v) : m == 2 ? std::floor(v) : std::ceil(v);
    };
    const std::string cvt = std::string("cvt.") + rounds[m];
    expect(cvt + ".s32.f16 %d, %a;", all, {}, {}, [&](uint64_t a, uint64_t, uint64_t) { return static_cast<uint32_t>(static_cast<int32_t>(std::fmax(INT_MIN, std::fmin(INT_MAX, integral(a))))); });
    expect(cvt + ".u16.f16 %d, %a;", all, {}, {}, [&](uint64_t a, uint64_t, uint64_t) { return static_cast<uint32_t>(std::fmax(0, std::fmin(65535, integral(a)))); });
    expect(cvt + ".s64.f16 %D, %a;", all, {}, {}, [&](uint64_t a, uint64_t, uint64_t) {
      const double v = integral(a), number = f16.value(static_cast<uint32_t>(a));
      if (number != number) return uint64_t{1} << 63;
      return static_cast<uint64_t>(std::isinf(v) ? (v > 0 ? INT64_MAX : INT64_MIN) : static_cast<int64_t>(v));
    });
    expect(cvt + ".f16.f16 %d, %a;", all, {}, {}, [&](uint64_t a, uint64_t, uint64_t) {
      const double v = f16.value(static_cast<uint32_t>(a));
      return v != v ? 0x7fffu : round16(f16, std::copysign(integral(a), v), Nearest);
    });
    const std::string from = std::string("cvt.") + modes[m].name + ".f16.";
    expect(from + "u64 %d, %A;", integers, {}, {}, [&](uint64_t a, uint64_t, uint64_t) { return round16(f16, static_cast<double>(a >> 40 ? uint64_t{1} << 40 : a), modes[m].mode); });
    expect(from + "s64 %d, %A;", integers, {}, {}, [&](uint64_t a, uint64_t, uint64_t) {
      const auto s = static_cast<int64_t>(a);
      return round16(f16, s > 1 << 20 ? 1 << 20 : s < -(1 << 20) ? -(1 << 20) : static_cast<double>(s), modes[m].mode);
    });
    expect(from + "s32 %d, %a;", integers, {}, {}, [&](uint64_t a, uint64_t, uint64_t) { return round16(f16, static_cast<int32_t>(a), modes[m].mode); });
    expect(from + "u16 %d, %a;", integers, {}, {}, [&](uint64_t a, uint64_t, uint64_t) { return round16(f16, static_cast<uint16_t>(a), modes[m].mode); });
    expect(from + "s8 %d, %a;", integers, {}, {}, [&](uint64_t a, uint64_t, uint64_t) { return round16(f16, static_cast<int8_t>(a), modes[m].mode); });
  }
}

TEST("half: arithmetic, rounded once") {
  for (const Format* format : {&f16, &bf16}) {
    const Format& f = *format;
    const Triples t(f);
    const std::string type = f.name;
    const auto u = [](uint64_t v) { return low(v); };
    const auto add = [&](uint64_t a, uint64_t b, uint64_t) { return fma16(f, u(a), one(f), u(b)); };
    const auto sub = [&](uint64_t a, uint64_t b, uint64_t) { return f.nan(u(b)) ? 0x7fffu : fma16(f, u(a), one(f), u(b) ^ 0x8000); };
    const auto mul = [&](uint64_t a, uint64_t b, uint64_t) { return fma16(f, u(a), u(b), 0x8000); };
    const auto fma = [&](uint64_t a, uint64_t b, uint64_t c) { return fma16(f, u(a), u(b), u(c)); };
    const auto relu = [&](uint64_t a, uint64_t b, uint64_t c) { return fma(a, b, c) & 0x8000 ? 0u : fma(a, b, c); };
    expect("add." + type + " %d, %a, %b;", t.a, t.b, {}, add);
    expect("sub.rn." + type + " %d, %a, %b;", t.a, t.b, {}, sub);
    expect("mul." + type + " %d, %a, %b;", t.a, t.b, {}, mul);
    expect("fma.rn." + type + " %d, %a, %b, %c;", t.a, t.b, t.c, fma);
    expect("fma.rn.relu." + type + " %d, %a, %b, %c;", t.a, t.b, t.c, relu);
    // Two at once: the upper halves have the operands in another order.
    const auto both = [](const std::vector<uint64_t>& low, const std::vector<uint64_t>& high) {
      std::vector<uint64_t> v(low.size());
      for (size_t i = 0; i < v.size(); ++i) v[i] = low[i] | high[v.size() - 1 - i] << 16;
      return v;
    };
    const auto a2 = both(t.a, t.a), b2 = both(t.b, t.b), c2 = both(t.c, t.c);
    const auto twice = [](auto f1) {
      return [f1](uint64_t a, uint64_t b, uint64_t c) { return f1(a & 0xffff, b & 0xffff, c & 0xffff) | f1(a >> 16, b >> 16, c >> 16) << 16; };
    };
    expect("add.rn." + type + "x2 %d, %a, %b;", a2, b2, {}, twice(add));
    expect("mul.rn." + type + "x2 %d, %a, %b;", a2, b2, {}, twice(mul));
    expect("fma.rn." + type + "x2 %d, %a, %b, %c;", a2, b2, c2, twice(fma));
    const auto neg = [](uint64_t a, uint64_t, uint64_t) { return low(a) ^ 0x8000u; };
    const auto abs = [](uint64_t a, uint64_t, uint64_t) { return low(a) & 0x7fffu; };
    expect("neg." + type + "x2 %d, %a;", a2, {}, {}, twice(neg));
    expect("abs." + type + " %d, %a;", t.a, {}, {}, abs);
    if (format != &f16) continue;
    const auto flush = [](uint64_t a) { return (low(a) & 0x7c00) == 0 ? low(a) & 0x8000u : low(a); };
    const auto saturate = [](uint32_t r) { return f16.nan(r) || (r & 0x8000) ? 0u : std::min(r, one(f16)); };
    expect("fma.rn.sat.f16 %d, %a, %b, %c;", t.a, t.b, t.c, [&](uint64_t a, uint64_t b, uint64_t c) { return saturate(fma(a, b, c)); });
    expect("mul.ftz.f16 %d, %a, %b;", t.a, t.b, {}, [&](uint64_t a, uint64_t b, uint64_t) { return flush(mul(flush(a), flush(b), 0)); });
    expect("add.ftz.sat.f16 %d, %a, %b;", t.a, t.b, {}, [&](uint64_t a, uint64_t b, uint64_t) { return saturate(flush(add(flush(a), flush(b), 0))); });
  }
}

TEST("half: minimum, maximum and comparisons") {
  for (const Format* format : {&f16, &bf16}) {
    const Format& f = *format;
    const Triples t(f);
    const std::string type = f.name;
    const auto better = [&](uint64_t x, uint64_t y, bool larger) {
      const auto a = low(x), b = low(y);
      if (f.nan(a)) return f.nan(b) ? 0x7fffu : b;
      if (f.nan(b)) return a;
      if (f.value(a) == f.value(b)) return ((a & 0x8000) != 0) == larger ? b : a;
      return (f.value(a) > f.value(b)) == larger ? a : b;
    };
    const auto nan = [&](uint64_t a, uint64_t b) { return f.nan(low(a)) || f.nan(low(b)); };
    expect("min." + type + " %d, %a, %b;", t.a, t.b, {}, [&](uint64_t a, uint64_t b, uint64_t) { return better(a, b, false); });
    expect("max." + type + " %d, %a, %b;", t.a, t.b, {}, [&](uint64_t a, uint64_t b, uint64_t) { return better(a, b, true); });
    expect("min.NaN." + type + " %d, %a, %b;", t.a, t.b, {}, [&](uint64_t a, uint64_t b, uint64_t) { return nan(a, b) ? 0x7fffu : better(a, b, false); });
    expect("max.NaN." + type + "x2 %d, %a, %b;", t.a, t.b, {}, [&](uint64_t a, uint64_t b, uint64_t) { return nan(a, b) ? 0x7fffu : better(a, b, true); });
    const struct {
      const char* name;
      bool (*holds)(double, double);
    } comparisons[] = {{"eq", [](double a, double b) { return a == b; }},          {"ne", [](double a, double b) { return a < b || a > b; }},
                       {"lt", [](double a, double b) { return a < b; }},           {"le", [](double a, double b) { return a <= b; }},
                       {"gt", [](double a, double b) { return a > b; }},           {"ge", [](double a, double b) { return a >= b; }},
                       {"equ", [](double a, double b) { return !(a < b || a > b); }}, {"neu", [](double a, double b) { return a != b; }},
                       {"ltu", [](double a, double b) { return !(a >= b); }},      {"leu", [](double a, double b) { return !(a > b); }},
                       {"gtu", [](double a, double b) { return !(a <= b); }},      {"geu", [](double a, double b) { return !(a < b); }},
                       {"num", [](double a, double b) { return a == a && b == b; }}, {"nan", [](double a, double b) { return a != a || b != b; }}};
    std::vector<uint64_t> a(t.a.begin(), t.a.begin() + 6000), b(t.b.begin(), t.b.begin() + 6000);
    for (const auto& c : comparisons) {
      const auto holds = [&](uint64_t x, uint64_t y) { return c.holds(f.value(low(x)), f.value(low(y))); };
      const std::string name = std::string(".") + c.name;
      expect("setp" + name + "." + type + " %p, %a, %b; selp.b32 %d, 1, 2, %p;", a, b, {}, [&](uint64_t x, uint64_t y, uint64_t) { return holds(x, y) ? 1 : 2; });
      expect("set" + name + "." + type + "." + type + " %d, %a, %b;", a, b, {}, [&](uint64_t x, uint64_t y, uint64_t) { return holds(x, y) ? one(f) : 0; });
      expect("set" + name + ".u32." + type + " %d, %a, %b;", a, b, {}, [&](uint64_t x, uint64_t y, uint64_t) { return holds(x, y) ? ~0u : 0u; });
      expect("set" + name + ".u32." + type + "x2 %d, %a, %b;", a, b, {}, [&](uint64_t x, uint64_t y, uint64_t) { return (holds(x, y) ? 0xffffu : 0u) | (holds(0, 0) ? 0xffff0000u : 0u); });
      expect("set" + name + "." + type + "x2." + type + "x2 %d, %a, %b;", a, b, {}, [&](uint64_t x, uint64_t y, uint64_t) { return (holds(x, y) ? one(f) : 0u) | (holds(0, 0) ? one(f) << 16 : 0u); });
    }
  }
}

TEST("half: tf32 conversions") {
  std::vector<uint64_t> a;
  std::mt19937 random(3);
  for (uint32_t i = 0; i < 4096; ++i) {
    const uint32_t high = random() & 0xffffe000u;
    for (const uint32_t low : {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x1fffu}) a.push_back(high | low);
  }
  for (const uint32_t v : {0x7f800000u, 0xff800000u, 0x7f800001u, 0x7fffffffu, 0x7f7fffffu, 0xff7fffffu, 0x80000000u, 0x00000001u, 0x80001000u}) a.push_back(v);
  const auto rounded = [](uint64_t v, int mode) -> uint32_t {  // 0 away, 1 even, 2 cut
    const float x = float_of(v);
    if (x != x) return 0x7fffffffu;
    if (std::isinf(x)) return low(v);
    const uint32_t down = low(v) & 0xffffe000u, rest = low(v) & 0x1fffu;
    const bool up = mode == 0 ? rest >= 0x1000 : mode == 1 ? rest > 0x1000 || (rest == 0x1000 && (down >> 13 & 1)) : false;
    return up ? down + 0x2000 : down;
  };
  const auto relu = [](uint32_t v) { return v >> 31 ? 0u : v; };
  expect("cvt.rna.tf32.f32 %d, %a;", a, {}, {}, [&](uint64_t v, uint64_t, uint64_t) { return rounded(v, 0); });
  expect("cvt.rn.tf32.f32 %d, %a;", a, {}, {}, [&](uint64_t v, uint64_t, uint64_t) { return rounded(v, 1); });
  expect("cvt.rz.tf32.f32 %d, %a;", a, {}, {}, [&](uint64_t v, uint64_t, uint64_t) { return rounded(v, 2); });
  expect("cvt.rn.relu.tf32.f32 %d, %a;", a, {}, {}, [&](uint64_t v, uint64_t, uint64_t) { return relu(rounded(v, 1)); });
  expect("cvt.rz.relu.tf32.f32 %d, %a;", a, {}, {}, [&](uint64_t v, uint64_t, uint64_t) { return relu(rounded(v, 2)); });
}

// Not bit-defined: within one unit in the last place.
TEST("half: ex2 and tanh") {
  const auto check = [](const Format& f, const std::string& body, double (*exact)(double), bool flushes) {
    const auto got = evaluate(body, all_numbers());
    for (uint32_t i = 0; i < 65536; ++i) {
      double x = f.value(i);
      if (flushes && std::fabs(x) < std::ldexp(1.0, f.least)) x = std::copysign(0.0, x);
      const double want = exact(x), have = f.value(low(got[i]));
      bool good = want != want ? got[i] == 0x7fff : want == have;
      if (!good && !std::isinf(want)) {
        const double unit = std::ldexp(1.0, std::max(want == 0 ? -200 : std::ilogb(want), f.least) - f.fraction);
        const bool overflows = std::fabs(want) >= std::ldexp(2.0, f.most), vanishes = flushes && std::fabs(want) < std::ldexp(1.0, f.least);
        good = overflows ? std::isinf(have) : vanishes ? have == 0 || std::fabs(have - want) <= unit : std::fabs(have - want) <= unit;
      }
      if (!good) EQUAL_AT(have, want, body + " at " + std::to_string(x));
    }
  };
  check(f16, "ex2.approx.f16 %d, %a;", [](double x) { return std::exp2(x); }, false);
  check(f16, "tanh.approx.f16 %d, %a;", [](double x) { return std::tanh(x); }, false);
  check(bf16, "ex2.approx.ftz.bf16 %d, %a;", [](double x) { return std::exp2(x); }, true);
  check(bf16, "tanh.approx.bf16 %d, %a;", [](double x) { return std::tanh(x); }, false);
}
