// Conjugate gradients in double for (C + mu I) x = -g, preconditioned by the inverse that a factorisation in floats gave. Where that
// is good they end after one or two products; where it is poor they converge all the same.
//
//   start    state = 0; stop = 1 where *wanted is 0; solves with a factor where *info is 0, else products with an inverse
//   times    z = e o X (e o r)                                            X symmetric; e = 1 where there is none
//   turn     rz = r . w;  beta = -alpha (q . w) / rz before, 0 at first;  p = z + beta p
//            stop = 1 where rz <= tolerance^2 energy; 3 in the last turn otherwise; 2 where rz is not positive
//   advance  alpha = rz / (p . q);  x += alpha p;  r -= alpha q;  energy += alpha rz;  stop = 2 where p . q is not positive
//   finish   D'CD, D' diag D, and the square of the error of D, the solution as rounded to floats
//
// Weights (turn, advance, finish): w = z, q = (C + mu I) p. rz is the square of the error of x in the norm of C + mu I, but for what
// the preconditioner lacks, and energy that of x.
// Residuals (turn__dual, advance__dual, finish__dual): x = -u / mu - B'y / N, (K + mu I) y = z0 - B u / mu with K = BB' / N. The
// same algorithm for x, in the inner product of K: w = K z, q = Kp + mu p with Kp = K p kept beside p, p . q becomes Kp . q, and
// rz / N is the square of the error. What of y no weight can reach has no part in it. energy is |B x|^2, B x = r - z0 + mu y: no
// more than the whole. r . r is no less than rz, so that a residual that is small as it is ends the matter a product earlier.
//
// state     [6]: rz, alpha, energy, error2, iterations, trust; error2 is infinite until something is known. trust <= X (C + mu I):
//           the square of the error is rz / trust at most. 1 for an inverse of the damped matrix itself, and for residuals
// behind it what a library's calls multiply by, which look at no stop: doubles 1 while the iteration goes on and 0 then, 0 and 1
//           then, 1; floats 1 for solves, 1 for products, 0 when it has ended, and 1
// shapes    vectors [n] of doubles, e floats; X [n][n] of floats, the lower triangle is read; damping, out floats [1]
// aliasing  none
// launch    times: 256 threads, a block 32 elements of z; the others: one block of 256 threads
// cost      times: 4 n^2 flops in double, X read twice; the others: a few flops an element
// bound     n eps64 of the absolute terms
// order     fixed by n
// source    M. Hestenes, E. Stiefel, 1952; beta for a preconditioner that is not quite symmetric: G. Golub, Q. Ye, "Inexact
//           preconditioned conjugate gradient method with inner-outer iteration", 1999
#include "doubles.cuh"

using namespace krongauss;

namespace {

enum State { RZ, STEP, ENERGY, ERROR2, ITERATIONS, TRUST, kStates, GO = kStates, KEEP, ONE, FLOATS, kScalars };
enum Floats { SOLVE, MULTIPLY, UNIT };
enum Stop { REACHED = 1, BROKEN, NOT_REACHED };

constexpr double kUnknown = 1e300;

// The iteration is over. By one thread.
__device__ __forceinline__ void end(int* stop, double* state, int why) {
  float* floats = reinterpret_cast<float*>(state + FLOATS);
  *stop = why;
  state[GO] = 0;
  state[KEEP] = 1;
  floats[SOLVE] = floats[MULTIPLY] = 0.0f;
}

// Calls body(i) for this thread's elements.
template <class Body>
__device__ __forceinline__ void all(int n, Body body) {
#pragma unroll 4
  for (int i = threadIdx.x; i < n; i += kThreads) body(i);
}

// Whether the iteration goes on after a turn, in all threads. The first thread writes.
__device__ __forceinline__ bool goes_on(int* stop, double* state, double rz, float tolerance, bool last) {
  const double target = static_cast<double>(tolerance) * tolerance * state[TRUST] * state[ENERGY];
  const bool usable = rz >= 0 && rz < kUnknown;
  const bool reached = usable && rz <= target;
  __syncthreads();  // all have read
  if (threadIdx.x == 0) {
    if (usable) state[ERROR2] = rz;
    if (!usable) end(stop, state, BROKEN);
    else if (reached) end(stop, state, REACHED);
    else if (last) end(stop, state, NOT_REACHED);
  }
  return usable && !reached && !last;
}

template <bool DUAL>
__device__ __forceinline__ void turn(int* stop, double* state, int n, const double* r, const double* z, const double* Kz, double* p,
                                     double* Kp, const double* q, const float* damping, float tolerance, int last) {
  if (stopped(stop)) return;
  const double mu = DUAL ? *damping : 0.0;
  double rz = 0, qw = 0;
  all(n, [&](int i) {
    const double w = DUAL ? Kz[i] : z[i];
    rz = fma(r[i], w, rz);
    qw = fma(DUAL ? fma(mu, p[i], Kp[i]) : q[i], w, qw);
  });
  rz = fold_block(rz);
  qw = fold_block(qw);
  const double before = state[RZ], alpha = state[STEP];
  if (!goes_on(stop, state, rz, tolerance, last != 0)) return;
  const double beta = before > 0 ? -alpha * qw / before : 0.0;
  all(n, [&](int i) {
    p[i] = fma(beta, p[i], z[i]);
    if (DUAL) Kp[i] = fma(beta, Kp[i], Kz[i]);
  });
  if (threadIdx.x == 0) state[RZ] = rz;
}

// alpha, or 0 where the matrix is not positive along p; in all threads.
__device__ __forceinline__ double step_along(int* stop, double* state, double pq) {
  const double rz = state[RZ];
  const bool usable = pq > 0 && pq < kUnknown;
  const double alpha = usable ? rz / pq : 0.0;
  __syncthreads();
  if (threadIdx.x == 0) {
    if (!usable) end(stop, state, BROKEN);
    state[STEP] = alpha;
    state[ITERATIONS] += 1;
  }
  return alpha;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(1)
conjugate_f64__start(int* stop, double* state, const int* wanted, const int* info, const float* trust) {
  float* floats = reinterpret_cast<float*>(state + FLOATS);
  for (int i = 0; i < kStates; i++) state[i] = 0;
  state[ERROR2] = kUnknown;
  state[TRUST] = trust != nullptr ? *trust : 1.0f;
  state[GO] = state[ONE] = 1;
  state[KEEP] = 0;
  const bool factor = info != nullptr && *info == 0;
  floats[SOLVE] = factor ? 1.0f : 0.0f;
  floats[MULTIPLY] = factor ? 0.0f : 1.0f;
  floats[UNIT] = 1.0f;
  *stop = 0;
  if (wanted != nullptr && *wanted == 0) end(stop, state, REACHED);
}

extern "C" __global__ void __launch_bounds__(kThreads)
conjugate_f64__times(const int* stop, const float* X, int X_stride, int n, const float* e, const double* r, double* z) {
  __shared__ double parts[kThreads / kWarp][kWarp];
  __shared__ double own[kWarp];
  if (stopped(stop)) return;
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  const int first = blockIdx.x * kWarp;
  // Up to the diagonal: along the rows.
  for (int i = warp; i < kWarp; i += kThreads / kWarp) {
    const int row = first + i;
    double sum = 0;
#pragma unroll 4
    for (int j = lane; j < min(row + 1, n); j += kWarp) {
      const double x = row < n ? row_of(X, row, X_stride)[j] : 0.0f;
      sum = fma(x, e == nullptr ? r[j] : r[j] * e[j], sum);
    }
    sum = fold_warp(sum);
    if (lane == 0) own[i] = sum;
  }
  // Below it: down the columns, a lane each.
  const int column = first + lane;
  double sum = 0;
#pragma unroll 4
  for (int i = first + 1 + warp; i < n; i += kThreads / kWarp) {
    const double x = i > column ? row_of(X, i, X_stride)[column] : 0.0f;
    sum = fma(x, e == nullptr ? r[i] : r[i] * e[i], sum);
  }
  parts[warp][lane] = sum;
  __syncthreads();
  if (warp != 0 || column >= n) return;
  sum = own[lane];
#pragma unroll
  for (int i = 0; i < kThreads / kWarp; i++) sum += parts[i][lane];
  z[column] = e == nullptr ? sum : sum * e[column];
}

extern "C" __global__ void __launch_bounds__(kThreads)
conjugate_f64__turn(int* stop, double* state, int n, const double* r, const double* z, double* p, const double* q, float tolerance,
                    int last) {
  turn<false>(stop, state, n, r, z, nullptr, p, nullptr, q, nullptr, tolerance, last);
}

extern "C" __global__ void __launch_bounds__(kThreads)
conjugate_f64__turn__dual(int* stop, double* state, int n, const double* r, const double* z, const double* Kz, double* p, double* Kp,
                          const float* damping, float tolerance, int last) {
  turn<true>(stop, state, n, r, z, Kz, p, Kp, nullptr, damping, tolerance, last);
}

extern "C" __global__ void __launch_bounds__(kThreads)
conjugate_f64__advance(int* stop, double* state, int n, const double* p, const double* q, double* x, double* r) {
  if (stopped(stop)) return;
  double pq = 0;
  all(n, [&](int i) { pq = fma(p[i], q[i], pq); });
  const double alpha = step_along(stop, state, fold_block(pq));
  all(n, [&](int i) {
    x[i] = fma(alpha, p[i], x[i]);
    r[i] = fma(-alpha, q[i], r[i]);
  });
  if (threadIdx.x == 0) state[ENERGY] = fma(alpha, state[RZ], state[ENERGY]);
}

extern "C" __global__ void __launch_bounds__(kThreads)
conjugate_f64__advance__dual(int* stop, double* state, int n, const double* p, const double* Kp, const float* damping, double* y,
                             double* r, const double* z0, float tolerance) {
  if (stopped(stop)) return;
  const double mu = *damping;
  double pq = 0;
  all(n, [&](int i) { pq = fma(Kp[i], fma(mu, p[i], Kp[i]), pq); });
  const double alpha = step_along(stop, state, fold_block(pq));
  double rr = 0, energy = 0;
  all(n, [&](int i) {
    const double whole = fma(alpha, p[i], y[i]);
    const double left = fma(-alpha, fma(mu, p[i], Kp[i]), r[i]);
    y[i] = whole;
    r[i] = left;
    const double along = fma(mu, whole, left - z0[i]);  // (B x)_i
    rr = fma(left, left, rr);
    energy = fma(along, along, energy);
  });
  rr = fold_block(rr);
  energy = fold_block(energy);
  if (threadIdx.x != 0) return;
  state[ENERGY] = energy;
  if (*stop == 0 && rr <= static_cast<double>(tolerance) * tolerance * energy) {
    end(stop, state, REACHED);
    state[ERROR2] = rr;
  }
}

// lost [count]: B of what rounding changed, one number a residual.
extern "C" __global__ void __launch_bounds__(kThreads)
conjugate_f64__finish(const double* state, int n, const double* x, const double* g, const double* r, const float* e, float eta,
                      const float* damping, const double* lost, int count, int datapoints, float* curvature, float* scaled2,
                      float* error2) {
  double energy = 0, scaled = 0, norm2 = 0, moved = 0;
  all(n, [&](int i) {
    const double own = e == nullptr ? 1.0 : e[i];
    energy = fma(x[i], g[i] - r[i], energy);
    norm2 = fma(x[i], x[i], norm2);
    scaled = fma(x[i] / own, x[i] / own, scaled);
  });
  all(count, [&](int i) { moved = fma(lost[i], lost[i], moved); });
  energy = fold_block(energy);
  norm2 = fold_block(norm2);
  scaled = fold_block(scaled);
  moved = fold_block(moved) / datapoints;
  if (threadIdx.x != 0) return;
  const double without = e == nullptr ? 0.0 : static_cast<double>(eta) * norm2;
  *curvature = static_cast<float>(fmax(energy - *damping * scaled - without, 0.0));
  *scaled2 = static_cast<float>(scaled);
  const double error = sqrt(state[ERROR2] / state[TRUST]) + sqrt(moved);
  *error2 = static_cast<float>(error * error);
}

extern "C" __global__ void __launch_bounds__(kThreads)
conjugate_f64__finish__dual(const double* state, int n, const double* y, const double* z0, const double* r, const float* damping,
                            const double* lost, int datapoints, float* curvature, float* error2) {
  const double mu = *damping;
  double along2 = 0, moved = 0;
  all(n, [&](int i) {
    const double along = fma(mu, y[i], r[i] - z0[i]);
    along2 = fma(along, along, along2);
    moved = fma(lost[i], lost[i], moved);
  });
  along2 = fold_block(along2) / datapoints;
  moved = fold_block(moved) / datapoints;
  if (threadIdx.x != 0) return;
  *curvature = static_cast<float>(along2);
  const double error = sqrt(state[ERROR2] / datapoints) + sqrt(moved);
  *error2 = static_cast<float>(error * error);
}
