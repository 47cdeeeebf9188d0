#include <functional>
#include <random>

#include "sweep.h"

// Whole families of instructions on integers at their corners against scalar C++: what is wrong here is wrong without a message.
using namespace harness;
using namespace sweep;

namespace {

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
