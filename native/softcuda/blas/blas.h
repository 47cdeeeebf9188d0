#pragma once
#include "openblas.h"
#include "team.h"

namespace softcuda {

// Level 3 and Cholesky on a team of threads, out of single-threaded OpenBLAS calls. Column-major; the values of the options are
// CBLAS'. n == 0 and m == 0 are allowed everywhere.
class Blas {
 public:
  // nullptr when OpenBLAS cannot be loaded or KRONGAUSS_BLAS_THREADS is wrong; then says so once on stderr.
  static Blas* get();

  const OpenBlas& single() const { return *open_; }
  Team& team() { return team_; }

  void gemm(int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta, float* c,
            int ldc);
  void gemm(int trans_a, int trans_b, int m, int n, int k, double alpha, const double* a, int lda, const double* b, int ldb, double beta, double* c,
            int ldc);
  // C_i = alpha a_i b_i', a_i [m] and b_i [n], of `count` matrices C_i, `stride` apart each.
  void outer(int m, int n, float alpha, const float* a, long long stride_a, const float* b, long long stride_b, float* c, int ldc,
             long long stride_c, int count);
  // y = alpha a o x + beta y of n elements each; what has the factor 0 is not read.
  void diagonal(int n, double alpha, const double* a, const double* x, double beta, double* y);
  void symm(int side, int uplo, int m, int n, float alpha, const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
  // Triangle of C = alpha op(A) op(B)^T + beta C; B may be A.
  void syrkx(int uplo, int trans, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
  void trsm(int side, int uplo, int trans, int diag, int m, int n, float alpha, const float* a, int lda, float* b, int ldb);
  void trmm(int side, int uplo, int trans, int diag, int m, int n, float alpha, const float* a, int lda, float* b, int ldb);

  // As LAPACK's of the same name. A NaN or infinite pivot counts as one that is not positive.
  int potrf(int uplo, int n, float* a, int lda);
  int potri(int uplo, int n, float* a, int lda);
  void potrs(int uplo, int n, int nrhs, const float* a, int lda, float* b, int ldb);

 private:
  Blas(const OpenBlas* open, int threads) : open_(open), team_(threads) {}
  // Calls part(row, height, column, width) for the tiles of an m x n product, on all threads.
  template <class Part>
  void by_tiles(int m, int n, int k, const Part& part);
  int parts(double flops, int length) const;
  int factor(int uplo, int n, float* a, int lda);
  void invert(int uplo, int n, float* a, int lda);
  void multiply(int uplo, int n, float* a, int lda);

  const OpenBlas* const open_;
  Team team_;
};

}  // namespace softcuda
