#include <cmath>

#include "harness.h"

// What nvcc makes of whole kernels, against the same computation on the host.
using namespace harness;

TEST("kernel: saxpy with a tail") {
  for (const int n : {1, 31, 32, 33, 255, 256, 257, 10007}) {
    Array<float> x(static_cast<size_t>(n)), y(static_cast<size_t>(n));
    for (int i = 0; i < n; ++i) {
      x[static_cast<size_t>(i)] = static_cast<float>(i);
      y[static_cast<size_t>(i)] = 1.0f;
    }
    launch(kernels(), "saxpy", {static_cast<uint32_t>(n + 255) / 256, 1, 1}, {256, 1, 1}, Parameters().add(0.5f).add(x).add(y).add(n));
    for (int i = 0; i < n; ++i) EQUAL(y[static_cast<size_t>(i)], 0.5f * static_cast<float>(i) + 1.0f);
  }
}

TEST("kernel: tiled matrix product") {
  const size_t M = 256, N = 128, K = 72;
  Array<float> A(M * K, "A"), B(K * N, "B"), C(M * N, "C");
  for (size_t i = 0; i < M * K; ++i) A[i] = static_cast<float>(static_cast<int>(i * 7 % 13) - 6);
  for (size_t i = 0; i < K * N; ++i) B[i] = static_cast<float>(static_cast<int>(i * 5 % 11) - 5);
  launch(kernels(), "sgemm", {1, 2, 1}, {256, 1, 1}, Parameters().add(A).add(B).add(C).add(static_cast<int>(M)).add(static_cast<int>(N)).add(static_cast<int>(K)));
  for (size_t i = 0; i < M; ++i) {
    for (size_t j = 0; j < N; ++j) {
      float sum = 0;  // small integers: exact
      for (size_t k = 0; k < K; ++k) sum += A[i * K + k] * B[k * N + j];
      EQUAL(C[i * N + j], sum);
    }
  }
  CHECK(kernels().kernel("sgemm")->registers() >= 100);
  EQUAL(kernels().kernel("sgemm")->static_shared(), 2u * 8 * 132 * 4);
  EQUAL(kernels().kernel("sgemm")->max_threads_per_block(), 256);
}

TEST("kernel: sums with shuffles") {
  for (const uint32_t threads : {32u, 64u, 256u, 1024u}) {
    const int n = 12345;
    Array<float> x(static_cast<size_t>(n)), out(7);
    float wanted = 0;
    for (int i = 0; i < n; ++i) wanted += x[static_cast<size_t>(i)] = static_cast<float>(i % 17);
    launch(kernels(), "block_sum", {7, 1, 1}, {threads, 1, 1}, Parameters().add(x).add(n).add(out));
    float sum = 0;
    for (int b = 0; b < 7; ++b) sum += out[static_cast<size_t>(b)];
    EQUAL(sum, wanted);
  }
}

TEST("kernel: CUDA's mathematics library") {
  const int n = 1000;
  Array<float> x(n), out(n * 16);
  for (int i = 0; i < n; ++i) x[static_cast<size_t>(i)] = -8 + 0.016f * static_cast<float>(i);
  launch(kernels(), "mathematics", {4, 1, 1}, {256, 1, 1}, Parameters().add(x).add(out).add(n));
  for (int i = 0; i < n; ++i) {
    const float f = x[static_cast<size_t>(i)];
    const double v = f, p = std::fabs(f) + 0.1f;
    const double wanted[16] = {std::exp(v), std::log(p), std::tanh(v), std::log1p(p), std::sin(v), std::cos(v), std::sqrt(p), 1 / std::sqrt(p), std::pow(p, 1.7f),
                               std::erf(v), std::expm1(v), 1 / (1 + std::exp(-v)), std::fmod(v, 0.7f), std::cbrt(v), v / p, std::sin(static_cast<double>(1000.0f * f))};
    for (size_t k = 0; k < 16; ++k) {
      const double got = out[static_cast<size_t>(i) * 16 + k], bound = 1.5e-6 * std::fabs(wanted[k]) + 3e-7;
      if (!(std::fabs(got - wanted[k]) <= bound)) EQUAL_AT(got, wanted[k], "function " + std::to_string(k) + " at " + std::to_string(v));
    }
  }
}

TEST("kernel: transposition through dynamic shared memory") {
  for (const auto& size : {std::make_pair(1, 1), std::make_pair(32, 32), std::make_pair(33, 31), std::make_pair(97, 64)}) {
    const int rows = size.first, columns = size.second;
    const auto n = static_cast<size_t>(rows * columns);
    Array<float> x(n), y(n);
    for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i);
    launch(kernels(), "transpose", {static_cast<uint32_t>(columns + 31) / 32, static_cast<uint32_t>(rows + 31) / 32, 1}, {32, 8, 1},
           Parameters().add(x).add(y).add(rows).add(columns), 32 * 33 * 4);
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) EQUAL(y[static_cast<size_t>(c * rows + r)], x[static_cast<size_t>(r * columns + c)]);
    }
  }
}

namespace {

struct Rule {
  float weight;
  int8_t kind;
  int16_t offset;
  double bias;
  int32_t table[5];
};

}  // namespace

TEST("kernel: structures, switches, local arrays, 64-bit integers") {
  const int n = 200;
  Array<int64_t> in(n);
  Array<double> out(n);
  for (int i = 0; i < n; ++i) in[static_cast<size_t>(i)] = int64_t{i} * 1234567890123 % 1000003 - 300000;
  const Rule r = {0.5f, -3, 12, 0.25, {10, 20, 30, 40, 50}};
  launch(kernels(), "rules", {4, 1, 1}, {64, 1, 1}, Parameters().add(r).add(in).add(out).add(n));
  for (int i = 0; i < n; ++i) {
    const int64_t x = in[static_cast<size_t>(i)];
    const int64_t k = x & 7;
    int64_t v = in[static_cast<size_t>((i + k) % n)] / (k + 1) + x % (k + 3);
    switch (x & 15) {
      case 0: v += 1; break;
      case 1: v *= 3; break;
      case 2: v -= r.offset; break;
      case 3: v /= 7; break;
      case 4: v ^= 9; break;
      case 5: v = __builtin_popcountll(static_cast<uint64_t>(v)); break;
      case 6: v = v == 0 ? 64 : __builtin_clzll(static_cast<uint64_t>(v)); break;
      case 7: v = static_cast<int64_t>(static_cast<uint64_t>(v) << 3); break;
      default: v += r.kind;
    }
    EQUAL(out[static_cast<size_t>(i)], static_cast<double>(v) * 0.5 + 0.25 + r.table[i % 5]);
  }
}

TEST("kernel: the last block adds up, three times") {
  const int n = 5000;
  Array<int> x(static_cast<size_t>(n)), partial(20), out(1);
  int wanted = 0;
  for (int i = 0; i < n; ++i) wanted += x[static_cast<size_t>(i)] = i * 31 % 101 - 50;
  for (int repeat = 0; repeat < 3; ++repeat) {
    out[0] = 0;
    launch(kernels(), "last_block_sum", {20, 1, 1}, {256, 1, 1}, Parameters().add(x).add(n).add(partial).add(out));
    EQUAL(out[0], wanted);
  }
}
