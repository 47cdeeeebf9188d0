#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

// What nvcc makes of its intrinsics: instructions_test.cpp compares with the host.

constexpr int integer_results = 64;

// x, y, z: one triple a thread.
extern "C" __global__ void integers(const uint32_t* x, const uint32_t* y, const uint32_t* z, unsigned long long* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const uint32_t a = x[i], b = y[i], c = z[i];
  const int sa = static_cast<int>(a), sb = static_cast<int>(b), sc = static_cast<int>(c);
  const unsigned long long A = static_cast<unsigned long long>(a) << 32 | b, B = static_cast<unsigned long long>(b) << 32 | c, C = static_cast<unsigned long long>(c) << 32 | a;
  unsigned long long* o = out + integer_results * i;
  o[0] = __brev(a);
  o[1] = __brevll(A);
  o[2] = __clz(sa);
  o[3] = __clzll(static_cast<long long>(A));
  o[4] = __ffs(sa);
  o[5] = __ffsll(static_cast<long long>(A));
  o[6] = __popc(a);
  o[7] = __popcll(A);
  o[8] = __byte_perm(a, b, c);
  o[9] = static_cast<uint32_t>(__mulhi(sa, sb));
  o[10] = __umulhi(a, b);
  o[11] = static_cast<unsigned long long>(__mul64hi(static_cast<long long>(A), static_cast<long long>(B)));
  o[12] = __umul64hi(A, B);
  o[13] = static_cast<uint32_t>(__mul24(sa, sb));
  o[14] = __umul24(a, b);
  o[15] = __sad(sa, sb, c);
  o[16] = __usad(a, b, c);
  o[17] = static_cast<uint32_t>(__hadd(sa, sb));
  o[18] = static_cast<uint32_t>(__rhadd(sa, sb));
  o[19] = __uhadd(a, b);
  o[20] = __urhadd(a, b);
  o[21] = static_cast<uint32_t>(__dp4a(sa, sb, sc));
  o[22] = __dp4a(a, b, c);
  o[23] = static_cast<uint32_t>(__dp2a_lo(sa, sb, sc));
  o[24] = __dp2a_hi(a, b, c);
  o[25] = __funnelshift_l(a, b, c);
  o[26] = __funnelshift_lc(a, b, c);
  o[27] = __funnelshift_r(a, b, c);
  o[28] = __funnelshift_rc(a, b, c);
  o[29] = __fns(a, b & 31, static_cast<int>(c & 7) - 3);
  const unsigned __int128 p = static_cast<unsigned __int128>(A) * B + C, q = p - (static_cast<unsigned __int128>(C) << 64 | A);
  o[30] = static_cast<unsigned long long>(p >> 64);
  o[31] = static_cast<unsigned long long>(q);
  o[32] = static_cast<unsigned long long>(q >> 64);
  o[33] = a / (b | 1) + a % (c | 1);
  o[34] = static_cast<uint32_t>(sa / (sb | 1) + sa % (sc | 1));
  o[35] = A / (B | 1) + A % (C | 1);
  o[36] = (a >> 5 & 0x3f) | (b << 7 & 0xff00);
  o[37] = static_cast<uint32_t>(min(sa, max(sb, sc)));
  o[38] = a ^ b ^ c;
  o[39] = (a & b) | (~a & c);
  o[40] = static_cast<unsigned long long>(static_cast<long long>(static_cast<int8_t>(a)) * static_cast<int16_t>(b));
  uint32_t r;
  asm("bfe.s32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b & 31), "r"(c & 31));
  o[41] = r;
  asm("bfi.b32 %0, %1, %2, %3, %4;" : "=r"(r) : "r"(a), "r"(b), "r"(c & 31), "r"(c >> 8 & 31));
  o[42] = r;
  asm("mad24.lo.u32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  o[43] = r;
  asm("slct.u32.s32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  o[44] = r;
  asm("{ .reg .u32 t; add.cc.u32 t, %1, %2; addc.u32 %0, %3, 0; }" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  o[45] = r;
  o[46] = __vadd4(a, b);
  o[47] = __vabsdiffu4(a, b);
  o[48] = __vmaxs2(a, b);
  o[49] = __vcmpgtu4(a, b);
  o[50] = static_cast<uint32_t>(__float2int_rd(__uint_as_float(a & 0xcdffffffu)));
  o[51] = __float_as_uint(copysignf(__uint_as_float(a), __uint_as_float(b)));
}

constexpr int half_results = 32;

extern "C" __global__ void halves(const unsigned short* x, const unsigned short* y, const unsigned short* z, unsigned short* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const __half a = __ushort_as_half(x[i]), b = __ushort_as_half(y[i]), c = __ushort_as_half(z[i]);
  unsigned short* o = out + half_results * i;
  const auto put = [&](int k, __half v) { o[k] = __half_as_ushort(v); };
  const auto put2 = [&](int k, __half2 v) {
    o[k] = __half_as_ushort(__low2half(v));
    o[k + 1] = __half_as_ushort(__high2half(v));
  };
  const __half2 p = __halves2half2(a, b), q = __halves2half2(b, c), r = __halves2half2(c, a);
  put(0, __hadd(a, b));
  put(1, __hsub(a, b));
  put(2, __hmul(a, b));
  put(3, __hfma(a, b, c));
  put(4, __hfma_relu(a, b, c));
  put(5, __hfma_sat(a, b, c));
  put(6, __hneg(a));
  put(7, __habs(a));
  put(8, __hmin(a, b));
  put(9, __hmax_nan(a, b));
  put2(10, __hadd2(p, q));
  put2(12, __hfma2(p, q, r));
  put2(14, __hmin2(p, q));
  put2(16, __hlt2(p, q));
  o[18] = (__hlt(a, b) ? 1 : 0) | (__heq(a, b) ? 2 : 0) | (__hgeu(a, b) ? 4 : 0) | (__hisnan(a) ? 8 : 0) | (__hisinf(b) ? 16 : 0) | (__hbge2(p, q) ? 32 : 0);
  put(19, __float2half_rn(__half2float(a) * 1.0009765f));
  put(20, __float2half_rz(__half2float(a) * 1.0009765f));
  put(21, __float2half_rd(__half2float(a) * 1.0009765f));
  put(22, __float2half_ru(__half2float(a) * 1.0009765f));
  put2(23, __floats2half2_rn(__half2float(b) * 0.3f, __half2float(c) * 0.7f));
  put(25, hfloor(a));
  put(26, hrint(a));
  o[27] = static_cast<unsigned short>(__half2int_rz(a));
  put(28, __int2half_rn(static_cast<short>(x[i]) * 3));
  put(29, __double2half(static_cast<double>(__half2float(a)) / 3.0));
  put2(30, h2exp2(__halves2half2(b, c)));
}

constexpr int brain_results = 20;

extern "C" __global__ void brains(const unsigned short* x, const unsigned short* y, const unsigned short* z, unsigned short* out) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const __nv_bfloat16 a = __ushort_as_bfloat16(x[i]), b = __ushort_as_bfloat16(y[i]), c = __ushort_as_bfloat16(z[i]);
  unsigned short* o = out + brain_results * i;
  const auto put = [&](int k, __nv_bfloat16 v) { o[k] = __bfloat16_as_ushort(v); };
  const auto put2 = [&](int k, __nv_bfloat162 v) {
    o[k] = __bfloat16_as_ushort(__low2bfloat16(v));
    o[k + 1] = __bfloat16_as_ushort(__high2bfloat16(v));
  };
  const __nv_bfloat162 p = __halves2bfloat162(a, b), q = __halves2bfloat162(b, c), r = __halves2bfloat162(c, a);
  put(0, __hadd(a, b));
  put(1, __hsub(a, b));
  put(2, __hmul(a, b));
  put(3, __hfma(a, b, c));
  put(4, __hfma_relu(a, b, c));
  put(5, __hneg(a));
  put(6, __habs(a));
  put(7, __hmax(a, b));
  put(8, __hmin_nan(a, b));
  put2(9, __hfma2(p, q, r));
  put2(11, __hadd2(p, q));
  o[13] = (__hlt(a, b) ? 1 : 0) | (__heq(a, b) ? 2 : 0) | (__hgeu(a, b) ? 4 : 0) | (__hisnan(a) ? 8 : 0);
  put(14, __float2bfloat16_rn(__bfloat162float(a) * 1.0009765f));
  put(15, __float2bfloat16_rz(__bfloat162float(a) * 1.0009765f));
  put2(16, __floats2bfloat162_rn(__bfloat162float(b) * 0.3f, __bfloat162float(c) * 0.7f));
}

// Each block waits for the flag of the one that began before it, adds its number to what that one left, and raises its own flag.
extern "C" __global__ void relay(unsigned* flag, unsigned long long* value, unsigned* counters) {
  __shared__ unsigned ticket;
  if (threadIdx.x == 0) ticket = atomicAdd(counters + 10, 1);
  __syncthreads();
  const unsigned block = ticket;
  if (threadIdx.x == 0) {
    if (block != 0) {
      unsigned seen;
      do {
        asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(seen) : "l"(flag + block - 1) : "memory");
        if (seen == 0) __nanosleep(100);
      } while (seen == 0);
      value[block] = value[block - 1] + block;
    } else {
      value[0] = 1000;
    }
    asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(flag + block), "r"(1u) : "memory");
  }
  unsigned old;
  asm volatile("red.relaxed.gpu.global.add.u32 [%0], %1;" ::"l"(counters), "r"(1u) : "memory");
  asm volatile("red.release.sys.global.max.u32 [%0], %1;" ::"l"(counters + 1), "r"(block * 100 + threadIdx.x) : "memory");
  asm volatile("atom.acq_rel.gpu.global.or.b32 %0, [%1], %2;" : "=r"(old) : "l"(counters + 2), "r"(1u << block) : "memory");
  asm volatile("fence.acq_rel.gpu;" ::: "memory");
  asm volatile("fence.sc.sys;" ::: "memory");
  asm volatile("fence.acq_rel.cta;" ::: "memory");
  __threadfence_system();
  atomicAdd_system(counters + 3, 1u);
  asm volatile("atom.acquire.gpu.global.cas.b32 %0, [%1], %2, %3;" : "=r"(old) : "l"(counters + 4), "r"(0u), "r"(7u) : "memory");
  if (old == 0) atomicAdd(counters + 5, 1);
  __shared__ unsigned inside;
  if (threadIdx.x == 0) inside = 0;
  __syncthreads();
  atomicAdd_block(&inside, 2u);
  __syncthreads();
  if (threadIdx.x == 0) atomicAdd(counters + 6, inside);
  atomicMin(reinterpret_cast<long long*>(counters + 8), -static_cast<long long>(threadIdx.x) * 5000000000ll);
}

// Vectors of every width through registers.
extern "C" __global__ void vectors(const uint32_t* in, uint32_t* out) {
  const int i = threadIdx.x;
  const uchar4 a = reinterpret_cast<const uchar4*>(in)[i];
  const short2 b = reinterpret_cast<const short2*>(in)[i];
  const ushort4 c = reinterpret_cast<const ushort4*>(in)[i];
  const longlong2 d = reinterpret_cast<const longlong2*>(in)[i];
  const double2 e = __ldg(reinterpret_cast<const double2*>(in) + i);
  const char2 f = reinterpret_cast<const char2*>(in)[i];
  __shared__ longlong2 s[64];
  s[i] = make_longlong2(d.y, d.x);
  __syncthreads();
  const longlong2 h = s[i ^ 1];
  out[8 * i] = a.x | a.y << 8 | a.z << 16 | a.w << 24;
  out[8 * i + 1] = static_cast<uint32_t>(b.x - b.y);
  out[8 * i + 2] = c.x ^ c.y ^ c.z ^ c.w;
  out[8 * i + 3] = static_cast<uint32_t>(f.x * f.y);
  reinterpret_cast<longlong2*>(out)[2 * i + 1] = make_longlong2(h.x ^ __double_as_longlong(e.x), h.y ^ __double_as_longlong(e.y));
}
