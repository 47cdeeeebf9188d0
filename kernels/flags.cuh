// What blocks of one launch tell each other through global memory: one named function an instruction.
//
//   publish   all threads store · __syncthreads() · one thread release(flag)
//   consume   one warp acquire(flag), pause() between looks · __syncthreads() · all threads load
//
// The barriers carry what one thread released or acquired to the others of its block, and knowledge is handed on: who
// acquires a flag also sees what its writer had acquired before.
#pragma once

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

// Between two looks at a flag, so that the waiting warp leaves the memory to those it waits for.
__device__ __forceinline__ void pause() { asm volatile("nanosleep.u32 64;" ::: "memory"); }

// Counts one more at a counter in global memory and gives what it was: what this thread wrote comes before, what the
// others wrote before they counted is visible afterwards.
__device__ __forceinline__ unsigned arrive(unsigned* counter) {
  unsigned before;
  asm volatile("atom.acq_rel.gpu.global.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(counter) : "memory");
  return before;
}

// The next number of a counter; orders nothing.
__device__ __forceinline__ unsigned draw(unsigned* counter) {
  unsigned before;
  asm volatile("atom.relaxed.gpu.global.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(counter) : "memory");
  return before;
}

}  // namespace krongauss
