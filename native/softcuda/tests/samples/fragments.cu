// A product on the tensor cores with the accuracy of FP32: each factor is split into two TF32 numbers, and three of the
// four products are kept (3xTF32; Markidis et al. 2018; Ootomo, Yokota 2022).
//
//   C = A B,  A = A1 + A2,  B = B1 + B2:  A1 B2 + A2 B1 + A1 B1
//
// shapes    A [M][K], B [K][N], C [M][N], rows packed; M a multiple of 16, N and K of 8
// launch    a warp a tile of 16 x 8; grid (N / 8, M / 16)
// layout    g = lane / 4, t = lane % 4. A: (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4); B: (t, g), (t + 4, g);
//           C: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
// bound     |error| <= (4 K + 8) eps sum |A||B|: the lost A2 B2 is 2^-22 of a product, and tensor cores add with few bits

__device__ __forceinline__ unsigned tf32(float x) {
  unsigned bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
}

struct Split {
  unsigned big, small;
};

__device__ __forceinline__ Split split(float x) {
  const unsigned big = tf32(x);
  return {big, tf32(x - __uint_as_float(big))};
}

__device__ __forceinline__ void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// Four 8 x 4 pieces of a 16 x 8 tile in shared memory: for 16-bit numbers they are 8 x 8, and a row is 16 bytes.
__device__ __forceinline__ void load_matrices(unsigned (&r)[4], const float* row) {
  const unsigned shared = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared)
               : "memory");
}

extern "C" __global__ void __launch_bounds__(32)
fragments_product(const float* A, const float* B, float* C, int M, int N, int K) {
  __shared__ __align__(16) float tile[16][8];
  const int lane = threadIdx.x;
  const int g = lane / 4, t = lane % 4;
  const int row0 = blockIdx.y * 16;
  const int column0 = blockIdx.x * 8;
  float acc[4] = {};
  for (int k = 0; k < K; k += 8) {
    __syncwarp();
    for (int i = lane; i < 16 * 8; i += 32) tile[i / 8][i % 8] = A[(row0 + i / 8) * K + k + i % 8];
    __syncwarp();
    unsigned a[4];
    load_matrices(a, &tile[lane % 8 + 8 * (lane / 8 % 2)][4 * (lane / 16)]);
    unsigned a_big[4], a_small[4], b_big[2], b_small[2];
    for (int i = 0; i < 4; i++) {
      const Split s = split(__uint_as_float(a[i]));
      a_big[i] = s.big;
      a_small[i] = s.small;
    }
    for (int i = 0; i < 2; i++) {
      const Split s = split(B[(k + t + 4 * i) * N + column0 + g]);
      b_big[i] = s.big;
      b_small[i] = s.small;
    }
    mma(acc, a_small, b_big);
    mma(acc, a_big, b_small);
    mma(acc, a_big, b_big);
  }
  for (int i = 0; i < 4; i++) C[(row0 + g + 8 * (i / 2)) * N + column0 + 2 * t + i % 2] = acc[i];
}
