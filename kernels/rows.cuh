// Traversal of matrix rows by groups of threads, shared by the element-wise and the row-wise kernels.
//
// A group of LANES threads walks along a row four floats at a time where pointers and strides allow 16-byte accesses,
// else one at a time. The host says how many leading columns go by fours (`whole`: columns & ~3, or 0 for a foreign
// layout; see Tiles.java), so the device tests no alignment. A body is written once, for W = 4 and W = 1.
#pragma once

namespace krongauss {

constexpr int kThreads = 256;       // threads of every block here
constexpr int kWarp = 32;
constexpr int kChunk = 1024;        // columns that a warp of an element-wise kernel walks before the next block's start
constexpr unsigned kAll = 0xffffffffu;

template <int W>
struct Width {
  static constexpr int value = W;
};

template <int W>
struct Pack {
  float v[W];
};

template <int W>
__device__ __forceinline__ Pack<W> load(const float* p) {
  if constexpr (W == 4) {
    const float4 q = *reinterpret_cast<const float4*>(p);
    return {q.x, q.y, q.z, q.w};
  } else {
    return {*p};
  }
}

template <int W>
__device__ __forceinline__ void store(float* p, const Pack<W>& x) {
  if constexpr (W == 4) {
    *reinterpret_cast<float4*>(p) = make_float4(x.v[0], x.v[1], x.v[2], x.v[3]);
  } else {
    *p = x.v[0];
  }
}

// Four floats from column c of a row, `fill` where the row has ended. For kernels whose work comes in fours whatever
// the layout (random numbers, prefix sums).
__device__ __forceinline__ Pack<4> load_quad(const float* row, int c, int columns, int whole, float fill) {
  if (c < whole) return load<4>(row + c);
  Pack<4> x;
#pragma unroll
  for (int i = 0; i < 4; i++) x.v[i] = c + i < columns ? row[c + i] : fill;
  return x;
}

__device__ __forceinline__ void store_quad(float* row, int c, int columns, int whole, const Pack<4>& x) {
  if (c < whole) {
    store<4>(row + c, x);
    return;
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    if (c + i < columns) row[c + i] = x.v[i];
  }
}

// Where a warp of an element-wise kernel works in a matrix: its row, and the first of the row's kChunk columns. Blocks
// go down the rows first.
struct Strip {
  int row;
  int begin;
};

__device__ __forceinline__ Strip strip_of(int block, int rows) {
  const int bands = (rows + kThreads / kWarp - 1) / (kThreads / kWarp);
  return {block % bands * (kThreads / kWarp) + static_cast<int>(threadIdx.x) / kWarp, block / bands * kChunk};
}

// Calls body(Width<W>, c) for the columns [begin, end) of a row; this thread is `lane` of `lanes`.
// begin is a multiple of 4. UNROLL > 1 keeps more loads in flight; bodies with much arithmetic do not need it.
template <int UNROLL = 1, class Body>
__device__ __forceinline__ void sweep(int lane, int lanes, int begin, int end, int whole, Body body) {
  const int vector_end = min(end, whole);
#pragma unroll UNROLL
  for (int c = begin + 4 * lane; c < vector_end; c += 4 * lanes) body(Width<4>{}, c);
#pragma unroll 1
  for (int c = max(begin, vector_end) + lane; c < end; c += lanes) body(Width<1>{}, c);
}

__device__ __forceinline__ const float* row_of(const float* matrix, int row, int stride) {
  return matrix + static_cast<long long>(row) * stride;
}

__device__ __forceinline__ float* row_of(float* matrix, int row, int stride) {
  return matrix + static_cast<long long>(row) * stride;
}

struct Sum {
  __device__ static float join(float a, float b) { return a + b; }
};

// Drops a NaN, as fmaxf does: whoever takes a maximum must let NaN through another way.
struct Maximum {
  __device__ static float join(float a, float b) { return fmaxf(a, b); }
};

// The same value in every lane of the warp, joined in the order of a butterfly: fixed, and alike in all lanes because
// join commutes.
template <class Join>
__device__ __forceinline__ float fold_warp(float x) {
#pragma unroll
  for (int d = kWarp / 2; d > 0; d /= 2) x = Join::join(x, __shfl_xor_sync(kAll, x, d));
  return x;
}

// The same over a group of LANES threads: one, a warp, or the whole block (which then must call it together).
template <class Join, int LANES>
__device__ __forceinline__ float fold(float x) {
  if constexpr (LANES > 1) x = fold_warp<Join>(x);
  if constexpr (LANES == kThreads) {
    __shared__ float parts[kThreads / kWarp];
    if (threadIdx.x % kWarp == 0) parts[threadIdx.x / kWarp] = x;
    __syncthreads();
    x = parts[0];
#pragma unroll
    for (int i = 1; i < kThreads / kWarp; i++) x = Join::join(x, parts[i]);
    __syncthreads();  // the next fold writes the same cells
  }
  return x;
}

}  // namespace krongauss
