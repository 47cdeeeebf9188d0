#include "checks.cuh"

// Kernels that are right with kRight, and wrong in one way without: what each check must find. Names end in __right and __wrong.
// --- shared memory ---

BOTH(missing_barrier, (int* out), out) {
  __shared__ int s[64];
  s[threadIdx.x] = threadIdx.x;
  compiler_keeps_order();
  if (kRight) __syncthreads();
  out[threadIdx.x] = s[threadIdx.x ^ 32];
}

// The second round overwrites what a slower warp still reads.
BOTH(missing_trailing_barrier, (int* out), out) {
  __shared__ int s[64];
  int sum = 0;
  for (int round = 0; round < 3; round++) {
    s[threadIdx.x] = threadIdx.x + round;
    __syncthreads();
    sum += s[threadIdx.x ^ 32];
    if (kRight) __syncthreads();
  }
  out[threadIdx.x] = sum;
}

BOTH(missing_warp_sync, (int* out), out) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  compiler_keeps_order();
  if (kRight) __syncwarp();
  out[threadIdx.x] = s[threadIdx.x ^ 1];
}

// A shuffle brings lanes together but orders nothing in memory.
BOTH(shuffle_is_no_barrier, (int* out), out) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  compiler_keeps_order();
  const int x = __shfl_xor_sync(~0u, threadIdx.x, 1);
  if (kRight) __syncwarp();
  out[threadIdx.x] = s[threadIdx.x ^ 1] + x;
}

// Pairs of neighbours synchronise; wrong: each reads from the next pair.
BOTH(partial_warp_sync, (int* out), out) {
  __shared__ int s[32];
  s[threadIdx.x] = threadIdx.x;
  __syncwarp(3u << (threadIdx.x & ~1u));
  out[threadIdx.x] = s[kRight ? threadIdx.x ^ 1 : (threadIdx.x + 2) % 32];
}

// Bytes side by side are different places.
BOTH(bytes_side_by_side, (int* out), out) {
  __shared__ unsigned char s[64];
  s[kRight ? threadIdx.x : threadIdx.x & ~32] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = s[threadIdx.x & 31];
}

// Lanes of one store write the same place: the same value is harmless.
BOTH(same_store, (int* out), out) {
  if (threadIdx.x < 32) out[0] = kRight ? 7 : static_cast<int>(threadIdx.x);
}

// A producer warp arrives at barrier 1, a consumer waits there.
BOTH(named_barrier, (int* out), out) {
  __shared__ int s[32];
  if (threadIdx.x < 32) {
    s[threadIdx.x] = threadIdx.x;
    if (kRight) asm volatile("bar.arrive 1, 64;" ::: "memory");
    else asm volatile("bar.arrive 2, 64;" ::: "memory");
  } else {
    if (kRight) asm volatile("bar.sync 1, 64;" ::: "memory");
    else __syncwarp();
    out[threadIdx.x % 32] = s[threadIdx.x % 32];
  }
}

// --- cp.async ---

BOTH(async_wait, (const int* in, int* out), in, out) {
  __shared__ __align__(16) int s[256];
  copy16(s + 4 * threadIdx.x, in + 4 * threadIdx.x);
  commit();
  if (kRight) wait_group<0>();
  __syncthreads();
  out[threadIdx.x] = s[(4 * threadIdx.x + 128) % 256];
}

// Two stages are under way; the first must have landed before it is read.
BOTH(async_group, (const int* in, int* out), in, out) {
  __shared__ __align__(16) int s[2][256];
  for (int stage = 0; stage < 2; stage++) {
    copy16(s[stage] + 4 * threadIdx.x, in + 256 * stage + 4 * threadIdx.x);
    commit();
  }
  wait_group<kRight ? 1 : 2>();
  __syncthreads();
  int sum = s[0][(4 * threadIdx.x + 128) % 256];
  wait_group<0>();
  __syncthreads();
  out[threadIdx.x] = sum + s[1][threadIdx.x];
}

// The wait is each thread's own: what others copied is there after a barrier.
BOTH(async_barrier, (const int* in, int* out), in, out) {
  __shared__ __align__(16) int s[256];
  copy16(s + 4 * threadIdx.x, in + 4 * threadIdx.x);
  commit();
  wait_group<0>();
  if (kRight) __syncthreads();
  out[threadIdx.x] = s[(4 * threadIdx.x + 128) % 256];
}

// The next copy into a stage must wait until all have read it.
BOTH(async_overwrite, (const int* in, int* out), in, out) {
  __shared__ __align__(16) int s[256];
  int sum = 0;
  for (int round = 0; round < 2; round++) {
    copy16(s + 4 * threadIdx.x, in + 256 * round + 4 * threadIdx.x);
    commit();
    wait_group<0>();
    __syncthreads();
    sum += s[(4 * threadIdx.x + 128) % 256];
    if (kRight) __syncthreads();
  }
  out[threadIdx.x] = sum;
}

// --- global memory ---

BOTH(blocks_write_one_place, (int* out), out) {
  if (threadIdx.x == 0) out[kRight ? blockIdx.x : 0] = blockIdx.x;
}

BOTH(atomic_and_plain, (int* out), out) {
  if (threadIdx.x != 0) return;
  if (kRight || blockIdx.x != 1) atomicAdd(out, 1);
  else out[0] += 1;
}

// A chain: a block takes a ticket, waits for the flag of the ticket before, adds to what that block left, and sets its own flag.
// out [gridDim.x][64], flags [gridDim.x], ticket [1]
enum Fault { kNone, kRelaxedStore, kBlockScope, kRelaxedLoad, kNoWait, kNoBarrierBefore, kNoBarrierAfter };
template <Fault fault>
__device__ __forceinline__ void chain(int* out, int* flags, int* ticket) {
  __shared__ int mine;
  if (threadIdx.x == 0) mine = atomicAdd(ticket, 1);
  __syncthreads();
  const int k = mine;
  if (k > 0 && fault != kNoWait) {
    if (threadIdx.x == 0) {
      while ((fault == kRelaxedLoad ? load_relaxed(flags + k - 1) : load_acquire(flags + k - 1)) == 0) __nanosleep(20);
    }
    if (fault != kNoBarrierAfter) __syncthreads();
  }
  out[64 * k + threadIdx.x] = k > 0 ? out[64 * (k - 1) + (threadIdx.x ^ 32)] + 1 : 1;
  if (fault != kNoBarrierBefore) __syncthreads();
  if (threadIdx.x == 0) {
    if (fault == kRelaxedStore) store_relaxed(flags + k, 1);
    else if (fault == kBlockScope) store_release_cta(flags + k, 1);
    else store_release(flags + k, 1);
  }
}
#define CHAIN(name, fault) \
  extern "C" __global__ void name(int* out, int* flags, int* ticket) { chain<fault>(out, flags, ticket); }
CHAIN(chain__right, kNone)
CHAIN(chain__relaxed_store, kRelaxedStore)
CHAIN(chain__block_scope, kBlockScope)
CHAIN(chain__relaxed_load, kRelaxedLoad)
CHAIN(chain__no_wait, kNoWait)
CHAIN(chain__no_barrier_before, kNoBarrierBefore)
CHAIN(chain__no_barrier_after, kNoBarrierAfter)

// Fences with relaxed accesses order as release and acquire do.
BOTH(fences, (int* data, int* flag, int* out), data, flag, out) {
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0) {
    data[0] = 5;
    if (kRight) __threadfence();
    atomicExch(flag, 1);
  } else {
    while (atomicAdd(flag, 0) == 0) __nanosleep(20);
    __threadfence();
    out[0] = data[0];
  }
}

// --- initialisation ---

BOTH(shared_init, (int* out), out) {
  __shared__ int s[64];
  if (kRight || threadIdx.x != 17) s[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = s[63 - threadIdx.x];
}

// in [64] of bytes, of which byte 33 may be missing.
BOTH(global_bytes, (const unsigned char* in, int* out), in, out) {
  if (kRight && threadIdx.x == 33) return;
  out[threadIdx.x] = in[threadIdx.x];
}

BOTH(global_quads, (const float4* in, float4* out), in, out) {
  if (kRight && threadIdx.x == 5) return;
  out[threadIdx.x] = in[threadIdx.x];
}

// cp.async carries on what is not initialised.
BOTH(async_init, (const int* in, int* out), in, out) {
  __shared__ __align__(16) int s[256];
  copy16(s + 4 * threadIdx.x, in + 4 * threadIdx.x);
  commit();
  wait_group<0>();
  __syncthreads();
  out[threadIdx.x] = kRight && threadIdx.x == 9 ? 0 : s[threadIdx.x];
}

// --- barriers ---

BOTH(early_exit, (int* out), out) {
  __shared__ int s[64];
  if (!kRight && threadIdx.x >= 40) return;
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = s[threadIdx.x];
}

BOTH(two_barriers, (int* out), out) {
  if (kRight || threadIdx.x < 32) {
    out[threadIdx.x] = 1;
    asm volatile("bar.sync 0;" ::: "memory");
    out[threadIdx.x] += 1;
  } else {
    out[threadIdx.x] = 3;
    asm volatile("bar.sync 0;" ::: "memory");
    out[threadIdx.x] += 3;
  }
}

BOTH(shuffle_mask, (int* out), out) {
  const unsigned mask = kRight || threadIdx.x != 3 ? ~0u : ~8u;
  out[threadIdx.x] = __shfl_sync(mask, threadIdx.x, 0);
}

BOTH(shuffle_inactive, (int* out), out) {
  if (threadIdx.x >= 16) return;
  out[threadIdx.x] = __shfl_sync(kRight ? 0xffffu : ~0u, threadIdx.x, kRight ? threadIdx.x ^ 1 : threadIdx.x + 16);
}

BOTH(vote_masks, (int* out), out) {
  const unsigned mask = kRight || (threadIdx.x & 1) == 0 ? ~0u : ~1u;
  out[threadIdx.x] = __any_sync(mask, threadIdx.x == 0);
}

// --- runs that never end ---

BOTH(spin, (volatile int* flag, int* out), flag, out) {
  if (blockIdx.x == 0 && kRight) flag[0] = 1;
  while (flag[0] == 0) {
  }
  out[0] = 1;
}

BOTH(spin_asleep, (int* flag, int* out), flag, out) {
  if (kRight && threadIdx.x == 32) atomicExch(flag, 1);
  if (threadIdx.x == 0) {
    unsigned pause = 8;
    while (atomicAdd(flag, 0) == 0) {
      __nanosleep(pause);
      pause = pause < 256 ? 2 * pause : 256;
    }
  }
  __syncthreads();
  if (threadIdx.x == 0) out[0] = 1;
}

// Every thread takes a lock in turn; wrong: it is never given back.
BOTH(lock, (int* flag, int* out), flag, out) {
  if (threadIdx.x != 0) return;
  while (atomicCAS(flag, 0, 1) != 0) {
  }
  __threadfence();
  out[0] += 1;
  __threadfence();
  if (kRight) atomicExch(flag, 0);
}

// Long work without a store looks like a spin to the impatient.
extern "C" __global__ void long_work(const int* in, int* out) {
  unsigned x = in[0] + threadIdx.x;
  for (int i = 0; i < 3000000; i++) x = x * 1664525u + 1013904223u + (x >> 3);
  out[threadIdx.x] = static_cast<int>(x);
}
