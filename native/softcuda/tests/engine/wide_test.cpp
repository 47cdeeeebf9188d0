#include <climits>
#include <cmath>
#include <functional>
#include <random>

#include "harness.h"

// Chains of carries, 128-bit integers and conversions to integers: wrong ones give a wrong number and no message.
using namespace harness;
using softcuda::Options;

namespace {

using u128 = unsigned __int128;
using s128 = __int128;
using u64 = uint64_t;
using u32 = uint32_t;

const softcuda::Module& wide() {
  static const std::unique_ptr<softcuda::Module> module = load_file("wide.ptx");
  return *module;
}

// Calls `run` for each engine that this build has and that the environment's checks leave.
void with_engines(const std::function<void()>& run) {
  run();
#ifdef TRANSLATED_KERNELS
  const Settings none("none");
  for (const char* engine : {"interpreter", "translated"}) {
    Options::global().set("engine", engine);
    run();
  }
#endif
}

std::string text(u128 v) {
  char hex[40];
  snprintf(hex, sizeof hex, "%016llx%016llx", static_cast<unsigned long long>(v >> 64), static_cast<unsigned long long>(v));
  return hex;
}

// Numbers of every length, their neighbours, and those at the ends.
std::vector<u128> pairs(size_t n) {
  std::mt19937_64 random(11);
  std::vector<u128> v(2 * n);
  for (size_t i = 0; i < v.size(); ++i) {
    u128 x = static_cast<u128>(random()) << 64 | random();
    x >>= random() % 128;
    if (random() % 3 == 0) x = (u128{1} << random() % 128) + random() % 3 - 1;
    if (random() % 4 == 0) x = ~x;
    if (random() % 16 == 0) x = random() % 2 ? ~u128{0} : u128{1} << 127;
    v[i] = i % 2 == 1 && x == 0 ? 1 : x;
  }
  return v;
}

// The one quotient that C++ does not define wraps.
s128 quotient(s128 a, s128 b) { return b == -1 ? static_cast<s128>(-static_cast<u128>(a)) : a / b; }
s128 rest(s128 a, s128 b) { return b == -1 ? 0 : a % b; }

// The carry of a + b + c, and the sum.
template <class T>
T sum(T a, T b, bool c, bool* carry) {
  const u128 s = static_cast<u128>(a) + b + (c ? 1 : 0);
  *carry = (s >> (8 * sizeof(T))) != 0;
  return static_cast<T>(s);
}

// An instruction that takes part in a chain: what it adds to what.
template <class T>
struct Link {
  const char* text;  // without .cc and operands
  bool subtracts, takes;
  std::function<T(T, T)> first;  // of a, b: the number that b, or c after a product, is added to
};

template <class T>
std::vector<Link<T>> links(bool takes) {
  const auto a = [](T x, T) { return x; };
  const auto low = [](T x, T y) { return static_cast<T>(x * y); };
  const auto high = [](T x, T y) { return static_cast<T>(static_cast<u128>(x) * y >> (8 * sizeof(T))); };
  if (!takes) return {{"add", false, false, a}, {"sub", true, false, a}, {"mad.lo", false, false, low}, {"mad.hi", false, false, high}};
  return {{"addc", false, true, a}, {"subc", true, true, a}, {"madc.lo", false, true, low}, {"madc.hi", false, true, high}};
}

template <class T>
T apply(const Link<T>& link, T a, T b, T c, bool in, bool* out) {
  const bool product = link.text[0] == 'm';
  const T second = product ? c : b;
  return sum<T>(link.first(a, b), link.subtracts ? static_cast<T>(~second) : second, link.takes ? in : link.subtracts, out);
}

// Every instruction that gives the carry bit, one that passes it on, and every one that takes it. ptxas 13.0 makes of each pair two additions
// of one adder with the carry unchanged between them: sub and subc add the complement.
template <class T>
void chains(const char* type, const char* d, const char* r) {
  const std::vector<u64> numbers = {0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, ~u64{0}};
  std::vector<u64> a, b, c;
  std::mt19937_64 random(7);
  for (const u64 x : numbers) {
    for (const u64 y : numbers) {
      a.push_back(x);
      b.push_back(y);
      c.push_back(random() % 2 ? numbers[random() % numbers.size()] : random());
    }
  }
  // The operands' names are %a %b %c, or %A %B %C.
  const auto instruction = [&](const Link<T>& link, bool cc, const char* x, const char* y, const char* z) {
    const std::string operands = std::string(x) + ", " + y + (link.text[0] == 'm' ? std::string(", ") + z : "");
    return std::string(link.text) + (cc ? ".cc." : ".") + type + " " + d + ", " + operands + "; ";
  };
  const std::string A = std::string("%") + r[0], B = std::string("%") + r[1], C = std::string("%") + r[2];
  for (const auto& first : links<T>(false)) {
    for (const auto& last : links<T>(true)) {
      const std::string two = instruction(first, true, A.c_str(), B.c_str(), C.c_str()) + instruction(last, false, B.c_str(), C.c_str(), A.c_str());
      const auto got = evaluate(two, a, b, c);
      for (const auto& middle : links<T>(true)) {
        const std::string three = instruction(first, true, A.c_str(), B.c_str(), C.c_str()) + instruction(middle, true, C.c_str(), A.c_str(), B.c_str()) +
                                  instruction(last, false, B.c_str(), C.c_str(), A.c_str());
        const auto got3 = evaluate(three, a, b, c);
        for (size_t i = 0; i < a.size(); ++i) {
          const T x = static_cast<T>(a[i]), y = static_cast<T>(b[i]), z = static_cast<T>(c[i]);
          bool carry = false, passed = false, end = false;
          apply(first, x, y, z, false, &carry);
          apply(middle, z, x, y, carry, &passed);
          const std::string at = " a=" + text(x) + " b=" + text(y) + " c=" + text(z);
          EQUAL_AT(got[i], u64{apply(last, y, z, x, carry, &end)}, two + at);
          EQUAL_AT(got3[i], u64{apply(last, y, z, x, passed, &end)}, three + at);
        }
      }
    }
  }
}

// cvt of PTX ISA 9.0: clamped to the type's range; NaN is 0, or the highest bit alone if the source or the destination has 64 bits.
struct IntegerType {
  const char* name;
  int bits;
  bool is_signed;
};

u64 converted(double v, int source_bits, const IntegerType& to) {
  if (v != v) return source_bits == 64 || to.bits == 64 ? u64{1} << (to.bits - 1) : 0;
  const double above = std::ldexp(1.0, to.is_signed ? to.bits - 1 : to.bits), below = to.is_signed ? -above : 0.0;
  const u64 most = to.is_signed ? (u64{1} << (to.bits - 1)) - 1 : to.bits == 64 ? ~u64{0} : (u64{1} << to.bits) - 1;
  if (v >= above) return most;
  if (v < below) return to.is_signed ? ~most : 0;
  return v < 0 ? static_cast<u64>(static_cast<int64_t>(v)) : static_cast<u64>(v);
}

double rounded(double v, int mode) { return mode == 0 ? std::nearbyint(v) : mode == 1 ? std::trunc(v) : mode == 2 ? std::floor(v) : std::ceil(v); }

u64 low(u64 v, int bits) { return bits == 64 ? v : v & ((u64{1} << bits) - 1); }

std::vector<double> reals() {
  std::vector<double> v = {0.0, -0.0, INFINITY, -INFINITY, NAN, -NAN, 5e-324, -5e-324, 1e-40, -1e-40, 1e300, -1e300};
  for (const double whole : {0.0, 1.0, 2.0, 127.0, 128.0, 255.0, 256.0, 32767.0, 32768.0, 65504.0, 65535.0, 65536.0, 2147483647.0, 2147483648.0, 4294967295.0,
                             4294967296.0, 9.2233720368547748e18, 9.2233720368547758e18, 1.8446744073709550e19, 1.8446744073709552e19}) {
    for (const double part : {0.0, 0.25, 0.5, 0.75}) {
      for (const double x : {whole + part, whole - part}) v.push_back(x), v.push_back(-x);
    }
    v.push_back(std::nextafter(whole, 0.0)), v.push_back(std::nextafter(whole, INFINITY));
  }
  return v;
}

constexpr IntegerType kTypes[] = {{"s8", 8, true},   {"u8", 8, false},   {"s16", 16, true}, {"u16", 16, false},
                                  {"s32", 32, true}, {"u32", 32, false}, {"s64", 64, true}, {"u64", 64, false}};

}  // namespace

TEST("wide: the carry bit between any two and three instructions, 32 bits") { chains<u32>("u32", "%d", "abc"); }

TEST("wide: the carry bit between any two and three instructions, 64 bits") { chains<u64>("u64", "%D", "ABC"); }

TEST("wide: 128-bit integers as nvcc computes them") {
  constexpr size_t n = 4000;
  const auto x = pairs(n);
  with_engines([&] {
    Array<u128> in(x), out(15 * n);
    launch(wide(), "integers128", {(n + 127) / 128, 1, 1}, {128, 1, 1}, Parameters().add(in).add(out).add(static_cast<int>(n)));
    for (size_t i = 0; i < n; ++i) {
      const u128 a = x[2 * i], b = x[2 * i + 1];
      const auto sa = static_cast<s128>(a), sb = static_cast<s128>(b);
      const int shift = static_cast<int>(b & 127);
      const u128 wanted[] = {a + b, a - b, a * b, a / b, a % b, static_cast<u128>(quotient(sa, sb)), static_cast<u128>(rest(sa, sb)), a << shift, a >> shift,
                             static_cast<u128>(sa >> shift),
                             static_cast<u128>((a < b) | (a <= b) << 1 | (sa < sb) << 2 | (sa <= sb) << 3 | (a == b) << 4), -a,
                             a * static_cast<u128>(static_cast<s128>(static_cast<int64_t>(b))),
                             static_cast<u128>(quotient(static_cast<s128>(a * 1000000007), static_cast<s128>(b | 1))), a - (b - a) * 3 - 1};
      for (size_t k = 0; k < 15; ++k) {
        EQUAL_AT(text(out[15 * i + k]), text(wanted[k]), "result " + std::to_string(k) + ", a=" + text(a) + " b=" + text(b));
      }
    }
  });
}

TEST("wide: every conversion of a float to an integer") {
  const auto all = reals();
  std::vector<u64> doubles, floats, halves;
  for (const double v : all) {
    doubles.push_back(bits_of(v));
    floats.push_back(bits_of(static_cast<float>(v)));
  }
  for (u64 h = 0; h < 65536; h += h < 0x0400 ? 37 : 251) halves.push_back(h);
  for (const u64 h : {0x7bff, 0x7c00, 0x7e00, 0xfbff, 0xfc00, 0xfe01}) halves.push_back(h);
  const char* const modes[] = {"rni", "rzi", "rmi", "rpi"};
  const auto as_float = evaluate("mov.b32 {%h, %g}, %a; cvt.f32.f16 %d, %h;", halves);
  for (const IntegerType& to : kTypes) {
    for (int mode = 0; mode < 4; ++mode) {
      for (const char* sat : {"", ".sat"}) {
        const std::string cvt = std::string("cvt.") + modes[mode] + sat + "." + to.name;
        const std::string to_register = to.bits == 64 ? " %D" : to.bits == 32 ? " %d" : " %h", after = to.bits == 16 || to.bits == 8 ? " cvt.u32.u16 %d, %h;" : "";
        const auto of64 = evaluate(cvt + ".f64" + to_register + ", %A;" + after, doubles);
        const auto of32 = evaluate(cvt + ".f32" + to_register + ", %a;" + after, floats);
        const auto of16 = evaluate("mov.b32 {%h, %g}, %a; " + cvt + ".f16" + to_register + ", %h;" + after, halves);
        const auto check = [&](u64 got, double v, int source) {
          EQUAL_AT(low(got, to.bits), low(converted(rounded(v, mode), source, to), to.bits), cvt + " of f" + std::to_string(source) + " " + std::to_string(v));
        };
        for (size_t i = 0; i < all.size(); ++i) check(of64[i], all[i], 64), check(of32[i], float_of(floats[i]), 32);
        for (size_t i = 0; i < halves.size(); ++i) check(of16[i], float_of(as_float[i]), 16);
      }
    }
  }
}

TEST("wide: conversions to integers as nvcc makes them, on both engines") {
  const auto all = reals();
  const int n = static_cast<int>(all.size());
  std::vector<int64_t> before;
  with_engines([&] {
    Array<double> in(all);
    Array<int64_t> out(24 * all.size());
    launch(wide(), "to_integers", {static_cast<u32>(n + 63) / 64, 1, 1}, {64, 1, 1}, Parameters().add(in).add(out).add(n));
    for (size_t i = 0; i < before.size(); ++i) EQUAL_AT(out[i], before[i], "another engine, result " + std::to_string(i % 24) + " of " + std::to_string(all[i / 24]));
    before.assign(out.data(), out.data() + out.size());
    for (size_t i = 0; i < all.size(); ++i) {
      const double d = all[i], f = static_cast<double>(static_cast<float>(d));
      const auto is = [&](size_t k, double v, int source, const IntegerType& to) {
        u64 wanted = low(converted(v, source, to), to.bits);
        if (to.is_signed && to.bits < 64 && wanted >> (to.bits - 1)) wanted |= ~u64{0} << to.bits;
        EQUAL_AT(static_cast<u64>(out[24 * i + k]), wanted, "result " + std::to_string(k) + " of " + std::to_string(d));
      };
      // nvcc goes through 32 bits to the shorter types, where only numbers in their range are defined.
      for (size_t k = 4; k < 8; ++k) is(k, std::trunc(d), 64, kTypes[k]), is(8 + k, std::trunc(f), 32, kTypes[k]);
      is(22, std::floor(d), 64, kTypes[4]);
      is(23, std::ceil(d), 64, kTypes[6]);
    }
  });
}
