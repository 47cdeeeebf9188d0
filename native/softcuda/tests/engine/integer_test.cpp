#include <algorithm>
#include <climits>
#include <cmath>

#include "harness.h"

// Integer and bit operations against scalar C++ on corner cases.
using namespace harness;

namespace {

const std::vector<uint64_t> corners = {0, 1, 2, 3, 7, 31, 32, 33, 63, 64, 65, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7ffffffe, 0x7fffffff,
                                       0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
                                       0x8000000000000001, 0xfffffffffffffffe, 0xffffffffffffffff, 0x123456789abcdef0, 0xfedcba9876543210};

struct Pairs {
  std::vector<uint64_t> a, b, c;
  Pairs() {
    uint64_t seed = 1;
    for (const uint64_t x : corners) {
      for (const uint64_t y : corners) {
        a.push_back(x);
        b.push_back(y);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        c.push_back(corners[seed >> 59]);
      }
    }
  }
};

template <class F>
void compare(const std::string& body, F wanted) {
  static const Pairs p;
  const auto got = evaluate(body, p.a, p.b, p.c);
  for (size_t i = 0; i < got.size(); ++i) {
    std::ostringstream note;
    note << std::hex << body << " a=" << p.a[i] << " b=" << p.b[i] << " c=" << p.c[i];
    EQUAL_AT(got[i], static_cast<uint64_t>(wanted(p.a[i], p.b[i], p.c[i])), note.str());
  }
}

using u64 = uint64_t;
using s64 = int64_t;
using u32 = uint32_t;
using s32 = int32_t;
u32 lo(u64 v) { return static_cast<u32>(v); }
s32 si(u64 v) { return static_cast<s32>(v); }

}  // namespace

TEST("integer: arithmetic of 32 bits wraps") {
  compare("add.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(a + b); });
  compare("sub.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(a - b); });
  compare("mul.lo.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(a) * lo(b); });
  compare("mul.hi.u32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(u64{lo(a)} * lo(b) >> 32); });
  compare("mul.hi.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(static_cast<u64>(s64{si(a)} * si(b) >> 32)); });
  compare("mul.wide.s32 %D, %a, %b;", [](u64 a, u64 b, u64) { return s64{si(a)} * si(b); });
  compare("mul.wide.u32 %D, %a, %b;", [](u64 a, u64 b, u64) { return u64{lo(a)} * lo(b); });
  compare("mad.lo.s32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return lo(a) * lo(b) + lo(c); });
  compare("mad.wide.u32 %D, %a, %b, %C;", [](u64 a, u64 b, u64 c) { return u64{lo(a)} * lo(b) + c; });
  compare("add.sat.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(static_cast<u64>(std::max<s64>(INT_MIN, std::min<s64>(INT_MAX, s64{si(a)} + si(b))))); });
  compare("min.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(static_cast<u64>(std::min(si(a), si(b)))); });
  compare("max.u32 %d, %a, %b;", [](u64 a, u64 b, u64) { return std::max(lo(a), lo(b)); });
  compare("neg.s32 %d, %a;", [](u64 a, u64, u64) { return lo(0 - a); });
  compare("abs.s32 %d, %a;", [](u64 a, u64, u64) { return si(a) < 0 ? lo(0 - a) : lo(a); });
  compare("sad.s32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return lo(c) + (si(a) < si(b) ? lo(b) - lo(a) : lo(a) - lo(b)); });
  compare("mul24.lo.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(static_cast<u64>(s64{si(a << 8) >> 8} * (si(b << 8) >> 8))); });
}

TEST("integer: arithmetic of 64 and 16 bits") {
  compare("add.s64 %D, %A, %B;", [](u64 a, u64 b, u64) { return a + b; });
  compare("mul.lo.s64 %D, %A, %B;", [](u64 a, u64 b, u64) { return a * b; });
  compare("mul.hi.u64 %D, %A, %B;", [](u64 a, u64 b, u64) { return static_cast<u64>(static_cast<unsigned __int128>(a) * b >> 64); });
  compare("mul.hi.s64 %D, %A, %B;", [](u64 a, u64 b, u64) { return static_cast<u64>(static_cast<__int128>(static_cast<s64>(a)) * static_cast<s64>(b) >> 64); });
  compare("mad.lo.s64 %D, %A, %B, %C;", [](u64 a, u64 b, u64 c) { return a * b + c; });
  compare("cvt.u16.u32 %h, %a; cvt.u16.u32 %g, %b; mul.lo.s16 %h, %h, %g; cvt.u32.u16 %d, %h;", [](u64 a, u64 b, u64) { return lo(a * b) & 0xffff; });
  compare("cvt.u16.u32 %h, %a; cvt.u16.u32 %g, %b; mul.wide.s16 %d, %h, %g;",
          [](u64 a, u64 b, u64) { return lo(static_cast<u64>(s64{static_cast<int16_t>(a)} * static_cast<int16_t>(b))); });
}

TEST("integer: division, also by zero and of the smallest number by -1") {
  compare("div.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(b) == 0 ? ~0u : si(b) == -1 ? lo(0 - a) : lo(static_cast<u64>(s64{si(a)} / si(b))); });
  compare("rem.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(b) == 0 ? ~0u : si(b) == -1 ? 0u : lo(static_cast<u64>(s64{si(a)} % si(b))); });
  compare("div.u32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(b) == 0 ? ~0u : lo(a) / lo(b); });
  compare("rem.u64 %D, %A, %B;", [](u64 a, u64 b, u64) { return b == 0 ? ~u64{0} : a % b; });
  compare("div.s64 %D, %A, %B;", [](u64 a, u64 b, u64) { return b == 0 ? ~u64{0} : b == ~u64{0} ? 0 - a : static_cast<u64>(static_cast<s64>(a) / static_cast<s64>(b)); });
}

TEST("integer: shifts by the width and more") {
  compare("shl.b32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(b) > 31 ? 0u : lo(a) << lo(b); });
  compare("shr.u32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(b) > 31 ? 0u : lo(a) >> lo(b); });
  compare("shr.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(static_cast<u64>(s64{si(a)} >> (lo(b) > 31 ? 31 : lo(b)))); });
  compare("shl.b64 %D, %A, %b;", [](u64 a, u64 b, u64) { return lo(b) > 63 ? 0 : a << lo(b); });
  compare("shr.s64 %D, %A, %b;", [](u64 a, u64 b, u64) { return static_cast<s64>(a) >> (lo(b) > 63 ? 63 : lo(b)); });
  compare("shf.l.wrap.b32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return lo((u64{lo(b)} << 32 | lo(a)) << (c & 31) >> 32); });
  compare("shf.r.clamp.b32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return lo((u64{lo(b)} << 32 | lo(a)) >> std::min<u32>(32, lo(c))); });
}

TEST("integer: logic and bit fields") {
  compare("and.b32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(a & b); });
  compare("xor.b64 %D, %A, %B;", [](u64 a, u64 b, u64) { return a ^ b; });
  compare("not.b32 %d, %a;", [](u64 a, u64, u64) { return lo(~a); });
  compare("lop3.b32 %d, %a, %b, %c, 0x96;", [](u64 a, u64 b, u64 c) { return lo(a ^ b ^ c); });
  compare("lop3.b32 %d, %a, %b, %c, 0xca;", [](u64 a, u64 b, u64 c) { return lo((a & b) | (~a & c)); });
  compare("popc.b32 %d, %a;", [](u64 a, u64, u64) { return __builtin_popcount(lo(a)); });
  compare("popc.b64 %d, %A;", [](u64 a, u64, u64) { return __builtin_popcountll(a); });
  compare("clz.b32 %d, %a;", [](u64 a, u64, u64) { return lo(a) ? __builtin_clz(lo(a)) : 32; });
  compare("clz.b64 %d, %A;", [](u64 a, u64, u64) { return a ? __builtin_clzll(a) : 64; });
  compare("bfind.u32 %d, %a;", [](u64 a, u64, u64) { return lo(a) ? 31u - static_cast<u32>(__builtin_clz(lo(a))) : ~0u; });
  compare("bfind.s32 %d, %a;", [](u64 a, u64, u64) {
    const u32 v = si(a) < 0 ? ~lo(a) : lo(a);
    return v ? 31u - static_cast<u32>(__builtin_clz(v)) : ~0u;
  });
  compare("bfind.shiftamt.u32 %d, %a;", [](u64 a, u64, u64) { return lo(a) ? static_cast<u32>(__builtin_clz(lo(a))) : ~0u; });
  compare("brev.b32 %d, %a;", [](u64 a, u64, u64) {
    u32 r = 0;
    for (int i = 0; i < 32; ++i) r |= (lo(a) >> i & 1) << (31 - i);
    return r;
  });
  compare("prmt.b32 %d, %a, %b, 0x4b1d;", [](u64 a, u64 b, u64) {
    const u64 v = u64{lo(b)} << 32 | lo(a);
    const u32 selectors[4] = {0xd, 0x1, 0xb, 0x4};
    u32 r = 0;
    for (int i = 0; i < 4; ++i) {
      u32 byte = v >> (8 * (selectors[i] & 7)) & 0xff;
      if (selectors[i] & 8) byte = byte & 0x80 ? 0xff : 0;
      r |= byte << (8 * i);
    }
    return r;
  });
  compare("bfe.u32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) {
    const u32 position = b & 0xff, length = c & 0xff;
    u64 v = position > 31 ? 0 : lo(a) >> position;
    return length > 31 ? v : v & ((u64{1} << length) - 1);
  });
  compare("bfe.s32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) {
    const u32 position = b & 0xff, length = c & 0xff;
    u32 r = 0;
    const u32 sign = length == 0 ? 0 : lo(a) >> std::min<u32>(position + length - 1, 31) & 1;
    for (u32 i = 0; i < 32; ++i) r |= (i < length && position + i < 32 ? lo(a) >> (position + i) & 1 : sign) << i;
    return r;
  });
  compare("bfi.b32 %d, %a, %b, %c, 5;", [](u64 a, u64 b, u64 c) {
    const u32 position = c & 0xff;
    u32 r = lo(b);
    for (u32 i = 0; i < 5 && position + i < 32; ++i) r = (r & ~(1u << (position + i))) | (lo(a) >> i & 1) << (position + i);
    return r;
  });
}

TEST("integer: comparisons and selection") {
  compare("setp.lt.s32 %p, %a, %b; selp.b32 %d, 1, 2, %p;", [](u64 a, u64 b, u64) { return si(a) < si(b) ? 1 : 2; });
  compare("setp.hi.u32 %p, %a, %b; selp.b32 %d, 1, 2, %p;", [](u64 a, u64 b, u64) { return lo(a) > lo(b) ? 1 : 2; });
  compare("setp.ge.s64 %p, %A, %B; selp.b32 %d, 1, 2, %p;", [](u64 a, u64 b, u64) { return static_cast<s64>(a) >= static_cast<s64>(b) ? 1 : 2; });
  compare("setp.eq.u32 %q, %c, 0; setp.lt.and.u32 %p|%q, %a, %b, %q; selp.b32 %d, 1, 0, %p; selp.b32 %a, 2, 0, %q; add.s32 %d, %d, %a;",
          [](u64 a, u64 b, u64 c) { return (lo(a) < lo(b) && lo(c) == 0 ? 1 : 0) + (lo(a) >= lo(b) && lo(c) == 0 ? 2 : 0); });
  compare("setp.eq.u32 %q, %c, 0; setp.lt.or.u32 %p, %a, %b, !%q; selp.b32 %d, 1, 0, %p;", [](u64 a, u64 b, u64 c) { return lo(a) < lo(b) || lo(c) != 0; });
  compare("set.le.u32.u32 %d, %a, %b;", [](u64 a, u64 b, u64) { return lo(a) <= lo(b) ? ~0u : 0u; });
  compare("set.le.f32.s32 %d, %a, %b;", [](u64 a, u64 b, u64) { return si(a) <= si(b) ? 0x3f800000u : 0u; });
  compare("slct.ftz.u32.f32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return float_of(c) >= 0 || std::abs(float_of(c)) < 1.17549435e-38f ? lo(a) : lo(b); });
  compare("slct.u32.s32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return si(c) >= 0 ? lo(a) : lo(b); });
}

TEST("integer: conversions") {
  compare("cvt.s64.s32 %D, %a;", [](u64 a, u64, u64) { return s64{si(a)}; });
  compare("cvt.s32.s8 %d, %a;", [](u64 a, u64, u64) { return lo(static_cast<u64>(s64{static_cast<int8_t>(a)})); });
  compare("cvt.u32.u8 %d, %a;", [](u64 a, u64, u64) { return a & 0xff; });
  compare("cvt.sat.u8.s32 %d, %a;", [](u64 a, u64, u64) { return std::max(0, std::min(255, si(a))); });
  compare("cvt.sat.s32.u32 %d, %a;", [](u64 a, u64, u64) { return std::min<u32>(INT_MAX, lo(a)); });
  compare("cvt.sat.s8.s32 %d, %a;", [](u64 a, u64, u64) { return lo(static_cast<u64>(s64{std::max(-128, std::min(127, si(a)))})); });
  compare("mov.b64 {%a, %b}, %A; mov.b64 %D, {%b, %a};", [](u64 a, u64, u64) { return a << 32 | a >> 32; });
  compare("mov.b32 {%h, %g}, %a; mov.b32 %d, {%g, %h};", [](u64 a, u64, u64) { return lo(a) << 16 | lo(a) >> 16; });
}

TEST("integer: products of 24 bits, high products with a sum, absolute differences") {
  const auto signed24 = [](u64 v) { return s64{si(v << 8) >> 8}; };
  const auto unsigned24 = [](u64 v) { return v & 0xffffff; };
  compare("mul24.hi.s32 %d, %a, %b;", [&](u64 a, u64 b, u64) { return lo(static_cast<u64>(signed24(a) * signed24(b) >> 16)); });
  compare("mul24.lo.u32 %d, %a, %b;", [&](u64 a, u64 b, u64) { return lo(unsigned24(a) * unsigned24(b)); });
  compare("mul24.hi.u32 %d, %a, %b;", [&](u64 a, u64 b, u64) { return lo(unsigned24(a) * unsigned24(b) >> 16); });
  compare("mad24.lo.s32 %d, %a, %b, %c;", [&](u64 a, u64 b, u64 c) { return lo(static_cast<u64>(signed24(a) * signed24(b))) + lo(c); });
  compare("mad24.hi.u32 %d, %a, %b, %c;", [&](u64 a, u64 b, u64 c) { return lo(unsigned24(a) * unsigned24(b) >> 16) + lo(c); });
  compare("mad.hi.s32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return lo(static_cast<u64>(s64{si(a)} * si(b) >> 32)) + lo(c); });
  compare("mad.hi.u64 %D, %A, %B, %C;", [](u64 a, u64 b, u64 c) { return static_cast<u64>(static_cast<unsigned __int128>(a) * b >> 64) + c; });
  compare("mad.wide.s32 %D, %a, %b, %C;", [](u64 a, u64 b, u64 c) { return static_cast<u64>(s64{si(a)} * si(b)) + c; });
  compare("sad.u32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return lo(c) + (lo(a) < lo(b) ? lo(b) - lo(a) : lo(a) - lo(b)); });
  compare("slct.f32.f32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return float_of(c) >= 0 ? lo(a) : lo(b); });
}

TEST("integer: dot products of bytes") {
  const auto dot4 = [](auto x, auto y) {
    return [x, y](u64 a, u64 b, u64 c) {
      u32 r = lo(c);
      for (int k = 0; k < 4; ++k) r += static_cast<u32>(static_cast<s32>(static_cast<decltype(x)>(a >> (8 * k))) * static_cast<s32>(static_cast<decltype(y)>(b >> (8 * k))));
      return r;
    };
  };
  const auto dot2 = [](auto x, auto y, int first) {
    return [x, y, first](u64 a, u64 b, u64 c) {
      u32 r = lo(c);
      for (int k = 0; k < 2; ++k) r += static_cast<u32>(static_cast<s32>(static_cast<decltype(x)>(a >> (16 * k))) * static_cast<s32>(static_cast<decltype(y)>(b >> (8 * (first + k)))));
      return r;
    };
  };
  compare("dp4a.s32.s32 %d, %a, %b, %c;", dot4(int8_t{}, int8_t{}));
  compare("dp4a.u32.u32 %d, %a, %b, %c;", dot4(uint8_t{}, uint8_t{}));
  compare("dp4a.s32.u32 %d, %a, %b, %c;", dot4(int8_t{}, uint8_t{}));
  compare("dp4a.u32.s32 %d, %a, %b, %c;", dot4(uint8_t{}, int8_t{}));
  compare("dp2a.lo.s32.s32 %d, %a, %b, %c;", dot2(int16_t{}, int8_t{}, 0));
  compare("dp2a.hi.u32.s32 %d, %a, %b, %c;", dot2(uint16_t{}, int8_t{}, 2));
  compare("dp2a.hi.s32.u32 %d, %a, %b, %c;", dot2(int16_t{}, uint8_t{}, 2));
  compare("dp2a.lo.u32.u32 %d, %a, %b, %c;", dot2(uint16_t{}, uint8_t{}, 0));
}

TEST("integer: carries through words") {
  using u128 = unsigned __int128;
  // %A and %C side by side as 128 bits, %B and %A likewise.
  const auto wide = [](u64 high, u64 low) { return static_cast<u128>(high) << 64 | low; };
  compare("add.cc.u64 %D, %A, %B; addc.u64 %D, %C, %A;", [&](u64 a, u64 b, u64 c) { return static_cast<u64>((wide(c, a) + wide(a, b)) >> 64); });
  compare("sub.cc.s64 %D, %A, %B; subc.s64 %D, %C, %A;", [&](u64 a, u64 b, u64 c) { return static_cast<u64>((wide(c, a) - wide(a, b)) >> 64); });
  compare("add.cc.u32 %d, %a, %b; addc.cc.u32 %d, %b, %c; addc.u32 %d, %c, %a;", [](u64 a, u64 b, u64 c) {
    const u64 one = u64{lo(a)} + lo(b), two = u64{lo(b)} + lo(c) + (one >> 32);
    return lo(u64{lo(c)} + lo(a) + (two >> 32));
  });
  compare("sub.cc.u32 %d, %a, %b; subc.cc.u32 %d, %b, %c; subc.u32 %d, %c, %a;", [](u64 a, u64 b, u64 c) {
    const bool one = lo(a) < lo(b), two = u64{lo(b)} < u64{lo(c)} + one;
    return lo(c) - lo(a) - two;
  });
  compare("mad.lo.cc.u32 %d, %a, %b, %c; madc.hi.u32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) {
    const u64 product = u64{lo(a)} * lo(b);
    return lo((product + (u64{lo(c)} << 32 | lo(c))) >> 32);
  });
  compare("mad.lo.cc.u64 %D, %A, %B, %C; madc.hi.cc.u64 %D, %A, %B, %C; addc.u64 %D, 0, 0;", [&](u64 a, u64 b, u64 c) {
    const u128 product = static_cast<u128>(a) * b, sum = product + wide(c, c);
    return sum < product ? 1 : 0;
  });
}

TEST("integer: permutations by mode, the n-th set bit, wide bit fields, funnel shifts") {
  const struct {
    const char* mode;
    u32 from[4][4];  // [selector][byte], lowest byte first
  } modes[] = {{"f4e", {{0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {3, 4, 5, 6}}}, {"b4e", {{0, 7, 6, 5}, {1, 0, 7, 6}, {2, 1, 0, 7}, {3, 2, 1, 0}}},
               {"rc8", {{0, 0, 0, 0}, {1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}}}, {"ecl", {{0, 1, 2, 3}, {1, 1, 2, 3}, {2, 2, 2, 3}, {3, 3, 3, 3}}},
               {"ecr", {{0, 0, 0, 0}, {0, 1, 1, 1}, {0, 1, 2, 2}, {0, 1, 2, 3}}}, {"rc16", {{0, 1, 0, 1}, {2, 3, 2, 3}, {0, 1, 0, 1}, {2, 3, 2, 3}}}};
  for (const auto& m : modes) {
    compare(std::string("xor.b32 %a, %a, 0x03020100; xor.b32 %b, %b, 0x07060504; prmt.b32.") + m.mode + " %d, %a, %b, %c;", [&](u64 a, u64 b, u64 c) {
      const u64 v = u64{lo(b) ^ 0x07060504u} << 32 | (lo(a) ^ 0x03020100u);
      u32 r = 0;
      for (int k = 0; k < 4; ++k) r |= lo(v >> (8 * m.from[c & 3][k]) & 0xff) << (8 * k);
      return r;
    });
  }
  compare("prmt.b32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) {
    const u64 v = u64{lo(b)} << 32 | lo(a);
    u32 r = 0;
    for (int k = 0; k < 4; ++k) {
      const u32 s = lo(c) >> (4 * k) & 15, byte = v >> (8 * (s & 7)) & 0xff;
      r |= (s & 8 ? (byte & 0x80 ? 0xffu : 0u) : byte) << (8 * k);
    }
    return r;
  });
  compare("and.b32 %b, %b, 31; and.b32 %c, %c, 15; sub.s32 %c, %c, 7; fns.b32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) {
    const int offset = static_cast<int>(c & 15) - 7;
    int count = offset < 0 ? -offset : offset, at = static_cast<int>(b & 31);
    if (count == 0) return lo(a) >> at & 1 ? static_cast<u32>(at) : ~0u;
    for (; at >= 0 && at < 32; at += offset < 0 ? -1 : 1) {
      if ((lo(a) >> at & 1) && --count == 0) return static_cast<u32>(at);
    }
    return ~0u;
  });
  compare("bfe.u64 %D, %A, %b, %c;", [](u64 a, u64 b, u64 c) {
    const u32 position = b & 0xff, length = c & 0xff;
    const u64 v = position > 63 ? 0 : a >> position;
    return length > 63 ? v : v & ((u64{1} << length) - 1);
  });
  compare("bfi.b64 %D, %A, %B, %c, 9;", [](u64 a, u64 b, u64 c) {
    const u32 position = c & 0xff;
    u64 r = b;
    for (u32 i = 0; i < 9 && position + i < 64; ++i) r = (r & ~(u64{1} << (position + i))) | (a >> i & 1) << (position + i);
    return r;
  });
  compare("shf.l.clamp.b32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return lo(lo(c) > 31 ? lo(a) : (u64{lo(b)} << 32 | lo(a)) << lo(c) >> 32); });
  compare("shf.r.wrap.b32 %d, %a, %b, %c;", [](u64 a, u64 b, u64 c) { return lo((u64{lo(b)} << 32 | lo(a)) >> (c & 31)); });
  compare("brev.b64 %D, %A;", [](u64 a, u64, u64) {
    u64 r = 0;
    for (int i = 0; i < 64; ++i) r |= (a >> i & 1) << (63 - i);
    return r;
  });
  compare("bfind.s64 %d, %A;", [](u64 a, u64, u64) {
    const u64 v = static_cast<s64>(a) < 0 ? ~a : a;
    return v ? 63u - static_cast<u32>(__builtin_clzll(v)) : ~0u;
  });
}
