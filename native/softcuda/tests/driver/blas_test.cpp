// cuBLAS calls against naive loops in double, all options, odd sizes, leading dimensions larger than needed, NaN where nothing may
// be read. The bound is c n eps: |error| <= 2 (k + 2) eps sum |terms|.
#include <array>
#include <cfloat>
#include <cmath>

#include "libraries.h"

namespace {

constexpr int kLower = 0, kUpper = 1, kLeft = 0;

struct Blas {
  TestContext context;
  void* handle = nullptr;
  Blas() { CHECK_EQUAL(0, cublasCreate_v2(&handle)); }
  ~Blas() { CHECK_EQUAL(0, cublasDestroy_v2(handle)); }
};

// A column-major matrix on the host; what lies between its rows and ld is NaN and must stay untouched.
struct Matrix {
  int rows, columns, ld;
  std::vector<float> data;
  Matrix(int r, int c, int pad, Random& random) : rows(r), columns(c), ld(r + pad), data(static_cast<size_t>(ld) * c, NAN) {
    for (int j = 0; j < c; ++j) {
      for (int i = 0; i < r; ++i) at(i, j) = random.next();
    }
  }
  float& at(int i, int j) { return data[static_cast<size_t>(j) * ld + i]; }
  double at(int i, int j) const { return data[static_cast<size_t>(j) * ld + i]; }
  // Element of op(this).
  double op(int trans, int i, int j) const { return trans != 0 ? at(j, i) : at(i, j); }
  void poison_triangle(int uplo_kept) {
    for (int j = 0; j < columns; ++j) {
      for (int i = 0; i < rows; ++i) {
        if (uplo_kept == kLower ? i < j : i > j) at(i, j) = NAN;
      }
    }
  }
  double symmetric(int uplo, int i, int j) const { return (uplo == kLower) == (i >= j) ? at(i, j) : at(j, i); }
  double triangular(int uplo, int trans, int diag, int i, int j) const {
    if (trans != 0) std::swap(i, j);
    if (i == j) return diag == 1 ? 1.0 : at(i, i);
    return (uplo == kLower) == (i > j) ? at(i, j) : 0.0;
  }
};

bool same_bits(float a, float b) { return memcmp(&a, &b, 4) == 0; }

// Compares C with alpha * (sum of terms) + beta * before, where `term(i, j, l)` is one product; elements outside `inside` and the
// padding must keep their bits.
template <class Term, class Inside>
void check_product(const char* what, const Matrix& before, const std::vector<float>& got, int k, float alpha, float beta, Term term, Inside inside) {
  int bad = 0;
  for (int j = 0; j < before.columns; ++j) {
    for (int i = 0; i < before.ld; ++i) {
      const float value = got[static_cast<size_t>(j) * before.ld + i];
      const float old = before.data[static_cast<size_t>(j) * before.ld + i];
      ++checks();
      if (i >= before.rows || !inside(i, j)) {
        if (!same_bits(value, old) && bad++ == 0) printf("%s: element (%d, %d) outside was written\n", what, i, j);
        continue;
      }
      double sum = 0, size = 0;
      for (int l = 0; l < k; ++l) {
        const double t = term(i, j, l);
        sum += t;
        size += std::fabs(t);
      }
      const double rest = beta == 0.f ? 0.0 : static_cast<double>(beta) * old;
      const double wanted = alpha * sum + rest, bound = 2.0 * (k + 2) * FLT_EPSILON * (std::fabs(alpha) * size + std::fabs(rest)) + 1e-30;
      if (!(std::fabs(value - wanted) <= bound) && bad++ == 0) {
        printf("%s: element (%d, %d): wanted %.9g, got %.9g, error/bound %.3g\n", what, i, j, wanted, value, std::fabs(value - wanted) / bound);
      }
    }
  }
  if (bad != 0) {
    printf("%s: %d wrong\n", what, bad);
    ++failures();
  }
}

const auto everywhere = [](int, int) { return true; };

std::string label(const char* name, std::initializer_list<int> numbers) {
  std::string text = name;
  for (int n : numbers) text += " " + std::to_string(n);
  return text;
}

void poison(Matrix& c, float beta) {
  if (beta != 0.f) return;
  for (float& value : c.data) value = NAN;
}

TEST(gemm) {
  Blas blas;
  Random random(1);
  for (const auto& size : {std::array<int, 3>{1, 1, 1}, {7, 5, 3}, {33, 65, 17}, {64, 1, 129}, {130, 67, 257}, {301, 260, 190}, {5, 4, 0}}) {
    for (int options = 0; options < 12; ++options) {
      const int ta = options & 1, tb = options >> 1 & 1, m = size[0], n = size[1], k = size[2];
      const float alpha = 0.75f, beta = options >= 8 ? 0.5f : options >= 4 ? 1.f : 0.f;
      Matrix a(ta ? k : m, ta ? m : k, 3, random), b(tb ? n : k, tb ? k : n, 2, random), c(m, n, 5, random);
      if (a.rows == 0) a.ld = 1;
      if (b.rows == 0) b.ld = 1;
      poison(c, beta);
      const DeviceArray<> da(a.data), db(b.data), dc(c.data);
      CHECK_EQUAL(0, cublasSgemm_v2(blas.handle, ta, tb, m, n, k, &alpha, da.pointer(), a.ld, db.pointer(), b.ld, &beta, dc.pointer(), c.ld));
      check_product(label("gemm", {ta, tb, m, n, k}).c_str(), c, dc.get(), k, alpha, beta,
                    [&](int i, int j, int l) { return a.op(ta, i, l) * b.op(tb, l, j); }, everywhere);
    }
  }
}

TEST(gemm_batched) {
  Blas blas;
  Random random(2);
  const int m = 9, n = 6, k = 11, count = 3;
  const float alpha = 2.f, beta = 0.f;
  const Matrix a(m, k * count, 0, random), b(k, n * count, 0, random);
  const DeviceArray<> da(a.data), db(b.data), dc(m * n * count), dd(m * n * count);
  CHECK_EQUAL(0, cublasSgemmStridedBatched(blas.handle, 0, 0, m, n, k, &alpha, da.pointer(), m, m * k, db.pointer(), k, k * n, &beta,
                                           dc.pointer(), m, m * n, count));
  std::vector<const float*> as, bs;
  std::vector<float*> cs;
  for (int i = 0; i < count; ++i) {
    as.push_back(da.pointer(i * m * k));
    bs.push_back(db.pointer(i * k * n));
    cs.push_back(dd.pointer(i * m * n));
  }
  const DeviceArray<const float*> pa(as), pb(bs);
  const DeviceArray<float*> pc(cs);
  CHECK_EQUAL(0, cublasSgemmBatched(blas.handle, 0, 0, m, n, k, &alpha, pa.pointer(), m, pb.pointer(), k, &beta, pc.pointer(), m, count));
  CHECK(dc.get() == dd.get());
  Matrix before(m, n * count, 0, random);
  check_product("gemm strided", before, dc.get(), k, alpha, beta,
                [&](int i, int j, int l) { return a.at(i, j / n * k + l) * b.at(l, j); }, everywhere);
}

TEST(symm) {
  Blas blas;
  Random random(3);
  for (const auto& size : {std::array<int, 2>{1, 1}, {7, 5}, {65, 33}, {131, 70}, {310, 270}}) {
    for (int options = 0; options < 8; ++options) {
      const int side = options & 1, uplo = options >> 1 & 1, m = size[0], n = size[1], order = side == kLeft ? m : n;
      const float alpha = -1.5f, beta = options >= 4 ? 0.25f : 0.f;
      Matrix a(order, order, 3, random), b(m, n, 1, random), c(m, n, 2, random);
      a.poison_triangle(uplo);
      poison(c, beta);
      const DeviceArray<> da(a.data), db(b.data), dc(c.data);
      CHECK_EQUAL(0, cublasSsymm_v2(blas.handle, side, uplo, m, n, &alpha, da.pointer(), a.ld, db.pointer(), b.ld, &beta, dc.pointer(), c.ld));
      check_product(label("symm", {side, uplo, m, n}).c_str(), c, dc.get(), order, alpha, beta,
                    [&](int i, int j, int l) { return side == kLeft ? a.symmetric(uplo, i, l) * b.at(l, j) : b.at(i, l) * a.symmetric(uplo, l, j); },
                    everywhere);
    }
  }
}

TEST(syrk_and_syrkx) {
  Blas blas;
  Random random(4);
  for (const auto& size : {std::array<int, 2>{1, 1}, {7, 5}, {95, 31}, {97, 40}, {193, 70}, {260, 129}, {410, 90}}) {
    for (int options = 0; options < 16; ++options) {
      const int trans = options & 1, uplo = options >> 1 & 1, n = size[0], k = size[1];
      const bool two = options >> 3 & 1;
      const float alpha = 0.5f, beta = options & 4 ? 0.9f : 0.f;
      const Matrix a(trans ? k : n, trans ? n : k, 3, random), b(trans ? k : n, trans ? n : k, 1, random);
      Matrix c(n, n, 2, random);
      poison(c, beta);
      const DeviceArray<> da(a.data), db(b.data), dc(c.data);
      if (two) {
        CHECK_EQUAL(0, cublasSsyrkx(blas.handle, uplo, trans, n, k, &alpha, da.pointer(), a.ld, db.pointer(), b.ld, &beta, dc.pointer(), c.ld));
      } else {
        CHECK_EQUAL(0, cublasSsyrk_v2(blas.handle, uplo, trans, n, k, &alpha, da.pointer(), a.ld, &beta, dc.pointer(), c.ld));
      }
      const Matrix& other = two ? b : a;
      check_product(label(two ? "syrkx" : "syrk", {uplo, trans, n, k}).c_str(), c, dc.get(), k, alpha, beta,
                    [&](int i, int j, int l) { return a.op(trans, i, l) * other.op(trans, j, l); },
                    [&](int i, int j) { return uplo == kLower ? i >= j : i <= j; });
    }
  }
}

TEST(trsm_and_trmm) {
  Blas blas;
  Random random(5);
  for (const auto& size : {std::array<int, 2>{1, 1}, {7, 5}, {65, 33}, {40, 101}, {310, 270}}) {
    for (int options = 0; options < 16; ++options) {
      const int side = options & 1, uplo = options >> 1 & 1, trans = options >> 2 & 1, diag = options >> 3 & 1;
      const int m = size[0], n = size[1], order = side == kLeft ? m : n;
      const float alpha = 2.f, one = 1.f;
      Matrix a(order, order, 3, random);
      // Well conditioned: small elements beside a diagonal of about one.
      for (int j = 0; j < order; ++j) {
        for (int i = 0; i < order; ++i) a.at(i, j) = i == j ? (diag == 1 ? NAN : 1.f + 0.25f * a.at(i, j)) : a.at(i, j) / static_cast<float>(order);
      }
      a.poison_triangle(uplo);
      const Matrix b(m, n, 2, random);
      const DeviceArray<> da(a.data), db(b.data), dx(b.data), dc(b.data);
      const auto term = [&](const Matrix& x) {
        return [&](int i, int j, int l) {
          return side == kLeft ? a.triangular(uplo, trans, diag, i, l) * x.at(l, j) : x.at(i, l) * a.triangular(uplo, trans, diag, l, j);
        };
      };
      // trmm by its definition; trsm by multiplying back.
      CHECK_EQUAL(0, cublasStrmm_v2(blas.handle, side, uplo, trans, diag, m, n, &alpha, da.pointer(), a.ld, db.pointer(), b.ld, dc.pointer(), b.ld));
      check_product(label("trmm", {side, uplo, trans, diag, m, n}).c_str(), b, dc.get(), order, alpha, 0.f, term(b), everywhere);
      CHECK_EQUAL(0, cublasStrsm_v2(blas.handle, side, uplo, trans, diag, m, n, &alpha, da.pointer(), a.ld, dx.pointer(), b.ld));
      Matrix x = b;
      x.data = dx.get();
      std::vector<float> right(b.data);
      for (int j = 0; j < n; ++j) {
        for (int i = 0; i < m; ++i) right[static_cast<size_t>(j) * b.ld + i] *= alpha;
      }
      check_product(label("trsm", {side, uplo, trans, diag, m, n}).c_str(), x, right, order, one, 0.f, term(x), everywhere);
    }
  }
}

TEST(geam_and_dgmm) {
  Blas blas;
  Random random(6);
  const int m = 13, n = 7;
  const float alpha = 2.f, beta = -0.5f, zero = 0.f;
  for (int options = 0; options < 4; ++options) {
    const int ta = options & 1, tb = options >> 1;
    const Matrix a(ta ? n : m, ta ? m : n, 1, random), b(tb ? n : m, tb ? m : n, 2, random), c(m, n, 3, random);
    const DeviceArray<> da(a.data), db(b.data), dc(c.data);
    CHECK_EQUAL(0, cublasSgeam(blas.handle, ta, tb, m, n, &alpha, da.pointer(), a.ld, &beta, db.pointer(), b.ld, dc.pointer(), c.ld));
    check_product(label("geam", {ta, tb}).c_str(), c, dc.get(), 2, 1.f, 0.f,
                  [&](int i, int j, int l) { return l == 0 ? alpha * a.op(ta, i, j) : beta * b.op(tb, i, j); }, everywhere);
    CHECK_EQUAL(0, cublasSgeam(blas.handle, ta, 0, m, n, &alpha, da.pointer(), a.ld, &zero, nullptr, m, dc.pointer(), c.ld));
    check_product("geam transposes", c, dc.get(), 1, alpha, 0.f, [&](int i, int j, int) { return a.op(ta, i, j); }, everywhere);
  }
  for (int side = 0; side < 2; ++side) {
    const Matrix a(m, n, 1, random), c(m, n, 3, random), x(2, side == kLeft ? m : n, 0, random);
    const DeviceArray<> da(a.data), dx(x.data), dc(c.data);
    CHECK_EQUAL(0, cublasSdgmm(blas.handle, side, m, n, da.pointer(), a.ld, dx.pointer(), 2, dc.pointer(), c.ld));
    check_product("dgmm", c, dc.get(), 1, 1.f, 0.f, [&](int i, int j, int) { return a.at(i, j) * x.at(0, side == kLeft ? i : j); }, everywhere);
  }
}

TEST(vectors_and_pointer_modes) {
  Blas blas;
  Random random(7);
  const int n = 501;
  const Matrix x(1, n, 1, random), y(1, n, 2, random);
  const DeviceArray<> dx(x.data), dy(y.data), scalars({3.f, 0.f, 0.f, 0.f});
  double dot = 0, squares = 0, sum = 0;
  for (int i = 0; i < n; ++i) {
    dot += x.at(0, i) * y.at(0, i);
    squares += x.at(0, i) * x.at(0, i);
    sum += std::fabs(x.at(0, i));
  }
  float result = 0.f;
  CHECK_EQUAL(0, cublasSdot_v2(blas.handle, n, dx.pointer(), x.ld, dy.pointer(), y.ld, &result));
  CHECK(std::fabs(result - dot) <= n * FLT_EPSILON * squares);
  CHECK_EQUAL(0, cublasSnrm2_v2(blas.handle, n, dx.pointer(), x.ld, &result));
  CHECK(std::fabs(result - std::sqrt(squares)) <= n * FLT_EPSILON * std::sqrt(squares));
  CHECK_EQUAL(0, cublasSasum_v2(blas.handle, n, dx.pointer(), x.ld, &result));
  CHECK(std::fabs(result - sum) <= n * FLT_EPSILON * sum);
  CHECK_EQUAL(0, cublasSetPointerMode_v2(blas.handle, 1));
  CHECK_EQUAL(0, cublasSdot_v2(blas.handle, n, dx.pointer(), x.ld, dy.pointer(), y.ld, scalars.pointer(1)));
  CHECK_EQUAL(0, cublasSaxpy_v2(blas.handle, n, scalars.pointer(0), dx.pointer(), x.ld, dy.pointer(), y.ld));
  CHECK(std::fabs(scalars.get()[1] - dot) <= n * FLT_EPSILON * squares);
  check_product("axpy", y, dy.get(), 1, 3.f, 1.f, [&](int, int j, int) { return x.at(0, j); }, everywhere);

  // The scalar is read when the call runs: a graph follows its changes.
  void *stream = nullptr, *graph = nullptr, *exec = nullptr;
  CHECK_EQUAL(0, cuStreamCreate(&stream, 1));
  CHECK_EQUAL(0, cublasSetStream_v2(blas.handle, stream));
  const int m = 6;
  const Matrix a(m, m, 0, random), b(m, m, 0, random);
  const DeviceArray<> da(a.data), db(b.data), dc(m * m);
  CHECK_EQUAL(0, cuStreamBeginCapture_v2(stream, 0));
  CHECK_EQUAL(0, cublasSgemm_v2(blas.handle, 0, 0, m, m, m, scalars.pointer(0), da.pointer(), m, db.pointer(), m, scalars.pointer(3), dc.pointer(), m));
  CHECK_EQUAL(0, cuStreamEndCapture(stream, &graph));
  CHECK_EQUAL(0, cuGraphInstantiateWithFlags(&exec, graph, 0));
  for (const float alpha : {1.f, -2.f}) {
    CHECK_EQUAL(0, cuMemcpyHtoD_v2(scalars.address(), &alpha, 4));
    CHECK_EQUAL(0, cuStreamSynchronize(nullptr));
    CHECK_EQUAL(0, cuGraphLaunch(exec, stream));
    CHECK_EQUAL(0, cuStreamSynchronize(stream));
    Matrix before = a;
    check_product("gemm in a graph", before, dc.get(), m, alpha, 0.f, [&](int i, int j, int l) { return a.at(i, l) * b.at(l, j); }, everywhere);
  }
  CHECK_EQUAL(0, cuGraphExecDestroy(exec));
  CHECK_EQUAL(0, cuGraphDestroy(graph));
}

TEST(gemv_ger_scal_copy) {
  Blas blas;
  Random random(8);
  const int m = 37, n = 21;
  const Matrix a(m, n, 3, random);
  const DeviceArray<> da(a.data);
  for (int options = 0; options < 4; ++options) {
    const int trans = options & 1, inputs = trans ? m : n, outputs = trans ? n : m;
    const float alpha = 1.5f, beta = options & 2 ? 0.5f : 0.f;
    const Matrix x(1, inputs, 1, random);
    Matrix y(1, outputs, 2, random);
    poison(y, beta);
    const DeviceArray<> dx(x.data), dy(y.data);
    CHECK_EQUAL(0, cublasSgemv_v2(blas.handle, trans, m, n, &alpha, da.pointer(), a.ld, dx.pointer(), x.ld, &beta, dy.pointer(), y.ld));
    check_product("gemv", y, dy.get(), inputs, alpha, beta, [&](int, int j, int l) { return a.op(trans, j, l) * x.at(0, l); }, everywhere);
  }
  const Matrix x(1, m, 0, random), y(1, n, 0, random);
  const DeviceArray<> dx(x.data), dy(y.data), copied(m);
  const float alpha = -0.5f;
  CHECK_EQUAL(0, cublasSger_v2(blas.handle, m, n, &alpha, dx.pointer(), 1, dy.pointer(), 1, da.pointer(), a.ld));
  check_product("ger", a, da.get(), 1, alpha, 1.f, [&](int i, int j, int) { return x.at(0, i) * y.at(0, j); }, everywhere);
  CHECK_EQUAL(0, cublasScopy_v2(blas.handle, m, dx.pointer(), -1, copied.pointer(), 1));
  CHECK_EQUAL(0, cublasSscal_v2(blas.handle, m, &alpha, copied.pointer(), 1));
  CHECK(copied.get()[0] == alpha * x.data[m - 1] && copied.get()[m - 1] == alpha * x.data[0]);
}

TEST(wrong_arguments_and_pointers_are_found) {
  Blas blas;
  const float one = 1.f;
  const DeviceArray<> a(100), c(100);
  CHECK_EQUAL(7, cublasSgemm_v2(blas.handle, 0, 0, 10, 10, 10, &one, a.pointer(), 9, a.pointer(), 10, &one, c.pointer(), 10));
  CHECK_CONTAINS(softcudaLastMessage(), "invalid lda");
  CHECK_EQUAL(7, cublasSgemm_v2(blas.handle, 5, 0, 10, 10, 10, &one, a.pointer(), 10, a.pointer(), 10, &one, c.pointer(), 10));
  CHECK_EQUAL(7, cublasSgemm_v2(blas.handle, 0, 0, 10, 10, 10, nullptr, a.pointer(), 10, a.pointer(), 10, &one, c.pointer(), 10));
  CHECK_EQUAL(1, cublasSgemm_v2(nullptr, 0, 0, 10, 10, 10, &one, a.pointer(), 10, a.pointer(), 10, &one, c.pointer(), 10));
  CHECK_EQUAL(15, cublasDgemm_v2());
  CHECK_EQUAL(0, cuCtxSynchronize());
  CHECK_EQUAL(0, cublasSgemm_v2(blas.handle, 0, 0, 10, 10, 10, &one, a.pointer(1), 10, a.pointer(), 10, &one, c.pointer(), 10));
  CHECK_EQUAL(700, cuCtxSynchronize());
  CHECK_CONTAINS(softcudaLastMessage(), "cublasSgemm");
}

}  // namespace

int main() { return run_all(); }
