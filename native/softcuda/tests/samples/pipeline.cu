// A tiled product whose tiles come by cp.async, several stages ahead: C = A B.
//
// shapes    A [M][K], B [K][N], C [M][N], rows packed; K and N are multiples of 4
// launch    128 threads a tile of 32 x 32; grid (N / 32, M / 32), rounded up
// bound     |error| <= K eps sum |A||B|

constexpr int kTile = 32;
constexpr int kDepth = 16;
constexpr int kStages = 3;          // tiles under way or being read
constexpr int kBuffers = kStages;
constexpr int kThreads = 128;

// 16 bytes to shared memory, or zeros where the matrix has ended.
__device__ __forceinline__ void copy(float* to, const float* from, bool inside) {
  const unsigned shared = static_cast<unsigned>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(from), "r"(inside ? 16 : 0) : "memory");
}

__device__ __forceinline__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int GROUPS>
__device__ __forceinline__ void wait_for_all_but() {
  asm volatile("cp.async.wait_group %0;" ::"n"(GROUPS) : "memory");
}

extern "C" __global__ void __launch_bounds__(kThreads)
pipeline_product(const float* A, const float* B, float* C, int M, int N, int K) {
  __shared__ __align__(16) float a[kBuffers][kTile][kDepth];
  __shared__ __align__(16) float b[kBuffers][kDepth][kTile];
  const int row0 = blockIdx.y * kTile;
  const int column0 = blockIdx.x * kTile;
  const int steps = (K + kDepth - 1) / kDepth;
  const int t = threadIdx.x;

  const auto fetch = [&](int step) {
    if (step < steps) {
      const int stage = step % kBuffers;
      const int k0 = step * kDepth;
      const int r = t / 4, i = 4 * (t % 4);
      copy(&a[stage][r][i], A + (row0 + r) * K + k0 + i, row0 + r < M && k0 + i < K);
      const int k = t / 8, c = 4 * (t % 8);
      copy(&b[stage][k][c], B + (k0 + k) * N + column0 + c, k0 + k < K && column0 + c < N);
    }
    commit();  // an empty group keeps the count
  };

  float acc[8] = {};
  const int r = t / 4, c = 8 * (t % 4);
  for (int step = 0; step < kStages - 1; step++) fetch(step);
  for (int step = 0; step < steps; step++) {
    wait_for_all_but<kStages - 2>();
    __syncthreads();
    fetch(step + kStages - 1);  // into the stage of the last step, which everybody has left
    const int stage = step % kBuffers;
    for (int k = 0; k < kDepth; k++) {
      for (int j = 0; j < 8; j++) acc[j] = fmaf(a[stage][r][k], b[stage][k][c + j], acc[j]);
    }
  }
  if (row0 + r >= M) return;
  for (int j = 0; j < 8; j++) {
    if (column0 + c + j < N) C[(row0 + r) * N + column0 + c + j] = acc[j];
  }
}
