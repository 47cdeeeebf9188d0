// What only nvcc writes: functions of any number of arguments, called by name and through pointers, and the registers that say where the
// system's shared memory lies.
#include <cstdarg>

__device__ __noinline__ int sum(int n, ...) {
  va_list rest;
  va_start(rest, n);
  int s = 0;
  for (int k = 0; k < n; ++k) s += va_arg(rest, int);
  va_end(rest);
  return s;
}

__device__ __noinline__ int dot(int n, ...) {
  va_list rest;
  va_start(rest, n);
  double s = n;
  for (int k = 0; k < n; ++k) {
    const double x = va_arg(rest, double);
    s += x * va_arg(rest, int);
  }
  va_end(rest);
  return static_cast<int>(s);
}

typedef int (*Variadic)(int, ...);
__device__ Variadic functions[2] = {sum, dot};

extern "C" __global__ void variadic(int* y) {
  const int i = threadIdx.x;
  const int one = sum(5, i, 2, 3, 4, 5) + sum(1, i);
  const int other = i % 2 == 0 ? functions[0](3, i, i + 1, i + 2) : functions[1](2, 0.5, i, 2.0, 7);
  y[i] = one + other + functions[i % 2](0);
}

__device__ __noinline__ unsigned reserved_word(unsigned begin, int k) {
  unsigned v;
  asm volatile("ld.shared.u32 %0, [%1];" : "=r"(v) : "r"(begin + 4 * k));
  return v;
}

// Five offsets, the size without the system's, and a sum over a word of the system's memory, which is 0 at first.
extern "C" __global__ void reserved(int* y) {
  __shared__ int mine[10];
  unsigned begin, end, cap, zero, one, total;
  asm volatile("mov.u32 %0, %%reserved_smem_offset_begin;" : "=r"(begin));
  asm volatile("mov.u32 %0, %%reserved_smem_offset_end;" : "=r"(end));
  asm volatile("mov.u32 %0, %%reserved_smem_offset_cap;" : "=r"(cap));
  asm volatile("mov.u32 %0, %%reserved_smem_offset_0;" : "=r"(zero));
  asm volatile("mov.u32 %0, %%reserved_smem_offset_1;" : "=r"(one));
  asm volatile("mov.u32 %0, %%total_smem_size;" : "=r"(total));
  if (threadIdx.x < 10) mine[threadIdx.x] = threadIdx.x + 1;
  __syncthreads();
  asm volatile("red.shared.add.u32 [%0], %1;" ::"r"(one + 64), "r"(mine[threadIdx.x % 10]) : "memory");
  __syncthreads();
  const int values[8] = {(int)begin, (int)end, (int)cap, (int)zero, (int)one, (int)total, (int)reserved_word(one, 16), mine[9]};
  if (threadIdx.x < 8) y[threadIdx.x] = values[threadIdx.x];
}
