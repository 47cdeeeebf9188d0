// Scalar decisions of an exact Gauss-Newton update, taken on the device so that the host never waits for a number.
//
//   damp     step += 1;  dampings = (lambda + eta) (1, 10, 100)
//   rung     the first damping with which the matrix was positive definite, the last one if none, is that of the inverse. Where this
//            only preconditions, mu = lambda + eta all the same, and trust = mu / that damping <= inverse (C + mu I) <= 1; else
//            mu is that damping
//   decide   M = <D,g> + (D'CD + eta |D|^2) / 2, of the whole step and without lambda
//            error = sqrt(error^2 / (D'CD + mu |D|^2)), of the step in the norm of the damped matrix; with Marquardt's damping that
//            norm is D'CD + eta |D|^2 + lambda D' diag(C + eta I) D. A step that is wrong by as much as it is long is rejected
//            converged, if nothing is wrong:  1 |g| <= gradient;  2 |D| <= step (|theta| + step);  3 -M <= objective |E|, or -M
//            within the rounding of E for the kNear-th time in a row: weights stay then, and nothing was rejected
//            else accepted for now; what is not finite, or leads up, is rejected, and lambda grows
//   bend     bending = 2 |a| / |D|, a the second derivative along D; where it is at most 3/4, and a was solved for, a / 2 is added
//   judge    rho = (new objective - objective) / M, of the same batch;  rho > 0: accepted, lambda *= max(1/3, 1 - (2 rho - 1)^3),
//            growth = 2;  else rejected and to be taken back, lambda *= growth, growth *= 2
//            -M within the rounding of E: the change is (<D,g> + <D,g'>) / 2, g' the gradient after the step, which near an
//            optimum is right to more digits than a difference of objectives; that must not rise by more than rounding, too
// M is that of D without its bend. lambda stays within its bounds, growth at most 2^20. Updates begun and applied are counted in 64 bits (count.cuh).
// A zero gradient is converged. Launch: one thread.
// Source: H. B. Nielsen, "Damping parameter in Marquardt's method", IMM-REP-1999-05; K. Madsen, H. B. Nielsen, O. Tingleff,
// "Methods for non-linear least squares problems", 2004, section 3.2, for the tests of convergence; W. Hager, H. Zhang, "A new
// conjugate gradient method with guaranteed descent and an efficient line search", 2005, for slopes in the place of differences;
// M. Transtrum, J. Sethna, "Improvements to the Levenberg-Marquardt algorithm for nonlinear least-squares minimization", 2012, bend.

#include "control.cuh"

using namespace krongauss;

namespace {

// What the exact step keeps where momentum has its numbers; names: kernel/ControlExact.java.
enum Exact { DAMPING = MIXED, BENDING, ERROR2, GRADIENT2, GROWTH, SOLVE_ERROR, SCALED2, NEW_SLOPE };
enum ExactBend { BEND = 43, BEND2, BENT, TRUST };
enum ExactCount { CONVERGED = 30, NEAR = 31, TAKEN_BACK = CHOICE };
enum ExactReason { REASON_ROSE = 16, REASON_MATRIX = 32 };
enum Test { BY_GRADIENT = 1, BY_STEP, BY_OBJECTIVE };

constexpr int kRungs = 3;
constexpr int kNear = 200;

// Relative error of the difference of two objectives: mean losses of sixteen roundings or so.
constexpr float kNoise = 1e-6f;
constexpr float kMostGrowth = 1048576.0f;

constexpr float kStored = 6e-8f;      // of the step, in the damping's own norm, as it is rounded
constexpr float kUseless = 1.0f;      // error of a step that tells nothing
constexpr float kMostBending = 0.75f;

__device__ __forceinline__ float size(const float* f, float eta) { return fabsf(f[LOSS]) + 0.5f * eta * f[NORM2]; }

__device__ __forceinline__ void reject(float* f, int reason, float greatest) {
  f[LAMBDA] = fminf(f[LAMBDA] * f[GROWTH], greatest);
  f[GROWTH] = fminf(2.0f * f[GROWTH], kMostGrowth);
  decide(f, reason);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(1) control_exact_damp(float* f, float* dampings, float eta) {
  begin(f, eta, true);
  float damping = f[LAMBDA] + eta;
  for (int r = 0; r < kRungs; r++) {
    dampings[r] = damping;
    damping *= 10.0f;
  }
}

extern "C" __global__ void __launch_bounds__(1)
control_exact_rung(float* f, const int* infos, const float* dampings, int preconditions) {
  int* i = reinterpret_cast<int*>(f);
  int rung = 0;
  while (infos[rung] != 0 && rung + 1 < kRungs) rung++;
  f[DAMPING] = dampings[preconditions ? 0 : rung];
  f[TRUST] = f[DAMPING] / dampings[rung];
  f[FACTOR_GAMMA] = sqrtf(dampings[rung]);
  i[RUNG] = rung;
  i[FAILED_FACTOR] = infos[rung] == 0 ? -1 : 0;
  i[FAILED_COLUMN] = infos[rung];
}

extern "C" __global__ void __launch_bounds__(1)
control_exact_decide(float* f, float eta, int marquardt, float gradient, float step, float objective, float greatest) {
  int* i = reinterpret_cast<int*>(f);
  const float slope = f[SLOPE], direction2 = f[DIRECTION2], curvature = f[CURVATURE];
  f[OBJECTIVE] = f[LOSS] + 0.5f * eta * f[NORM2];
  f[PREDICTED] = slope + 0.5f * (curvature + eta * direction2);
  f[ALPHA] = 1.0f;
  f[MU] = 0.0f;
  const float damped = marquardt ? eta * direction2 + f[DAMPING] * f[SCALED2] : f[DAMPING] * direction2;
  const float energy = curvature + damped;
  f[SOLVE_ERROR] = energy > 0.0f ? sqrtf(f[ERROR2] / energy) + kStored : f[ERROR2] > 0.0f ? 1.0f : 0.0f;
  f[BENDING] = NAN;
  i[CONVERGED] = 0;
  i[TAKEN_BACK] = 0;
  int reason = 0;
  if (!finite(f[OBJECTIVE])) reason |= REASON_LOSS;
  if (!finite(f[GRADIENT2])) reason |= REASON_GRADIENT;
  if (i[FAILED_FACTOR] >= 0) reason |= REASON_MATRIX;
  const bool zero = f[GRADIENT2] <= gradient * gradient;
  if (!zero && !(finite(direction2) && finite(f[PREDICTED]) && f[PREDICTED] <= 0.0f && f[SOLVE_ERROR] < kUseless)) reason |= REASON_STEP;
  if (reason != 0) {
    reject(f, reason, greatest);
    return;
  }
  const float promised = -f[PREDICTED], scale = size(f, eta);
  if (zero) {
    i[CONVERGED] = BY_GRADIENT;
  } else if (sqrtf(direction2) <= step * (sqrtf(f[NORM2]) + step)) {
    i[CONVERGED] = BY_STEP;
  } else if (promised <= objective * scale || (promised <= kNoise * scale && i[NEAR] >= kNear)) {
    i[CONVERGED] = BY_OBJECTIVE;
  }
  i[REASON] = 0;
  i[ACCEPTED] = i[CONVERGED] == 0;
  if (i[CONVERGED] != 0) i[REJECTED] = 0;
}

// ended: how the iteration for a ended (conjugate.cu), 2 where it broke.
extern "C" __global__ void __launch_bounds__(1) control_exact_bend(float* f, const int* ended) {
  int* i = reinterpret_cast<int*>(f);
  i[BENT] = 0;
  f[BEND] = 0.5f;
  if (i[ACCEPTED] == 0) return;
  f[BENDING] = f[DIRECTION2] > 0.0f ? 2.0f * sqrtf(f[BEND2] / f[DIRECTION2]) : 0.0f;
  i[BENT] = *ended != 2 && f[BENDING] <= kMostBending;
}

extern "C" __global__ void __launch_bounds__(1) control_exact_judge(float* f, float eta, float least, float greatest) {
  int* i = reinterpret_cast<int*>(f);
  if (i[ACCEPTED] == 0) return;
  const float change = (f[NEW_LOSS] - f[LOSS]) + 0.5f * eta * (f[NEW_NORM2] - f[NORM2]);
  const float noise = kNoise * size(f, eta);
  const bool near = -f[PREDICTED] <= noise;
  const float measured = near ? 0.5f * (f[SLOPE] + f[NEW_SLOPE]) : change;
  const float rho = f[PREDICTED] == 0.0f ? 1.0f : measured / f[PREDICTED];
  f[RHO] = rho;
  i[NEAR] = near ? min(i[NEAR], INT_MAX - 1) + 1 : 0;
  if (!(rho > 0.0f && finite(rho) && (!near || change <= noise))) {
    i[TAKEN_BACK] = 1;
    reject(f, REASON_ROSE, greatest);
    return;
  }
  const float bend = 2.0f * rho - 1.0f;
  const float factor = fmaxf(1.0f / 3.0f, 1.0f - bend * bend * bend);
  f[LAMBDA] = fminf(fmaxf(f[LAMBDA] * factor, least), greatest);
  f[GROWTH] = 2.0f;
  decide(f, 0);
}
