// The mixture of two binary classifiers, h in R^3, y in {0, 1}: values, gradients, curvature, drawn targets.
// With s = 2 y - 1, pi = sigma(h1), A = sigma(s h2), B = sigma(s h3), p = pi A + (1 - pi) B, r = pi A / p:
//
//   mixture_evaluate          E = -log p,  g = dE/dh = (pi - r, -s r (1 - A), -s (1 - r)(1 - B))       (gradient may be null)
//   mixture_square_root       c with c c^T = G_L; split 0 (outcome): c = g, G_L = g g^T;
//                             split 1 (logit): c = grad p1 / sqrt(p1 (1 - p1)), p1 = P(y = 1), and G_L is the Fisher
//   mixture_product           G_L v and v^T G_L v, each where its pointer is not null; split 2: the literal Hessian
//                             diag(pi (1 - pi), r A (1 - A), (1 - r) B (1 - B)) - r (1 - r) u u^T, u = (1, s (1 - A), -s (1 - B)),
//                             which always has a negative eigenvalue
//   mixture_sampled_gradient  g at a y drawn from the model
//
// shapes    h, v, gradient, C, product [N][3], y [N][1], E, v^T G v [N]; each matrix with its own stride
// aliasing  gradient, C and product may be h or v; no other overlap
// launch    256 threads, a thread a datapoint, grid N / 256 rounded up
// cost      28 bytes a datapoint for evaluate, in rows of their own (12 of a 32-byte sector are used); about 60 flops and 4 exp
// bound     eps = 2^-24, d = log(pi A) - log((1 - pi) B) with error D = (|d| + 2 |m2 - m3| + 10) eps, m_k = min(s h_k, 0):
//           r and 1 - r each (5 eps + D) of themselves, E (D + 12 eps) E + 8 eps where p < 1/2, 34 eps E where not; the parts of g
//           as the products they are, its first as the two terms of the form taken, which are at most twice the other parts
//           where they are near each other: g, and so both splits, is right to some (D + 40 eps) relative to its norm. So is
//           the literal Hessian, with pi (1 - pi) - r (1 - r) as (pi - r) (1 - pi - r). MixtureReference has the numbers
// limits    h that is not finite and y that is neither 0 nor 1 give NaN
// source    Botev, Ritter, Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017, the experiment with a
//           non-exponential family; random numbers: philox.cuh, counter (0, row, step, 3)
#include "loss.cuh"

namespace krongauss {

enum Split { kOutcome = 0, kLogit = 1, kLiteral = 2 };

struct Vector3 {
  float x, y, z;
};

__device__ __forceinline__ Vector3 scaled(float a, Vector3 v) { return {a * v.x, a * v.y, a * v.z}; }
__device__ __forceinline__ float dot(Vector3 a, Vector3 b) { return fmaf(a.x, b.x, fmaf(a.y, b.y, a.z * b.z)); }

__device__ __forceinline__ Vector3 load3(const float* matrix, int row, int stride) {
  const float* p = row_of(matrix, row, stride);
  return {p[0], p[1], p[2]};
}

__device__ __forceinline__ void store3(float* matrix, int row, int stride, Vector3 v) {
  float* p = row_of(matrix, row, stride);
  p[0] = v.x;
  p[1] = v.y;
  p[2] = v.z;
}

// sigma(x) and sigma(-x) without cancellation; log sigma(x) = low - rest.
struct Gate {
  float p, q;
  float low, rest;
};

__device__ __forceinline__ Gate gate(float x) {
  const float e = expf(-fabsf(x));
  const float i = 1.0f / (1.0f + e);
  return {x >= 0.0f ? i : e * i, x >= 0.0f ? e * i : i, fminf(x, 0.0f), log1p_unit(e)};
}

// All that one outcome s = +1 or -1 of one datapoint needs.
struct Outcome {
  Gate pi, a, b, r;
  float s;
  float likely;    // p, the probability of this outcome
  float unlikely;  // 1 - p, a sum of positive terms as well

  __device__ Outcome(Vector3 h, float sign) : pi(gate(h.x)), a(gate(sign * h.y)), b(gate(sign * h.z)), s(sign) {
    r = gate(h.x + ((a.low - b.low) - (a.rest - b.rest)));
    likely = fmaf(pi.p, a.p, pi.q * b.p);
    unlikely = fmaf(pi.p, a.q, pi.q * b.q);
  }

  // log(1 + (1 - p) / p) where p is the larger, else the logarithm of the larger of pi A and (1 - pi) B and what the other adds
  __device__ float value(Vector3 h) const {
    if (unlikely <= likely) return log1p_unit(unlikely / likely);
    const bool first = r.p >= r.q;
    const float gates = pi.rest - fminf(first ? h.x : -h.x, 0.0f);
    return gates + (first ? a.rest - a.low : b.rest - b.low) - r.rest;
  }

  // pi - r = pi (1 - r) - (1 - pi) r = pi (1 - pi) (B - A) / p. Where both classifiers are for the outcome the terms of the
  // first form are equal but for the little by which A and B differ; the difference of 1 - A and 1 - B is not.
  __device__ float gate_gradient() const {
    if (a.q < 0.5f && b.q < 0.5f) return pi.p * pi.q * (a.q - b.q) / likely;
    return pi.p * r.q - pi.q * r.p;
  }

  __device__ Vector3 gradient() const { return {gate_gradient(), -s * (r.p * a.q), -s * (r.q * b.q)}; }

  // pi (1 - pi) - r (1 - r) = (pi - r) (1 - pi - r)
  __device__ float gate_hessian() const {
    return gate_gradient() * (pi.p >= 0.5f ? pi.q - r.p : r.q - pi.p);
  }
};

// 0 for finite h, else NaN.
__device__ __forceinline__ float poison(Vector3 h) { return (h.x - h.x) + (h.y - h.y) + (h.z - h.z); }

__device__ __forceinline__ float sign_of(const float* y, int row, int stride) {
  const float t = *row_of(y, row, stride);
  return t == 1.0f ? 1.0f : t == 0.0f ? -1.0f : NAN;
}

// grad p1 / sqrt(p1 p0) = -sqrt(p1 / p0) g(1) = sqrt(p0 / p1) g(0): that with the root of at most 1.
__device__ __forceinline__ Vector3 logit_root(Vector3 h) {
  const Outcome one(h, 1.0f);
  const Outcome zero(h, -1.0f);
  const float more = one.value(h) - zero.value(h);  // log(p0 / p1)
  const float root = expf(-0.5f * fabsf(more)) + poison(h);
  return more >= 0.0f ? scaled(-root, one.gradient()) : scaled(root, zero.gradient());
}

__device__ __forceinline__ Vector3 root_of(Vector3 h, const float* y, int row, int stride, int split) {
  if (split == kLogit) return logit_root(h);
  const Vector3 g = Outcome(h, sign_of(y, row, stride)).gradient();
  const float bad = poison(h);
  return {g.x + bad, g.y + bad, g.z + bad};
}

__device__ __forceinline__ Vector3 hessian_times(const Outcome& o, Vector3 v) {
  const float of_a = o.s * o.a.q;
  const float of_b = -o.s * o.b.q;
  const float w = o.r.p * o.r.q;
  const float classifiers = w * fmaf(of_a, v.y, of_b * v.z);
  const float all = fmaf(w, v.x, classifiers);
  return {fmaf(o.gate_hessian(), v.x, -classifiers), fmaf(o.r.p * (o.a.p * o.a.q), v.y, -all * of_a),
          fmaf(o.r.q * (o.b.p * o.b.q), v.z, -all * of_b)};
}

__device__ __forceinline__ int datapoint() { return blockIdx.x * kThreads + threadIdx.x; }

}  // namespace krongauss

using namespace krongauss;

#define KERNEL extern "C" __global__ void __launch_bounds__(kThreads)

KERNEL mixture_evaluate_f32(const float* h, int h_stride, const float* y, int y_stride, float* gradient,
                            int gradient_stride, float* values, int rows) {
  const int n = datapoint();
  if (n >= rows) return;
  const Vector3 x = load3(h, n, h_stride);
  const Outcome o(x, sign_of(y, n, y_stride));
  values[n] = o.value(x) + poison(x);
  if (gradient != nullptr) store3(gradient, n, gradient_stride, o.gradient());
}

KERNEL mixture_square_root_f32(const float* h, int h_stride, const float* y, int y_stride, float* C, int C_stride,
                               int rows, int split) {
  const int n = datapoint();
  if (n < rows) store3(C, n, C_stride, root_of(load3(h, n, h_stride), y, n, y_stride, split));
}

KERNEL mixture_product_f32(const float* h, int h_stride, const float* y, int y_stride, const float* v, int v_stride,
                           float* product, int product_stride, float* quadratic, int rows, int split) {
  const int n = datapoint();
  if (n >= rows) return;
  const Vector3 x = load3(h, n, h_stride);
  const Vector3 along = load3(v, n, v_stride);
  Vector3 out;
  float value;
  if (split == kLiteral) {
    out = hessian_times(Outcome(x, sign_of(y, n, y_stride)), along);
    value = dot(along, out) + poison(x);
  } else {
    const Vector3 c = root_of(x, y, n, y_stride, split);
    const float cv = dot(c, along);
    out = scaled(cv, c);
    value = cv * cv;
  }
  if (product != nullptr) store3(product, n, product_stride, out);
  if (quadratic != nullptr) quadratic[n] = value;
}

KERNEL mixture_sampled_gradient_f32(const float* h, int h_stride, float* gradient, int gradient_stride, int rows,
                                    long long seed, const int* step_pointer) {
  const int n = datapoint();
  if (n >= rows) return;
  const Vector3 x = load3(h, n, h_stride);
  const unsigned step = *step_pointer;
  const float u = unit(philox(make_uint4(0, n, step, kDomainTarget), key_of(seed)).x);
  const Outcome one(x, 1.0f);
  const bool one_is_less = one.likely <= one.unlikely;
  const bool less = u <= fminf(one.likely, one.unlikely);  // the less likely outcome comes up
  const Vector3 g = less == one_is_less ? one.gradient() : Outcome(x, -1.0f).gradient();
  const float bad = poison(x);
  store3(gradient, n, gradient_stride, {g.x + bad, g.y + bad, g.z + bad});
}
