// cuBLAS beside its products: sums and scalings of matrices, vectors, scalars on the device, and wrong arguments.
#include "blas_model.h"

namespace {

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
  CHECK_EQUAL(15, cublasDsyrk_v2());
  CHECK_EQUAL(0, cuCtxSynchronize());
  CHECK_EQUAL(0, cublasSgemm_v2(blas.handle, 0, 0, 10, 10, 10, &one, a.pointer(1), 10, a.pointer(), 10, &one, c.pointer(), 10));
  CHECK_EQUAL(700, cuCtxSynchronize());
  CHECK_CONTAINS(softcudaLastMessage(), "cublasSgemm");
}

}  // namespace

int main() { return run_all(); }
