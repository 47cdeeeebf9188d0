#pragma once
#include "address.h"

// 16 bytes a lane between memory and four registers: a transposition of 32 x 4.
namespace softcuda {
namespace SOFTCUDA_ISA {

#ifdef __AVX512F__
// Lanes side by side in memory, the usual case. From two vectors of four lanes each: [x of 8 lanes | y of 8 lanes] and
// [z | w]; and back.
INLINE __m512i pick_low() { return _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29); }
INLINE __m512i pick_high() { return _mm512_setr_epi32(2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31); }
INLINE __m512i join_first() { return _mm512_setr_epi32(0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27); }
INLINE __m512i join_second() { return _mm512_setr_epi32(4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31); }
INLINE __m512 low_halves(__m512 a, __m512 b) { return _mm512_maskz_shuffle_f32x4(0xffff, a, b, 0x44); }
INLINE __m512 high_halves(__m512 a, __m512 b) { return _mm512_maskz_shuffle_f32x4(0xffff, a, b, 0xee); }

// Sixteen lanes of four floats each to the lanes from k of four registers. No masked stores here: compilers take those for calls that
// may do anything to the registers.
INLINE void spread(__m512 v0, __m512 v1, __m512 v2, __m512 v3, float* const* d, int k) {
  const __m512 a = _mm512_permutex2var_ps(v0, pick_low(), v1), b = _mm512_permutex2var_ps(v2, pick_low(), v3);
  const __m512 c = _mm512_permutex2var_ps(v0, pick_high(), v1), e = _mm512_permutex2var_ps(v2, pick_high(), v3);
  _mm512_store_ps(d[0] + k, low_halves(a, b));
  _mm512_store_ps(d[1] + k, high_halves(a, b));
  _mm512_store_ps(d[2] + k, low_halves(c, e));
  _mm512_store_ps(d[3] + k, high_halves(c, e));
}

// And back.
INLINE void gather(const float* const* s, int k, __m512* v) {
  const __m512 x = _mm512_load_ps(s[0] + k), y = _mm512_load_ps(s[1] + k), z = _mm512_load_ps(s[2] + k), w = _mm512_load_ps(s[3] + k);
  const __m512 a = low_halves(x, y), b = high_halves(x, y), c = low_halves(z, w), e = high_halves(z, w);
  v[0] = _mm512_permutex2var_ps(a, join_first(), c);
  v[1] = _mm512_permutex2var_ps(a, join_second(), c);
  v[2] = _mm512_permutex2var_ps(b, join_first(), e);
  v[3] = _mm512_permutex2var_ps(b, join_second(), e);
}

INLINE void store_contiguous(float* p, const float* const* s) {
  for (int k = 0; k < 32; k += 16, p += 64) {
    __m512 v[4];
    gather(s, k, v);
    for (int j = 0; j < 4; ++j) _mm512_storeu_ps(p + 16 * j, v[j]);
  }
}

// Four bits of a mask become those of sixteen floats.
INLINE __mmask16 by_fours(uint32_t mask) { return static_cast<__mmask16>(_pdep_u32(mask, 0x1111) * 15); }

// The lanes that are where they would be if all were side by side with lane `first`; base: where lane 0 would be.
INLINE uint32_t beside(const uint64_t* address, int first, uint64_t& base) {
  base = address[first] - 16 * static_cast<uint64_t>(first);
  const uint64_t begin = base;
  alignas(64) int32_t t[32];
  LANES t[i] = address[i] - begin - 16 * static_cast<uint64_t>(i) == 0 ? -1 : 0;
  return to_mask(t);
}

// All lanes side by side, or in two parts: so it is in an unrolled loop over a row whose length is no multiple of a warp's step. False if
// it is neither.
INLINE bool load_parts(const uint64_t* address, float* const* d) {
  uint64_t first, second;
  const uint32_t m = beside(address, 0, first);
  const auto* p = reinterpret_cast<const float*>(first);
  __m512 v0, v1, v2, v3, v4, v5, v6, v7;
  if (m == ~0u) {
    v0 = _mm512_loadu_ps(p), v1 = _mm512_loadu_ps(p + 16), v2 = _mm512_loadu_ps(p + 32), v3 = _mm512_loadu_ps(p + 48);
    v4 = _mm512_loadu_ps(p + 64), v5 = _mm512_loadu_ps(p + 80), v6 = _mm512_loadu_ps(p + 96), v7 = _mm512_loadu_ps(p + 112);
  } else {
    if ((m | beside(address, 31, second)) != ~0u) return false;
    const auto* q = reinterpret_cast<const float*>(second);
#define PART(k) _mm512_mask_loadu_ps(_mm512_maskz_loadu_ps(by_fours(m >> 4 * k), p + 16 * k), by_fours(~m >> 4 * k), q + 16 * k)
    v0 = PART(0), v1 = PART(1), v2 = PART(2), v3 = PART(3), v4 = PART(4), v5 = PART(5), v6 = PART(6), v7 = PART(7);
#undef PART
  }
  spread(v0, v1, v2, v3, d, 0);
  spread(v4, v5, v6, v7, d, 16);
  return true;
}

INLINE bool store_parts(const uint64_t* address, const float* const* s) {
  uint64_t first, second;
  const uint32_t m = beside(address, 0, first);
  auto* p = reinterpret_cast<float*>(first);
  if (m == ~0u) {
    store_contiguous(p, s);
    return true;
  }
  if ((m | beside(address, 31, second)) != ~0u) return false;
  auto* q = reinterpret_cast<float*>(second);
  __m512 v[8];
  gather(s, 0, v);
  gather(s, 16, v + 4);
  for (int k = 0; k < 8; ++k) {
    _mm512_mask_storeu_ps(p + 16 * k, by_fours(m >> 4 * k), v[k]);
    _mm512_mask_storeu_ps(q + 16 * k, by_fours(~m >> 4 * k), v[k]);
  }
  return true;
}

// The same for some lanes side by side; load_some leaves anything in the others.
INLINE void load_some(const float* p, float* const* d, uint32_t mask) {
  for (int k = 0; k < 32; k += 16, p += 64, mask >>= 16) {
    const __m512 v0 = _mm512_maskz_loadu_ps(by_fours(mask), p), v1 = _mm512_maskz_loadu_ps(by_fours(mask >> 4), p + 16);
    const __m512 v2 = _mm512_maskz_loadu_ps(by_fours(mask >> 8), p + 32), v3 = _mm512_maskz_loadu_ps(by_fours(mask >> 12), p + 48);
    spread(v0, v1, v2, v3, d, k);
  }
}

INLINE void store_some(float* p, const float* const* s, uint32_t mask) {
  for (int k = 0; k < 32; k += 16, p += 64, mask >>= 16) {
    __m512 v[4];
    gather(s, k, v);
    for (int j = 0; j < 4; ++j) _mm512_mask_storeu_ps(p + 16 * j, by_fours(mask >> 4 * j), v[j]);
  }
}
#else
INLINE void load_contiguous(const float* p, float* const* d) {
  for (int q = 0; q < 32; q += 4, p += 16) {
    __m128 v[4];
    for (int k = 0; k < 4; ++k) v[k] = _mm_loadu_ps(p + 4 * k);
    _MM_TRANSPOSE4_PS(v[0], v[1], v[2], v[3]);
    for (int k = 0; k < 4; ++k) _mm_store_ps(d[k] + q, v[k]);
  }
}

INLINE void store_contiguous(float* p, const float* const* s) {
  for (int q = 0; q < 32; q += 4, p += 16) {
    __m128 v[4];
    for (int k = 0; k < 4; ++k) v[k] = _mm_load_ps(s[k] + q);
    _MM_TRANSPOSE4_PS(v[0], v[1], v[2], v[3]);
    for (int k = 0; k < 4; ++k) _mm_storeu_ps(p + 4 * k, v[k]);
  }
}

INLINE bool load_parts(const uint64_t* address, float* const* d) {
  if (!in_steps(address, 16)) return false;
  load_contiguous(reinterpret_cast<const float*>(address[0]), d);
  return true;
}

INLINE bool store_parts(const uint64_t* address, const float* const* s) {
  if (!in_steps(address, 16)) return false;
  store_contiguous(reinterpret_cast<float*>(address[0]), s);
  return true;
}

INLINE void load_some(const float* p, float* const* d, uint32_t mask) {
  for (int i = 0; i < 32; i += 4, p += 16, mask >>= 4) {
    __m128 v[4];
    for (int k = 0; k < 4; ++k) v[k] = mask >> k & 1 ? _mm_loadu_ps(p + 4 * k) : _mm_setzero_ps();
    _MM_TRANSPOSE4_PS(v[0], v[1], v[2], v[3]);
    for (int k = 0; k < 4; ++k) _mm_store_ps(d[k] + i, v[k]);
  }
}

INLINE void store_some(float* p, const float* const* s, uint32_t mask) {
  for (int i = 0; i < 32; i += 4, p += 16, mask >>= 4) {
    if ((mask & 15) == 0) continue;
    __m128 v[4];
    for (int k = 0; k < 4; ++k) v[k] = _mm_load_ps(s[k] + i);
    _MM_TRANSPOSE4_PS(v[0], v[1], v[2], v[3]);
    for (int k = 0; k < 4; ++k) {
      if (mask >> k & 1) _mm_storeu_ps(p + 4 * k, v[k]);
    }
  }
}
#endif

// One float a lane, for some lanes.
INLINE void load_some(const float* p, float* d, uint32_t mask) {
#ifdef __AVX512F__
  for (int k = 0; k < 32; k += 16, mask >>= 16) _mm512_store_ps(d + k, _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), p + k));
#else
  alignas(64) int32_t lanes[32];
  LANES lanes[i] = bit(mask, i) ? -1 : 0;
  for (int k = 0; k < 32; k += 8) _mm256_store_ps(d + k, _mm256_maskload_ps(p + k, _mm256_load_si256(reinterpret_cast<const __m256i*>(lanes + k))));
#endif
}

INLINE void store_some(float* p, const float* s, uint32_t mask) {
#ifdef __AVX512F__
  for (int k = 0; k < 32; k += 16, mask >>= 16) _mm512_mask_storeu_ps(p + k, static_cast<__mmask16>(mask), _mm512_load_ps(s + k));
#else
  alignas(64) int32_t lanes[32];
  LANES lanes[i] = bit(mask, i) ? -1 : 0;
  for (int k = 0; k < 32; k += 8) _mm256_maskstore_ps(p + k, _mm256_load_si256(reinterpret_cast<const __m256i*>(lanes + k)), _mm256_load_ps(s + k));
#endif
}

// Lanes anywhere, though often four side by side.
#ifdef __AVX512F__
INLINE bool four(const uint64_t* a) { return a[1] - a[0] == 16 && a[2] - a[0] == 32 && a[3] - a[0] == 48; }

INLINE __m512 load_four(const uint64_t* a) {
  if (four(a)) return _mm512_loadu_ps(reinterpret_cast<const void*>(a[0]));
  __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(reinterpret_cast<const float*>(a[0])));
  v = _mm512_insertf32x4(v, _mm_loadu_ps(reinterpret_cast<const float*>(a[1])), 1);
  v = _mm512_insertf32x4(v, _mm_loadu_ps(reinterpret_cast<const float*>(a[2])), 2);
  return _mm512_insertf32x4(v, _mm_loadu_ps(reinterpret_cast<const float*>(a[3])), 3);
}

INLINE void store_four(const uint64_t* a, __m512 v) {
  if (four(a)) return _mm512_storeu_ps(reinterpret_cast<void*>(a[0]), v);
  _mm_storeu_ps(reinterpret_cast<float*>(a[0]), _mm512_maskz_extractf32x4_ps(0xf, v, 0));
  _mm_storeu_ps(reinterpret_cast<float*>(a[1]), _mm512_maskz_extractf32x4_ps(0xf, v, 1));
  _mm_storeu_ps(reinterpret_cast<float*>(a[2]), _mm512_maskz_extractf32x4_ps(0xf, v, 2));
  _mm_storeu_ps(reinterpret_cast<float*>(a[3]), _mm512_maskz_extractf32x4_ps(0xf, v, 3));
}

INLINE void load_quads(const uint64_t* address, float* const* d) {
  for (int k = 0; k < 32; k += 16) {
    const uint64_t* a = address + k;
    const __m512 v0 = load_four(a), v1 = load_four(a + 4), v2 = load_four(a + 8), v3 = load_four(a + 12);
    spread(v0, v1, v2, v3, d, k);
  }
}

INLINE void store_quads(const uint64_t* address, const float* const* s) {
  for (int k = 0; k < 32; k += 16) {
    __m512 v[4];
    gather(s, k, v);
    for (int j = 0; j < 4; ++j) store_four(address + k + 4 * j, v[j]);
  }
}
#else
INLINE void load_quads(const uint64_t* address, float* const* d) {
  for (int q = 0; q < 32; q += 4) {
    __m128 v[4];
    for (int k = 0; k < 4; ++k) v[k] = _mm_loadu_ps(reinterpret_cast<const float*>(address[q + k]));
    _MM_TRANSPOSE4_PS(v[0], v[1], v[2], v[3]);
    for (int k = 0; k < 4; ++k) _mm_store_ps(d[k] + q, v[k]);
  }
}

INLINE void store_quads(const uint64_t* address, const float* const* s) {
  for (int q = 0; q < 32; q += 4) {
    __m128 v[4];
    for (int k = 0; k < 4; ++k) v[k] = _mm_load_ps(s[k] + q);
    _MM_TRANSPOSE4_PS(v[0], v[1], v[2], v[3]);
    for (int k = 0; k < 4; ++k) _mm_storeu_ps(reinterpret_cast<float*>(address[q + k]), v[k]);
  }
}
#endif

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
