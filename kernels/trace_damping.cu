// Three dampings of the two Kronecker factors of every layer, split by their traces.
//
//   omega = sqrt(tr Q) / sqrt(tr G) sqrt(dim G / dim Q)
//   gammas[c] = scale_c gamma, not below `least` nor above `greatest`; scale_0 = 1
//   damping[c][2 l] = omega gammas[c]       (added to the diagonal of Q)
//   damping[c][2 l + 1] = gammas[c] / omega (added to the diagonal of G)
//   omegas[l] = omega
//   traces[2 l] = tr Q, traces[2 l + 1] = tr G
//
// shapes    Q [q][q], G [g][g] of each layer, only the diagonals are read; gamma [1]; batches [layers][2][2] or null: of
//           Q_l and of G_l as batches.cuh has them; gammas [3]; damping [3][row], row = 2 layers; omegas [layers];
//           traces [2 layers] or null
// launch    one block of 256 threads a layer, fixed order
// cost      q + g loads of one sector each
// bound     ((q + g) / 512 + 20) eps relative: half of two traces of n / 256 + 13 roundings each, which do not cancel in a
//           positive semi-definite factor, and seven more. It holds for traces of subnormal numbers, whose sums are exact
// source    Martens, Grosse, "Optimizing Neural Networks with Kronecker-factored Approximate Curvature", ICML 2015,
//           section "Factored Tikhonov regularization" (their pi)
//
// Degenerate cases, all answered with omega = 1, i.e. gamma for both factors:
//   tr G = 0         a dead layer: no curvature in this batch, any finite split is right; tr Q = 0 cannot be with the
//                    homogeneous 1, but a foreign Q may have none
//   trace negative   not a positive semi-definite matrix; the factorisation will say so
//   NaN, Inf         the factor is unusable; the damping stays finite so that the other layers are not touched and the
//                    factorisation reports the factor that is to blame
//   omega not within 2^-100 and 2^100: the same, so that both dampings stay finite; their product is gamma^2. Outputs as
//                    confident as FP32 can tell, tr G = 1e-45, keep their omega: the roots are taken apart
//   gamma NaN        stays NaN, and every factorisation fails
//   no batch         a factor that nothing has entered gets the damping NaN, so that its factorisation fails
#include "groups.cuh"
#include "rows.cuh"

namespace krongauss {

__device__ __forceinline__ float trace(const float* A, int stride, int n) {
  float sum = 0;
  for (int i = threadIdx.x; i < n; i += kThreads) sum += row_of(A, i, stride)[i];
  return fold<Sum, kThreads>(sum);
}

}  // namespace krongauss

using namespace krongauss;

struct Layer : Group {
  int q;
  int g;
  int Q_stride;
  const float* Q;
  const float* G;
  int G_stride;
};

constexpr int kCandidates = 3;
constexpr float kLeast = 0x1p-100f;  // of an omega that is taken
constexpr float kGreatest = 0x1p100f;

extern "C" __global__ void __launch_bounds__(kThreads)
trace_damping_f32(const __grid_constant__ Groups<Layer> layers, const float* gamma_pointer, float scale1, float scale2,
                  float least, float greatest, int row, const unsigned* batches, float* gammas, float* damping,
                  float* omegas, float* traces) {
  const Layer& layer = group_of(layers);
  const float trace_q = trace(layer.Q, layer.Q_stride, layer.q);
  const float trace_g = trace(layer.G, layer.G_stride, layer.g);
  const int c = threadIdx.x;
  if (c >= kCandidates) return;
  const float dims = static_cast<float>(layer.g) / static_cast<float>(layer.q);
  const float ratio = sqrtf(trace_q) / sqrtf(trace_g) * sqrtf(dims);  // NaN if a trace is negative
  const float omega = ratio > kLeast && ratio < kGreatest ? ratio : 1.0f;
  float gamma = (c == 0 ? 1.0f : c == 1 ? scale1 : scale2) * *gamma_pointer;
  if (gamma < least) gamma = least;
  if (gamma > greatest) gamma = greatest;
  const unsigned* entered = batches + 4 * blockIdx.x;
  const bool no_q = batches != nullptr && entered[0] == 0;
  const bool no_g = batches != nullptr && entered[2] == 0;
  damping[c * row + 2 * blockIdx.x] = no_q ? NAN : omega * gamma;
  damping[c * row + 2 * blockIdx.x + 1] = no_g ? NAN : gamma / omega;
  if (c == 0) omegas[blockIdx.x] = omega;
  if (c == 0 && traces != nullptr) {
    traces[2 * blockIdx.x] = trace_q;
    traces[2 * blockIdx.x + 1] = trace_g;
  }
  if (blockIdx.x == 0) gammas[c] = gamma;
}
