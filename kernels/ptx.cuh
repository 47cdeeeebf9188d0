// Instructions that CUDA C++ has no name for, one named function each.
//
// Fragments of mma.m16n8k8, of lane 4 g + t (g = 0..7, t = 0..3):
//
//   A 16 x 8     a0 (g, t)      a1 (g + 8, t)    a2 (g, t + 4)    a3 (g + 8, t + 4)
//   B  8 x 8     b0 (t, g)      b1 (t + 4, g)                     as (k, column)
//   C 16 x 8     c0 (g, 2 t)    c1 (g, 2 t + 1)  c2 (g + 8, 2 t)  c3 (g + 8, 2 t + 1)
#pragma once

namespace krongauss {

__device__ __forceinline__ unsigned shared_address(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}

// D = A B + C in TF32: of each factor the tensor core takes sign, exponent and 10 bits, and leaves the others out.
__device__ __forceinline__ void mma_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], const float (&c)[4]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c[0]), "f"(c[1]), "f"(c[2]), "f"(c[3]));
}

// D = A B, likewise. `zero` is 0, in a register of the caller's: a constant would be moved to four for each product.
__device__ __forceinline__ void mma_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], float zero) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %10, %10, %10};"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(zero));
}

// x - y of two floats in registers that have no type, so that they need not be moved to others and back.
__device__ __forceinline__ unsigned subtract_floats(unsigned x, unsigned y) {
  unsigned difference;
  asm("sub.rn.f32 %0, %1, %2;" : "=r"(difference) : "r"(x), "r"(y));
  return difference;
}

// x, which the compiler is to keep in a register: it would compute it again wherever it is needed, in a loop each time.
__device__ __forceinline__ int kept(int x) {
  asm volatile("" : "+r"(x));
  return x;
}

// 0 in a register, for mma_tf32: the compiler sees no constant.
__device__ __forceinline__ float zero_register() {
  float zero;
  asm volatile("mov.f32 %0, 0f00000000;" : "=f"(zero));
  return zero;
}

// Four matrices of 8 rows of 16 bytes in shared memory; lane l gives the address of row l % 8 of matrix l / 8. Lane 4 g + t
// gets float t of row g of each: to the instruction they are 8 x 8 numbers of 16 bits.
__device__ __forceinline__ void load_matrices(unsigned (&r)[4], const float* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

// Copies to shared memory that go on while the thread does other things. Four floats at multiples of 16 bytes, past the L1
// cache: the first `bytes` of them, and zeros for the others, which are not read. Or one float, or zero where `inside` is
// false.
__device__ __forceinline__ void copy_four(float* to, const float* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(__cvta_generic_to_global(from)),
               "r"(bytes)
               : "memory");
}

__device__ __forceinline__ void copy_one(float* to, const float* from, bool inside) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(shared_address(to)), "l"(__cvta_generic_to_global(from)),
               "r"(inside ? 4 : 0)
               : "memory");
}

// Ends a group of this thread's copies.
__device__ __forceinline__ void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until all but the last GROUPS groups of this thread's copies are there; a barrier then shows them to the block.
template <int GROUPS>
__device__ __forceinline__ void await_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(GROUPS) : "memory");
}

}  // namespace krongauss
