#include <cmath>
#include <random>

#include "half_model.h"
#include "harness.h"

// The kernel of integers in instructions.cu: what nvcc emits for its intrinsics loads, and gives what the host computes.
using namespace half_model;
using namespace harness;

namespace {

using u64 = uint64_t;
using s64 = int64_t;
using u32 = uint32_t;
using s32 = int32_t;
using u128 = unsigned __int128;

std::vector<u32> words(size_t n, uint32_t seed) {
  std::mt19937 random(seed);
  const u32 corners[] = {0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xff, 0x8000, 0xffff};
  std::vector<u32> v(n);
  for (auto& x : v) x = random() % 3 == 0 ? corners[random() % 13] : random() >> random() % 24;
  return v;
}

u32 lo(u64 v) { return static_cast<u32>(v); }
u32 signed_bits(s64 v) { return static_cast<u32>(static_cast<u64>(v)); }

template <class F>
u32 by_bytes(u32 a, u32 b, int width, F f) {
  u32 r = 0;
  const u32 mask = (1u << width) - 1;
  for (int k = 0; k < 32; k += width) r |= (f(a >> k & mask, b >> k & mask) & mask) << k;
  return r;
}

}  // namespace

TEST("instructions: integer intrinsics") {
  const auto module = load_file("instructions.ptx");
  constexpr size_t n = 1024, results = 64;
  const auto x = words(n, 1), y = words(n, 2), z = words(n, 3);
  Array<u32> dx(x), dy(y), dz(z);
  Array<u64> out(n * results);
  launch(*module, "integers", {n / 128, 1, 1}, {128, 1, 1}, Parameters().add(dx).add(dy).add(dz).add(out));
  for (size_t i = 0; i < n; ++i) {
    const u32 a = x[i], b = y[i], c = z[i];
    const auto sa = static_cast<s32>(a), sb = static_cast<s32>(b), sc = static_cast<s32>(c);
    const u64 A = u64{a} << 32 | b, B = u64{b} << 32 | c, C = u64{c} << 32 | a;
    const u64* o = &out[i * results];
    const std::string at = "a=" + std::to_string(a) + " b=" + std::to_string(b) + " c=" + std::to_string(c);
    int k = 0;
    const auto is = [&](u64 wanted) {
      EQUAL_AT(o[k], wanted, "result " + std::to_string(k) + ", " + at);
      ++k;
    };
    u32 reversed = 0;
    u64 reversed2 = 0;
    for (int j = 0; j < 32; ++j) reversed |= (a >> j & 1) << (31 - j);
    for (int j = 0; j < 64; ++j) reversed2 |= (A >> j & 1) << (63 - j);
    is(reversed);
    is(reversed2);
    is(a ? static_cast<u64>(__builtin_clz(a)) : 32);
    is(A ? static_cast<u64>(__builtin_clzll(A)) : 64);
    is(static_cast<u64>(__builtin_ffs(sa)));
    is(static_cast<u64>(__builtin_ffsll(static_cast<s64>(A))));
    is(static_cast<u64>(__builtin_popcount(a)));
    is(static_cast<u64>(__builtin_popcountll(A)));
    u32 permuted = 0;
    for (int j = 0; j < 4; ++j) permuted |= lo((u64{b} << 32 | a) >> (8 * (c >> (4 * j) & 7)) & 0xff) << (8 * j);
    is(permuted);
    is(signed_bits(s64{sa} * sb >> 32));
    is(u64{a} * b >> 32);
    is(static_cast<u64>(static_cast<__int128>(static_cast<s64>(A)) * static_cast<s64>(B) >> 64));
    is(static_cast<u64>(static_cast<u128>(A) * B >> 64));
    is(signed_bits(s64{static_cast<s32>(a << 8) >> 8} * (static_cast<s32>(b << 8) >> 8)));
    is(lo(u64{a & 0xffffff} * (b & 0xffffff)));
    is(lo((sa < sb ? b - a : a - b) + c));
    is(lo((a < b ? b - a : a - b) + c));
    is(signed_bits((s64{sa} + sb) >> 1));
    is(signed_bits((s64{sa} + sb + 1) >> 1));
    is((u64{a} + b) >> 1);
    is((u64{a} + b + 1) >> 1);
    u32 dot = c, udot = c, dot2 = c, udot2 = c;
    for (int j = 0; j < 4; ++j) {
      dot += static_cast<u32>(static_cast<int8_t>(a >> (8 * j)) * static_cast<int8_t>(b >> (8 * j)));
      udot += (a >> (8 * j) & 0xff) * (b >> (8 * j) & 0xff);
    }
    for (int j = 0; j < 2; ++j) {
      dot2 += static_cast<u32>(static_cast<int16_t>(a >> (16 * j)) * static_cast<int8_t>(b >> (8 * j)));
      udot2 += (a >> (16 * j) & 0xffff) * (b >> (16 + 8 * j) & 0xff);
    }
    is(dot);
    is(udot);
    is(dot2);
    is(udot2);
    const u64 both = u64{b} << 32 | a;
    is(lo(both << (c & 31) >> 32));
    is(c > 31 ? a << 0 | 0 : lo(both << c >> 32));
    is(lo(both >> (c & 31)));
    is(lo(both >> std::min(c, 32u)));
    const int offset = static_cast<int>(c & 7) - 3;
    int count = std::abs(offset);
    u32 found = ~0u;
    for (int j = static_cast<int>(b & 31); j >= 0 && j < 32; j += offset < 0 ? -1 : 1) {
      if (count == 0) {
        if (a >> j & 1) found = static_cast<u32>(j);
        break;
      }
      if ((a >> j & 1) && --count == 0) {
        found = static_cast<u32>(j);
        break;
      }
    }
    is(found);
    const u128 p = static_cast<u128>(A) * B + C, q = p - (static_cast<u128>(C) << 64 | A);
    is(static_cast<u64>(p >> 64));
    is(static_cast<u64>(q));
    is(static_cast<u64>(q >> 64));
    is(lo(u64{a / (b | 1)} + a % (c | 1)));
    const s64 db = static_cast<s32>(b | 1), dc = static_cast<s32>(c | 1);
    is(signed_bits(s64{sa} / db + s64{sa} % dc));
    is(A / (B | 1) + A % (C | 1));
    is((a >> 5 & 0x3f) | (b << 7 & 0xff00));
    is(static_cast<u32>(std::min(sa, std::max(sb, sc))));
    is(a ^ b ^ c);
    is((a & b) | (~a & c));
    is(static_cast<u64>(s64{static_cast<int8_t>(a)} * static_cast<int16_t>(b)));
    const u32 position = b & 31, length = c & 31;
    const u32 sign = length == 0 ? 0 : a >> std::min<u32>(position + length - 1, 31) & 1;
    u32 field = 0;
    for (u32 j = 0; j < 32; ++j) field |= (j < length && position + j < 32 ? a >> (position + j) & 1 : sign) << j;
    is(field);
    u32 inserted = b;
    for (u32 j = 0; j < (c >> 8 & 31) && (c & 31) + j < 32; ++j) inserted = (inserted & ~(1u << ((c & 31) + j))) | (a >> j & 1) << ((c & 31) + j);
    is(inserted);
    is(lo(u64{a & 0xffffff} * (b & 0xffffff)) + c);
    is(sc >= 0 ? a : b);
    is(c + lo((u64{a} + b) >> 32));
    is(by_bytes(a, b, 8, [](u32 v, u32 w) { return v + w; }));
    is(by_bytes(a, b, 8, [](u32 v, u32 w) { return v < w ? w - v : v - w; }));
    is(by_bytes(a, b, 16, [](u32 v, u32 w) { return static_cast<u32>(std::max(static_cast<int16_t>(v), static_cast<int16_t>(w))); }));
    is(by_bytes(a, b, 8, [](u32 v, u32 w) { return v > w ? 0xffu : 0u; }));
    is(static_cast<u32>(static_cast<s32>(std::floor(float_of(a & 0xcdffffffu)))));
    is((a & 0x7fffffffu) | (b & 0x80000000u));
  }
}
