// Inner products of the chunks of two stacks, and what is decided by them.
//
//   C_ij = C_ji = (1 / n) sum of V_i P_j over all n d elements, i >= j; V_i are rows i n to i n + n - 1 of V
//
//   stacked_gram_f32                  C
//   stacked_gram_f32__decide          C, and the last block decides on the update (layer_decision.cuh)
//   stacked_gram_f32__decide_LOSS     the same with P_j = H V_j, H the loss' Hessian at each row of h (loss.cuh): never stored
//
// With V_i = J D_i and P_j = H J D_j, H the loss' Hessian at each row, C is the Gauss-Newton matrix in the basis of the
// directions D_i, a mean over the n rows.
// shapes    V, P [L n][d], h [n][d], C [L][L], strides of their own; measures and the decision's as there; arrived [1] is 0 before
//           and after
// aliasing  V may be P; C must overlap no other
// symmetric only i >= j is computed, and written twice
// launch    L x L blocks of 256 threads, those with i < j leave at once; a warp a row
// order     fixed. The same bits on every run
// cost      n d L (L + 1) flops; 4 n d L (L + 1) bytes, all but 8 n d L of them from the cache. H V_j is computed anew for each i: L / 2
//           times the exponentials of a pass of its own, and neither its launch nor its memory
// bound     48 eps sum |V P| / n: a lane adds at most 8 fours, or 32 single ones, in turn, carries the sum over chunks and rows
//           with compensation, then trees of 5 and 7, and the division. It does not grow with n d. P = H V: that of
//           loss_hessian.cu besides
// NaN, Inf  a non-finite term makes C_ij and C_ji non-finite (the compensation may turn Inf into NaN)
#include "flags.cuh"
#include "layer_decision.cuh"
#include "loss_hessian.cuh"
#include "sum.cuh"

using namespace krongauss;

namespace {

// P as it is given.
struct Given {
  const float* P;
  int stride;
  int n;

  struct Row {
    const float* p;
    template <int W>
    __device__ __forceinline__ Pack<W> at(int c) const {
      return load<W>(p + c);
    }
  };
  __device__ __forceinline__ Row row(int j, int r, int, int) const { return {row_of(P, j * n + r, stride)}; }
};

// P = H V.
template <class L>
struct Curved {
  const float* h;
  int h_stride;
  const float* V;
  int V_stride;
  int n;

  struct Row {
    const float* h;
    const float* v;
    HessianRow<L> H;
    template <int W>
    __device__ __forceinline__ Pack<W> at(int c) const {
      return H.template times<W>(load<W>(h + c), load<W>(v + c));
    }
  };
  __device__ __forceinline__ Row row(int j, int r, int d, int whole) const {
    const float* logits = row_of(h, r, h_stride);
    const float* v = row_of(V, j * n + r, V_stride);
    return {logits, v, hessian_row<L, kWarp>(logits, v, threadIdx.x % kWarp, d, whole)};
  }
};

// C_ij of this block, i >= j, in all threads.
template <class P>
__device__ __forceinline__ float inner(const float* V, int V_stride, const P& products, int i, int j, int n, int d, int whole) {
  CompensatedSum sum;
  for (int row = static_cast<int>(threadIdx.x) / kWarp; row < n; row += kThreads / kWarp) {
    const float* v = row_of(V, i * n + row, V_stride);
    const auto p = products.row(j, row, d, whole);
    for (int begin = 0; begin < d; begin += kChunk) {
      float chunk = 0;
      sweep<2>(threadIdx.x % kWarp, kWarp, begin, min(d, begin + kChunk), whole, [&](auto width, int c) {
        constexpr int kWide = decltype(width)::value;
        const Pack<kWide> x = load<kWide>(v + c);
        const Pack<kWide> y = p.template at<kWide>(c);
        float part = x.v[0] * y.v[0];
#pragma unroll
        for (int k = 1; k < kWide; k++) part = fmaf(x.v[k], y.v[k], part);
        chunk += part;
      });
      sum.add(chunk);
    }
  }
  return fold<Sum, kThreads>(sum.value()) / static_cast<float>(n);
}

__device__ __forceinline__ void put(float* C, int stride, int i, int j, float mean) {
  row_of(C, i, stride)[j] = mean;
  row_of(C, j, stride)[i] = mean;
}

template <class P>
__device__ __forceinline__ void gram_and_decide(const float* V, int V_stride, const P& products, int n, int d, int whole, float* C,
                                                int C_stride, const float* measures, unsigned* arrived, const Decision& decision) {
  const int i = blockIdx.x;
  const int j = blockIdx.y;
  if (i < j) return;
  const float mean = inner(V, V_stride, products, i, j, n, d, whole);
  const int layers = gridDim.x;
  __shared__ bool last;
  if (threadIdx.x == 0) {
    put(C, C_stride, i, j, mean);
    last = arrive(arrived) == layers * (layers + 1) / 2 - 1;
  }
  __syncthreads();
  if (!last) return;
  if (threadIdx.x == 0) *arrived = 0;  // for the next launch
  decide(C, C_stride, measures, layers, decision);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads)
stacked_gram_f32(const float* V, int V_stride, const float* P, int P_stride, int n, int d, int whole, float* C, int C_stride) {
  const int i = blockIdx.x;
  const int j = blockIdx.y;
  if (i < j) return;
  const float mean = inner(V, V_stride, Given{P, P_stride, n}, i, j, n, d, whole);
  if (threadIdx.x == 0) put(C, C_stride, i, j, mean);
}

extern "C" __global__ void __launch_bounds__(kThreads, 1)
stacked_gram_f32__decide(const float* V, int V_stride, const float* P, int P_stride, int n, int d, int whole, float* C,
                         int C_stride, const float* measures, unsigned* arrived, const __grid_constant__ Decision decision) {
  gram_and_decide(V, V_stride, Given{P, P_stride, n}, n, d, whole, C, C_stride, measures, arrived, decision);
}

#define DECIDE_KERNEL(suffix, L)                                                                                                 \
  extern "C" __global__ void __launch_bounds__(kThreads, 1)                                                                      \
  stacked_gram_f32__decide_##suffix(const float* V, int V_stride, const float* h, int h_stride, int n, int d, int whole,         \
                                    float* C, int C_stride, const float* measures, unsigned* arrived,                            \
                                    const __grid_constant__ Decision decision) {                                                 \
    gram_and_decide(V, V_stride, Curved<L>{h, h_stride, V, V_stride, n}, n, d, whole, C, C_stride, measures, arrived, decision); \
  }

DECIDE_KERNEL(squared, Squared)
DECIDE_KERNEL(bernoulli, Bernoulli)
DECIDE_KERNEL(softmax, Softmax)
