// Scalar decisions of an update, taken on the device so that the host never waits for a number.
//
// The scalar block holds 32 slots of 4 bytes; floats first, ints from slot 16 (names: kernel/Control.java).
//   begin        step += 1;  gamma = sqrt(lambda + eta) where gamma follows lambda
//   choose       of three directions, one a damping: that with the lowest M, the first of equals. What has a failed factor or
//                is not finite is out; if all are out, the first one stands, which rescale then rejects. The choice's
//                numbers, gamma and infos become those of the update
//   rescale      q = E[v'Hv] + (lambda + eta) |D|^2;  alpha = -<D,g> / q;  M = alpha <D,g> / 2
//                rung = the first damping of the ladder with which every factor was positive definite
//                accepted = everything finite, such a rung; else lambda *= growth, and an adapted gamma *= sqrt(growth)
//                an adapted gamma is at least that of the rung
//   reduction    rho = (new objective - objective) / M;  rho > 3/4: lambda *= omega;  rho < 1/4 or not finite: /= omega
//   first_order  learning rate = initial 2^-floor((step-1)/halve);  accepted = loss and gradient finite
// A zero gradient gives D = 0 and q = 0: alpha is 0 and the update is accepted, since there is nothing to do.
// Rows of infos [rungs][factors] behind the first one without a failure are of refreshes before and mean nothing.
// Launch: one thread. Source: Botev, Ritter, Barber 2017, section on the update; Martens, Grosse 2015.

namespace {
enum Slot { LOSS, NORM2, SLOPE, DIRECTION2, CURVATURE, ALPHA, LAMBDA, GAMMA, PREDICTED, RHO, NEW_LOSS, NEW_NORM2,
            OBJECTIVE, LEARNING_RATE, FACTOR_GAMMA,
            ACCEPTED = 16, STEP, APPLIED, REJECTED, REASON, FAILED_FACTOR, FAILED_COLUMN, RUNG, CHOICE };
enum Reason { REASON_LOSS = 1, REASON_GRADIENT = 2, REASON_STEP = 4, REASON_FACTOR = 8 };

constexpr int kCandidates = 3;
constexpr int kMeasures = 3;  // slope, direction2, curvature: neighbours in the scalar block as in a candidate's numbers

__device__ bool finite(float x) { return fabsf(x) <= 3.402823466e38f; }

struct Step {
  float alpha;
  float predicted;
  int reason;
};

// The quadratic model along a direction with these measures.
__device__ Step step_along(const float* measures, float damping, bool rescaling) {
  const float slope = measures[0], direction2 = measures[1];
  const float q = measures[2] + damping * direction2;
  Step step = {1.0f, slope + 0.5f * q, 0};
  if (rescaling) {
    step.alpha = slope == 0.0f && q == 0.0f ? 0.0f : -slope / q;
    step.predicted = 0.5f * step.alpha * slope;
  }
  if (!finite(slope)) step.reason |= REASON_GRADIENT;
  if (!finite(direction2) || !finite(step.alpha) || step.alpha < 0.0f) step.reason |= REASON_STEP;
  return step;
}

// The first factor that failed, or -1.
__device__ int failed_factor(const int* infos, int factors) {
  int first = -1;
#pragma unroll 8
  for (int k = factors - 1; k >= 0; --k) {  // without a way out, so that the loads do not wait for each other
    if (infos[k] != 0) first = k;
  }
  return first;
}

__device__ void decide(float* f, int reason) {
  int* i = reinterpret_cast<int*>(f);
  i[REASON] = reason;
  i[ACCEPTED] = reason == 0;
  i[APPLIED] += reason == 0;
  i[REJECTED] = reason == 0 ? 0 : i[REJECTED] + 1;
}
}  // namespace

extern "C" __global__ void __launch_bounds__(1) control_begin(float* f, float eta, int gammaFollows) {
  reinterpret_cast<int*>(f)[STEP] += 1;
  if (gammaFollows) f[GAMMA] = sqrtf(f[LAMBDA] + eta);
}

// tried [3][kMeasures], tried_infos [3][factors] and tried_gammas [3] are the candidates'; infos [rungs][factors] and gammas
// [rungs] those of the ladder, every rung of which becomes the choice.
extern "C" __global__ void __launch_bounds__(1)
    control_choose(float* f, const float* tried, const int* tried_infos, const float* tried_gammas, int* infos,
                   float* gammas, int rungs, int factors, float eta, int rescaling) {
  int choice = 0;
  float lowest = INFINITY;
  for (int c = 0; c < kCandidates; ++c) {
    const Step step = step_along(tried + c * kMeasures, f[LAMBDA] + eta, rescaling);
    const bool positive = failed_factor(tried_infos + c * factors, factors) < 0;
    if (positive && step.reason == 0 && finite(step.predicted) && step.predicted < lowest) {
      choice = c;
      lowest = step.predicted;
    }
  }
  for (int k = 0; k < kMeasures; ++k) f[SLOPE + k] = tried[choice * kMeasures + k];
  f[GAMMA] = tried_gammas[choice];
  reinterpret_cast<int*>(f)[CHOICE] = choice;
  for (int r = 0; r < rungs; ++r) {
    gammas[r] = tried_gammas[choice];
    for (int k = 0; k < factors; ++k) infos[r * factors + k] = tried_infos[choice * factors + k];
  }
}

extern "C" __global__ void __launch_bounds__(1)
    control_rescale(float* f, const int* infos, const float* gammas, int rungs, int factors, float eta, float growth,
                    int rescaling, int gammaAdapts) {
  int* i = reinterpret_cast<int*>(f);
  const float objective = f[LOSS] + 0.5f * eta * f[NORM2];
  const Step step = step_along(f + SLOPE, f[LAMBDA] + eta, rescaling);
  f[OBJECTIVE] = objective;
  f[ALPHA] = step.alpha;
  f[PREDICTED] = step.predicted;

  int rung = 0;
  int failed = failed_factor(infos, factors);
  while (failed >= 0 && rung + 1 < rungs) failed = failed_factor(infos + ++rung * factors, factors);
  f[FACTOR_GAMMA] = gammas[rung];
  i[RUNG] = rung;
  i[FAILED_FACTOR] = failed;
  i[FAILED_COLUMN] = failed < 0 ? 0 : infos[rung * factors + failed];
  int reason = step.reason;
  if (!finite(objective)) reason |= REASON_LOSS;
  if (failed >= 0) reason |= REASON_FACTOR;
  if (reason != 0) f[LAMBDA] = f[LAMBDA] * growth;
  if (gammaAdapts && reason != 0) f[GAMMA] *= sqrtf(growth);
  if (gammaAdapts && failed < 0 && rung > 0) f[GAMMA] = fmaxf(f[GAMMA], gammas[rung]);
  decide(f, reason);
}

extern "C" __global__ void __launch_bounds__(1)
    control_reduction(float* f, float eta, float omega, float least, float greatest) {
  if (reinterpret_cast<int*>(f)[ACCEPTED] == 0) return;  // a rejected update has already raised lambda
  const float change = (f[NEW_LOSS] - f[LOSS]) + 0.5f * eta * (f[NEW_NORM2] - f[NORM2]);
  const float rho = f[PREDICTED] == 0.0f ? 1.0f : change / f[PREDICTED];
  float lambda = f[LAMBDA];
  if (rho > 0.75f && finite(rho)) lambda *= omega;
  if (!(rho >= 0.25f && finite(rho))) lambda /= omega;
  f[RHO] = rho;
  f[LAMBDA] = fminf(fmaxf(lambda, least), greatest);
}

extern "C" __global__ void __launch_bounds__(1) control_first_order(float* f, float initial, int halveEvery) {
  int* i = reinterpret_cast<int*>(f);
  const int halvings = halveEvery > 0 ? (i[STEP] - 1) / halveEvery : 0;
  f[LEARNING_RATE] = halvings < 126 ? ldexpf(initial, -halvings) : 0.0f;
  f[OBJECTIVE] = f[LOSS];
  f[ALPHA] = f[LEARNING_RATE];
  int reason = 0;
  if (!finite(f[LOSS])) reason |= REASON_LOSS;
  if (!finite(f[SLOPE])) reason |= REASON_GRADIENT;
  decide(f, reason);
}
