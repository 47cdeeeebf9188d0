// Kernels of the engine's tests: what nvcc makes of ordinary CUDA.
#include <cstdint>

extern "C" __global__ void __launch_bounds__(256) saxpy(float a, const float* x, float* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}

// C = A B, row-major, sizes multiples of 128, 128 and 8. grid (N / 128, M / 128), 256 threads.
extern "C" __global__ void __launch_bounds__(256) sgemm(const float* __restrict__ A, const float* __restrict__ B, float* __restrict__ C, int M, int N, int K) {
  __shared__ float As[8][132], Bs[8][132];
  const int t = threadIdx.x, tx = t % 16, ty = t / 16;
  const int row = blockIdx.y * 128, column = blockIdx.x * 128;
  float sum[8][8] = {};
  for (int k0 = 0; k0 < K; k0 += 8) {
    const float4 a = *reinterpret_cast<const float4*>(&A[static_cast<size_t>(row + t / 2) * K + k0 + t % 2 * 4]);
    As[t % 2 * 4 + 0][t / 2] = a.x;
    As[t % 2 * 4 + 1][t / 2] = a.y;
    As[t % 2 * 4 + 2][t / 2] = a.z;
    As[t % 2 * 4 + 3][t / 2] = a.w;
    *reinterpret_cast<float4*>(&Bs[t / 32][t % 32 * 4]) = *reinterpret_cast<const float4*>(&B[static_cast<size_t>(k0 + t / 32) * N + column + t % 32 * 4]);
    __syncthreads();
#pragma unroll
    for (int k = 0; k < 8; ++k) {
      float x[8], y[8];
#pragma unroll
      for (int i = 0; i < 8; i += 4) {
        *reinterpret_cast<float4*>(&x[i]) = *reinterpret_cast<const float4*>(&As[k][ty * 8 + i]);
        *reinterpret_cast<float4*>(&y[i]) = *reinterpret_cast<const float4*>(&Bs[k][tx * 8 + i]);
      }
#pragma unroll
      for (int i = 0; i < 8; ++i) {
#pragma unroll
        for (int j = 0; j < 8; ++j) sum[i][j] = fmaf(x[i], y[j], sum[i][j]);
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
#pragma unroll
    for (int j = 0; j < 8; j += 4) {
      *reinterpret_cast<float4*>(&C[static_cast<size_t>(row + ty * 8 + i) * N + column + tx * 8 + j]) = make_float4(sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]);
    }
  }
}

// One partial sum a block.
extern "C" __global__ void block_sum(const float* x, int n, float* out) {
  __shared__ float warp[32];
  float s = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) s += x[i];
  for (int d = 16; d > 0; d /= 2) s += __shfl_down_sync(0xffffffffu, s, d);
  if (threadIdx.x % 32 == 0) warp[threadIdx.x / 32] = s;
  __syncthreads();
  if (threadIdx.x < 32) {
    s = threadIdx.x < blockDim.x / 32 ? warp[threadIdx.x] : 0;
    for (int d = 16; d > 0; d /= 2) s += __shfl_xor_sync(0xffffffffu, s, d);
    if (threadIdx.x == 0) out[blockIdx.x] = s;
  }
}

constexpr int functions = 16;
extern "C" __global__ void mathematics(const float* x, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float v = x[i], p = fabsf(v) + 0.1f;
  float* y = out + functions * i;
  y[0] = expf(v);
  y[1] = logf(p);
  y[2] = tanhf(v);
  y[3] = log1pf(p);
  y[4] = sinf(v);
  y[5] = cosf(v);
  y[6] = sqrtf(p);
  y[7] = rsqrtf(p);
  y[8] = powf(p, 1.7f);
  y[9] = erff(v);
  y[10] = expm1f(v);
  y[11] = 1.0f / (1.0f + expf(-v));
  y[12] = fmodf(v, 0.7f);
  y[13] = cbrtf(v);
  y[14] = v / p;
  y[15] = sinf(1000.0f * v);
}

extern "C" __global__ void scale4(const float4* x, float4* y, float a, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    const float4 v = x[i];
    y[i] = make_float4(a * v.x, a * v.y, a * v.z, a * v.w);
  }
}

extern "C" __global__ void tanh4(const float4* x, float4* y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    const float4 v = x[i];
    y[i] = make_float4(tanhf(v.x), tanhf(v.y), tanhf(v.z), tanhf(v.w));
  }
}

// Transposes through dynamic shared memory; rows and columns need not divide by 32. Block 32 x 8.
extern "C" __global__ void transpose(const float* x, float* y, int rows, int columns) {
  extern __shared__ float tile[];
  const int c = blockIdx.x * 32 + threadIdx.x, r = blockIdx.y * 32 + threadIdx.y;
  for (int k = 0; k < 32; k += 8) {
    if (r + k < rows && c < columns) tile[(threadIdx.y + k) * 33 + threadIdx.x] = x[(r + k) * columns + c];
  }
  __syncthreads();
  const int tr = blockIdx.y * 32 + threadIdx.x, tc = blockIdx.x * 32 + threadIdx.y;
  for (int k = 0; k < 32; k += 8) {
    if (tc + k < columns && tr < rows) y[(tc + k) * rows + tr] = tile[threadIdx.x * 33 + threadIdx.y + k];
  }
}

struct Rule {
  float weight;
  int8_t kind;
  short offset;
  double bias;
  int table[5];
};

// A structure parameter with a dynamic index, a switch, 64-bit arithmetic, local arrays.
extern "C" __global__ void rules(Rule r, const long long* in, double* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  long long local[8];
  for (int k = 0; k < 8; ++k) local[k] = in[(i + k) % n] / (k + 1) + in[i] % (k + 3);
  long long v = local[(in[i] & 7)];
  switch (static_cast<int>(in[i] & 15)) {
    case 0: v += 1; break;
    case 1: v *= 3; break;
    case 2: v -= r.offset; break;
    case 3: v /= 7; break;
    case 4: v ^= 9; break;
    case 5: v = __popcll(v); break;
    case 6: v = __clzll(v); break;
    case 7: v <<= 3; break;
    default: v += r.kind;
  }
  out[i] = v * static_cast<double>(r.weight) + r.bias + r.table[i % 5];
}

__device__ unsigned ticket;

// The last block to arrive adds up what the others left: fences, atomics, a module variable.
extern "C" __global__ void last_block_sum(const int* x, int n, int* partial, int* out) {
  __shared__ int sum;
  __shared__ bool last;
  if (threadIdx.x == 0) sum = 0;
  __syncthreads();
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(&sum, i < n ? x[i] : 0);
  __syncthreads();
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
    __threadfence();
    last = atomicInc(&ticket, gridDim.x - 1) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (last) {
    int s = 0;
    for (int b = threadIdx.x; b < gridDim.x; b += blockDim.x) s += partial[b];
    s = __reduce_add_sync(0xffffffffu, s);
    if (threadIdx.x % 32 == 0) atomicAdd(out, s);
  }
}
