// The linearised network of a batch in double: J x, J' u, and the second derivative of the outputs along x.
//
//   tangent    H_l = T_{l-1} W_l' + a_{l-1} X_l',   T_l = b_l o H_l           T_0 = 0; T_L = H_L = J x
//   bend       B_l = U_{l-1} W_l' + 2 T_{l-1} X_l', U_l = b_l o B_l + f''_l o H_l^2;   U_L = d^2 h_L / dt^2 along x
//   backward   D_{l-1} = (D_l W_l) o b_{l-1}
//   gradient   partial[s] = sum over the datapoints n of slice s of D_l[n]' a_{l-1}[n], all layers side by side, row by row
//   sum        out = sum_s partial[s] / count + (shift + mu) x,   mu = *damping, *damping / e^2 where there is an e, or -1 / *damping
//              where it is inverted; count may be negative
//   project    r_kn = c_nk . v_n
//   combine    v_n = sum_k r_kn c_nk
//   widen      x = the matrices side by side, row by row
//   round      the matrices from x, as floats; lost = what that changes
//
// why double  they give the residual of (C + mu I) x = -g. In floats it is right to eps |J||x|, which for small mu is much of what
//             the residual should tell, and refinement ends there. Weights, inputs and slopes are the floats of the forward pass:
//             the products are those of exactly this Jacobian
// shapes      floats: W_l [d_l][d_{l-1} + 1] without its bias, a_{l-1} [N][d_{l-1} + 1], b_l and f''_l [N][d_l], C [N K][d_L] with row
//             n K + k being c_nk; strides of their own. Doubles, compact: T, H, U, D, v [N][d]; x, out, lost, e (floats) [P];
//             partial [slices][P]; r [K][N], that is [K N]
// stop        [1]: where it is not 0 a launch leaves at once; may be null
// aliasing    an output is no input, but out may be x
// launch      256 threads. tangent, bend, backward: a tile of 32 x 32; gradient: tiles of all layers times slices (groups.cuh);
//             project, combine: blocks (lanes, 256 / lanes), 1 or 32 lanes a datapoint; sum: a thread an element; widen: a warp
//             1024 elements; round: a warp a row (rows.cuh)
// cost        2 flops in double a product; the operands once a tile
// bound       eps64 = 2^-53 times the terms of the longest chain, and one rounding where floats are written
// order       fixed by the shapes
// source      B. Pearlmutter, "Fast exact multiplication by the Hessian", 1994; residuals in higher precision: Higham, "Accuracy
//             and Stability of Numerical Algorithms", 2nd ed., chapter 12
#include "doubles.cuh"
#include "groups.cuh"

using namespace krongauss;

struct LayerGradient : Group {
  int units;
  int columns;  // d_{l-1} + 1
  int a_stride;
  const double* delta;
  const float* a;
  long long place;  // of the layer's first weight
};

struct LayerMatrix : Group {
  int rows;
  int columns;
  int stride;
  float* matrix;
  long long place;
};

namespace {

// Calls body(row columns + column, row, column) for the elements of a matrix that are this block's, kChunk a warp, side by side
// whatever the columns are.
template <class Body>
__device__ __forceinline__ void flat(int block, int rows, int columns, Body body) {
  const long long count = static_cast<long long>(rows) * columns;
  const long long begin = (static_cast<long long>(block) * (kThreads / kWarp) + threadIdx.x / kWarp) * kChunk;
  long long at = begin + threadIdx.x % kWarp;
  int row = static_cast<int>(at / columns);
  int column = static_cast<int>(at % columns);
  const int down = kWarp / columns;  // what a step of a warp adds to both: no division in the loop
  const int across = kWarp % columns;
  const long long end = min(begin + kChunk, count);
  for (; at < end; at += kWarp) {
    body(at, row, column);
    row += down;
    column += across;
    if (column >= columns) {
      column -= columns;
      row++;
    }
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__tangent(const int* stop, const double* below, const float* W, int W_stride, const double* x, const float* a,
                        int a_stride, const float* b, int b_stride, double* H, double* T, int datapoints, int units, int inputs) {
  __shared__ WideBuffers shared;
  if (stopped(stop)) return;
  const int row0 = blockIdx.y * kSide, column0 = blockIdx.x * kSide;
  double acc[4] = {};
  multiply(acc, Wide<float, true>{a, a_stride, datapoints}, Wide<double, true>{x, inputs + 1, units}, row0, column0, inputs + 1, shared);
  if (below != nullptr) {
    multiply(acc, Wide<double, true>{below, inputs, datapoints}, Wide<float, true>{W, W_stride, units}, row0, column0, inputs, shared);
  }
  each(acc, row0, column0, datapoints, units, [=](int n, int i, double h) {
    const long long at = static_cast<long long>(n) * units + i;
    if (H != nullptr) H[at] = h;
    T[at] = b == nullptr ? h : h * row_of(b, n, b_stride)[i];
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__bend(const int* stop, const double* below, const double* moved, const float* W, int W_stride, const double* x,
                     const double* H, const float* b, int b_stride, const float* second, int second_stride, double* U,
                     int datapoints, int units, int inputs) {
  __shared__ WideBuffers shared;
  if (stopped(stop)) return;
  const int row0 = blockIdx.y * kSide, column0 = blockIdx.x * kSide;
  double acc[4] = {};
  if (moved != nullptr) {
    multiply(acc, Wide<double, true>{moved, inputs, datapoints}, Wide<double, true>{x, inputs + 1, units}, row0, column0, inputs, shared);
#pragma unroll
    for (int i = 0; i < 4; i++) acc[i] *= 2.0;
    multiply(acc, Wide<double, true>{below, inputs, datapoints}, Wide<float, true>{W, W_stride, units}, row0, column0, inputs, shared);
  }
  each(acc, row0, column0, datapoints, units, [=](int n, int i, double h) {
    const long long at = static_cast<long long>(n) * units + i;
    U[at] = b == nullptr ? h : fma(H[at] * H[at], static_cast<double>(row_of(second, n, second_stride)[i]), h * row_of(b, n, b_stride)[i]);
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__backward(const int* stop, const double* D, const float* W, int W_stride, const float* b, int b_stride, double* below,
                         int datapoints, int units, int inputs) {
  __shared__ WideBuffers shared;
  if (stopped(stop)) return;
  const int row0 = blockIdx.y * kSide, column0 = blockIdx.x * kSide;
  double acc[4] = {};
  multiply(acc, Wide<double, true>{D, units, datapoints}, Wide<float, false>{W, W_stride, inputs}, row0, column0, units, shared);
  each(acc, row0, column0, datapoints, inputs, [=](int n, int j, double d) {
    below[static_cast<long long>(n) * inputs + j] = d * row_of(b, n, b_stride)[j];
  });
}

extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__gradient(const __grid_constant__ Groups<LayerGradient> layers, const int* stop, double* partial, long long weights,
                         int datapoints, int slice) {
  __shared__ WideBuffers shared;
  if (stopped(stop)) return;
  const LayerGradient& x = group_of(layers);
  const int across = (x.columns + kSide - 1) / kSide;
  const int tiles = across * ((x.units + kSide - 1) / kSide);
  const int block = blockIdx.x - x.first;
  const int tile = block % tiles;
  const int first = block / tiles * slice;
  const int count = min(slice, datapoints - first);
  const int row0 = tile / across * kSide, column0 = tile % across * kSide;
  double acc[4] = {};
  multiply(acc, Wide<double, false>{x.delta + static_cast<long long>(first) * x.units, x.units, x.units},
           Wide<float, false>{row_of(x.a, first, x.a_stride), x.a_stride, x.columns}, row0, column0, count, shared);
  double* out = partial + block / tiles * weights + x.place;
  each(acc, row0, column0, x.units, x.columns, [&](int i, int j, double g) { out[static_cast<long long>(i) * x.columns + j] = g; });
}

extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__sum(const int* stop, const double* partial, int slices, long long weights, int count, float shift,
                    const float* damping, int inverted, const float* e, const double* x, double* out) {
  if (stopped(stop)) return;
  const long long p = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (p >= weights) return;
  double sum = 0;
#pragma unroll 4
  for (int s = 0; s < slices; s++) sum += partial[s * weights + p];
  double factor = shift;
  if (damping != nullptr) {
    const double own = e == nullptr ? 1.0 : e[p];
    const double mu = *damping;
    factor += inverted != 0 ? -1.0 / mu : mu / (own * own);
  }
  out[p] = x == nullptr ? sum / count : fma(factor, x[p], sum / count);
}

// Of blockDim.x lanes a datapoint, 32 or, where outputs are few, 1.
extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__project(const int* stop, const float* C, int C_stride, const double* v, double* r, int datapoints, int rank,
                        int columns) {
  if (stopped(stop)) return;
  const int n = blockIdx.x * blockDim.y + threadIdx.y;
  if (n >= datapoints) return;
  const double* row = v + static_cast<long long>(n) * columns;
  for (int k = 0; k < rank; k++) {
    const float* c = C + (static_cast<long long>(n) * rank + k) * C_stride;
    double sum = 0;
    for (int j = threadIdx.x; j < columns; j += blockDim.x) sum = fma(static_cast<double>(c[j]), row[j], sum);
    if (blockDim.x == kWarp) sum = fold_warp(sum);
    if (threadIdx.x == 0) r[static_cast<long long>(k) * datapoints + n] = sum;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__combine(const int* stop, const float* C, int C_stride, const double* r, double* v, int datapoints, int rank,
                        int columns) {
  if (stopped(stop)) return;
  const int n = blockIdx.x * blockDim.y + threadIdx.y;
  if (n >= datapoints) return;
  const float* c = C + static_cast<long long>(n) * rank * C_stride;
  for (int j = threadIdx.x; j < columns; j += blockDim.x) {
    double sum = 0;
    for (int k = 0; k < rank; k++) {
      sum = fma(r[static_cast<long long>(k) * datapoints + n], static_cast<double>(row_of(c, k, C_stride)[j]), sum);
    }
    v[static_cast<long long>(n) * columns + j] = sum;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__widen(const __grid_constant__ Groups<LayerMatrix> layers, double* x) {
  const LayerMatrix& m = group_of(layers);
  double* out = x + m.place;
  flat(blockIdx.x - m.first, m.rows, m.columns, [&](long long at, int row, int column) { out[at] = row_of(m.matrix, row, m.stride)[column]; });
}

extern "C" __global__ void __launch_bounds__(kThreads)
linearised_f64__round(const __grid_constant__ Groups<LayerMatrix> layers, const int* stop, const double* x, double* lost) {
  if (stopped(stop)) return;
  const LayerMatrix& m = group_of(layers);
  const auto [row, begin] = strip_of(blockIdx.x - m.first, m.rows);
  if (row >= m.rows) return;
  const long long place = m.place + static_cast<long long>(row) * m.columns;
  float* out = row_of(m.matrix, row, m.stride);
  for (int c = begin + threadIdx.x % kWarp; c < min(m.columns, begin + kChunk); c += kWarp) {
    const float rounded = static_cast<float>(x[place + c]);
    out[c] = rounded;
    if (lost != nullptr) lost[place + c] = rounded - x[place + c];
  }
}
