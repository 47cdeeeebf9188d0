#pragma once
// The functions of OpenBLAS that the library shims call, found in libopenblas.so.0 at the first use. Column-major throughout.
#include <string>

namespace softcuda {

// The values of CBLAS' enumerations.
enum Order : int { kColumnMajor = 102 };
enum Trans : int { kNoTrans = 111, kTrans = 112 };
enum Uplo : int { kUpper = 121, kLower = 122 };
enum Diag : int { kNonUnit = 131, kUnit = 132 };
enum Side : int { kLeft = 141, kRight = 142 };

struct OpenBlas {
  void (*sgemm)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb,
                float beta, float* c, int ldc);
  void (*dgemm)(int order, int trans_a, int trans_b, int m, int n, int k, double alpha, const double* a, int lda, const double* b, int ldb,
                double beta, double* c, int ldc);
  void (*ssymm)(int order, int side, int uplo, int m, int n, float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                float* c, int ldc);
  void (*ssymv)(int order, int uplo, int n, float alpha, const float* a, int lda, const float* x, int incx, float beta, float* y, int incy);
  void (*ssyrk)(int order, int uplo, int trans, int n, int k, float alpha, const float* a, int lda, float beta, float* c, int ldc);
  void (*strsm)(int order, int side, int uplo, int trans, int diag, int m, int n, float alpha, const float* a, int lda, float* b, int ldb);
  void (*strsv)(int order, int uplo, int trans, int diag, int n, const float* a, int lda, float* x, int incx);
  void (*strmm)(int order, int side, int uplo, int trans, int diag, int m, int n, float alpha, const float* a, int lda, float* b, int ldb);
  void (*sgemv)(int order, int trans, int m, int n, float alpha, const float* a, int lda, const float* x, int incx, float beta, float* y,
                int incy);
  void (*sger)(int order, int m, int n, float alpha, const float* x, int incx, const float* y, int incy, float* a, int lda);
  float (*sdot)(int n, const float* x, int incx, const float* y, int incy);
  float (*snrm2)(int n, const float* x, int incx);
  float (*sasum)(int n, const float* x, int incx);
  void (*spotrf)(const char* uplo, const int* n, float* a, const int* lda, int* info);
  void (*slauum)(const char* uplo, const int* n, float* a, const int* lda, int* info);
  void (*strtri)(const char* uplo, const char* diag, const int* n, float* a, const int* lda, int* info);
  void (*ssyevd)(const char* jobz, const char* uplo, const int* n, float* a, const int* lda, float* w, float* work, const int* lwork,
                 int* iwork, const int* liwork, int* info);

  // Loads the library, for use by one thread a call. nullptr when that fails; then says on stderr what was looked for where.
  static const OpenBlas* load();
  static void complain(const std::string& text);
};

}  // namespace softcuda
