// Diagonal matrices, as the vectors of their diagonals.
//
//   invert    x = 1 / (g + damping)     of many diagonals, beside a library's inverses; cholesky.cu has it, too
//   gram      s = beta s + alpha diag(X^T X)     the diagonal of gram.cu's matrix alone
//
// shapes    invert: g, x [n], damping and info [row], of a diagonal at its place. gram: X [M][d], s [d]
// aliasing  an x overlaps no g and no other x; s is not X
// groups    one launch for all diagonals and candidates
// launch    invert: a block of 256 threads a diagonal. gram: 256 threads, a block for 32 columns, grid d / 32 rounded up
// info      0, or the 1-based index of the first g + damping that is not positive and finite; x is filled with NaN then
// cost      invert: 2 flops and 12 bytes an element. gram: 2 flops and 4 bytes an element of X
// bound     invert: 3 eps |x|, x a normal number: the sum's rounding and that of the division; gram: (M / 1024 + 45)
//           eps alpha sum x^2
// order     fixed by shape and layout; no atomics
// source    Martens, Grosse 2015, "Factored Tikhonov regularization", of a factor that is diagonal
#include "diagonal.cuh"
#include "groups.cuh"

using namespace krongauss;

struct Diagonal : Group {
  int n;
  int place;  // of damping and info
  const float* g;
  float* x;
};

extern "C" __global__ void __launch_bounds__(kThreads)
diagonal_f32__invert(const __grid_constant__ Groups<Diagonal> diagonals, const float* damping, int* info) {
  const Diagonal& d = group_of(diagonals);
  const int failed = invert_diagonal(d.g, damping[d.place], d.x, d.n);
  if (threadIdx.x == 0) info[d.place] = failed;
}

// 8 threads of 4 columns side by side make one 128-byte access; 32 rows at a time. Sums of 32 rows are added to sums of sums, so
// the error grows with M / 1024.
extern "C" __global__ void __launch_bounds__(kThreads)
diagonal_f32__gram(const float* X, int X_stride, float* s, int M, int d, int whole, float alpha, float beta) {
  __shared__ __align__(16) float parts[kThreads / kWarp][32];
  const int c = blockIdx.x * 32 + 4 * (threadIdx.x % 8);
  Pack<4> outer = {0.0f, 0.0f, 0.0f, 0.0f};
  for (int begin = threadIdx.x / 8; begin < M; begin += 1024) {
    Pack<4> inner = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int n = begin; n < min(M, begin + 1024); n += 32) {
      const Pack<4> x = load_quad(row_of(X, n, X_stride), c, d, whole, 0.0f);
#pragma unroll
      for (int i = 0; i < 4; i++) inner.v[i] = fmaf(x.v[i], x.v[i], inner.v[i]);
    }
#pragma unroll
    for (int i = 0; i < 4; i++) outer.v[i] += inner.v[i];
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    outer.v[i] += __shfl_xor_sync(kAll, outer.v[i], 8);
    outer.v[i] += __shfl_xor_sync(kAll, outer.v[i], 16);
  }
  if (threadIdx.x % kWarp < 8) store<4>(&parts[threadIdx.x / kWarp][4 * (threadIdx.x % 8)], outer);
  __syncthreads();
  const int column = blockIdx.x * 32 + threadIdx.x;
  if (threadIdx.x >= 32 || column >= d) return;
  float sum = parts[0][threadIdx.x];
#pragma unroll
  for (int i = 1; i < kThreads / kWarp; i++) sum += parts[i][threadIdx.x];
  const float past = beta == 0.0f ? 0.0f : beta * s[column];
  s[column] = fmaf(alpha, sum, past);
}
