#include <cmath>
#include <fstream>
#include <random>

#include "half_model.h"
#include "harness.h"

// The kernels of instructions.cu: what nvcc emits for its intrinsics loads, and gives what the host computes.
using namespace half_model;
using namespace harness;

namespace {

using u64 = uint64_t;
using s64 = int64_t;
using u32 = uint32_t;
using s32 = int32_t;
using u128 = unsigned __int128;

const softcuda::Module& instructions() {
  static const std::unique_ptr<softcuda::Module> module = load_file("instructions.ptx");
  return *module;
}

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
  constexpr size_t n = 1024, results = 64;
  const auto x = words(n, 1), y = words(n, 2), z = words(n, 3);
  Array<u32> dx(x), dy(y), dz(z);
  Array<u64> out(n * results);
  launch(instructions(), "integers", {n / 128, 1, 1}, {128, 1, 1}, Parameters().add(dx).add(dy).add(dz).add(out));
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

namespace {

template <class F>
void each_triple(const char* kernel, size_t results, const Format& f, F check_one) {
  constexpr size_t n = 8192;
  std::mt19937 random(17);
  std::vector<uint16_t> x(n), y(n), z(n);
  for (size_t i = 0; i < n; ++i) {
    // Mostly of nearby exponents, so that sums round.
    const auto number = [&] { return static_cast<uint16_t>(random() % 4 ? (one(f) ^ (random() & 0x8000)) + random() % (8u << f.fraction) : random()); };
    x[i] = number();
    y[i] = number();
    z[i] = number();
  }
  Array<uint16_t> dx(x), dy(y), dz(z), out(n * results);
  launch(instructions(), kernel, {n / 128, 1, 1}, {128, 1, 1}, Parameters().add(dx).add(dy).add(dz).add(out));
  for (size_t i = 0; i < n; ++i) {
    const uint16_t* o = &out[i * results];
    const auto is = [&](int k, u32 wanted) {
      if (o[k] == wanted) return;
      std::ostringstream note;
      note << kernel << " result " << k << std::hex << " a=" << x[i] << " b=" << y[i] << " c=" << z[i];
      EQUAL_AT(static_cast<u32>(o[k]), wanted, note.str());
    };
    check_one(x[i], y[i], z[i], is);
  }
}

u32 least(const Format& f, u32 a, u32 b, bool larger, bool nan) {
  if (f.nan(a) || f.nan(b)) return nan || (f.nan(a) && f.nan(b)) ? 0x7fff : f.nan(a) ? b : a;
  if (f.value(a) == f.value(b)) return ((a & 0x8000) != 0) == larger ? b : a;
  return (f.value(a) > f.value(b)) == larger ? a : b;
}

}  // namespace

TEST("instructions: intrinsics of __half") {
  each_triple("halves", 32, f16, [](u32 a, u32 b, u32 c, auto is) {
    const auto fma = [](u32 x, u32 y, u32 z) { return fma16(f16, x, y, z); };
    const auto positive = [](u32 v) { return v & 0x8000 ? 0u : v; };
    const auto value = [](u32 v) { return f16.value(v); };
    is(0, fma(a, one(f16), b));
    is(1, f16.nan(b) ? 0x7fff : fma(a, one(f16), b ^ 0x8000));
    is(2, fma(a, b, 0x8000));
    is(3, fma(a, b, c));
    is(4, positive(fma(a, b, c)));
    is(5, f16.nan(fma(a, b, c)) ? 0 : std::min(positive(fma(a, b, c)), one(f16)));
    is(6, a ^ 0x8000);
    is(7, a & 0x7fff);
    is(8, least(f16, a, b, false, false));
    is(9, least(f16, a, b, true, true));
    is(10, fma(a, one(f16), b));
    is(11, fma(b, one(f16), c));
    is(12, fma(a, b, c));
    is(13, fma(b, c, a));
    is(14, least(f16, a, b, false, false));
    is(15, least(f16, b, c, false, false));
    is(16, value(a) < value(b) ? one(f16) : 0);
    is(17, value(b) < value(c) ? one(f16) : 0);
    is(18, (value(a) < value(b) ? 1 : 0) | (value(a) == value(b) ? 2 : 0) | (!(value(a) < value(b)) ? 4 : 0) | (f16.nan(a) ? 8 : 0) |
               ((b & 0x7fff) == 0x7c00 ? 16 : 0) | (value(a) >= value(b) && value(b) >= value(c) ? 32 : 0));
    const float scaled = static_cast<float>(value(a)) * 1.0009765f;
    is(19, round16(f16, scaled, Nearest));
    is(20, round16(f16, scaled, Zero));
    is(21, round16(f16, scaled, Down));
    is(22, round16(f16, scaled, Up));
    is(23, round16(f16, static_cast<float>(value(b)) * 0.3f, Nearest));
    is(24, round16(f16, static_cast<float>(value(c)) * 0.7f, Nearest));
    is(25, round16(f16, std::floor(value(a)), Nearest));
    is(26, round16(f16, std::nearbyint(value(a)), Nearest));
    is(27, static_cast<uint16_t>(f16.nan(a) ? 0 : static_cast<s32>(std::fmax(-2147483648.0, std::fmin(2147483647.0, value(a))))));
    is(28, round16(f16, static_cast<int16_t>(a) * 3, Nearest));
    is(29, round16(f16, value(a) / 3.0, Nearest));
  });
}

TEST("instructions: intrinsics of __nv_bfloat16") {
  each_triple("brains", 20, bf16, [](u32 a, u32 b, u32 c, auto is) {
    const auto fma = [](u32 x, u32 y, u32 z) { return fma16(bf16, x, y, z); };
    const auto positive = [](u32 v) { return v & 0x8000 ? 0u : v; };
    const auto value = [](u32 v) { return bf16.value(v); };
    is(0, fma(a, one(bf16), b));
    is(1, fma(b, one(bf16) | 0x8000, a));  // so does the header: b * -1 + a
    is(2, fma(a, b, 0x8000));
    is(3, fma(a, b, c));
    is(4, positive(fma(a, b, c)));
    is(5, a ^ 0x8000);
    is(6, a & 0x7fff);
    is(7, least(bf16, a, b, true, false));
    is(8, least(bf16, a, b, false, true));
    is(9, fma(a, b, c));
    is(10, fma(b, c, a));
    is(11, fma(a, one(bf16), b));
    is(12, fma(b, one(bf16), c));
    is(13, (value(a) < value(b) ? 1 : 0) | (value(a) == value(b) ? 2 : 0) | (!(value(a) < value(b)) ? 4 : 0) | (bf16.nan(a) ? 8 : 0));
    const float scaled = static_cast<float>(value(a)) * 1.0009765f;
    is(14, round16(bf16, scaled, Nearest));
    is(15, round16(bf16, scaled, Zero));
    is(16, round16(bf16, static_cast<float>(value(b)) * 0.3f, Nearest));
    is(17, round16(bf16, static_cast<float>(value(c)) * 0.7f, Nearest));
  });
}

namespace {

// A and B as the kernel reads them, rounded to what it multiplies.
template <class T, class Round>
void product(const char* kernel, int M, int N, int K, Round rounded) {
  std::mt19937 random(4);
  const auto number = [&] { return static_cast<float>(static_cast<int>(random() % 20001) - 10000) * 1.37e-4f; };
  std::vector<float> a(static_cast<size_t>(M * K)), b(static_cast<size_t>(K * N));
  std::vector<T> ta(a.size()), tb(b.size());
  for (size_t i = 0; i < a.size(); ++i) a[i] = rounded(number(), ta[i]);
  for (size_t i = 0; i < b.size(); ++i) b[i] = rounded(number(), tb[i]);
  Array<T> da(ta), db(tb);
  Array<float> c(static_cast<size_t>(M * N));
  const auto old = softcuda::Options::global().mma;
  for (const auto profile : {softcuda::MatrixProfile::A100, softcuda::MatrixProfile::H100, softcuda::MatrixProfile::Worst}) {
    softcuda::Options::global().mma = profile;
    launch(instructions(), kernel, {static_cast<uint32_t>(N / 64), static_cast<uint32_t>(M / 64), 1}, {128, 1, 1}, Parameters().add(da).add(db).add(c).add(N).add(K));
    for (int i = 0; i < M; ++i) {
      for (int j = 0; j < N; ++j) {
        double sum = 0, size = 0;
        for (int k = 0; k < K; ++k) {
          const double p = double{a[static_cast<size_t>(i * K + k)]} * b[static_cast<size_t>(k * N + j)];
          sum += p;
          size += std::fabs(p);
        }
        // A block of at least 4 products cuts 5 terms and the sum, each by less than 2^-22 of the largest partial sum or product.
        const double bound = (K / 4.0) * 6 * std::ldexp(size, -22), error = std::fabs(c[static_cast<size_t>(i * N + j)] - sum);
        if (!(error <= bound)) EQUAL_AT(error, bound, std::string(kernel) + " [" + std::to_string(i) + "][" + std::to_string(j) + "]");
      }
    }
  }
  softcuda::Options::global().mma = old;
}

}  // namespace

TEST("instructions: products on tensor cores, with ldmatrix and three stages of cp.async") {
  const auto tf32 = [](float v, float& kept) {
    kept = v;
    return float_of((bits_of(v) + 0x1000u) & 0xffffe000u);
  };
  product<float>("gemm_tf32", 64, 64, 16, tf32);
  product<float>("gemm_tf32", 128, 64, 80, tf32);
  const auto bf = [](float v, uint16_t& kept) {
    kept = static_cast<uint16_t>(round16(bf16, v, Nearest));
    return static_cast<float>(bf16.value(kept));
  };
  product<uint16_t>("gemm_bf16", 64, 64, 32, bf);
  product<uint16_t>("gemm_bf16", 64, 128, 96, bf);
}

TEST("instructions: acquire, release, fences and atomics of all scopes") {
  const Settings settings("all");  // a block waits for the one before it: blocks in their natural order
  constexpr uint32_t blocks = 20, threads = 64;
  Array<u32> flag(blocks), counters(16);
  Array<u64> value(blocks);
  launch(instructions(), "relay", {blocks, 1, 1}, {threads, 1, 1}, Parameters().add(flag).add(value).add(counters));
  for (u32 i = 0; i < blocks; ++i) EQUAL(value[i], 1000 + u64{i} * (i + 1) / 2);
  EQUAL(counters[0], blocks * threads);
  EQUAL(counters[1], (blocks - 1) * 100 + threads - 1);
  EQUAL(counters[2], (1u << blocks) - 1);
  EQUAL(counters[3], blocks * threads);
  EQUAL(counters[4], 7u);
  EQUAL(counters[5], 1u);
  EQUAL(counters[6], blocks * threads * 2);
  EQUAL(*reinterpret_cast<s64*>(&counters[8]), -63 * s64{5000000000});
}

TEST("instructions: vectors of bytes, halves, words and doubles") {
  Array<u32> in(64 * 4), out(64 * 8);
  for (u32 i = 0; i < in.size(); ++i) in[i] = i * 2654435761u;
  launch(instructions(), "vectors", {1, 1, 1}, {64, 1, 1}, Parameters().add(in).add(out));
  const auto* bytes = reinterpret_cast<const int8_t*>(in.data());
  const auto* halves = reinterpret_cast<const uint16_t*>(in.data());
  const auto* longs = reinterpret_cast<const u64*>(in.data());
  for (size_t i = 0; i < 64; ++i) {
    EQUAL(out[8 * i], in[i]);
    EQUAL(out[8 * i + 1], static_cast<u32>(static_cast<int16_t>(halves[2 * i]) - static_cast<int16_t>(halves[2 * i + 1])));
    EQUAL(out[8 * i + 2], static_cast<u32>(halves[4 * i] ^ halves[4 * i + 1] ^ halves[4 * i + 2] ^ halves[4 * i + 3]));
    EQUAL(out[8 * i + 3], static_cast<u32>(bytes[2 * i] * bytes[2 * i + 1]));
    const auto* o = reinterpret_cast<const u64*>(&out[8 * i + 4]);
    EQUAL(o[0], longs[2 * (i ^ 1) + 1] ^ longs[2 * i]);
    EQUAL(o[1], longs[2 * (i ^ 1)] ^ longs[2 * i + 1]);
  }
}
