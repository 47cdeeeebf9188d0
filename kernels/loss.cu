// Losses on the pre-activations h of the last layer: values, gradients, means, gradients at drawn targets. For each loss of
// loss.cuh (squared, bernoulli, softmax):
//
//   loss_evaluate          E_n = loss(h_n, t_n),  gradient_n = dE/dh_n                         (gradient may be null)
//                          where arrived is not null also mean[0] = scale sum_n E_n, and where f is not null an update begins in
//                          that scalar block (control.cuh), with a step size a layer unless mu is negative (layer_signals.cuh)
//   loss_mean              P = mean of the model's target distribution: h, sigma(h), softmax(h)
//   loss_sampled_gradient  dE/dh_n at a target drawn from the model
//
// shapes    h, t, gradient, P [N][d], E [N]; each matrix with its own stride; mean [1]; arrived [1] is 0 before and after
// aliasing  gradient may be h or t, P may be h; no other overlap
// launch    256 threads: a warp a row, grid N / 8 rounded up; `_wide`: the block a row, grid N; evaluate's `_few`: a thread a row
// cost      evaluate: 12 bytes an element and, Bernoulli, 1 exp, 2 divisions, 12 other flops; softmax reads h three times
//           (from the cache) with 2 exp
// bound     per element of the double reference with eps = 2^-24 and terms T of the sums (all non-negative):
//           value (d / 32 + 24) eps sum T, the mean 18 eps more (reduce.cu), gradient 9 eps relative to q; softmax (max h - h_j + d / 32 + 24) eps p_j and
//           the mean of max h - h_j more, since the rounding of h_j - max h is amplified by the exponential; 1 - p_j, and with
//           it the winner's gradient, the same relative to 1 - p_j. LossReference has the numbers
// limits    at an infinite logit of Bernoulli the draw is certain and its gradient 0; the loss there is not finite.
//           A probability below 2^-126, about e^-87, loses digits and ends as 0 at e^-103. An outcome of probability below
//           2^-33 is never drawn
// order     fixed by shape and layout: the last block to arrive adds the values. The same bits on every run
// source    Botev, Ritter, Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017; random numbers:
//           philox.cuh, counter (column / 4, row, step, 3)
#include "flags.cuh"
#include "layer_signals.cuh"
#include "loss.cuh"
#include "sum.cuh"

namespace krongauss {

// What the last block of an evaluation does besides: the mean of all values, and the beginning of an update.
struct Whole {
  unsigned* arrived;  // null for nothing
  float scale;
  float* mean;
  float* f;  // null for no beginning
  float eta;
  bool gamma_follows;
  float mu;
};

// Behind the values of all threads.
__device__ __forceinline__ void complete(const float* values, int rows, const Whole& whole) {
  if (whole.arrived == nullptr) return;
  __shared__ bool last;
  __syncthreads();
  if (threadIdx.x == 0) last = arrive(whole.arrived) == gridDim.x - 1;
  __syncthreads();
  if (!last) return;
  const float sum = sum_of(values, rows);
  if (threadIdx.x != 0) return;
  *whole.arrived = 0;  // for the next launch
  whole.mean[0] = whole.scale * sum;
  if (whole.f == nullptr) return;
  if (whole.mu < 0.0f) {
    begin(whole.f, whole.eta, whole.gamma_follows);
  } else {
    begin_layers(whole.f, whole.eta, whole.gamma_follows, whole.mu);
  }
}

template <class L, int LANES>
__device__ __forceinline__ void evaluate(const float* h_matrix, int h_stride, const float* t_matrix, int t_stride,
                                         float* g_matrix, int g_stride, float* values, int rows, int columns,
                                         int whole) {
  const int row = group_row<LANES>();
  if (row >= rows) return;  // whole groups leave
  const int lane = threadIdx.x % LANES;
  const float* h = row_of(h_matrix, row, h_stride);
  const float* t = row_of(t_matrix, row, t_stride);
  float* g = row_of(g_matrix, row, g_stride);
  const Partition z = partition<L, LANES>(h, lane, columns, whole);
  float value = 0.0f;
  sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    const Pack<kWide> x = load<kWide>(h + c);
    const Pack<kWide> y = load<kWide>(t + c);
    Pack<kWide> out;
    float part = 0.0f;
#pragma unroll
    for (int i = 0; i < kWide; i++) {
      const Point p = L::point(x.v[i], y.v[i], z);
      part += p.value;
      out.v[i] = p.gradient;
    }
    value += part;
    if (g_matrix != nullptr) store<kWide>(g + c, out);
  });
  value = fold<Sum, LANES>(value);
  if (lane == 0) values[row] = value + L::rest(z);
}

template <class L, int LANES>
__device__ __forceinline__ void mean(const float* h_matrix, int h_stride, float* p_matrix, int p_stride, int rows,
                                     int columns, int whole) {
  const int row = group_row<LANES>();
  if (row >= rows) return;
  const int lane = threadIdx.x % LANES;
  const float* h = row_of(h_matrix, row, h_stride);
  float* p = row_of(p_matrix, row, p_stride);
  const Partition z = partition<L, LANES>(h, lane, columns, whole);
  sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> x = load<kWide>(h + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) x.v[i] = L::mean(x.v[i], z);
    store<kWide>(p + c, x);
  });
}

// The class drawn from a row's softmax by inverse cumulative: the first of the others, in their order, whose cumulative sum
// reaches u total, else the winner. The small probabilities thus meet the small u, which have all their digits, and rounding
// of the parallel prefix sums moves the border to the winner by no more than the sums' own error. Never a class of
// probability 0. The winner for a row that is not finite.
template <class L>
__device__ __forceinline__ int draw_class(const float* h, int lane, int columns, int whole, Partition z, float u) {
  const float threshold = u * z.total();
  float carry = 0.0f;
  int first = columns;
  for (int begin = 0; begin < columns; begin += 4 * kWarp) {
    const int c = begin + 4 * lane;
    Pack<4> e = load_quad(h, c, columns, whole, -INFINITY);
    float local = 0.0f;
#pragma unroll
    for (int i = 0; i < 4; i++) local += e.v[i] = c + i == z.winner ? 0.0f : expf(e.v[i] - z.maximum);
    float inclusive = local;
#pragma unroll
    for (int d = 1; d < kWarp; d *= 2) {
      const float left = __shfl_up_sync(kAll, inclusive, d);
      if (lane >= d) inclusive += left;
    }
    const float left = __shfl_up_sync(kAll, inclusive, 1);
    float cumulative = carry + (lane > 0 ? left : 0.0f);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      cumulative += e.v[i];
      if (e.v[i] > 0.0f && cumulative >= threshold) first = min(first, c + i);
    }
    carry += __shfl_sync(kAll, inclusive, kWarp - 1);
  }
#pragma unroll
  for (int d = kWarp / 2; d > 0; d /= 2) first = min(first, __shfl_xor_sync(kAll, first, d));
  return first < columns ? first : z.winner;
}

template <class L>
__device__ __forceinline__ void sampled_gradient(const float* h_matrix, int h_stride, float* g_matrix, int g_stride,
                                                 int rows, int columns, int whole, long long seed,
                                                 const int* step_pointer) {
  const int row = group_row<kWarp>();
  if (row >= rows) return;
  const int lane = threadIdx.x % kWarp;
  const float* h = row_of(h_matrix, row, h_stride);
  float* g = row_of(g_matrix, row, g_stride);
  const unsigned step = *step_pointer;
  const uint2 key = key_of(seed);
  if constexpr (L::coupled) {
    const Partition z = partition<L, kWarp>(h, lane, columns, whole);
    const float u = unit(philox(make_uint4(0, row, step, kDomainTarget), key).x);
    const int drawn = draw_class<L>(h, lane, columns, whole, z, u);
    sweep(lane, kWarp, 0, columns, whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      Pack<kWide> x = load<kWide>(h + c);
#pragma unroll
      for (int i = 0; i < kWide; i++) x.v[i] = L::point(x.v[i], c + i == drawn ? 1.0f : 0.0f, z).gradient;
      store<kWide>(g + c, x);
    });
  } else {
    for (int c = 4 * lane; c < columns; c += 4 * kWarp) {
      const uint4 bits = philox(make_uint4(c / 4u, row, step, kDomainTarget), key);
      store_quad(g, c, columns, whole, L::sampled(load_quad(h, c, columns, whole, 0.0f), bits));
    }
  }
}

}  // namespace krongauss

using namespace krongauss;

#define KERNEL extern "C" __global__ void __launch_bounds__(kThreads)

#define EVALUATE_KERNEL(suffix, L, LANES)                                                                          \
  KERNEL loss_evaluate_f32__##suffix(const float* h, int h_stride, const float* t, int t_stride, float* gradient,  \
                                     int gradient_stride, float* values, int rows, int columns, int whole,         \
                                     unsigned* arrived, float scale, float* mean, float* f, float eta,             \
                                     int gammaFollows, float mu) {                                                 \
    evaluate<L, LANES>(h, h_stride, t, t_stride, gradient, gradient_stride, values, rows, columns, whole);         \
    complete(values, rows, {arrived, scale, mean, f, eta, gammaFollows != 0, mu});                                 \
  }

#define ROW_KERNELS(suffix, L, LANES)                                                                              \
  EVALUATE_KERNEL(suffix, L, LANES)                                                                                \
  KERNEL loss_mean_f32__##suffix(const float* h, int h_stride, float* P, int P_stride, int rows, int columns,      \
                                 int whole) {                                                                      \
    mean<L, LANES>(h, h_stride, P, P_stride, rows, columns, whole);                                                \
  }

#define LOSS_KERNELS(suffix, L)                                                                                    \
  ROW_KERNELS(suffix, L, kWarp)                                                                                    \
  ROW_KERNELS(suffix##_wide, L, kThreads)                                                                          \
  EVALUATE_KERNEL(suffix##_few, L, 1)                                                                              \
  KERNEL loss_sampled_gradient_f32__##suffix(const float* h, int h_stride, float* gradient, int gradient_stride,   \
                                             int rows, int columns, int whole, long long seed, const int* step) {  \
    sampled_gradient<L>(h, h_stride, gradient, gradient_stride, rows, columns, whole, seed, step);                 \
  }

LOSS_KERNELS(squared, Squared)
LOSS_KERNELS(bernoulli, Bernoulli)
LOSS_KERNELS(softmax, Softmax)
