// What the kernels share that decide on the scalar block of an update.
//
// The block holds 48 slots of 4 bytes; floats first, ints from slot 16, floats again from slot 32 (names: kernel/Control.java).
#pragma once

#include "count.cuh"

namespace krongauss {

enum Slot { LOSS, NORM2, SLOPE, DIRECTION2, CURVATURE, ALPHA, LAMBDA, GAMMA, PREDICTED, RHO, NEW_LOSS, NEW_NORM2,
            OBJECTIVE, LEARNING_RATE, FACTOR_GAMMA, MU,
            ACCEPTED = 16, STEP, APPLIED, REJECTED, REASON, FAILED_FACTOR, FAILED_COLUMN, RUNG, CHOICE,
            STEP_HIGH, APPLIED_HIGH, NEXT_REFRESH, NEXT_REFRESH_HIGH, REFRESH_EVERY, MIXED = 32,
            KAPPA = 42, GRADIENT_DECAY, COMMON_STEP, AGREED, PROMISED, STEP_SLOPE };
enum Reason { REASON_LOSS = 1, REASON_GRADIENT = 2, REASON_STEP = 4, REASON_FACTOR = 8 };

__device__ __forceinline__ bool finite(float x) { return fabsf(x) <= 3.402823466e38f; }

constexpr float kLeastNormal = 0x1p-126f;

// The first factor that failed, or -1.
__device__ __forceinline__ int failed_factor(const int* infos, int factors) {
  int first = -1;
#pragma unroll 8
  for (int k = factors - 1; k >= 0; --k) {  // without a way out, so that the loads do not wait for each other
    if (infos[k] != 0) first = k;
  }
  return first;
}

// An update begins.
__device__ __forceinline__ void begin(float* f, float eta, bool gamma_follows) {
  int* i = reinterpret_cast<int*>(f);
  count(i + STEP, i + STEP_HIGH);
  if (gamma_follows) f[GAMMA] = sqrtf(f[LAMBDA] + eta);
}

// Accepted if there is no reason against it.
__device__ __forceinline__ void decide(float* f, int reason) {
  int* i = reinterpret_cast<int*>(f);
  i[REASON] = reason;
  i[ACCEPTED] = reason == 0;
  if (reason == 0) count(i + APPLIED, i + APPLIED_HIGH);
  i[REJECTED] = reason == 0 ? 0 : min(i[REJECTED], INT_MAX - 1) + 1;
}

// The rungs of the damping ladder that the factors were tried with: infos [rungs][factors], gammas [rungs]. Rows of infos behind
// the first one without a failure are of refreshes before and mean nothing.
struct Ladder {
  const int* infos;
  const float* gammas;
  int rungs;
  int factors;
};

// What a rejection does.
struct Growth {
  float factor;
  float greatest;  // of lambda; sqrt(greatest + eta) of gamma
  bool lambda_adapts;
  bool gamma_adapts;
};

// The decision on a step whose own reasons against it are `reason`: the loss' and the factors' come to them.
__device__ __forceinline__ void judge(float* f, int reason, const Ladder& ladder, float eta, const Growth& growth) {
  int* i = reinterpret_cast<int*>(f);
  f[OBJECTIVE] = f[LOSS] + 0.5f * eta * f[NORM2];
  int rung = 0;
  int failed = failed_factor(ladder.infos, ladder.factors);
  while (failed >= 0 && rung + 1 < ladder.rungs) failed = failed_factor(ladder.infos + ++rung * ladder.factors, ladder.factors);
  f[FACTOR_GAMMA] = ladder.gammas[rung];
  i[RUNG] = rung;
  i[FAILED_FACTOR] = failed;
  i[FAILED_COLUMN] = failed < 0 ? 0 : ladder.infos[rung * ladder.factors + failed];
  if (!finite(f[OBJECTIVE])) reason |= REASON_LOSS;
  if (failed >= 0) reason |= REASON_FACTOR;
  if (growth.lambda_adapts && reason != 0) f[LAMBDA] = fminf(f[LAMBDA] * growth.factor, growth.greatest);
  if (growth.gamma_adapts && reason != 0) f[GAMMA] = fminf(f[GAMMA] * sqrtf(growth.factor), sqrtf(growth.greatest + eta));
  if (growth.gamma_adapts && failed < 0 && rung > 0) f[GAMMA] = fmaxf(f[GAMMA], ladder.gammas[rung]);
  decide(f, reason);
}

// The decision on a first-order update, whose slope is |g|^2: learning rate = initial 2^-floor((step - 1) / halve_every), constant for
// halve_every 0; accepted = loss and gradient finite.
__device__ __forceinline__ void decide_first_order(float* f, float initial, int halve_every) {
  const int* i = reinterpret_cast<const int*>(f);
  const long long before = static_cast<long long>(counted(i + STEP, i + STEP_HIGH)) - 1;
  const long long halvings = halve_every > 0 ? before / halve_every : 0;
  f[LEARNING_RATE] = halvings < 126 ? ldexpf(initial, -static_cast<int>(halvings)) : 0.0f;
  f[OBJECTIVE] = f[LOSS];
  f[ALPHA] = f[LEARNING_RATE];
  int reason = 0;
  if (!finite(f[LOSS])) reason |= REASON_LOSS;
  if (!finite(f[SLOPE])) reason |= REASON_GRADIENT;
  decide(f, reason);
}

}  // namespace krongauss
