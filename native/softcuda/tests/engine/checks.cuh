#pragma once

// What the kernels of checks.cu are written with.

// A kernel name__right and a kernel name__wrong of one body, which asks for kRight.
#define BOTH(name, parameters, ...)                                           \
  template <bool kRight>                                                      \
  __device__ __forceinline__ void name parameters;                            \
  extern "C" __global__ void name##__right parameters { name<true>(__VA_ARGS__); }   \
  extern "C" __global__ void name##__wrong parameters { name<false>(__VA_ARGS__); } \
  template <bool kRight>                                                      \
  __device__ __forceinline__ void name parameters

__device__ __forceinline__ void compiler_keeps_order() { asm volatile("" ::: "memory"); }

// --- cp.async ---

__device__ __forceinline__ void copy16(int* to, const int* from) {
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(from) : "memory");
}
template <int n>
__device__ __forceinline__ void wait_group() {
  asm volatile("cp.async.wait_group %0;" ::"n"(n) : "memory");
}
__device__ __forceinline__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// --- accesses with an order, and without ---

__device__ __forceinline__ void store_release(int* p, int v) { asm volatile("st.release.gpu.global.s32 [%0], %1;" ::"l"(p), "r"(v) : "memory"); }
__device__ __forceinline__ void store_relaxed(int* p, int v) { asm volatile("st.relaxed.gpu.global.s32 [%0], %1;" ::"l"(p), "r"(v) : "memory"); }
__device__ __forceinline__ void store_release_cta(int* p, int v) { asm volatile("st.release.cta.global.s32 [%0], %1;" ::"l"(p), "r"(v) : "memory"); }
__device__ __forceinline__ int load_acquire(const int* p) {
  int v;
  asm volatile("ld.acquire.gpu.global.s32 %0, [%1];" : "=r"(v) : "l"(p) : "memory");
  return v;
}
__device__ __forceinline__ int load_relaxed(const int* p) {
  int v;
  asm volatile("ld.relaxed.gpu.global.s32 %0, [%1];" : "=r"(v) : "l"(p) : "memory");
  return v;
}
