// What nvcc makes of 128-bit integers, and of conversions to integers: kernels of wide_test.cpp.
#include <cuda_fp16.h>

extern "C" {

// y[15 i ..] = results of the i-th pair of 128-bit numbers, as unsigned ones unless said otherwise.
__global__ void integers128(const unsigned __int128* x, unsigned __int128* y, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) return;
  const unsigned __int128 a = x[2 * i], b = x[2 * i + 1];
  const auto sa = static_cast<__int128>(a), sb = static_cast<__int128>(b);
  unsigned __int128* const out = y + 15 * i;
  out[0] = a + b;
  out[1] = a - b;
  out[2] = a * b;
  out[3] = a / b;
  out[4] = a % b;
  out[5] = static_cast<unsigned __int128>(sa / sb);
  out[6] = static_cast<unsigned __int128>(sa % sb);
  out[7] = a << static_cast<int>(b & 127);
  out[8] = a >> static_cast<int>(b & 127);
  out[9] = static_cast<unsigned __int128>(sa >> static_cast<int>(b & 127));
  out[10] = (a < b) | (a <= b) << 1 | (sa < sb) << 2 | (sa <= sb) << 3 | (a == b) << 4;
  out[11] = -a;
  out[12] = static_cast<unsigned __int128>(sa * static_cast<long long>(b));
  out[13] = static_cast<unsigned __int128>((sa * 1000000007) / (sb | 1));
  out[14] = a - (b - a) * 3 - 1;
}

// y[24 i ..] = x[i] as the eight integer types, from double, float and half.
__global__ void to_integers(const double* x, long long* y, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) return;
  const double d = x[i];
  const float f = __double2float_rn(d);
  const __half h = __float2half_rn(f);
  long long* const out = y + 24 * i;
  out[0] = static_cast<signed char>(d);
  out[1] = static_cast<unsigned char>(d);
  out[2] = static_cast<short>(d);
  out[3] = static_cast<unsigned short>(d);
  out[4] = static_cast<int>(d);
  out[5] = static_cast<unsigned>(d);
  out[6] = static_cast<long long>(d);
  out[7] = static_cast<long long>(static_cast<unsigned long long>(d));
  out[8] = static_cast<signed char>(f);
  out[9] = static_cast<unsigned char>(f);
  out[10] = static_cast<short>(f);
  out[11] = static_cast<unsigned short>(f);
  out[12] = static_cast<int>(f);
  out[13] = static_cast<unsigned>(f);
  out[14] = static_cast<long long>(f);
  out[15] = static_cast<long long>(static_cast<unsigned long long>(f));
  out[16] = __half2short_rn(h);
  out[17] = __half2ushort_ru(h);
  out[18] = __half2int_rd(h);
  out[19] = __half2uint_rz(h);
  out[20] = __half2ll_rn(h);
  out[21] = static_cast<long long>(__half2ull_rn(h));
  out[22] = __double2int_rd(d);
  out[23] = __double2ll_ru(d);
}
}
