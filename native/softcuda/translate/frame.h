#pragma once
#include "../exec/translation.h"

// What the code written by softcuda_translate calls. Included after the handlers, once for each instruction set.
namespace softcuda {
namespace SOFTCUDA_ISA {

#ifdef __AVX512F__
constexpr int kVector = 64;
#else
constexpr int kVector = 32;
#endif
typedef char Vector __attribute__((vector_size(kVector), may_alias));

// No loop, which compilers leave a loop where they think that it is rarely reached; an index that varies would keep all registers of the
// block in memory.
template <class T>
INLINE void copy(char* to, const char* from) {
  auto* d = static_cast<Vector*>(__builtin_assume_aligned(to, 64));
  const auto* s = static_cast<const Vector*>(__builtin_assume_aligned(from, 64));
#pragma GCC unroll 8
  for (size_t k = 0; k < 32 * sizeof(T) / kVector; ++k) d[k] = s[k];
}

template <class T>
INLINE void fill(char* to, T v) {
  T* d = static_cast<T*>(__builtin_assume_aligned(to, 64));
  LANES d[i] = v;
}

INLINE void copy_predicate(char* to, const char* from) { __builtin_memcpy(to, from, 4); }

// Of the lanes in m.
template <class T>
INLINE void copy_some(char* to, const char* from, uint32_t m) {
  T* d = static_cast<T*>(__builtin_assume_aligned(to, 64));
  const T* s = static_cast<const T*>(__builtin_assume_aligned(from, 64));
  LANES d[i] = bit(m, i) ? s[i] : d[i];
}

INLINE void copy_predicate_some(char* to, char* from, uint32_t m) {
  uint32_t& d = predicate(to, 0);
  d = (d & ~m) | (predicate(from, 0) & m);
}

// A warp of which the compiler knows everything, so that nothing of it lies in memory. Its 32 lanes are all here.
INLINE void whole_warp(Warp& mine, const Warp* w) {
  mine.active = mine.live = ~0u;
  mine.shared = w->shared;
  mine.local = w->local;
  mine.params = w->params;
  mine.shared_bytes = w->shared_bytes;
  mine.local_bytes = w->local_bytes;
  mine.param_bytes = w->param_bytes;
}

// The handlers of the interpreter: those of the operations themselves may be translated ones.
INLINE const Op* interpreted(const Op* op, const Warp* w) { return w->interpreted + (op - w->ops); }

// Some lanes do not exist or have ended: from here on the interpreter runs this warp.
static __attribute__((noinline, cold)) const Op* leave(const Op* op, Warp* w) {
  w->pc = static_cast<uint32_t>(op - w->ops);
  w->ops = w->interpreted;
  return nullptr;
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
