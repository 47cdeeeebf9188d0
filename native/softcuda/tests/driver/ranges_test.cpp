// The memory that library calls say they use is what they use. Every element of every argument is changed in turn: the call reads it if
// something else comes out, and writes it if it does not keep its value. This program stands in for the driver's queue.
#include <cmath>
// api.h has these as pointers to what it looks up.
#define softcudaLastMessage declared_last_message
#define softcudaBytesInUse declared_bytes_in_use
#define softcudaOutside declared_outside
#include "../../driver/hook.h"
#undef softcudaLastMessage
#undef softcudaBytesInUse
#undef softcudaOutside

#include "libraries.h"

namespace {

struct Bytes {
  uint64_t begin, end;
};
struct Declared {
  std::vector<Bytes> reads, writes;
  void add(const SoftcudaRange& r) {
    if (r.unless_zero != nullptr && *r.unless_zero == 0.f) return;
    for (size_t row = 0; row < r.rows; ++row) {
      const uint64_t begin = r.address + row * r.pitch;
      const uint64_t from = r.part == SOFTCUDA_FROM ? begin + 4 * row : begin;
      const uint64_t to = r.part == SOFTCUDA_UP_TO ? begin + 4 * (row + 1) : begin + r.width;
      CHECK(from < to && to <= begin + r.width);
      (r.write != 0 ? writes : reads).push_back(Bytes{from, to});
    }
  }
};
Declared declared;

}  // namespace

// In place of the driver's: the libraries find these first.
extern "C" __attribute__((visibility("default"))) int softcudaEnqueueCall(void*, const char*, void (*run)(void*), void* argument, void (*destroy)(void*),
                                                                          const SoftcudaRange* ranges, size_t count) {
  for (size_t i = 0; i < count; ++i) declared.add(ranges[i]);
  run(argument);
  destroy(argument);
  return 0;
}
extern "C" __attribute__((visibility("default"))) int softcudaTouch(const SoftcudaRange* ranges, size_t count) {
  for (size_t i = 0; i < count; ++i) declared.add(ranges[i]);
  return 0;
}

namespace {

using Buffers = std::vector<std::vector<float>>;

bool same_bits(float a, float b) { return memcmp(&a, &b, 4) == 0; }

bool inside(const std::vector<Bytes>& ranges, const float* element) {
  const auto address = reinterpret_cast<uint64_t>(element);
  for (const Bytes& r : ranges) {
    if (r.begin <= address && address < r.end) return true;
  }
  return false;
}

// Compares what `call` declares with what it does. With `may_write_less` it may leave alone what it declares as written.
template <class Call>
void check(const std::string& what, const Buffers& inputs, Call call, bool may_write_less = false) {
  Buffers work = inputs;
  std::vector<float*> p;
  for (auto& buffer : work) p.push_back(buffer.data());
  declared = Declared();
  CHECK_EQUAL(0, call(p));
  const Declared said = declared;
  const Buffers plain = work;
  int bad = 0;
  for (size_t b = 0; b < inputs.size(); ++b) {
    for (size_t i = 0; i < inputs[b].size(); ++i) {
      for (size_t k = 0; k < inputs.size(); ++k) std::copy(inputs[k].begin(), inputs[k].end(), work[k].begin());
      const float changed = inputs[b][i] + 0.25f * (1.f + std::fabs(inputs[b][i]));
      work[b][i] = changed;
      call(p);
      const bool written = !(same_bits(work[b][i], changed) && same_bits(plain[b][i], inputs[b][i]));
      bool read = written && !same_bits(work[b][i], plain[b][i]);
      for (size_t k = 0; k < inputs.size(); ++k) {
        for (size_t j = 0; j < inputs[k].size(); ++j) read |= (k != b || j != i) && !same_bits(work[k][j], plain[k][j]);
      }
      const bool says_read = inside(said.reads, p[b] + i), says_written = inside(said.writes, p[b] + i);
      ++checks();
      if ((read != says_read || (written != says_written && !(may_write_less && says_written))) && bad++ == 0) {
        printf("%s: argument %zu, element %zu: read %d, declared %d; written %d, declared %d\n", what.c_str(), b, i, read, says_read, written,
               says_written);
      }
    }
  }
  if (bad != 0) ++failures();
}

std::string label(const char* name, std::initializer_list<int> numbers) {
  std::string text = name;
  for (int n : numbers) text += " " + std::to_string(n);
  return text;
}

struct Handle {
  void* blas = nullptr;
  Handle() { CHECK_EQUAL(0, cublasCreate_v2(&blas)); }
  ~Handle() { CHECK_EQUAL(0, cublasDestroy_v2(blas)); }
};

// Runs `body(alpha, beta, buffers_of_scalars)` with scalars on the host and on the device, zero and not.
template <class Body>
void with_scalars(const Handle& handle, Body body) {
  for (const bool device : {false, true}) {
    CHECK_EQUAL(0, cublasSetPointerMode_v2(handle.blas, device ? 1 : 0));
    for (const float alpha : {0.75f, 0.f}) {
      for (const float beta : {0.5f, 0.f}) body(device, alpha, beta);
    }
  }
}

// Scalars as the last two buffers where they are on the device, else the values.
const float* alpha_of(const std::vector<float*>& p, bool device, const float* host) { return device ? p[p.size() - 2] : host; }
const float* beta_of(const std::vector<float*>& p, bool device, const float* host) { return device ? p[p.size() - 1] : host; }
Buffers with(Buffers buffers, bool device, float alpha, float beta) {
  if (device) {
    buffers.push_back({alpha});
    buffers.push_back({beta});
  }
  return buffers;
}

TEST(products) {
  const Handle h;
  Random random(1);
  const int m = 4, n = 3, k = 5;
  with_scalars(h, [&](bool device, float alpha, float beta) {
    for (int t = 0; t < 4; ++t) {
      const int ta = t & 1, tb = t >> 1, lda = (ta ? k : m) + 2, ldb = (tb ? n : k) + 1, ldc = m + 1;
      const Buffers buffers = with({random.vector(lda * (ta ? m : k)), random.vector(ldb * (tb ? k : n)), random.vector(ldc * n)}, device, alpha, beta);
      check(label("gemm", {ta, tb, device}), buffers, [&](const std::vector<float*>& p) {
        return cublasSgemm_v2(h.blas, ta, tb, m, n, k, alpha_of(p, device, &alpha), p[0], lda, p[1], ldb, beta_of(p, device, &beta), p[2], ldc);
      });
    }
    const Buffers batch = with({random.vector(2 * m * k + 3), random.vector(2 * k * n), random.vector(2 * m * n + 5)}, device, alpha, beta);
    for (const int inner : {k, 1}) check(label("strided", {inner, device}), batch, [&](const std::vector<float*>& p) {
      return cublasSgemmStridedBatched(h.blas, 0, 0, m, n, inner, alpha_of(p, device, &alpha), p[0], m, m * k + 3, p[1], inner, k * n,
                                       beta_of(p, device, &beta), p[2], m, m * n + 5, 2);
    });
    check(label("batched", {device}), batch, [&](const std::vector<float*>& p) {
      const float *a[] = {p[0], p[0] + m * k + 3}, *b[] = {p[1], p[1] + k * n};
      float* c[] = {p[2], p[2] + m * n + 5};
      return cublasSgemmBatched(h.blas, 0, 0, m, n, k, alpha_of(p, device, &alpha), a, m, b, k, beta_of(p, device, &beta), c, m, 2);
    });
  });
}

TEST(symmetric_products) {
  const Handle h;
  Random random(2);
  with_scalars(h, [&](bool device, float alpha, float beta) {
    for (int options = 0; options < 4; ++options) {
      const int side = options & 1, uplo = options >> 1, m = 4, n = 3, order = side == 0 ? m : n;
      check(label("symm", {side, uplo, device}),
            with({random.vector((order + 2) * order), random.vector((m + 1) * n), random.vector((m + 3) * n)}, device, alpha, beta),
            [&](const std::vector<float*>& p) {
              return cublasSsymm_v2(h.blas, side, uplo, m, n, alpha_of(p, device, &alpha), p[0], order + 2, p[1], m + 1,
                                    beta_of(p, device, &beta), p[2], m + 3);
            });
      const int trans = options & 1, size = 5, k = 3, rows = trans ? k : size, columns = trans ? size : k;
      check(label("syrk", {trans, uplo, device}), with({random.vector((rows + 1) * columns), random.vector((size + 2) * size)}, device, alpha, beta),
            [&](const std::vector<float*>& p) {
              return cublasSsyrk_v2(h.blas, uplo, trans, size, k, alpha_of(p, device, &alpha), p[0], rows + 1, beta_of(p, device, &beta), p[1], size + 2);
            });
      check(label("syrkx", {trans, uplo, device}),
            with({random.vector((rows + 1) * columns), random.vector(rows * columns), random.vector(size * size)}, device, alpha, beta),
            [&](const std::vector<float*>& p) {
              return cublasSsyrkx(h.blas, uplo, trans, size, k, alpha_of(p, device, &alpha), p[0], rows + 1, p[1], rows, beta_of(p, device, &beta),
                                  p[2], size);
            });
    }
  });
}

std::vector<float> well_conditioned(int n, int ld, Random& random) {
  std::vector<float> a = random.vector(static_cast<size_t>(ld) * n);
  for (int i = 0; i < n; ++i) a[static_cast<size_t>(i) * (ld + 1)] += 8.f;
  return a;
}

TEST(triangular_products_and_solutions) {
  const Handle h;
  Random random(3);
  with_scalars(h, [&](bool device, float alpha, float beta) {
    for (int options = 0; options < 16; ++options) {
      const int side = options & 1, uplo = options >> 1 & 1, trans = options >> 2 & 1, diag = options >> 3, m = 4, n = 3, order = side == 0 ? m : n;
      const std::vector<float> a = well_conditioned(order, order + 2, random);
      const Buffers scalars = with({}, device, alpha, beta);
      Buffers two = {a, random.vector((m + 1) * n)}, three = {a, random.vector((m + 1) * n), random.vector((m + 2) * n)};
      if (device) {
        for (Buffers* list : {&two, &three}) list->push_back({alpha});
      }
      const auto factor = [&](const std::vector<float*>& p) { return device ? p.back() : &alpha; };
      check(label("trsm", {side, uplo, trans, diag, device}), two, [&](const std::vector<float*>& p) {
        return cublasStrsm_v2(h.blas, side, uplo, trans, diag, m, n, factor(p), p[0], order + 2, p[1], m + 1);
      });
      check(label("trmm", {side, uplo, trans, diag, device}), three, [&](const std::vector<float*>& p) {
        return cublasStrmm_v2(h.blas, side, uplo, trans, diag, m, n, factor(p), p[0], order + 2, p[1], m + 1, p[2], m + 2);
      });
      check(label("trmm in place", {side, uplo, trans, diag, device}), two, [&](const std::vector<float*>& p) {
        return cublasStrmm_v2(h.blas, side, uplo, trans, diag, m, n, factor(p), p[0], order + 2, p[1], m + 1, p[1], m + 1);
      });
    }
  });
}

TEST(matrices_and_vectors) {
  const Handle h;
  Random random(4);
  const int m = 4, n = 3;
  with_scalars(h, [&](bool device, float alpha, float beta) {
    for (int t = 0; t < 4; ++t) {
      const int ta = t & 1, tb = t >> 1, lda = (ta ? n : m) + 1, ldb = (tb ? n : m) + 2;
      check(label("geam", {ta, tb, device}),
            with({random.vector(lda * (ta ? m : n)), random.vector(ldb * (tb ? m : n)), random.vector((m + 1) * n)}, device, alpha, beta),
            [&](const std::vector<float*>& p) {
              return cublasSgeam(h.blas, ta, tb, m, n, alpha_of(p, device, &alpha), p[0], lda, beta_of(p, device, &beta), p[1], ldb, p[2], m + 1);
            });
    }
    for (const int incx : {1, 2, -1, -3}) {
      for (const int incy : {1, 3, -2}) {
        const size_t x = 4 * std::abs(incx), y = 4 * std::abs(incy);
        for (const int trans : {0, 1}) {
          check(label("gemv", {trans, incx, incy, device}), with({random.vector((m + 1) * n), random.vector(x), random.vector(y)}, device, alpha, beta),
                [&](const std::vector<float*>& p) {
                  return cublasSgemv_v2(h.blas, trans, m, n, alpha_of(p, device, &alpha), p[0], m + 1, p[1], incx, beta_of(p, device, &beta), p[2], incy);
                });
        }
        Buffers ger = {random.vector((m + 1) * n), random.vector(x), random.vector(y)}, two = {random.vector(x), random.vector(y)};
        if (device) {
          ger.push_back({alpha});
          two.push_back({alpha});
        }
        const auto factor = [&](const std::vector<float*>& p) { return device ? p.back() : &alpha; };
        check(label("ger", {incx, incy, device}), ger, [&](const std::vector<float*>& p) {
          return cublasSger_v2(h.blas, m, n, factor(p), p[1], incx, p[2], incy, p[0], m + 1);
        });
        check(label("axpy", {incx, incy, device}), two, [&](const std::vector<float*>& p) {
          return cublasSaxpy_v2(h.blas, 4, factor(p), p[0], incx, p[1], incy);
        });
      }
    }
  });
}

TEST(vectors) {
  const Handle h;
  Random random(5);
  CHECK_EQUAL(0, cublasSetPointerMode_v2(h.blas, 1));
  for (const int incx : {1, 2, -2}) {
    const std::vector<float> x = random.vector(5 * std::abs(incx)), y = random.vector(15);
    check(label("dot", {incx}), {x, y, {7.f}}, [&](const std::vector<float*>& p) { return cublasSdot_v2(h.blas, 5, p[0], incx, p[1], 3, p[2]); });
    check(label("copy", {incx}), {x, y}, [&](const std::vector<float*>& p) { return cublasScopy_v2(h.blas, 5, p[0], incx, p[1], -3); });
    check(label("nrm2", {incx}), {x, {7.f}}, [&](const std::vector<float*>& p) { return cublasSnrm2_v2(h.blas, 5, p[0], incx, p[1]); });
    check(label("asum", {incx}), {x, {7.f}}, [&](const std::vector<float*>& p) { return cublasSasum_v2(h.blas, 5, p[0], incx, p[1]); });
    if (incx > 0) check(label("scal", {incx}), {x, {0.5f}}, [&](const std::vector<float*>& p) { return cublasSscal_v2(h.blas, 5, p[1], p[0], incx); });
    for (const int side : {0, 1}) {
      check(label("dgmm", {side, incx}), {random.vector(4 * 5), random.vector(5 * std::abs(incx)), random.vector(6 * 5)},
            [&](const std::vector<float*>& p) { return cublasSdgmm(h.blas, side, 4, 5, p[0], 4, p[1], incx, p[2], 6); });
    }
  }
}

TEST(factorisations) {
  void* h = nullptr;
  CHECK_EQUAL(0, cusolverDnCreate(&h));
  Random random(6);
  const int n = 5, ld = 7;
  const auto info = [](float* p) { return reinterpret_cast<int*>(p); };
  for (const int uplo : {0, 1}) {
    const std::vector<float> a = well_conditioned(n, ld, random);
    check(label("potrf", {uplo}), {a, {1.f}}, [&](const std::vector<float*>& p) { return cusolverDnSpotrf(h, uplo, n, p[0], ld, nullptr, 0, info(p[1])); });
    check(label("potri", {uplo}), {a, {1.f}}, [&](const std::vector<float*>& p) { return cusolverDnSpotri(h, uplo, n, p[0], ld, nullptr, 0, info(p[1])); });
    check(label("potrs", {uplo}), {a, random.vector(6 * 2), {1.f}},
          [&](const std::vector<float*>& p) { return cusolverDnSpotrs(h, uplo, n, 2, p[0], ld, p[1], 6, info(p[2])); });
    for (const int vectors : {0, 1}) {
      check(label("syevd", {vectors, uplo}), {a, std::vector<float>(n), {1.f}},
            [&](const std::vector<float*>& p) { return cusolverDnSsyevd(h, vectors, uplo, n, p[0], ld, p[1], nullptr, 0, info(p[2])); }, true);
    }
  }
  // The workspace counts as written.
  std::vector<float> a = well_conditioned(n, ld, random), work(3);
  int result = 0;
  declared = Declared();
  CHECK_EQUAL(0, cusolverDnSpotrf(h, 0, n, a.data(), ld, work.data(), 2, &result));
  CHECK(inside(declared.writes, &work[0]) && inside(declared.writes, &work[1]) && !inside(declared.writes, &work[2]));
  CHECK_EQUAL(0, cusolverDnDestroy(h));
}

}  // namespace

int main() { return run_all(); }
