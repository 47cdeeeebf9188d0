// The decision on an update with a step size a layer, in its scalar block (control.cuh): coefficients, reasons, rung, growth of lambda,
// and when the factors are refreshed next (layer_signals.cuh).
#pragma once

#include "coefficients.cuh"
#include "layer_signals.cuh"

namespace krongauss {

// f the scalar block, with the kappa of the update before: this one's follows from along [L], <D_l, g_l> with the directions before
// and the new gradient, and from x, still the update's before; it is kept if the update is accepted. infos [rungs][factors] and gammas
// [rungs] those of the ladder. traces [2 L] of the factors where this update refreshed them, else null; traces_before [2 L] those of
// the last refresh of an accepted update, 0 before there is one: the interval to the next refresh follows from both, and if the
// update is accepted the new ones take their place. scratch as for solve(). Filled by Coefficients.java.
struct Decision {
  double* scratch;
  const float* along;
  float* x;
  float* f;
  const int* infos;
  const float* gammas;
  const float* traces;
  float* traces_before;
  int rungs;
  int factors;
  float eta;
  float growth;
  float greatest;
  int lambda_adapts;
  int gamma_adapts;
};

// The greatest drift of the layers' factors, in all threads.
__device__ __forceinline__ float greatest_drift(const float* now, const float* before, int L) {
  const int l = threadIdx.x;
  float drift = 0;
  if (l < L) drift = fmaxf(drift_of(now[2 * l], before[2 * l]), drift_of(now[2 * l + 1], before[2 * l + 1]));
  return fold<Maximum, kThreads>(drift);
}

// By all threads of a block of kThreads; C [L][L], measures [4][L] with w = |W_l|^2 behind r, q and p.
__device__ __forceinline__ void decide(const float* C, int stride, const float* measures, int L, const Decision& d) {
  float* const f = d.f;
  const int l = threadIdx.x;
  const bool own = l < L;
  const bool following = follows(f);
  double agreed[1] = {following && own ? static_cast<double>(d.x[l]) * d.along[l] : 0.0};
  totals(agreed);
  const Signals signals = following ? signals_after(f, agreed[0]) : signals_of(f);
  const double damping = static_cast<double>(f[LAMBDA]) + static_cast<double>(d.eta);
  const Solution solution = solve({C, stride, measures, L, damping, signals.kappa}, d.scratch, d.x);
  double row = 0;  // of C
  for (int j = 0; own && j < L; j++) row += row_of(C, max(l, j), stride)[min(l, j)];
  const double r = own ? measures[l] : 0.0f;
  double sums[5] = {r, own ? measures[L + l] : 0.0f, own ? measures[3 * L + l] : 0.0f, row, own ? d.x[l] * r : 0.0};
  totals(sums);
  const float drift = d.traces == nullptr ? 0.0f : greatest_drift(d.traces, d.traces_before, L);
  if (l == 0) {
    f[NORM2] = static_cast<float>(sums[2]);
    f[CURVATURE] = static_cast<float>(sums[3]);
    f[SLOPE] = static_cast<float>(sums[0]);
    f[DIRECTION2] = static_cast<float>(sums[1]);
    f[ALPHA] = f[COMMON_STEP] = solution.common;
    f[MU] = 0.0f;
    f[PREDICTED] = solution.predicted;
    int reason = solution.failed == 0 ? 0 : REASON_STEP;
    if (!solution.slopes) reason |= REASON_GRADIENT;
    judge(f, reason, {d.infos, d.gammas, d.rungs, d.factors}, d.eta,
          {d.growth, d.greatest, d.lambda_adapts != 0, d.gamma_adapts != 0});
    const bool accepted = reinterpret_cast<const int*>(f)[ACCEPTED] == 1;
    if (accepted) keep(f, signals, sums[4]);
    if (d.traces != nullptr) schedule(f, accepted && d.traces_before[0] > 0, drift);
  }
  if (d.traces == nullptr) return;
  __syncthreads();  // the decision
  if (!own || reinterpret_cast<const int*>(f)[ACCEPTED] != 1) return;
  d.traces_before[2 * l] = d.traces[2 * l];
  d.traces_before[2 * l + 1] = d.traces[2 * l + 1];
}

}  // namespace krongauss
