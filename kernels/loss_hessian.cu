// The Hessian H_n of a loss in the pre-activations h of the last layer: products with vectors, and its mean over the datapoints.
// For each loss of loss.cuh (squared, bernoulli, softmax), H_n = diag(w) - [coupled] w w^T:
//
//   loss_hessian_product   q_n = v_n^T H_n v_n = sum w v^2, coupled: sum w (y - sum w y)^2     (never negative)
//   loss_hessian_vector    u_n = H_n v_n = w v, coupled: w (y - sum w y), y = v - v of the row's winner
//   loss_hessian_mean      G = diag(mean_n f_n w_n), the whole matrix written, or only its diagonal [d] where G_stride is 0;
//                          f weights of the datapoints or null for 1, f_n = 0: the datapoint is absent (uncoupled losses)
//   loss_hessian_laplacian_diagonal  G_jj = -sum_{k != j} G_jk, so that each row sums to 0: with -mean_n f_n p p^T beside the
//                          diagonal, of a gram, G = mean_n f_n (diag(p) - p p^T)               (coupled losses)
//
// shapes    h, v, u [N][d], q [N], f [N][1], G [d][d]; each matrix with its own stride. laplacian_diagonal reads the lower
//           triangle without its diagonal and writes the diagonal
// aliasing  u may be v; no other overlap
// launch    256 threads. Products: a warp a row, grid N / 8 rounded up; `_wide`: the block a row, grid N. The others: a block for
//           32 columns, grid d / 32 rounded up
// cost      product 8, vector 12 bytes an element; softmax reads h four times and v twice (from the cache) with 3 exp. Each
//           element of G is written once
// bound     with eps = 2^-24: w 9 eps relative to q; softmax (max h - h_j + d / 32 + 24) eps p_j and the mean of max h - h_j
//           more. v^T H v the same, times 1 + sqrt(d), relative to itself for any v. mean (N / 1024 + 45) eps more than w;
//           laplacian_diagonal (d / 32 + 11) eps relative to itself. LossReference and LossHessianCase have the numbers
// limits    a probability below 2^-126, about e^-87, loses digits and ends as 0 at e^-103; so do the products p_i p_j
// order     fixed by shape and layout; no atomics
// source    Botev, Ritter, Barber, "Practical Gauss-Newton Optimisation for Deep Learning", ICML 2017
#include "loss_hessian.cuh"

namespace krongauss {

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
__device__ __forceinline__ void hessian_vector(const float* h_matrix, int h_stride, const float* v_matrix,
                                               int v_stride, float* u_matrix, int u_stride, int rows, int columns,
                                               int whole) {
  const int row = group_row<LANES>();
  if (row >= rows) return;
  const int lane = threadIdx.x % LANES;
  const float* h = row_of(h_matrix, row, h_stride);
  const float* v = row_of(v_matrix, row, v_stride);
  float* u = row_of(u_matrix, row, u_stride);
  const HessianRow<L> H = hessian_row<L, LANES>(h, v, lane, columns, whole);
  if constexpr (L::coupled) __syncwarp();  // u may be v: every lane has read the origin
  sweep(lane, LANES, 0, columns, whole, [&](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    store<kWide>(u + c, H.template times<kWide>(load<kWide>(h + c), load<kWide>(v + c)));
  });
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
  if (G_stride == 0) {
    if (threadIdx.x < 8) store_quad(G, c, columns, G_whole, diagonal);
    return;
  }
  for (int i = threadIdx.x / 8; i < columns; i += 32) {
    const Pack<4> x = {i == c ? diagonal.v[0] : 0.0f, i == c + 1 ? diagonal.v[1] : 0.0f,
                       i == c + 2 ? diagonal.v[2] : 0.0f, i == c + 3 ? diagonal.v[3] : 0.0f};
    store_quad(row_of(G, i, G_stride), c, columns, G_whole, x);
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

#define PRODUCT_KERNELS(suffix, L, LANES)                                                                         \
  KERNEL loss_hessian_product_f32__##suffix(const float* h, int h_stride, const float* v, int v_stride,           \
                                            float* products, int rows, int columns, int whole) {                  \
    hessian_product<L, LANES>(h, h_stride, v, v_stride, products, rows, columns, whole);                          \
  }                                                                                                               \
  KERNEL loss_hessian_vector_f32__##suffix(const float* h, int h_stride, const float* v, int v_stride, float* u,  \
                                           int u_stride, int rows, int columns, int whole) {                      \
    hessian_vector<L, LANES>(h, h_stride, v, v_stride, u, u_stride, rows, columns, whole);                        \
  }

#define HESSIAN_KERNELS(suffix, L)        \
  PRODUCT_KERNELS(suffix, L, kWarp)       \
  PRODUCT_KERNELS(suffix##_wide, L, kThreads)

#define MEAN_KERNEL(suffix, L)                                                                                  \
  KERNEL loss_hessian_mean_f32__##suffix(const float* h, int h_stride, const float* f, int f_stride, float* G,  \
                                         int G_stride, int rows, int columns, int h_whole, int G_whole) {       \
    mean_hessian<L>(h, h_stride, f, f_stride, G, G_stride, rows, columns, h_whole, G_whole);                    \
  }

HESSIAN_KERNELS(squared, Squared)
HESSIAN_KERNELS(bernoulli, Bernoulli)
HESSIAN_KERNELS(softmax, Softmax)
MEAN_KERNEL(squared, Squared)
MEAN_KERNEL(bernoulli, Bernoulli)

KERNEL loss_hessian_laplacian_diagonal_f32(float* G, int G_stride, int columns, int whole) {
  laplacian_diagonal(G, G_stride, columns, whole);
}
