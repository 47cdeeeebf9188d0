// A step size for each layer: the minimum of a damped quadratic model in the space that the layers' directions D_l span.
//
//   A = C + (lambda + eta) diag(q)           the Gauss-Newton matrix of the directions, C_ij = <J D_i, H J D_j>, damped
//   a = |sum r / sum A|                      the best common step
//   M = A + kappa / a diag(max(p, 0))        p the squared length in the factors' own metric
//   x = -M^-1 r,  predicted = x'r + x'A x / 2
//
//   coefficients_f32           x, and predicted, a, failed
//   coefficients_f32__decide   x, and the decision on the update in its scalar block (layer_decision.cuh)
//
// r_l = <D_l, g_l>, q_l = |D_l|^2, p_l = -<D_l, m_l>: layer_measures.cu. kappa -> infinity is a / kappa for every layer alike,
// kappa -> 0 the free minimum, which fits the batch's noise.
// solved    with both sides scaled to a diagonal of ones, plus kRidge, by a Cholesky factorisation
// failed    0; the 1-based column that is not positive; -1: something is not finite, before or after. Then x = 0, predicted = 0
//           and a = 0. predicted is that of x as rounded to floats and of A, not M
// scale     nothing here has a size of its own: D_l -> c D_l gives x_l / c for all layers alike, and a loss times c (lambda
//           with it) the same x. So the floors are shares: |sum r| counts as kLeastShare of sum |r| or more, |sum A| as so much
//           of A's trace. A layer has no floor of its own: a diagonal in double cannot underflow
// degenerate
//   M_ll = 0, |r_l| below the normal floats   a dead layer, or a gradient of 0: x_l = 0, as if it were not there
//   M_ll = 0, r_l not 0; M_ll < 0             no minimum: fails at that column. C of an indefinite H may do that
//   trace A = 0                               a = 0, and p does not count
// shapes    C [L][L], the lower triangle is read; measures [3][L]: r, q, p, of decide [4][L], w = |W_l|^2 behind them; lambda,
//           kappa [1]; x [L]; common [2]: predicted, a; scratch [L][L] doubles for more than kLayersInShared layers
// aliasing  an output must not be an input
// launch    one block of 256 threads, a thread a layer: L at most kMostLayers; bounds of one block a multiprocessor, for ptxas
//           spills a register otherwise. Fixed order: the same bits on every run
// doubles   the system may be as bad as 1 / kRidge, and then floats, of C's own error, give nothing. It is of a few layers: at
//           L = 12 some thousand flops
// cost      L^3 / 3 + 8 L^2 flops
// bound     |M' x + r|_i <= eps (|M'| |x|)_i + 8 L eps64 d_i sum_j d_j |x_j|, M' = M + kRidge diag(M), d = sqrt(diag M): x is
//           rounded once, and the rest is that of a factorisation in double
// source    Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., theorem 10.4, for the bound
#include "layer_decision.cuh"

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads, 1)
coefficients_f32(const float* C, int stride, const float* measures, int L, const float* lambda, float eta, const float* kappa,
                 double* scratch, float* x, float* common, int* failed) {
  const double damping = static_cast<double>(*lambda) + static_cast<double>(eta);
  const Solution solution = solve({C, stride, measures, L, damping, *kappa}, scratch, x);
  if (threadIdx.x != 0) return;
  common[0] = solution.predicted;
  common[1] = solution.common;
  *failed = solution.failed;
}

extern "C" __global__ void __launch_bounds__(kThreads, 1)
coefficients_f32__decide(const float* C, int stride, const float* measures, int L, const __grid_constant__ Decision decision) {
  decide(C, stride, measures, L, decision);
}
