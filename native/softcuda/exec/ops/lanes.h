#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "../operations.h"
#include "../warp.h"

// Operations as loops over 32 lanes. Compiled once for each instruction set, in a namespace of its own
// (SOFTCUDA_ISA = v3 or v4): nothing in ops/ may use templates or inline functions of the standard library, because the
// linker could then pick the AVX-512 copy for code that runs everywhere.
namespace softcuda {
namespace SOFTCUDA_ISA {

// A result may share its register with an operand (same lanes, read before written): there is no dependence between lanes.
#define LANES _Pragma("GCC ivdep") for (int i = 0; i < 32; ++i)
#define INLINE static inline __attribute__((always_inline))

template <class T>
struct Storage {
  using type = T;
};
template <> struct Storage<uint16_t> { using type = uint32_t; };
template <> struct Storage<int16_t> { using type = uint32_t; };
template <> struct Storage<uint8_t> { using type = uint32_t; };
template <> struct Storage<int8_t> { using type = uint32_t; };
template <> struct Storage<bool> { using type = uint32_t; };

template <class T>
using Lanes = typename Storage<T>::type*;

template <class T>
INLINE Lanes<T> at(char* r, uint32_t offset) {
  return static_cast<Lanes<T>>(__builtin_assume_aligned(r + offset, 64));
}
INLINE uint32_t& predicate(char* r, uint32_t offset) { return *reinterpret_cast<uint32_t*>(r + offset); }

template <class T>
INLINE T get(const typename Storage<T>::type* p, int i) {
  return static_cast<T>(p[i]);
}
template <class T>
INLINE void put(typename Storage<T>::type* p, int i, T v) {
  p[i] = static_cast<typename Storage<T>::type>(v);
}
// A table, because compilers vectorise an AND with it better than a shift by the lane's number.
alignas(64) static constexpr uint32_t kLaneBit[32] = {
    1u << 0,  1u << 1,  1u << 2,  1u << 3,  1u << 4,  1u << 5,  1u << 6,  1u << 7,  1u << 8,  1u << 9,  1u << 10,
    1u << 11, 1u << 12, 1u << 13, 1u << 14, 1u << 15, 1u << 16, 1u << 17, 1u << 18, 1u << 19, 1u << 20, 1u << 21,
    1u << 22, 1u << 23, 1u << 24, 1u << 25, 1u << 26, 1u << 27, 1u << 28, 1u << 29, 1u << 30, 1u << 31};
INLINE bool bit(uint32_t mask, int i) { return (mask & kLaneBit[i]) != 0; }

template <class To, class From>
INLINE To bits(From v) {
  return __builtin_bit_cast(To, v);
}

// Lanes of 0 and -1 to a mask.
INLINE uint32_t to_mask(const int32_t* t) {
#ifdef __AVX512DQ__
  return static_cast<uint32_t>(_mm512_movepi32_mask(_mm512_load_si512(t))) |
         static_cast<uint32_t>(_mm512_movepi32_mask(_mm512_load_si512(t + 16))) << 16;
#else
  uint32_t m = 0;
  for (int k = 0; k < 4; ++k) {
    m |= static_cast<uint32_t>(_mm256_movemask_ps(_mm256_load_ps(reinterpret_cast<const float*>(t + 8 * k)))) << (8 * k);
  }
  return m;
#endif
}

// d = F(a), F(a, b), F(a, b, c)
template <class F, class D, class A>
struct Map1 {
  static const Op* full(const Op* op, char* r, Warp*) {
    auto d = at<D>(r, op->o[0]);
    const auto a = at<A>(r, op->o[1]);
    LANES put<D>(d, i, F::apply(get<A>(a, i)));
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    auto d = at<D>(r, op->o[0]);
    const auto a = at<A>(r, op->o[1]);
    LANES {
      const D v = F::apply(get<A>(a, i));
      put<D>(d, i, bit(m, i) ? v : get<D>(d, i));
    }
    return op + 1;
  }
};

template <class F, class D, class A, class B>
struct Map2 {
  static const Op* full(const Op* op, char* r, Warp*) {
    auto d = at<D>(r, op->o[0]);
    const auto a = at<A>(r, op->o[1]);
    const auto b = at<B>(r, op->o[2]);
    LANES put<D>(d, i, F::apply(get<A>(a, i), get<B>(b, i)));
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    auto d = at<D>(r, op->o[0]);
    const auto a = at<A>(r, op->o[1]);
    const auto b = at<B>(r, op->o[2]);
    LANES {
      const D v = F::apply(get<A>(a, i), get<B>(b, i));
      put<D>(d, i, bit(m, i) ? v : get<D>(d, i));
    }
    return op + 1;
  }
};

template <class F, class D, class A, class B, class C>
struct Map3 {
  static const Op* full(const Op* op, char* r, Warp*) {
    auto d = at<D>(r, op->o[0]);
    const auto a = at<A>(r, op->o[1]);
    const auto b = at<B>(r, op->o[2]);
    const auto c = at<C>(r, op->o[3]);
    LANES put<D>(d, i, F::apply(get<A>(a, i), get<B>(b, i), get<C>(c, i)));
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    auto d = at<D>(r, op->o[0]);
    const auto a = at<A>(r, op->o[1]);
    const auto b = at<B>(r, op->o[2]);
    const auto c = at<C>(r, op->o[3]);
    LANES {
      const D v = F::apply(get<A>(a, i), get<B>(b, i), get<C>(c, i));
      put<D>(d, i, bit(m, i) ? v : get<D>(d, i));
    }
    return op + 1;
  }
};

// p = F(a, b): a predicate is one mask a warp.
template <class F, class A>
struct Compare {
  INLINE uint32_t value(const Op* op, char* r) {
    const auto a = at<A>(r, op->o[1]);
    const auto b = at<A>(r, op->o[2]);
    alignas(64) int32_t t[32];
    LANES t[i] = F::apply(get<A>(a, i), get<A>(b, i)) ? -1 : 0;
    return to_mask(t);
  }
  static const Op* full(const Op* op, char* r, Warp*) {
    predicate(r, op->o[0]) = value(op, r);
    return op + 1;
  }
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    uint32_t& p = predicate(r, op->o[0]);
    p = (p & ~m) | (value(op, r) & m);
    return op + 1;
  }
};

template <class M>
INLINE void add(const Registrar& g, const char* key, const char* signature, const char* file = __builtin_FILE()) {
  g.add(g.table, key, signature, M::full, M::masked, file, __PRETTY_FUNCTION__);
}

// Before each add_...(): translated code includes the files of ops/ for their handlers only, and a template that nobody calls is
// not compiled.
#ifdef SOFTCUDA_TRANSLATED
#define TABLE template <class>
#else
#define TABLE
#endif

void add_integer(const Registrar&);
void add_bits(const Registrar&);
void add_fields(const Registrar&);
void add_real(const Registrar&);
void add_rounded(const Registrar&);
void add_approximate(const Registrar&);
void add_compare(const Registrar&);
void add_convert(const Registrar&);
void add_convert_real(const Registrar&);
void add_convert_half(const Registrar&);
void add_half(const Registrar&);
void add_matrix(const Registrar&);
void add_load(const Registrar&);
void add_store(const Registrar&);
void add_atomic(const Registrar&);
void add_control(const Registrar&);
void add_sync(const Registrar&);
void add_async(const Registrar&);
void add_call(const Registrar&);
void add_mbarrier(const Registrar&);
void add_integer_matrix(const Registrar&);

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
