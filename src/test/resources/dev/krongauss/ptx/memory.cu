// Kernels whose PTX has barriers in shared memory, cache policies, asynchronous copies and 16-bit atomics.
#include <cuda/barrier>
#include <cuda_fp16.h>

using Barrier = cuda::barrier<cuda::thread_scope_block>;

// y[i] = x[n - 1 - i] through shared memory; the block meets at a cuda::barrier (mbarrier.*).
extern "C" __global__ void reverse_through_barrier(float* y, const float* x, int n) {
  __shared__ Barrier barrier;
  __shared__ float tile[256];
  if (threadIdx.x == 0) init(&barrier, blockDim.x);
  __syncthreads();
  tile[threadIdx.x] = x[threadIdx.x];
  barrier.arrive_and_wait();
  y[threadIdx.x] = tile[n - 1 - threadIdx.x];
}

// The same three times over, with arrival and wait apart, and the phase by its parity.
extern "C" __global__ void rounds_by_parity(int* y, int rounds) {
  __shared__ __align__(8) unsigned long long barrier;
  __shared__ int total;
  const unsigned place = static_cast<unsigned>(__cvta_generic_to_shared(&barrier));
  if (threadIdx.x == 0) {
    asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(place), "r"(blockDim.x) : "memory");
    total = 0;
  }
  __syncthreads();
  for (int round = 0; round < rounds; ++round) {
    atomicAdd(&total, 1);
    asm volatile("{.reg .b64 s; mbarrier.arrive.shared.b64 s, [%0];}" ::"r"(place) : "memory");
    int done = 0;
    while (!done) {
      asm volatile("{.reg .pred p; mbarrier.test_wait.parity.shared.b64 p, [%1], %2; selp.s32 %0, 1, 0, p;}"
                   : "=r"(done) : "r"(place), "r"(round & 1) : "memory");
    }
    if (threadIdx.x == 0) y[round] = total;
    __syncthreads();
  }
}

// y = 2 x, loads and stores with an L2 policy.
extern "C" __global__ void with_policy(float* y, const float* x) {
  unsigned long long policy;
  float v;
  asm("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  asm("ld.global.nc.L1::no_allocate.L2::cache_hint.f32 %0, [%1], %2;" : "=f"(v) : "l"(x + threadIdx.x), "l"(policy));
  asm volatile("prefetch.global.L2::evict_last [%0];" ::"l"(y + threadIdx.x));
  asm volatile("st.global.L2::cache_hint.f32 [%0], %1, %2;" ::"l"(y + threadIdx.x), "f"(2 * v), "l"(policy) : "memory");
}

// y = x through shared memory by cp.async, whose end an mbarrier tells.
extern "C" __global__ void copies_to_barrier(float4* y, const float4* x) {
  __shared__ float4 tile[64];
  __shared__ __align__(8) unsigned long long barrier;
  const unsigned place = static_cast<unsigned>(__cvta_generic_to_shared(&barrier));
  const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(&tile[threadIdx.x]));
  if (threadIdx.x == 0) asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(place), "r"(blockDim.x) : "memory");
  __syncthreads();
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(x + threadIdx.x) : "memory");
  asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(place) : "memory");
  int done = 0;
  while (!done) {
    asm volatile("{.reg .pred p; mbarrier.test_wait.parity.shared.b64 p, [%1], 0; selp.s32 %0, 1, 0, p;}" : "=r"(done) : "r"(place) : "memory");
  }
  y[threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

// Sums in half precision: all threads add to one pair, and to one number.
extern "C" __global__ void half_sums(__half2* pair, __half* one) {
  atomicAdd(pair, __floats2half2_rn(1.0f, 0.5f));
  atomicAdd(one, __float2half_rn(0.25f));
}
