#include <cuda_bf16.h>

#include <cstdint>

// Products on tensor cores as kernels are written: with cp.async, ldmatrix and mma.

__device__ uint32_t shared_address(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }
__device__ void copy16(void* to, const void* from) { asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from)); }
__device__ void commit() { asm volatile("cp.async.commit_group;"); }
template <int n> __device__ void wait() { asm volatile("cp.async.wait_group %0;" ::"n"(n)); }
__device__ void load4(uint32_t (&r)[4], const void* p) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(p)));
}
__device__ void load2_transposed(uint32_t (&r)[2], const void* p) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(r[0]), "=r"(r[1]) : "r"(shared_address(p)));
}
__device__ uint32_t tf32(uint32_t v) {
  uint32_t r;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(__uint_as_float(v)));
  return r;
}

// C = A B, row-major; M and N multiples of 64, K of 16. Block 128, tile 64 x 64, three stages; a warp has 32 x 32.
extern "C" __global__ void __launch_bounds__(128) gemm_tf32(const float* A, const float* B, float* C, int N, int K) {
  __shared__ alignas(16) float a[3][64][20];
  __shared__ alignas(16) float b[3][16][72];
  const int t = threadIdx.x, lane = t % 32, warp = t / 32, g = lane / 4, q = lane % 4;
  const int row = blockIdx.y * 64, column = blockIdx.x * 64, wr = warp / 2 * 32, wc = warp % 2 * 32;
  const auto fetch = [&](int k0) {
    const int stage = k0 / 16 % 3;
    if (k0 < K) {
      for (int i = t; i < 256; i += 128) copy16(&a[stage][i / 4][i % 4 * 4], &A[static_cast<size_t>(row + i / 4) * K + k0 + i % 4 * 4]);
      for (int i = t; i < 256; i += 128) copy16(&b[stage][i / 16][i % 16 * 4], &B[static_cast<size_t>(k0 + i / 16) * N + column + i % 16 * 4]);
    }
    commit();
  };
  float sum[2][4][4] = {};
  fetch(0);
  fetch(16);
  for (int k0 = 0; k0 < K; k0 += 16) {
    wait<1>();
    __syncthreads();
    fetch(k0 + 32);
    const int stage = k0 / 16 % 3;
    for (int k = 0; k < 16; k += 8) {
      uint32_t x[2][4], y[4][2];
#pragma unroll
      for (int m = 0; m < 2; ++m) {
        load4(x[m], &a[stage][wr + 16 * m + lane % 16][k + lane / 16 * 4]);
#pragma unroll
        for (int i = 0; i < 4; ++i) x[m][i] = tf32(x[m][i]);
      }
#pragma unroll
      for (int n = 0; n < 4; ++n) {
        for (int i = 0; i < 2; ++i) y[n][i] = tf32(__float_as_uint(b[stage][k + q + 4 * i][wc + 8 * n + g]));
      }
#pragma unroll
      for (int m = 0; m < 2; ++m) {
#pragma unroll
        for (int n = 0; n < 4; ++n) {
          asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                       : "+f"(sum[m][n][0]), "+f"(sum[m][n][1]), "+f"(sum[m][n][2]), "+f"(sum[m][n][3])
                       : "r"(x[m][0]), "r"(x[m][1]), "r"(x[m][2]), "r"(x[m][3]), "r"(y[n][0]), "r"(y[n][1]));
        }
      }
    }
  }
#pragma unroll
  for (int m = 0; m < 2; ++m) {
#pragma unroll
    for (int n = 0; n < 4; ++n) {
#pragma unroll
      for (int i = 0; i < 4; i += 2) {
        *reinterpret_cast<float2*>(&C[static_cast<size_t>(row + wr + 16 * m + g + 4 * i) * N + column + wc + 8 * n + 2 * q]) = make_float2(sum[m][n][i], sum[m][n][i + 1]);
      }
    }
  }
}

// The same of bf16, K a multiple of 32, one stage; B comes transposed out of shared memory.
extern "C" __global__ void __launch_bounds__(128) gemm_bf16(const __nv_bfloat16* A, const __nv_bfloat16* B, float* C, int N, int K) {
  __shared__ alignas(16) __nv_bfloat16 a[64][40];
  __shared__ alignas(16) __nv_bfloat16 b[32][72];
  const int t = threadIdx.x, lane = t % 32, warp = t / 32, g = lane / 4, q = lane % 4;
  const int row = blockIdx.y * 64, column = blockIdx.x * 64, wr = warp / 2 * 32, wc = warp % 2 * 32;
  float sum[2][4][4] = {};
  for (int k0 = 0; k0 < K; k0 += 32) {
    __syncthreads();
    for (int i = t; i < 256; i += 128) copy16(&a[i / 4][i % 4 * 8], &A[static_cast<size_t>(row + i / 4) * K + k0 + i % 4 * 8]);
    for (int i = t; i < 256; i += 128) copy16(&b[i / 8][i % 8 * 8], &B[static_cast<size_t>(k0 + i / 8) * N + column + i % 8 * 8]);
    commit();
    wait<0>();
    __syncthreads();
    for (int k = 0; k < 32; k += 16) {
      uint32_t x[2][4], y[4][2];
#pragma unroll
      for (int m = 0; m < 2; ++m) load4(x[m], &a[wr + 16 * m + lane % 16][k + lane / 16 * 8]);
#pragma unroll
      for (int n = 0; n < 4; ++n) load2_transposed(y[n], &b[k + lane % 16][wc + 8 * n]);
#pragma unroll
      for (int m = 0; m < 2; ++m) {
#pragma unroll
        for (int n = 0; n < 4; ++n) {
          asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                       : "+f"(sum[m][n][0]), "+f"(sum[m][n][1]), "+f"(sum[m][n][2]), "+f"(sum[m][n][3])
                       : "r"(x[m][0]), "r"(x[m][1]), "r"(x[m][2]), "r"(x[m][3]), "r"(y[n][0]), "r"(y[n][1]));
        }
      }
    }
  }
#pragma unroll
  for (int m = 0; m < 2; ++m) {
#pragma unroll
    for (int n = 0; n < 4; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) C[static_cast<size_t>(row + wr + 16 * m + g + i / 2 * 8) * N + column + wc + 8 * n + 2 * q + i % 2] = sum[m][n][i];
    }
  }
}
