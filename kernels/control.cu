// Scalar decisions of an update, taken on the device so that the host never waits for a number.
//
// The scalar block holds 32 slots of 4 bytes; floats first, ints from slot 16 (names: kernel/Control.java).
//   begin        step += 1;  gamma = sqrt(lambda + eta) where gamma follows lambda
//   rescale      q = E[v'Hv] + (lambda + eta) |D|^2;  alpha = -<D,g> / q;  M = alpha <D,g> / 2
//                accepted = everything finite, every factor positive definite; else lambda *= growth
//   reduction    rho = (new objective - objective) / M;  rho > 3/4: lambda *= omega;  rho < 1/4 or not finite: /= omega
//   first_order  learning rate = initial 2^-floor((step-1)/halve);  accepted = loss and gradient finite
// A zero gradient gives D = 0 and q = 0: alpha is 0 and the update is accepted, since there is nothing to do.
// Launch: one thread. Source: Botev, Ritter, Barber 2017, section on the update; Martens, Grosse 2015.

namespace {
enum Slot { LOSS, NORM2, SLOPE, DIRECTION2, CURVATURE, ALPHA, LAMBDA, GAMMA, PREDICTED, RHO, NEW_LOSS, NEW_NORM2,
            OBJECTIVE, LEARNING_RATE, ACCEPTED = 16, STEP, APPLIED, REJECTED, REASON, FAILED_FACTOR, FAILED_COLUMN };
enum Reason { REASON_LOSS = 1, REASON_GRADIENT = 2, REASON_STEP = 4, REASON_FACTOR = 8 };

__device__ bool finite(float x) { return fabsf(x) <= 3.402823466e38f; }

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

extern "C" __global__ void __launch_bounds__(1)
    control_rescale(float* f, const int* infos, int factors, float eta, float growth, int rescaling) {
  int* i = reinterpret_cast<int*>(f);
  const float slope = f[SLOPE], direction2 = f[DIRECTION2];
  const float objective = f[LOSS] + 0.5f * eta * f[NORM2];
  const float q = f[CURVATURE] + (f[LAMBDA] + eta) * direction2;
  float alpha = 1.0f;
  if (rescaling) alpha = slope == 0.0f && q == 0.0f ? 0.0f : -slope / q;
  f[OBJECTIVE] = objective;
  f[ALPHA] = alpha;
  f[PREDICTED] = rescaling ? 0.5f * alpha * slope : alpha * slope + 0.5f * alpha * alpha * q;

  int failed = -1, column = 0;
  for (int k = 0; k < factors; ++k) {
    if (infos[k] != 0) {
      failed = k;
      column = infos[k];
      break;
    }
  }
  i[FAILED_FACTOR] = failed;
  i[FAILED_COLUMN] = column;
  int reason = 0;
  if (!finite(objective)) reason |= REASON_LOSS;
  if (!finite(slope)) reason |= REASON_GRADIENT;
  if (!finite(direction2) || !finite(alpha) || alpha < 0.0f) reason |= REASON_STEP;
  if (failed >= 0) reason |= REASON_FACTOR;
  if (reason != 0) f[LAMBDA] = f[LAMBDA] * growth;
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
