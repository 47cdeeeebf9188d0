#include <cmath>
#include <random>

#include "half_model.h"
#include "harness.h"

// The kernels of instructions.cu and products.cu: what nvcc emits for its intrinsics loads, and gives what the host computes.
using namespace half_model;
using namespace harness;

namespace {

using u64 = uint64_t;
using s64 = int64_t;
using u32 = uint32_t;
using s32 = int32_t;

const softcuda::Module& instructions() {
  static const std::unique_ptr<softcuda::Module> module = load_file("instructions.ptx");
  return *module;
}

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
    // Not bit-defined: within one unit in the last place.
    const auto near = [&](int k, double wanted) {
      const u32 want = round16(f, wanted, Nearest);
      is(k, o[k] + 1u == want || o[k] == want + 1 ? o[k] : want);
    };
    check_one(x[i], y[i], z[i], is, near);
  }
}

u32 least(const Format& f, u32 a, u32 b, bool larger, bool nan) {
  if (f.nan(a) || f.nan(b)) return nan || (f.nan(a) && f.nan(b)) ? 0x7fff : f.nan(a) ? b : a;
  if (f.value(a) == f.value(b)) return ((a & 0x8000) != 0) == larger ? b : a;
  return (f.value(a) > f.value(b)) == larger ? a : b;
}

}  // namespace

TEST("instructions: intrinsics of __half") {
  each_triple("halves", 32, f16, [](u32 a, u32 b, u32 c, auto is, auto near) {
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
    near(30, std::exp2(value(b)));
    near(31, std::exp2(value(c)));
  });
}

TEST("instructions: intrinsics of __nv_bfloat16") {
  each_triple("brains", 20, bf16, [](u32 a, u32 b, u32 c, auto is, auto) {
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
  static const std::unique_ptr<softcuda::Module> products = load_file("products.ptx");
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
    launch(*products, kernel, {static_cast<uint32_t>(N / 64), static_cast<uint32_t>(M / 64), 1}, {128, 1, 1}, Parameters().add(da).add(db).add(c).add(N).add(K));
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
