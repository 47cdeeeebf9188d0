// Rows for the second moments of a layer whose weights are shared by the positions of a datapoint.
//
//   position_rows_f32__total   totals = (Z, V): sum of the weights, datapoints with any
//   position_rows_f32          Y(i K + k, :) = f [X(j K + k, :), 1],  f = sqrt(g v_j / D) [D],  row j drawn of group i
//   position_rows_f32__sum     Y(i K + k, :) = f sum_t v_t [X((n T + t) K + k, :) o S((n T + t), :), 1],
//                              f = sqrt(g / D) [D] [/ sum_t v_t],  datapoint n drawn of group i
//
// D is Z or V; the factors in brackets are there where asked for, S, too. Y^T Y is then the moment of the batch: K-FAC-expand
// by the first, K-FAC-reduce, and the exact block of a scale and a shift (S: what is scaled; then sums without S follow) by the second.
// shapes    v, Z, V, g, a draw: positions.cuh; X [N T K][d]; S [N T][d] or null; Y [rows][d], or [rows][d + 1] with the 1,
//           or [rows][2 d] with both sums
// aliasing  Y overlaps neither X nor S
// launch    256 threads. total: one block. rows: a warp a row, grid (rows / 8, d / 1024); sum: a block a row of Y and 128
//           columns, grid (rows, d / 128); rounded up
// cost      rows: 2 d floats a row; sum: T d floats a row of Y, 2 T d with S
// bound     total: (T / 32 + N / 256 + 45) eps, none where all v are 0 or 1 and Z < 2^24; rows: 5 eps and half of total's;
//           sum: (T / 256 + 50) eps of the sum of magnitudes and half of total's, with `times` once more
// order     fixed by the shapes; no atomics
// limits    X and S of a row of weight 0 are not read. A batch without any weight gives zeros
// source    Eschenhagen, Immer, Turner, Schneider, Hennig, "Kronecker-Factored Approximate Curvature for Modern Neural Network
//           Architectures", NeurIPS 2023, sections on K-FAC-expand and K-FAC-reduce
#include "positions.cuh"

using namespace krongauss;

// The weights of datapoint n, summed by a warp.
__device__ __forceinline__ float weights_of(const Positions& p, int n) {
  const int lane = threadIdx.x % kWarp;
  float sum = 0.0f;
  for (int t = lane; t < p.T; t += kWarp) sum += weight_at(p, n, t);
  return fold_warp<Sum>(sum);
}

extern "C" __global__ void __launch_bounds__(kThreads) position_rows_f32__total(const Positions p, float* totals) {
  constexpr int kWarps = kThreads / kWarp;
  float outer = 0.0f;
  float present = 0.0f;
  for (int begin = threadIdx.x / kWarp; begin < p.N; begin += 32 * kWarps) {
    float inner = 0.0f;
    for (int n = begin; n < min(p.N, begin + 32 * kWarps); n += kWarps) {
      const float sum = weights_of(p, n);
      inner += sum;
      present += sum > 0.0f ? 1.0f : 0.0f;
    }
    outer += inner;
  }
  const bool first = threadIdx.x % kWarp == 0;
  const float all = fold<Sum, kThreads>(first ? outer : 0.0f);
  const float datapoints = fold<Sum, kThreads>(first ? present : 0.0f);
  if (threadIdx.x != 0) return;
  totals[0] = all;
  totals[1] = datapoints;
}

// Rows of Y from that of group `begin`; `datapoints` and `times` choose D and whether it is a factor.
extern "C" __global__ void __launch_bounds__(kThreads)
position_rows_f32(const Positions p, const float* X, int X_stride, float* Y, int Y_stride, int rows, int columns,
                  int whole, int rank, int begin, int datapoints, int times, int one) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const Drawn draw = drawn(p, begin + row / rank, p.N * p.T);
  const float v = weight_at(p, draw.member / p.T, draw.member % p.T);
  const float f = root_of_share(draw.size * v, total_of(p, datapoints != 0), times != 0);
  const float* x = X + (static_cast<long long>(draw.member) * rank + row % rank) * X_stride;
  float* y = row_of(Y, row, Y_stride);
  const int left = blockIdx.y * kChunk;
  sweep<4>(threadIdx.x % kWarp, kWarp, left, min(columns, left + kChunk), whole, [=](auto width, int c) {
    constexpr int kWide = decltype(width)::value;
    Pack<kWide> q = {};
    if (f != 0.0f) q = load<kWide>(x + c);
#pragma unroll
    for (int i = 0; i < kWide; i++) q.v[i] *= f;
    store<kWide>(y + c, q);
  });
  if (one != 0 && left == 0 && threadIdx.x % kWarp == 0) y[columns] = f;
}

namespace {

constexpr int kColumns = 4 * kWarp;  // of a block

// This thread's columns of the sum over a warp's positions, of X o S and of X.
struct Sums {
  Pack<4> scaled = {0.0f, 0.0f, 0.0f, 0.0f};
  Pack<4> plain = {0.0f, 0.0f, 0.0f, 0.0f};

  __device__ __forceinline__ void add(float v, const Pack<4>& x, const Pack<4>& s) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      scaled.v[i] = fmaf(v * x.v[i], s.v[i], scaled.v[i]);
      plain.v[i] = fmaf(v, x.v[i], plain.v[i]);
    }
  }

  __device__ __forceinline__ void add(const Sums& other) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      scaled.v[i] += other.scaled.v[i];
      plain.v[i] += other.plain.v[i];
    }
  }
};

struct Stack {
  const float* X;
  int X_stride;
  const float* S;
  int S_stride;
  int columns;
  int whole;
  int rank;
  int k;
};

// Chunks of 32 positions of this warp are summed apart, so that the error grows with T / 256.
__device__ __forceinline__ Sums sum_of_positions(const Positions& p, const Stack& m, int n, int c) {
  constexpr int kWarps = kThreads / kWarp;
  Sums outer;
  for (int begin = threadIdx.x / kWarp; begin < p.T; begin += 32 * kWarps) {
    Sums inner;
    for (int t = begin; t < min(p.T, begin + 32 * kWarps); t += kWarps) {
      const float v = weight_at(p, n, t);
      if (v == 0.0f) continue;
      const long long row = static_cast<long long>(n) * p.T + t;
      Pack<4> s = {1.0f, 1.0f, 1.0f, 1.0f};
      if (m.S != nullptr) s = load_quad(m.S + row * m.S_stride, c, m.columns, m.whole, 0.0f);
      inner.add(v, load_quad(m.X + (row * m.rank + m.k) * m.X_stride, c, m.columns, m.whole, 0.0f), s);
    }
    outer.add(inner);
  }
  return outer;
}

}  // namespace

// `average`: divided by the datapoint's weights; `shift`: the sums without S stand behind those with it.
extern "C" __global__ void __launch_bounds__(kThreads)
position_rows_f32__sum(const Positions p, const float* X, int X_stride, const float* S, int S_stride, float* Y,
                       int Y_stride, int columns, int whole, int rank, int begin, int datapoints, int times, int one,
                       int average, int shift) {
  constexpr int kWarps = kThreads / kWarp;
  __shared__ Sums parts[kWarps][kWarp];
  const int row = blockIdx.x;
  const int lane = threadIdx.x % kWarp;
  const int c = blockIdx.y * kColumns + 4 * lane;
  const Drawn draw = drawn(p, begin + row / rank, p.N);
  const float weights = weights_of(p, draw.member);
  const Stack m{X, X_stride, S, S_stride, columns, whole, rank, row % rank};
  parts[threadIdx.x / kWarp][lane] = sum_of_positions(p, m, draw.member, c);
  __syncthreads();
  if (threadIdx.x >= kWarp) return;
  Sums sums = parts[0][lane];
#pragma unroll
  for (int w = 1; w < kWarps; w++) sums.add(parts[w][lane]);
  const float share = root_of_share(static_cast<float>(draw.size), total_of(p, datapoints != 0), times != 0);
  const float f = weights == 0.0f ? 0.0f : average != 0 ? share / weights : share;
#pragma unroll
  for (int i = 0; i < 4; i++) {
    sums.scaled.v[i] *= f;
    sums.plain.v[i] *= f;
  }
  float* y = row_of(Y, row, Y_stride);
  if (S != nullptr) store_quad(y, c, columns, whole, sums.scaled);
  if (S == nullptr || shift != 0) {
    const int at = S != nullptr ? columns : 0;
    store_quad(y + at, c, columns, at % 4 == 0 ? whole : 0, sums.plain);
  }
  if (one != 0 && c == 0) y[columns] = weights * f;
}
