// cuSOLVER's dense calls: residuals in double against bounds of the form c n eps.
#include <cfloat>
#include <cmath>

#include "libraries.h"

namespace {

struct Solver {
  TestContext context;
  void* handle = nullptr;
  Solver() { CHECK_EQUAL(0, cusolverDnCreate(&handle)); }
  ~Solver() { CHECK_EQUAL(0, cusolverDnDestroy(handle)); }
};

// Symmetric, positive definite, eigenvalues about 1 .. 4; n x n with leading dimension ld, NaN in the padding.
std::vector<float> positive_definite(int n, int ld, Random& random) {
  std::vector<float> a(static_cast<size_t>(ld) * n, NAN);
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i <= j; ++i) {
      const float value = random.next() / std::sqrt(static_cast<float>(n));
      a[static_cast<size_t>(j) * ld + i] = a[static_cast<size_t>(i) * ld + j] = i == j ? 2.5f + value : value;
    }
  }
  return a;
}

TEST(cholesky_factor_inverse_and_solution) {
  Solver solver;
  Random random(1);
  for (const int n : {1, 2, 31, 64, 101, 300}) {
    for (int uplo = 0; uplo < 2; ++uplo) {
      const int ld = n + 3;
      const std::vector<float> original = positive_definite(n, ld, random);
      std::vector<float> half = original;
      const auto stored = [&](int i, int j) { return uplo == 0 ? i >= j : i <= j; };
      for (int j = 0; j < n; ++j) {
        for (int i = 0; i < n; ++i) {
          if (!stored(i, j)) half[static_cast<size_t>(j) * ld + i] = -77.f;
        }
      }
      const DeviceArray<> a(half);
      const DeviceArray<int> info(std::vector<int>{-1});
      int size = 0;
      CHECK_EQUAL(0, cusolverDnSpotrf_bufferSize(solver.handle, uplo, n, a.pointer(), ld, &size));
      CHECK(size > 0);
      const DeviceArray<> work(static_cast<size_t>(size));
      CHECK_EQUAL(0, cusolverDnSpotrf(solver.handle, uplo, n, a.pointer(), ld, work.pointer(), size, info.pointer()));
      CHECK_EQUAL(0, info.get()[0]);
      const std::vector<float> factor = a.get();
      const auto l = [&](int i, int j) -> double { return uplo == 0 ? factor[static_cast<size_t>(j) * ld + i] : factor[static_cast<size_t>(i) * ld + j]; };
      double worst = 0;
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j <= i; ++j) {
          double sum = 0;
          for (int k = 0; k <= j; ++k) sum += l(i, k) * l(j, k);
          worst = std::fmax(worst, std::fabs(sum - original[static_cast<size_t>(j) * ld + i]));
        }
      }
      CHECK(worst <= 4.0 * n * FLT_EPSILON * 3.5);
      bool untouched = true;
      for (int j = 0; j < n; ++j) {
        for (int i = 0; i < n; ++i) untouched &= stored(i, j) || factor[static_cast<size_t>(j) * ld + i] == -77.f;
      }
      CHECK(untouched);

      std::vector<float> right = random.vector(static_cast<size_t>(ld) * 2);
      const DeviceArray<> b(right);
      CHECK_EQUAL(0, cusolverDnSpotrs(solver.handle, uplo, n, 2, a.pointer(), ld, b.pointer(), ld, info.pointer()));
      const std::vector<float> x = b.get();
      CHECK_EQUAL(0, cusolverDnSpotri(solver.handle, uplo, n, a.pointer(), ld, work.pointer(), size, info.pointer()));
      CHECK_EQUAL(0, info.get()[0]);
      const std::vector<float> inverse = a.get();
      double solution = 0, identity = 0;
      for (int i = 0; i < n; ++i) {
        for (int c = 0; c < 2; ++c) {
          double sum = -right[static_cast<size_t>(c) * ld + i];
          for (int k = 0; k < n; ++k) sum += static_cast<double>(original[static_cast<size_t>(k) * ld + i]) * x[static_cast<size_t>(c) * ld + k];
          solution = std::fmax(solution, std::fabs(sum));
        }
        for (int j = 0; j < n; ++j) {
          double sum = i == j ? -1.0 : 0.0;
          for (int k = 0; k < n; ++k) {
            const bool as_is = stored(k, j);
            sum += static_cast<double>(original[static_cast<size_t>(k) * ld + i]) * inverse[as_is ? static_cast<size_t>(j) * ld + k : static_cast<size_t>(k) * ld + j];
          }
          identity = std::fmax(identity, std::fabs(sum));
        }
      }
      CHECK(solution <= 16.0 * n * FLT_EPSILON * 4);
      CHECK(identity <= 16.0 * n * FLT_EPSILON * 4);
    }
  }
}

TEST(the_first_bad_pivot_is_reported) {
  Solver solver;
  const int n = 100;
  for (const int bad : {0, 1, 63, 99}) {
    for (const float pivot : {-1.f, 0.f, NAN}) {
      std::vector<float> values(n * n, 0.f);
      for (int i = 0; i < n; ++i) values[i * n + i] = i == bad ? pivot : 1.f;
      const DeviceArray<> a(values);
      const DeviceArray<int> info(std::vector<int>{-1});
      CHECK_EQUAL(0, cusolverDnSpotrf(solver.handle, 0, n, a.pointer(), n, nullptr, 0, info.pointer()));
      CHECK_EQUAL(bad + 1, info.get()[0]);
    }
  }
}

TEST(eigenvalues_and_vectors) {
  Solver solver;
  Random random(2);
  const int n = 60;
  const std::vector<float> original = positive_definite(n, n, random);
  const DeviceArray<> a(original), w(n);
  const DeviceArray<int> info(std::vector<int>{-1});
  int size = 0;
  CHECK_EQUAL(0, cusolverDnSsyevd_bufferSize(solver.handle, 1, 0, n, a.pointer(), n, w.pointer(), &size));
  CHECK_EQUAL(0, cusolverDnSsyevd(solver.handle, 1, 0, n, a.pointer(), n, w.pointer(), nullptr, size, info.pointer()));
  CHECK_EQUAL(0, info.get()[0]);
  const std::vector<float> v = a.get(), values = w.get();
  double worst = 0;
  for (int e = 0; e < n; ++e) {
    CHECK(e == 0 || values[e] >= values[e - 1]);
    for (int i = 0; i < n; ++i) {
      double sum = -static_cast<double>(values[e]) * v[e * n + i];
      for (int k = 0; k < n; ++k) sum += static_cast<double>(original[k * n + i]) * v[e * n + k];
      worst = std::fmax(worst, std::fabs(sum));
    }
  }
  CHECK(worst <= 8.0 * n * FLT_EPSILON * 4);
}

TEST(wrong_arguments_and_missing_calls) {
  Solver solver;
  const DeviceArray<> a(100);
  const DeviceArray<int> info(1);
  CHECK_EQUAL(3, cusolverDnSpotrf(solver.handle, 0, 10, a.pointer(), 9, nullptr, 0, info.pointer()));
  CHECK_EQUAL(3, cusolverDnSpotrf(solver.handle, 2, 10, a.pointer(), 10, nullptr, 0, info.pointer()));
  CHECK_EQUAL(1, cusolverDnSpotrf(nullptr, 0, 10, a.pointer(), 10, nullptr, 0, info.pointer()));
  CHECK_EQUAL(9, cusolverDnDgetrf());
  CHECK_EQUAL(0, cusolverDnSpotrf(solver.handle, 0, 11, a.pointer(), 11, nullptr, 0, info.pointer()));
  CHECK_EQUAL(700, cuCtxSynchronize());
  CHECK_CONTAINS(softcudaLastMessage(), "cusolverDnSpotrf");
}

}  // namespace

int main() { return run_all(); }
