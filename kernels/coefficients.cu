// A step size for each layer: the minimum of a damped quadratic model in the space that the layers' directions D_l span.
//
//   A = C + (lambda + eta) diag(q)           the Gauss-Newton matrix of the directions, C_ij = <J D_i, H J D_j>, damped
//   a = |sum r / sum A|                      the best common step
//   M = A + kappa / a diag(max(p, 0))        p the squared length in the factors' own metric
//   x = -M^-1 r,  predicted = x'r + x'A x / 2
//
//   coefficients_f32           x, and predicted, a, failed
//   coefficients_f32__decide   x, and the decision on the update in its scalar block (control.cuh): reasons, rung, growth of lambda
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
#include "coefficients.cuh"
#include "layer_signals.cuh"

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

// The greatest drift of the layers' factors, in all threads.
__device__ __forceinline__ float greatest_drift(const float* now, const float* before, int L) {
  const int l = threadIdx.x;
  float drift = 0;
  if (l < L) drift = fmaxf(drift_of(now[2 * l], before[2 * l]), drift_of(now[2 * l + 1], before[2 * l + 1]));
  return fold<Maximum, kThreads>(drift);
}

// f the scalar block, with the kappa of the update before: this one's follows from along [L], <D_l, g_l> with the directions before
// and the new gradient, and from x, still the update's before (layer_signals.cuh); it is kept if the update is accepted. infos
// [rungs][factors] and gammas [rungs] those of the ladder. traces [2 L] of the factors where this update refreshed them, else null;
// traces_before [2 L] those of the last refresh of an accepted update, 0 before there is one: the interval to the next refresh
// follows from both, and if the update is accepted the new ones take their place.
extern "C" __global__ void __launch_bounds__(kThreads, 1)
coefficients_f32__decide(const float* C, int stride, const float* measures, int L, double* scratch, const float* along, float* x,
                         float* f, const int* infos, const float* gammas, int rungs, int factors, float eta, float growth,
                         float greatest, int lambdaAdapts, int gammaAdapts, const float* traces, float* traces_before) {
  const int l = threadIdx.x;
  const bool own = l < L;
  const bool following = follows(f);
  const double agreed = total(following && own ? static_cast<double>(x[l]) * along[l] : 0.0);
  const Signals signals = following ? signals_after(f, agreed) : signals_of(f);
  const double damping = static_cast<double>(f[LAMBDA]) + static_cast<double>(eta);
  const Solution solution = solve({C, stride, measures, L, damping, signals.kappa}, scratch, x);
  const double slope = total(own ? measures[l] : 0.0f);
  const double square = total(own ? measures[L + l] : 0.0f);
  double curvature = 0;  // of row l of C
  for (int j = 0; own && j < L; j++) curvature += row_of(C, max(l, j), stride)[min(l, j)];
  curvature = total(curvature);
  const double step_slope = total(own ? static_cast<double>(x[l]) * measures[l] : 0.0);
  const double norm2 = total(own ? measures[3 * L + l] : 0.0f);
  const float drift = traces == nullptr ? 0.0f : greatest_drift(traces, traces_before, L);
  if (l == 0) {
    f[NORM2] = static_cast<float>(norm2);
    f[CURVATURE] = static_cast<float>(curvature);
    f[SLOPE] = static_cast<float>(slope);
    f[DIRECTION2] = static_cast<float>(square);
    f[ALPHA] = f[COMMON_STEP] = solution.common;
    f[MU] = 0.0f;
    f[PREDICTED] = solution.predicted;
    int reason = solution.failed == 0 ? 0 : REASON_STEP;
    if (!solution.slopes) reason |= REASON_GRADIENT;
    judge(f, reason, {infos, gammas, rungs, factors}, eta, {growth, greatest, lambdaAdapts != 0, gammaAdapts != 0});
    const bool accepted = reinterpret_cast<const int*>(f)[ACCEPTED] == 1;
    if (accepted) keep(f, signals, step_slope);
    if (traces != nullptr) schedule(f, accepted && traces_before[0] > 0, drift);
  }
  if (traces == nullptr) return;
  __syncthreads();  // the decision
  if (!own || reinterpret_cast<const int*>(f)[ACCEPTED] != 1) return;
  traces_before[2 * l] = traces[2 * l];
  traces_before[2 * l + 1] = traces[2 * l + 1];
}
