// Kernels of the driver's tests.
#include <cstdio>
#include <cstdlib>

extern "C" {

__device__ float factor = 2.f;

// out[i] = factor * in[i] + add
__global__ void scale_add(const float* in, float* out, int n, float add) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = factor * in[i] + add;
}

// Writes one element behind the end when n is the array's length.
__global__ void write_beyond(float* out, int n) { out[n + threadIdx.x] = 1.f; }

// Parameters of all sizes, to test their packing: out = {a, b, c, d}
__global__ void pack(char a, double b, short c, long long d, double* out) {
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = static_cast<double>(d);
}

// out[block] = sum of the block's squares of thread indices, through dynamic shared memory.
__global__ void __launch_bounds__(256) shared_sum(float* out) {
  extern __shared__ float buffer[];
  buffer[threadIdx.x] = static_cast<float>(threadIdx.x * threadIdx.x);
  __syncthreads();
  if (threadIdx.x == 0) {
    float sum = 0.f;
    for (unsigned i = 0; i < blockDim.x; ++i) sum += buffer[i];
    out[blockIdx.x] = sum;
  }
}

__global__ void read_null(float* out) { out[threadIdx.x] = *static_cast<volatile float*>(nullptr); }

__global__ void read_misaligned(float* out) { out[0] = *reinterpret_cast<volatile float*>(reinterpret_cast<char*>(out) + 6); }

__global__ void stop(float* out) {
  if (out != nullptr) __trap();
}

// A line for each of n numbers, every other one without a precision.
__global__ void print_lines(int*, long long n) {
  for (int k = 0; k < n; ++k) printf("line %d: %.*f\n", k, k % 2 == 0 ? 2 : -1, k + 0.5);
}

// Whether the heap has room for a block, which it gets back.
__global__ void allocate(int* there, long long bytes) {
  void* const block = malloc(static_cast<size_t>(bytes));
  *there = block != nullptr;
  free(block);
}
}
