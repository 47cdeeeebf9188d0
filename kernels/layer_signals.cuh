// What the damping of the step lengths follows: measured numbers, kept in the scalar block, no counts.
//
//   agreement   t = sum <step, g'> / sum <step, g>, g' the gradient of the batch after a step and g the one before it, both sums
//               decaying by kDecay an update: 0 where steps were as long as the next batch has it, positive where they were too
//               short, negative where too long, as steps are that fit the noise of their own batch
//   kappa       *= exp(-kRate t), t between -kTooLong and kTooShort: a kappa that is too great costs little, and the noise that t
//               has would drive it up; within kLeastKappa and kGreatestKappa
//
//   drift       max |trace' / trace - 1| over the factors, from one refresh to the next
//   interval    T *= kTolerance / drift, rounded; within kLeastInterval and kMostInterval: updates to the next refresh
//
// kappa from the kPlain-th applied update on, and only behind one that was applied; T at every refresh of an applied update that has
// another before it. Nothing here has a size of its own: a loss times c, or batches of another size, leave t and drift what they are.
#pragma once

#include "control.cuh"

namespace krongauss {

constexpr unsigned long long kPlain = 3;  // the first directions are not alike, and an average of them is none of a gradient
constexpr double kDecay = 0.9;
constexpr double kRate = 0.2;
constexpr double kTooShort = 0.5;
constexpr double kTooLong = 0.075;
constexpr double kLeastKappa = 0.15;
constexpr double kGreatestKappa = 1;
constexpr float kTolerance = 0.15f;  // drift of a factor from one refresh to the next
constexpr float kLeastDrift = 1e-9f;
constexpr int kLeastInterval = 5;  // the host asks for the next refresh no sooner: optim/RefreshSchedule.java
constexpr int kMostInterval = 10;   // beyond, nothing was measured

struct Signals {
  float kappa;
  float agreed;    // decaying sum of <step, g'>
  float promised;  // of <step, g>
};

// An update with a step size a layer begins: begin(), and the weight of the past in the gradients' average, 0 in the first updates.
__device__ __forceinline__ void begin_layers(float* f, float eta, bool gamma_follows, float mu) {
  const int* i = reinterpret_cast<const int*>(f);
  const unsigned long long applied = counted(i + APPLIED, i + APPLIED_HIGH);
  begin(f, eta, gamma_follows);
  f[GRADIENT_DECAY] = applied >= kPlain ? mu : 0.0f;
}

// Whether the last update was applied, and is not one of the first.
__device__ __forceinline__ bool follows(const float* f) {
  const int* i = reinterpret_cast<const int*>(f);
  return i[ACCEPTED] == 1 && counted(i + APPLIED, i + APPLIED_HIGH) >= kPlain;
}

__device__ __forceinline__ Signals signals_of(const float* f) { return {f[KAPPA], f[AGREED], f[PROMISED]}; }

// Behind a step whose product with the new gradient is `along`.
__device__ __forceinline__ Signals signals_after(const float* f, double along) {
  const double agreed = kDecay * f[AGREED] + along;
  const double promised = kDecay * f[PROMISED] + f[STEP_SLOPE];
  const double t = agreed / promised;  // infinite where no step was promised to help, NaN where none agreed either: then 0
  const double bounded = t == t ? fmin(fmax(t, -kTooLong), kTooShort) : 0;
  const double kappa = fmin(fmax(f[KAPPA] * exp(-kRate * bounded), kLeastKappa), kGreatestKappa);
  return {static_cast<float>(kappa), static_cast<float>(agreed), static_cast<float>(promised)};
}

// Keeps them, and what the step promises: <step, g>. Sums that have overflowed begin anew: they would never decay.
__device__ __forceinline__ void keep(float* f, const Signals& signals, double slope) {
  const bool sums = finite(signals.agreed) && finite(signals.promised);
  f[KAPPA] = signals.kappa;
  f[AGREED] = sums ? signals.agreed : 0.0f;
  f[PROMISED] = sums ? signals.promised : 0.0f;
  f[STEP_SLOPE] = static_cast<float>(slope);
}

// |now / before - 1| of the trace of a factor; 0 where one of them is not positive and finite: such a factor says nothing.
__device__ __forceinline__ float drift_of(float now, float before) {
  return now > 0 && before > 0 && finite(now) && finite(before) ? fabsf(now / before - 1) : 0.0f;
}

// T updates after a refresh, whose drift is of two refreshes: T times kTolerance / drift, rounded.
__device__ __forceinline__ int interval_after(int interval, float drift) {
  const float next = rintf(static_cast<float>(interval) * kTolerance / fmaxf(drift, kLeastDrift));
  return static_cast<int>(fminf(fmaxf(next, kLeastInterval), kMostInterval));
}

// The next refresh is T updates after this one, as soon as can be where this one has left no inverses; T follows the drift where
// there is one to follow.
__device__ __forceinline__ void schedule(float* f, bool measured, float drift) {
  int* i = reinterpret_cast<int*>(f);
  if (measured) i[REFRESH_EVERY] = interval_after(i[REFRESH_EVERY], drift);
  const int wait = (i[REASON] & REASON_FACTOR) != 0 ? kLeastInterval : i[REFRESH_EVERY];
  const unsigned long long next = counted(i + STEP, i + STEP_HIGH) + static_cast<unsigned>(wait);
  i[NEXT_REFRESH] = static_cast<int>(next);
  i[NEXT_REFRESH_HIGH] = static_cast<int>(next >> 32);
}

}  // namespace krongauss
