// Products and triangular solves of cuBLAS: all options, odd sizes, leading dimensions larger than needed.
#include <array>

#include "blas_model.h"

namespace {

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
  const int m = 9, n = 6, count = 3;
  const float alpha = 2.f, beta = 0.f;
  for (const int k : {11, 1}) {  // outer products are made another way
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
  for (const auto& size : {std::array<int, 2>{1, 1}, {7, 5}, {65, 33}, {40, 101}, {310, 270}, {90, 1}}) {
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

}  // namespace

int main() { return run_all(); }
