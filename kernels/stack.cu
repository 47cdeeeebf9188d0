// Sums over the rows of a datapoint, for residuals in double.
//
//   stack   r_kn = 1 / sqrt(m) sum_u r_k(g m + u),   n in the datapoint g of rows g m .. g m + m - 1
//
// twice is the sum itself: between B and B', each has its half
//
// shapes    r [K][N] doubles, compact, in place; N a multiple of m
// stop      [1]: where it is not 0 the launch leaves at once; may be null
// aliasing  in place
// launch    256 threads, a thread a datapoint and k, grid K N / m / 256 rounded up
// cost      2 flops and 16 bytes an element
// bound     (m + 1) eps64 sum |r|, eps64 = 2^-53
// order     u from 0
// source    a datapoint's residual depends on all of its rows: its derivative is the sum of theirs
#include "doubles.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
stack_f64(const int* stop, double* r, int sums, int stack, double factor) {
  if (stopped(stop)) return;
  const int i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= sums) return;
  double* rows = r + static_cast<long long>(i) * stack;
  double sum = 0.0;
  for (int u = 0; u < stack; u++) sum += rows[u];
  for (int u = 0; u < stack; u++) rows[u] = factor * sum;
}
