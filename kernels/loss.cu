// Losses on the pre-activations h of the last layer: values, gradients, pieces of the output Hessian, drawn targets.
// For each loss of loss.cuh (squared, bernoulli, softmax):
//
//   loss_evaluate          E_n = loss(h_n, t_n),  gradient_n = dE/dh_n                         (gradient may be null)
//   loss_mean              P = mean of the model's target distribution: h, sigma(h), softmax(h)
//   loss_hessian_product   q_n = v_n^T H_n v_n = sum w v^2, coupled: sum w (y - sum w y)^2     (never negative)
//   loss_curvature_vector  u_n = H_n v_n = w v, coupled: w (y - sum w y), y = v - v of the row's winner
//   loss_square_root       C[n d + k] = column k of a C_n with C_n C_n^T = H_n: sqrt(w_k) e_k, coupled: sqrt(w_k)(e_k - w)
//   loss_mean_hessian      G = diag(mean_n f_n w_n), the whole matrix written; f weights of the datapoints or null for 1,
//                          f_n = 0: the datapoint is absent                                     (uncoupled losses)
//   loss_laplacian_diagonal  G_jj = -sum_{k != j} G_jk, so that each row sums to 0: with -mean_n f_n p p^T beside the diagonal, of
//                          a gram, G = mean_n f_n (diag(p) - p p^T)                            (coupled losses)
//   loss_sampled_gradient  dE/dh_n at a target drawn from the model
//
// shapes    h, t, v, u, gradient, P [N][d], E, q [N], C [N d][d], G [d][d]; each matrix with its own stride.
//           laplacian_diagonal reads the lower triangle without its diagonal and writes the diagonal
// aliasing  gradient may be h or t, P may be h, u may be v; no other overlap
// launch    256 threads. Rows: a warp a row, grid N / 8 rounded up; `_wide`: the block a row, grid N.
//           square_root: grid (N, d / 64). mean_hessian, laplacian_diagonal: a block for 32 columns, grid d / 32
// cost      evaluate: 12 bytes an element and, Bernoulli, 1 exp, 2 divisions, 12 other flops; softmax reads h three times
//           (from the cache) with 2 exp. Each output element of C and G is written once
// bound     per element of the double reference with eps = 2^-24 and terms T of the sums (all non-negative):
//           value (d / 32 + 24) eps sum T, gradient and w 9 eps relative to q; softmax (max h - h_j + d / 32 + 24) eps p_j and
//           the mean of max h - h_j more, since the rounding of h_j - max h is amplified by the exponential; 1 - p_j, and with
//           it the winner's gradient and diagonal of C, the same relative to 1 - p_j. v^T H v the same, times 1 + sqrt(d),
//           relative to itself for any v. laplacian_diagonal (d / 32 + 11) eps relative to itself.
//           LossReference has the numbers
// limits    at an infinite logit of Bernoulli the draw is certain and its gradient 0; the loss there is not finite.
//           A probability below 2^-126, about e^-87, loses digits and ends as 0 at e^-103; so do the products p_i p_j. An outcome
//           of probability below 2^-33 is never drawn
// order     fixed by shape and layout; no atomics
// source    Botev, Ritter, Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017; random numbers:
//           philox.cuh, counter (column / 4, row, step, 3)
#include "loss.cuh"

namespace krongauss {

constexpr int kRootRows = 64;  // rows of C that one block writes

template <int LANES>
__device__ __forceinline__ int group_row() {
  return blockIdx.x * (kThreads / LANES) + threadIdx.x / LANES;
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

// H v is the same for v plus a constant, coupled: with the winner's v as the origin what remains is weighted by the others' w
// alone, which have no cancellation. Since the winner's w is at least 1/d, no rounding is magnified by more than sqrt(d).
template <class L>
__device__ __forceinline__ float origin_of(const float* v, Partition z) {
  if constexpr (L::coupled) return v[z.winner];
  return 0.0f;
}

// w, coupled: w total, so that a sum is divided once.
template <class L>
__device__ __forceinline__ float share_of(float h, Partition z) {
  if constexpr (L::coupled) return z.share(h);
  return L::weight(h, z);
}

template <class L, int LANES>
__device__ __forceinline__ void hessian_product(const float* h_matrix, int h_stride, const float* v_matrix,
                                                int v_stride, float* products, int rows, int columns, int whole) {
  const int row = group_row<LANES>();
  if (row >= rows) return;
  const int lane = threadIdx.x % LANES;
  const float* h = row_of(h_matrix, row, h_stride);
  const float* v = row_of(v_matrix, row, v_stride);
  const Partition z = partition<L, LANES>(h, lane, columns, whole);
  const float origin = origin_of<L>(v, z);
  const auto weighted = [&](auto term) {
    float sum = 0.0f;
    sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> x = load<kWide>(h + c);
      const Pack<kWide> y = load<kWide>(v + c);
      float part = 0.0f;
#pragma unroll
      for (int i = 0; i < kWide; i++) part = fmaf(share_of<L>(x.v[i], z), term(y.v[i] - origin), part);
      sum += part;
    });
    return fold<Sum, LANES>(sum) / (L::coupled ? z.total() : 1.0f);
  };
  float centre = 0.0f;
  if constexpr (L::coupled) centre = weighted([](float y) { return y; });
  const float product = weighted([=](float y) { return (y - centre) * (y - centre); });
  if (lane == 0) products[row] = product;
}

template <class L, int LANES>
__device__ __forceinline__ void curvature_vector(const float* h_matrix, int h_stride, const float* v_matrix,
                                                 int v_stride, float* u_matrix, int u_stride, int rows, int columns,
                                                 int whole) {
  const int row = group_row<LANES>();
  if (row >= rows) return;
  const int lane = threadIdx.x % LANES;
  const float* h = row_of(h_matrix, row, h_stride);
  const float* v = row_of(v_matrix, row, v_stride);
  float* u = row_of(u_matrix, row, u_stride);
  const Partition z = partition<L, LANES>(h, lane, columns, whole);
  const float origin = origin_of<L>(v, z);
  float centre = 0.0f;
  if constexpr (L::coupled) {
    sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
      constexpr int kWide = decltype(width)::value;
      const Pack<kWide> x = load<kWide>(h + c);
      const Pack<kWide> y = load<kWide>(v + c);
      float part = 0.0f;
#pragma unroll
      for (int i = 0; i < kWide; i++) part = fmaf(share_of<L>(x.v[i], z), y.v[i] - origin, part);
      centre += part;
    });
    centre = fold<Sum, LANES>(centre) / z.total();
    __syncwarp();  // u may be v: every lane has read the origin
  }
  sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    const Pack<kWide> x = load<kWide>(h + c);
    Pack<kWide> y = load<kWide>(v + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) y.v[i] = L::weight(x.v[i], z) * ((y.v[i] - origin) - centre);
    store<kWide>(u + c, y);
  });
}

template <class L>
__device__ __forceinline__ void square_root(const float* h_matrix, int h_stride, float* C, int C_stride, int columns,
                                            int h_whole, int C_whole) {
  __shared__ __align__(16) float weights[kChunk];
  const int n = blockIdx.x;
  const int begin_k = blockIdx.y * kRootRows;
  const int end_k = min(columns, begin_k + kRootRows);
  const int warp = threadIdx.x / kWarp;
  const int lane = threadIdx.x % kWarp;
  const float* h = row_of(h_matrix, n, h_stride);
  const Partition z = partition<L, kThreads>(h, threadIdx.x, columns, h_whole);
  for (int begin = 0; begin < columns; begin += kChunk) {
    const int width_here = min(kChunk, columns - begin);
    if constexpr (L::coupled) {
      for (int c = threadIdx.x; c < width_here; c += kThreads) weights[c] = L::weight(h[begin + c], z);
      __syncthreads();
    }
    for (int k = begin_k + warp; k < end_k; k += kThreads / kWarp) {
      const float root = L::root(h[k], z);
      float diagonal = root;
      if constexpr (L::coupled) diagonal *= L::complement(h[k], z);
      float* out = C + (static_cast<long long>(n) * columns + k) * C_stride + begin;
      sweep(lane, kWarp, 0, width_here, C_whole - begin, [&](auto width, int c) {
        constexpr int kWide = decltype(width)::value;
        Pack<kWide> x;
        if constexpr (L::coupled) x = load<kWide>(weights + c);
#pragma unroll
        for (int i = 0; i < kWide; i++) x.v[i] = L::coupled ? -root * x.v[i] : 0.0f;
        store<kWide>(out + c, x);
        // The thread that wrote the diagonal writes it again: cheaper than a choice for every element.
        const int offset = k - begin - c;
        if (offset >= 0 && offset < kWide) out[c + offset] = diagonal;
      });
    }
    if constexpr (L::coupled) __syncthreads();
  }
}

// Column means of f weight(h) over the rows, for the block's 32 columns, in means[32]; f is 1 if null. 8 threads of 4 columns side by side
// make one 128-byte access; 32 rows at a time. Sums of 32 rows are added to sums of sums, so the error grows with N / 1024.
template <class L>
__device__ __forceinline__ void column_means(const float* h, int stride, const float* f, int f_stride, int rows,
                                             int columns, int whole, float* means) {
  __shared__ __align__(16) float parts[kThreads / kWarp][32];
  const int c = blockIdx.x * 32 + 4 * (threadIdx.x % 8);
  Pack<4> outer = {0.0f, 0.0f, 0.0f, 0.0f};
  for (int begin = threadIdx.x / 8; begin < rows; begin += 1024) {
    Pack<4> inner = {0.0f, 0.0f, 0.0f, 0.0f};
    const int end = min(rows, begin + 1024);
    for (int n = begin; n < end; n += 32) {
      const float factor = f == nullptr ? 1.0f : *row_of(f, n, f_stride);
      if (factor == 0.0f) continue;
      const Pack<4> x = load_quad(row_of(h, n, stride), c, columns, whole, 0.0f);
#pragma unroll
      for (int i = 0; i < 4; i++) inner.v[i] = fmaf(factor, L::weight(x.v[i], Partition{}), inner.v[i]);
    }
#pragma unroll
    for (int i = 0; i < 4; i++) outer.v[i] += inner.v[i];
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    outer.v[i] += __shfl_xor_sync(kAll, outer.v[i], 8);
    outer.v[i] += __shfl_xor_sync(kAll, outer.v[i], 16);
  }
  if (threadIdx.x % kWarp < 8) store<4>(&parts[threadIdx.x / kWarp][4 * (threadIdx.x % 8)], outer);
  __syncthreads();
  if (threadIdx.x < 32) {
    float sum = parts[0][threadIdx.x];
#pragma unroll
    for (int i = 1; i < kThreads / kWarp; i++) sum += parts[i][threadIdx.x];
    means[threadIdx.x] = sum / static_cast<float>(rows);
  }
  __syncthreads();
}

template <class L>
__device__ __forceinline__ void mean_hessian(const float* h, int h_stride, const float* f, int f_stride, float* G,
                                             int G_stride, int rows, int columns, int h_whole, int G_whole) {
  __shared__ __align__(16) float means[32];
  column_means<L>(h, h_stride, f, f_stride, rows, columns, h_whole, means);
  const int c = blockIdx.x * 32 + 4 * (threadIdx.x % 8);
  const Pack<4> diagonal = load<4>(means + 4 * (threadIdx.x % 8));
  for (int i = threadIdx.x / 8; i < columns; i += 32) {
    const Pack<4> x = {i == c ? diagonal.v[0] : 0.0f, i == c + 1 ? diagonal.v[1] : 0.0f,
                       i == c + 2 ? diagonal.v[2] : 0.0f, i == c + 3 ? diagonal.v[3] : 0.0f};
    store_quad(row_of(G, i, G_stride), c, columns, G_whole, x);
  }
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

// A row of the lower triangle goes on in the column below its diagonal. Both sums are of one sign and lose nothing, and the
// matrix is weakly diagonally dominant, hence positive semidefinite, whatever the products beside the diagonal have lost.
__device__ __forceinline__ void laplacian_diagonal(float* G, int stride, int columns, int whole) {
  __shared__ __align__(16) float below[kThreads / kWarp][36];  // 36: a column lies in as many banks as it has rows
  const int first = blockIdx.x * 32;
  const int warp = threadIdx.x / kWarp;
  const int lane = threadIdx.x % kWarp;
  const int c = first + 4 * (lane % 8);
  Pack<4> sums = {0.0f, 0.0f, 0.0f, 0.0f};
  for (int r = first + 1 + threadIdx.x / 8; r < columns; r += 32) {
    // no farther than to the diagonal: what lies above may never have been written
    const Pack<4> x = load_quad(row_of(G, r, stride), c, r, min(whole, r & ~3), 0.0f);
#pragma unroll
    for (int i = 0; i < 4; i++) sums.v[i] += x.v[i];
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    sums.v[i] += __shfl_xor_sync(kAll, sums.v[i], 8);
    sums.v[i] += __shfl_xor_sync(kAll, sums.v[i], 16);
  }
  if (lane < 8) store<4>(&below[warp][4 * lane], sums);
  __syncthreads();
  for (int j = first + warp; j < min(columns, first + 32); j += kThreads / kWarp) {
    float* row = row_of(G, j, stride);
    float sum = 0.0f;
    for (int k = lane; k < j; k += kWarp) sum += row[k];
    sum += lane < kThreads / kWarp ? below[lane][j - first] : 0.0f;
    sum = fold_warp<Sum>(sum);
    if (lane == 0) row[j] = 0.0f - sum;
  }
}

}  // namespace krongauss

using namespace krongauss;

#define KERNEL extern "C" __global__ void __launch_bounds__(kThreads)

#define ROW_KERNELS(suffix, L, LANES)                                                                              \
  KERNEL loss_evaluate_f32__##suffix(const float* h, int h_stride, const float* t, int t_stride, float* gradient,  \
                                     int gradient_stride, float* values, int rows, int columns, int whole) {       \
    evaluate<L, LANES>(h, h_stride, t, t_stride, gradient, gradient_stride, values, rows, columns, whole);         \
  }                                                                                                                \
  KERNEL loss_mean_f32__##suffix(const float* h, int h_stride, float* P, int P_stride, int rows, int columns,      \
                                 int whole) {                                                                      \
    mean<L, LANES>(h, h_stride, P, P_stride, rows, columns, whole);                                                \
  }                                                                                                                \
  KERNEL loss_hessian_product_f32__##suffix(const float* h, int h_stride, const float* v, int v_stride,            \
                                            float* products, int rows, int columns, int whole) {                   \
    hessian_product<L, LANES>(h, h_stride, v, v_stride, products, rows, columns, whole);                           \
  }                                                                                                                \
  KERNEL loss_curvature_vector_f32__##suffix(const float* h, int h_stride, const float* v, int v_stride, float* u, \
                                             int u_stride, int rows, int columns, int whole) {                     \
    curvature_vector<L, LANES>(h, h_stride, v, v_stride, u, u_stride, rows, columns, whole);                       \
  }

#define LOSS_KERNELS(suffix, L)                                                                                    \
  ROW_KERNELS(suffix, L, kWarp)                                                                                    \
  ROW_KERNELS(suffix##_wide, L, kThreads)                                                                          \
  KERNEL loss_square_root_f32__##suffix(const float* h, int h_stride, float* C, int C_stride, int columns,         \
                                        int h_whole, int C_whole) {                                                \
    square_root<L>(h, h_stride, C, C_stride, columns, h_whole, C_whole);                                           \
  }                                                                                                                \
  KERNEL loss_sampled_gradient_f32__##suffix(const float* h, int h_stride, float* gradient, int gradient_stride,   \
                                             int rows, int columns, int whole, long long seed, const int* step) {  \
    sampled_gradient<L>(h, h_stride, gradient, gradient_stride, rows, columns, whole, seed, step);                 \
  }

#define MEAN_HESSIAN_KERNEL(suffix, L)                                                                             \
  KERNEL loss_mean_hessian_f32__##suffix(const float* h, int h_stride, const float* f, int f_stride, float* G,     \
                                         int G_stride, int rows, int columns, int h_whole, int G_whole) {          \
    mean_hessian<L>(h, h_stride, f, f_stride, G, G_stride, rows, columns, h_whole, G_whole);                       \
  }

LOSS_KERNELS(squared, Squared)
LOSS_KERNELS(bernoulli, Bernoulli)
LOSS_KERNELS(softmax, Softmax)
MEAN_HESSIAN_KERNEL(squared, Squared)
MEAN_HESSIAN_KERNEL(bernoulli, Bernoulli)

KERNEL loss_laplacian_diagonal_f32(float* G, int G_stride, int columns, int whole) {
  laplacian_diagonal(G, G_stride, columns, whole);
}
