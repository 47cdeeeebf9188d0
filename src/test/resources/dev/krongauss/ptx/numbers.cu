// Kernels whose PTX has conversions of -use_fast_math, fields of bits and tensor cores on integers.

// y = x / 3 in double, of a float: cvt.ftz.f64.f32, and back.
extern "C" __global__ void through_double(float* y, const float* x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = static_cast<float>(static_cast<double>(x[i]) / 3.0);
}

// Four ones from a bit upward, and the 128-bit product's quotient.
extern "C" __global__ void fields(unsigned* y, const unsigned* x, int n) {
  const int i = threadIdx.x;
  if (i >= n) return;
  unsigned m, s;
  asm("bmsk.clamp.b32 %0, %1, 4;" : "=r"(m) : "r"(x[i]));
  asm("szext.wrap.s32 %0, %1, 5;" : "=r"(s) : "r"(x[i]));
  y[2 * i] = m;
  y[2 * i + 1] = s;
}

// C (16 x 8) = A (16 x 32) B (32 x 8) of signed bytes, by one warp; A by rows, B by columns.
extern "C" __global__ void multiply_bytes(int* c, const int* a, const int* b) {
  const int g = threadIdx.x / 4, t = threadIdx.x % 4;
  int d[4];
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%10,%10,%10};"
      : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
      : "r"(a[8 * g + t]), "r"(a[8 * (g + 8) + t]), "r"(a[8 * g + t + 4]), "r"(a[8 * (g + 8) + t + 4]), "r"(b[8 * g + t]),
        "r"(b[8 * g + t + 4]), "r"(0));
  c[8 * g + 2 * t] = d[0];
  c[8 * g + 2 * t + 1] = d[1];
  c[8 * (g + 8) + 2 * t] = d[2];
  c[8 * (g + 8) + 2 * t + 1] = d[3];
}

// C (8 x 8) = A (8 x 4) B (4 x 8) of doubles.
extern "C" __global__ void multiply_doubles(double* c, const double* a, const double* b) {
  const int g = threadIdx.x / 4, t = threadIdx.x % 4;
  double d0, d1;
  asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1}, {%2}, {%3}, {%4,%4};"
      : "=d"(d0), "=d"(d1) : "d"(a[4 * g + t]), "d"(b[4 * g + t]), "d"(0.0));
  c[8 * g + 2 * t] = d0;
  c[8 * g + 2 * t + 1] = d1;
}
