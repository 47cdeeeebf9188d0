// Blocks that speak to each other through global memory.
//
//   chained_scan     prefix[i] = x[0] + ... + x[i]: each block waits for the sum of the blocks before it
//   last_block_sum   out = x[0] + ... + x[n - 1]: the block that comes last adds what the others have left
//
// launch    128 threads; grid n / 128, rounded up
// state     ticket [1], flags [blocks] and counter [1] are 0 before the launch; last_block_sum leaves its counter 0 again
// progress  chained_scan: a block takes its place in the chain when it starts, so whoever it waits for has started too

constexpr int kThreads = 128;

__device__ __forceinline__ void release(unsigned* flag, unsigned value) {
  asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(flag), "r"(value) : "memory");
}

__device__ __forceinline__ unsigned acquire(const unsigned* flag) {
  unsigned value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(flag) : "memory");
  return value;
}

extern "C" __global__ void __launch_bounds__(kThreads)
chained_scan(const float* x, float* prefix, int n, unsigned* ticket, unsigned* flags, float* sums) {
  __shared__ unsigned place;
  __shared__ float scan[2][kThreads];
  __shared__ float before;
  const int t = threadIdx.x;
  if (t == 0) place = atomicAdd(ticket, 1u);
  __syncthreads();
  const unsigned block = place;
  const int i = block * kThreads + t;
  scan[0][t] = i < n ? x[i] : 0.0f;
  int from = 0;
  for (int d = 1; d < kThreads; d *= 2) {
    __syncthreads();
    scan[from ^ 1][t] = scan[from][t] + (t >= d ? scan[from][t - d] : 0.0f);
    from ^= 1;
  }
  if (t == kThreads - 1) {
    float sum = 0.0f;
    if (block > 0) {
      while (acquire(flags + block - 1) == 0) {
      }
      sum = sums[block - 1];
    }
    sums[block] = sum + scan[from][t];
    release(flags + block, 1);
    before = sum;
  }
  __syncthreads();
  if (i < n) prefix[i] = before + scan[from][t];
}

// The block's sum, in thread 0.
__device__ __forceinline__ float block_sum(float x) {
  __shared__ float parts[kThreads / 32];
  for (int d = 16; d > 0; d /= 2) x += __shfl_xor_sync(0xffffffffu, x, d);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
  __syncthreads();
  x = threadIdx.x == 0 ? parts[0] + parts[1] + parts[2] + parts[3] : 0.0f;
  __syncthreads();
  return x;
}

extern "C" __global__ void __launch_bounds__(kThreads)
last_block_sum(const float* x, int n, float* partial, unsigned* counter, float* out) {
  __shared__ bool last;
  const int t = threadIdx.x;
  const int i = blockIdx.x * kThreads + t;
  const float sum = block_sum(i < n ? x[i] : 0.0f);
  if (t == 0) {
    partial[blockIdx.x] = sum;
    __threadfence();  // the partial sum before the count
    last = atomicAdd(counter, 1u) == gridDim.x - 1;
    __threadfence();  // the count before the others' partial sums
  }
  __syncthreads();
  if (!last) return;
  float mine = 0.0f;
  for (int b = t; b < gridDim.x; b += kThreads) mine += partial[b];
  const float total = block_sum(mine);
  if (t == 0) {
    *out = total;
    *counter = 0;
  }
}
