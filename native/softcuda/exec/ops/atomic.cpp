#include "address.h"
#include "half.h"

// atom and red: lane by lane, in the order of lanes. Every scope and ordering is served by sequential consistency.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

#define UPDATE(name, expression) \
  template <class T> struct name { INLINE T apply(T old, T a, T b) { (void)old; (void)a; (void)b; return static_cast<T>(expression); } };
UPDATE(Add, old + a)
UPDATE(Min, a < old ? a : old)
UPDATE(Max, a > old ? a : old)
UPDATE(And, old & a)
UPDATE(Or, old | a)
UPDATE(Xor, old ^ a)
UPDATE(Exchange, a)
UPDATE(CompareSwap, old == a ? b : old)
UPDATE(Increment, old >= a ? 0 : old + 1)
UPDATE(Decrement, old == 0 || old > a ? a : old - 1)

INLINE uint16_t sum16(uint16_t a, uint16_t b) {
  return narrow<Half, Round::Nearest>(sum_to_odd(static_cast<double>(half_to_float(a)), static_cast<double>(half_to_float(b))));
}
struct AddHalf { INLINE uint16_t apply(uint16_t old, uint16_t a, uint16_t) { return sum16(old, a); } };
// Both halves at once, where PTX promises only that each is atomic.
struct AddHalves {
  INLINE uint32_t apply(uint32_t old, uint32_t a, uint32_t) {
    return sum16(static_cast<uint16_t>(old), static_cast<uint16_t>(a)) |
           static_cast<uint32_t>(sum16(static_cast<uint16_t>(old >> 16), static_cast<uint16_t>(a >> 16))) << 16;
  }
};

template <class T> struct Word { using type = uint32_t; };
template <> struct Word<uint16_t> { using type = uint16_t; };
template <> struct Word<uint64_t> { using type = uint64_t; };
template <> struct Word<int64_t> { using type = uint64_t; };
template <> struct Word<double> { using type = uint64_t; };

// Operands: address, sources, result (missing in red).
template <class F, class T, Space space, int sources, bool result>
struct Atomic {
  static const Op* masked(const Op* op, char* r, Warp* w, uint32_t m) {
    using V = typename Word<T>::type;
    alignas(64) uint64_t address[32];
    addresses<space>(op->o[0], op->imm, r, w, address);
    const auto a = at<T>(r, op->o[1]);
    const auto b = at<T>(r, op->o[sources]);
    auto d = at<T>(r, op->o[1 + sources]);
    EACH_LANE(m) {
      auto* p = reinterpret_cast<V*>(address[i]);
      const T x = get<T>(a, i), y = get<T>(b, i);
      V old = __atomic_load_n(p, __ATOMIC_SEQ_CST), next;
      do next = bits<V>(F::apply(bits<T>(old), x, y));
      while (!__atomic_compare_exchange_n(p, &old, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
      w->wrote |= next != old;
      if constexpr (result) put<T>(d, i, bits<T>(old));
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, w->active); }
};

template <class F, class T, Space space, int sources>
void both(const Registrar& g, const char* space_name, const char* operation, const char* type) {
  char key[64], signature[8];
  int at = 0;
  signature[at++] = AddressLetter<space>::value;
  for (int k = 0; k < sources; ++k) signature[at++] = sizeof(T) == 8 ? 'x' : 'w';
  signature[at] = '\0';
  __builtin_snprintf(key, sizeof key, "#red.%s.%s.%s", space_name, operation, type);
  add<Atomic<F, T, space, sources, false>>(g, key, signature);
  signature[at++] = sizeof(T) == 8 ? 'X' : 'W';
  signature[at] = '\0';
  __builtin_snprintf(key, sizeof key, "#atom.%s.%s.%s", space_name, operation, type);
  add<Atomic<F, T, space, sources, true>>(g, key, signature);
}

template <class T, Space space>
void arithmetic(const Registrar& g, const char* name, const char* type) {
  both<Add<T>, T, space, 1>(g, name, "add", type);
  both<Min<T>, T, space, 1>(g, name, "min", type);
  both<Max<T>, T, space, 1>(g, name, "max", type);
}

template <class T, Space space>
void logical(const Registrar& g, const char* name, const char* type) {
  both<And<T>, T, space, 1>(g, name, "and", type);
  both<Or<T>, T, space, 1>(g, name, "or", type);
  both<Xor<T>, T, space, 1>(g, name, "xor", type);
  both<Exchange<T>, T, space, 1>(g, name, "exch", type);
  both<CompareSwap<T>, T, space, 2>(g, name, "cas", type);
}

template <Space space>
void all(const Registrar& g, const char* name) {
  arithmetic<uint32_t, space>(g, name, "u32");
  arithmetic<int32_t, space>(g, name, "s32");
  arithmetic<uint64_t, space>(g, name, "u64");
  arithmetic<int64_t, space>(g, name, "s64");
  both<Add<float>, float, space, 1>(g, name, "add", "f32");
  both<Add<double>, double, space, 1>(g, name, "add", "f64");
  both<Increment<uint32_t>, uint32_t, space, 1>(g, name, "inc", "u32");
  both<Decrement<uint32_t>, uint32_t, space, 1>(g, name, "dec", "u32");
  both<AddHalf, uint16_t, space, 1>(g, name, "add", "f16");
  both<AddHalves, uint32_t, space, 1>(g, name, "add", "f16x2");
  both<CompareSwap<uint16_t>, uint16_t, space, 2>(g, name, "cas", "b16");
  logical<uint32_t, space>(g, name, "b32");
  logical<uint64_t, space>(g, name, "b64");
}

}  // namespace

TABLE void add_atomic(const Registrar& g) {
  all<Flat>(g, "flat");
  all<Shared>(g, "shared");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
