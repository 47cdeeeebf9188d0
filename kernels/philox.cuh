// Philox 4x32-10: counter-based random numbers, 128 bits for a (counter, key) pair, without state.
//
// Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011; constants and test
// vectors of the authors' library Random123.
//
// How Krongauss counts: counter = (column / 4, row, step, domain), key = seed. The four words belong to four
// neighbouring columns, so a number depends on where it stands in the matrix and not on stride, shape of the launch or
// number of columns. `domain` keeps different uses of one seed apart.
#pragma once

namespace krongauss {

enum Domain : unsigned { kDomainUniform = 1, kDomainNormal = 2, kDomainTarget = 3 };

__device__ __forceinline__ uint4 philox(uint4 counter, uint2 key) {
#pragma unroll
  for (int round = 0; round < 10; round++) {
    // 32-bit halves on purpose: a 64-bit product lets the compiler keep everything in 64 bits, twice the work
    const unsigned high_x = __umulhi(0xD2511F53u, counter.x);
    const unsigned high_z = __umulhi(0xCD9E8D57u, counter.z);
    counter = make_uint4(high_z ^ counter.y ^ key.x, 0xCD9E8D57u * counter.z, high_x ^ counter.w ^ key.y,
                         0xD2511F53u * counter.x);
    key.x += 0x9E3779B9u;  // golden ratio
    key.y += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return counter;
}

__device__ __forceinline__ uint2 key_of(long long seed) {
  return make_uint2(static_cast<unsigned>(seed), static_cast<unsigned>(seed >> 32));
}

// 32 bits to (0, 1]: never 0, so that its logarithm is finite; the least value is 2^-33.
__device__ __forceinline__ float unit(unsigned bits) {
  return fmaf(static_cast<float>(bits), 0x1p-32f, 0x1p-33f);
}

// Two independent standard normals from two words (Box and Muller 1958). sincospif takes turns and needs no range
// reduction. The largest possible magnitude is sqrt(-2 log 2^-33) = 6.76.
__device__ __forceinline__ float2 normal_pair(unsigned x, unsigned y) {
  const float radius = sqrtf(-2.0f * logf(unit(x)));
  float s, c;
  sincospif(2.0f * unit(y), &s, &c);
  return make_float2(radius * c, radius * s);
}

}  // namespace krongauss
