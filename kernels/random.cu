// Fills of random numbers.
//
//   random_uniform_f32   X_ij = low + (high - low) u,       u in (0, 1], 32 bits
//   random_normal_f32    X_ij = mean + deviation z,         z standard normal by Box-Muller, |z| < 6.77
//   random_philox_u32    out[4i .. 4i+3] = philox(counter + (i, 0, 0, 0), key): the raw stream
//
// shapes    X [rows][columns], any stride; only the columns are written
// numbers   counter = (column / 4, row, step, domain), key = seed: see philox.cuh
// launch    256 threads, a warp a row; grid (rows / 8, columns / 1024), rounded up; random_philox_u32: a thread a counter
// cost      25 integer operations an element, 4 bytes written
// bound     uniform: 1 rounding after u; normal: 10 eps deviation sqrt(-2 log u1) + eps |x|  (logf, sincospif <= 2 ulp)
// source    philox.cuh
#include "philox.cuh"
#include "rows.cuh"

namespace krongauss {

struct Uniform {
  static constexpr unsigned kDomain = kDomainUniform;
  __device__ static Pack<4> draw(uint4 bits, float low, float range) {
    return {fmaf(range, unit(bits.x), low), fmaf(range, unit(bits.y), low), fmaf(range, unit(bits.z), low),
            fmaf(range, unit(bits.w), low)};
  }
};

struct Normal {
  static constexpr unsigned kDomain = kDomainNormal;
  __device__ static Pack<4> draw(uint4 bits, float mean, float deviation) {
    const float2 a = normal_pair(bits.x, bits.y);
    const float2 b = normal_pair(bits.z, bits.w);
    return {fmaf(deviation, a.x, mean), fmaf(deviation, a.y, mean), fmaf(deviation, b.x, mean),
            fmaf(deviation, b.y, mean)};
  }
};

template <class Distribution>
__device__ __forceinline__ void fill(float* X, int stride, int rows, int columns, int whole, long long seed, int step,
                                     float offset, float scale) {
  const int row = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  float* x = row_of(X, row, stride);
  const uint2 key = key_of(seed);
  const int end = min(columns, static_cast<int>(blockIdx.y + 1) * kChunk);
  for (int c = blockIdx.y * kChunk + 4 * (threadIdx.x % kWarp); c < end; c += 4 * kWarp) {
    const uint4 bits = philox(make_uint4(c / 4u, row, step, Distribution::kDomain), key);
    store_quad(x, c, columns, whole, Distribution::draw(bits, offset, scale));
  }
}

}  // namespace krongauss

using namespace krongauss;

extern "C" __global__ void __launch_bounds__(kThreads)
random_uniform_f32(float* X, int stride, int rows, int columns, int whole, long long seed, int step, float low,
                   float range) {
  fill<Uniform>(X, stride, rows, columns, whole, seed, step, low, range);
}

extern "C" __global__ void __launch_bounds__(kThreads)
random_normal_f32(float* X, int stride, int rows, int columns, int whole, long long seed, int step, float mean,
                  float deviation) {
  fill<Normal>(X, stride, rows, columns, whole, seed, step, mean, deviation);
}

extern "C" __global__ void __launch_bounds__(kThreads)
random_philox_u32(unsigned* out, int count, unsigned c0, unsigned c1, unsigned c2, unsigned c3, long long seed) {
  const int i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= count) return;
  const uint4 bits = philox(make_uint4(c0 + i, c1, c2, c3), key_of(seed));
  unsigned* o = out + 4ll * i;
  o[0] = bits.x;
  o[1] = bits.y;
  o[2] = bits.z;
  o[3] = bits.w;
}
