// Scalar decisions of an update, taken on the device so that the host never waits for a number.
//
// The scalar block, and what decides on it elsewhere too (first-order updates: reduce.cu), is in control.cuh.
//   begin        step += 1;  gamma = sqrt(lambda + eta) where gamma follows lambda
//   choose       of three directions, one a damping: that with the lowest M, the first of equals. What has a failed factor or
//                is not finite is out; if all are out, the first one stands, which rescale then rejects. The choice's
//                numbers, gamma and infos become those of the update
//   balance      s = the power of two next to sqrt(E[v'Hv] / E[w'Hw]), v = J D, w = J V; 0 where one of them is not positive
//   rescale      q = E[v'Hv] + (lambda + eta) |D|^2;  alpha = -<D,g> / q;  M = alpha <D,g> / 2
//                with momentum, V being the update before: alpha and mu minimise the quadratic model of alpha D + mu V, below
//                rung = the first damping of the ladder with which every factor was positive definite
//                accepted = everything finite, such a rung; else an adapted lambda *= growth, not above `greatest`, and an
//                adapted gamma *= sqrt(growth), not above sqrt(greatest + eta)
//                an adapted gamma is at least that of the rung
//   reduction    rho = (new objective - objective) / M;  rho > 3/4: lambda *= fall;  rho < 1/4 or not finite: /= grow
//                |M| <= kNoise objective: the change is rounding, and lambda stays
// Updates begun and applied are counted in 64 bits (count.cuh), rejections in a row up to 2^31 - 1.
// A zero gradient gives D = 0 and q = 0: alpha is 0 and the update is accepted, since there is nothing to do. So it is where
// q underflows, and <D,g> but for a subnormal rest: a network that is right, and sure of it.
// Momentum: (q_DD q_DV; q_DV q_VV) (alpha, mu)' = -(<D,g>, <V,g>), M = (alpha <D,g> + mu <V,g>) / 2, where q_DV is
// (lambda + eta) <D,V> + E[v'Hw], and E[v'Hw] = (E[(v + s w)'H(v + s w)] - E[(v - s w)'H(v - s w)]) / 4 s. The power s makes
// both parts of the sums alike, so that the error is c n eps sqrt(E[v'Hv] E[w'Hw]), as that of an inner product. The system is
// solved with both directions scaled to q = 1. It counts only where V moves at all, where the directions are not closer
// than kLeastSine2, and where it promises no less than alpha alone: otherwise mu = 0.
// Launch: one thread. Source: Botev, Ritter, Barber 2017, section on the update; Martens, Grosse 2015.

#include "control.cuh"

using namespace krongauss;

namespace {
constexpr int kCandidates = 3;
constexpr int kMeasures = 3;  // slope, direction2, curvature: neighbours in the scalar block as in a candidate's numbers

// What momentum is judged by: neighbours in the scalar block from slot MIXED as in a candidate's numbers.
enum Mixed { PREVIOUS_SLOPE, PREVIOUS2, PREVIOUS_CURVATURE, INNER, PLUS, MINUS, BALANCE, BACK, kMixed };

// A sine^2 has an error of c n eps, about 1e-6; alpha and mu then keep two digits or more.
constexpr float kLeastSine2 = 1e-3f;

// Relative error of the difference of two objectives: mean losses of sixteen roundings or so.
constexpr float kNoise = 1e-6f;

struct Step {
  float alpha;
  float mu;
  float predicted;
  int reason;
};

// The minimum of the quadratic model in the plane of a direction, which gave `alone`, and the update before.
__device__ Step with_momentum(Step alone, const float* measures, const float* mixed, float damping) {
  const float q = measures[2] + damping * measures[1];
  const float previous_q = mixed[PREVIOUS_CURVATURE] + damping * mixed[PREVIOUS2];
  if (!(q > 0.0f && previous_q > 0.0f)) return alone;
  const float balance = mixed[BALANCE];
  const float curvature = balance > 0.0f ? 0.25f * (mixed[PLUS] - mixed[MINUS]) / balance : 0.0f;
  const float length = sqrtf(q), previous_length = sqrtf(previous_q);
  const float cosine = (curvature + damping * mixed[INNER]) / length / previous_length;
  const float sine2 = (1.0f - cosine) * (1.0f + cosine);
  if (!(sine2 >= kLeastSine2)) return alone;
  const float x = -measures[0] / length, y = -mixed[PREVIOUS_SLOPE] / previous_length;
  const float a = (x - cosine * y) / sine2, b = (y - cosine * x) / sine2;
  const Step both = {a / length, b / previous_length, -0.5f * (a * x + b * y), 0};
  const bool better = finite(both.alpha) && finite(both.mu) && both.predicted <= alone.predicted;
  return better ? both : alone;
}

// The quadratic model along a direction with these measures; `mixed` is null without momentum.
__device__ Step step_along(const float* measures, const float* mixed, float damping, bool rescaling) {
  const float slope = measures[0], direction2 = measures[1];
  const float q = measures[2] + damping * direction2;
  Step step = {1.0f, 0.0f, slope + 0.5f * q, 0};
  if (rescaling) {
    step.alpha = fabsf(slope) < kLeastNormal && q == 0.0f ? 0.0f : -slope / q;
    step.predicted = 0.5f * step.alpha * slope;
  }
  if (!finite(slope)) step.reason |= REASON_GRADIENT;
  if (!finite(direction2) || !finite(step.alpha) || step.alpha < 0.0f) step.reason |= REASON_STEP;
  return mixed == nullptr || step.reason != 0 ? step : with_momentum(step, measures, mixed, damping);
}
}  // namespace

extern "C" __global__ void __launch_bounds__(1) control_begin(float* f, float eta, int gammaFollows) {
  begin(f, eta, gammaFollows);
}

// measures [kMeasures] of D, mixed [kMixed] of D and V; writes mixed[BALANCE] = s and mixed[BACK] = -2 s.
extern "C" __global__ void __launch_bounds__(1) control_balance(const float* measures, float* mixed) {
  const float curvature = measures[2], previous = mixed[PREVIOUS_CURVATURE];
  float s = 0.0f;
  if (curvature > 0.0f && previous > 0.0f && finite(curvature) && finite(previous)) {
    s = ldexpf(1.0f, __float2int_rn(0.5f * (log2f(curvature) - log2f(previous))));
  }
  mixed[BALANCE] = finite(s) ? s : 0.0f;
  mixed[BACK] = -2.0f * mixed[BALANCE];
}

// tried [3][kMeasures], tried_mixed [3][kMixed] or null, tried_infos [3][factors] and tried_gammas [3] are the candidates';
// infos [rungs][factors] and gammas [rungs] those of the ladder, every rung of which becomes the choice.
extern "C" __global__ void __launch_bounds__(1)
    control_choose(float* f, const float* tried, const float* tried_mixed, const int* tried_infos,
                   const float* tried_gammas, int* infos, float* gammas, int rungs, int factors, float eta, int rescaling) {
  int choice = 0;
  float lowest = INFINITY;
  for (int c = 0; c < kCandidates; ++c) {
    const float* mixed = tried_mixed == nullptr ? nullptr : tried_mixed + c * kMixed;
    const Step step = step_along(tried + c * kMeasures, mixed, f[LAMBDA] + eta, rescaling);
    const bool positive = failed_factor(tried_infos + c * factors, factors) < 0;
    if (positive && step.reason == 0 && finite(step.predicted) && step.predicted < lowest) {
      choice = c;
      lowest = step.predicted;
    }
  }
  for (int k = 0; k < kMeasures; ++k) f[SLOPE + k] = tried[choice * kMeasures + k];
  for (int k = 0; tried_mixed != nullptr && k < kMixed; ++k) f[MIXED + k] = tried_mixed[choice * kMixed + k];
  f[GAMMA] = tried_gammas[choice];
  reinterpret_cast<int*>(f)[CHOICE] = choice;
  for (int r = 0; r < rungs; ++r) {
    gammas[r] = tried_gammas[choice];
    for (int k = 0; k < factors; ++k) infos[r * factors + k] = tried_infos[choice * factors + k];
  }
}

extern "C" __global__ void __launch_bounds__(1)
    control_rescale(float* f, const int* infos, const float* gammas, int rungs, int factors, float eta, float growth,
                    float greatest, int rescaling, int momentum, int lambdaAdapts, int gammaAdapts) {
  const Step step = step_along(f + SLOPE, momentum ? f + MIXED : nullptr, f[LAMBDA] + eta, rescaling);
  f[ALPHA] = step.alpha;
  f[MU] = step.mu;
  f[PREDICTED] = step.predicted;
  judge(f, step.reason, {infos, gammas, rungs, factors}, eta, {growth, greatest, lambdaAdapts != 0, gammaAdapts != 0});
}

extern "C" __global__ void __launch_bounds__(1)
    control_reduction(float* f, float eta, float fall, float grow, float least, float greatest) {
  if (reinterpret_cast<int*>(f)[ACCEPTED] == 0) return;  // a rejected update has already raised lambda
  const float change = (f[NEW_LOSS] - f[LOSS]) + 0.5f * eta * (f[NEW_NORM2] - f[NORM2]);
  const float rho = f[PREDICTED] == 0.0f ? 1.0f : change / f[PREDICTED];
  f[RHO] = rho;
  const float scale = fabsf(f[LOSS]) + 0.5f * eta * f[NORM2];
  if (scale > 0.0f && fabsf(f[PREDICTED]) <= kNoise * scale) return;
  float lambda = f[LAMBDA];
  if (rho > 0.75f && finite(rho)) lambda *= fall;
  if (!(rho >= 0.25f && finite(rho))) lambda /= grow;
  f[LAMBDA] = fminf(fmaxf(lambda, least), greatest);
}
