// What blocks of one launch tell each other through global memory: one named function an instruction.
//
//   publish   all threads store · __syncthreads() · one thread release(flag)
//   consume   one warp acquire(flag), pause() between looks · __syncthreads() · all threads load
//
// The barriers carry what one thread released or acquired to the others of its block, and knowledge is handed on: who
// acquires a flag also sees what its writer had acquired before.
#pragma once

#ifdef KRONGAUSS_TRAP_WAITS
#include "trap_waits.cuh"
#endif

namespace krongauss {

// Everything that this thread wrote, or knows to have been written, comes before the flag's new value.
__device__ __forceinline__ void release(unsigned* flag, unsigned value) {
  asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(flag), "r"(value) : "memory");
}

// The flag's value; what came before it is visible afterwards.
__device__ __forceinline__ unsigned acquire(const unsigned* flag) {
  unsigned value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(flag) : "memory");
  return value;
}

// One wait: pause() between two looks at a flag, so that the waiting warp leaves the memory to those it waits for. In builds
// with KRONGAUSS_TRAP_WAITS a wait in vain ends in a trap that names the kernel and `waits`, in which %d stands for a number;
// task is the number that the block has drawn.
struct Wait {
  template <class... Numbers>
  __device__ __forceinline__ void pause(unsigned task, const char* kernel, const char* waits, Numbers... numbers) {
#ifdef KRONGAUSS_TRAP_WAITS
    if (threadIdx.x == 0) looked(++looks_, task, kernel, waits, numbers...);
#endif
    asm volatile("nanosleep.u32 64;" ::: "memory");
  }

#ifdef KRONGAUSS_TRAP_WAITS
  unsigned looks_ = 0;
#endif
};

// Counts one more at a counter in global memory and gives what it was: what this thread wrote comes before, what the
// others wrote before they counted is visible afterwards.
__device__ __forceinline__ unsigned arrive(unsigned* counter) {
  unsigned before;
  asm volatile("atom.acq_rel.gpu.global.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(counter) : "memory");
  return before;
}

// Counts several more: what this thread wrote comes before.
__device__ __forceinline__ void arrive(unsigned* counter, unsigned count) {
  asm volatile("red.release.gpu.global.add.u32 [%0], %1;" ::"l"(counter), "r"(count) : "memory");
}

// The next number of a counter; orders nothing.
__device__ __forceinline__ unsigned draw(unsigned* counter) {
  unsigned before;
  asm volatile("atom.relaxed.gpu.global.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(counter) : "memory");
  return before;
}

}  // namespace krongauss
