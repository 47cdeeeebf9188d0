#include "lanes.h"

// Integer arithmetic. Wraps around as the hardware does, so everything is computed unsigned where C++ would overflow.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

template <class T> struct Unsigned { using type = T; };
template <> struct Unsigned<int16_t> { using type = uint16_t; };
template <> struct Unsigned<int32_t> { using type = uint32_t; };
template <> struct Unsigned<int64_t> { using type = uint64_t; };
template <class T> struct Wide { using type = T; };
template <> struct Wide<int8_t> { using type = int16_t; };
template <> struct Wide<uint8_t> { using type = uint16_t; };
template <> struct Wide<int16_t> { using type = int32_t; };
template <> struct Wide<uint16_t> { using type = uint32_t; };
template <> struct Wide<int32_t> { using type = int64_t; };
template <> struct Wide<uint32_t> { using type = uint64_t; };
template <> struct Wide<int64_t> { using type = __int128; };
template <> struct Wide<uint64_t> { using type = unsigned __int128; };
template <class T> using U = typename Unsigned<T>::type;
template <class T> using W = typename Wide<T>::type;

#define OP2(name, expression) \
  template <class T> struct name { INLINE T apply(T a, T b) { return static_cast<T>(expression); } };
#define OP3(name, expression) \
  template <class T> struct name { INLINE T apply(T a, T b, T c) { return static_cast<T>(expression); } };
#define OP1(name, expression) \
  template <class T> struct name { INLINE T apply(T a) { return static_cast<T>(expression); } };

OP2(Add, static_cast<U<T>>(a) + static_cast<U<T>>(b))
OP2(Sub, static_cast<U<T>>(a) - static_cast<U<T>>(b))
// 16-bit operands would be promoted to int and could overflow it.
OP2(MulLo, static_cast<uint64_t>(a) * static_cast<uint64_t>(b))
OP2(MulHi, static_cast<W<T>>(a) * static_cast<W<T>>(b) >> (8 * sizeof(T)))
OP3(MadLo, static_cast<uint64_t>(a) * static_cast<uint64_t>(b) + static_cast<uint64_t>(c))
OP3(MadHi, static_cast<U<T>>(static_cast<W<T>>(a) * static_cast<W<T>>(b) >> (8 * sizeof(T))) + static_cast<U<T>>(c))
OP2(Min, a < b ? a : b)
OP2(Max, a < b ? b : a)
OP1(Neg, U<T>{0} - static_cast<U<T>>(a))
OP1(Abs, a < 0 ? U<T>{0} - static_cast<U<T>>(a) : static_cast<U<T>>(a))
OP3(Sad, static_cast<U<T>>(c) + (a < b ? static_cast<U<T>>(b) - static_cast<U<T>>(a) : static_cast<U<T>>(a) - static_cast<U<T>>(b)))
// Division by zero gives all ones on a GPU; the smallest integer divided by -1 wraps.
OP2(Div, b == 0 ? static_cast<T>(~T{0}) : (b == static_cast<T>(-1) && static_cast<T>(-1) < T{0}) ? static_cast<T>(U<T>{0} - static_cast<U<T>>(a)) : a / b)
// The rest likewise, where it is not a - 0 * q of 16 bits.
OP2(Rem, b == 0 ? (sizeof(T) == 2 ? a : static_cast<T>(~T{0})) : (b == static_cast<T>(-1) && static_cast<T>(-1) < T{0}) ? T{0} : a % b)

template <class T> struct MulWide { INLINE W<T> apply(T a, T b) { return static_cast<W<T>>(a) * static_cast<W<T>>(b); } };
template <class T> struct MadWide {
  INLINE W<T> apply(T a, T b, W<T> c) {
    return static_cast<W<T>>(static_cast<U<W<T>>>(static_cast<W<T>>(a) * static_cast<W<T>>(b)) + static_cast<U<W<T>>>(c));
  }
};

template <class T> INLINE T low24(T v) { return static_cast<T>(static_cast<uint32_t>(v) << 8) >> 8; }
OP2(Mul24Lo, static_cast<uint64_t>(static_cast<W<T>>(low24<T>(a)) * low24<T>(b)))
OP2(Mul24Hi, static_cast<W<T>>(low24<T>(a)) * low24<T>(b) >> 16)
OP3(Mad24Lo, static_cast<uint64_t>(static_cast<W<T>>(low24<T>(a)) * low24<T>(b)) + static_cast<U<T>>(c))
OP3(Mad24Hi, static_cast<U<T>>(static_cast<W<T>>(low24<T>(a)) * low24<T>(b) >> 16) + static_cast<U<T>>(c))

// add.sat.s32 clamps.
struct AddSat { INLINE int32_t apply(int32_t a, int32_t b) {
  const int64_t s = static_cast<int64_t>(a) + b;
  return static_cast<int32_t>(s > INT32_MAX ? INT32_MAX : s < INT32_MIN ? INT32_MIN : s);
} };
// mad.hi.sat and mad24.hi.sat: the sum is clamped.
struct MadHiSat { INLINE int32_t apply(int32_t a, int32_t b, int32_t c) {
  const int64_t s = (static_cast<int64_t>(a) * b >> 32) + c;
  return static_cast<int32_t>(s > INT32_MAX ? INT32_MAX : s < INT32_MIN ? INT32_MIN : s);
} };
struct Mad24HiSat { INLINE int32_t apply(int32_t a, int32_t b, int32_t c) {
  const int64_t s = (static_cast<int64_t>(low24<int32_t>(a)) * low24<int32_t>(b) >> 16) + c;
  return static_cast<int32_t>(s > INT32_MAX ? INT32_MAX : s < INT32_MIN ? INT32_MIN : s);
} };
struct SubSat { INLINE int32_t apply(int32_t a, int32_t b) {
  const int64_t s = static_cast<int64_t>(a) - b;
  return static_cast<int32_t>(s > INT32_MAX ? INT32_MAX : s < INT32_MIN ? INT32_MIN : s);
} };

// Builds "name.type" in a local buffer; the registrar copies it.
struct Key {
  char text[64];
  Key(const char* name, const char* type) { __builtin_snprintf(text, sizeof text, "%s.%s", name, type); }
};

// dp4a, dp2a: a dot product of the bytes of b with the bytes, or the 16-bit halves, of a, added to c.
template <class A, class B> struct Dot4 {
  INLINE uint32_t apply(uint32_t a, uint32_t b, uint32_t c) {
    for (int k = 0; k < 32; k += 8) c += static_cast<uint32_t>(static_cast<int32_t>(static_cast<A>(a >> k)) * static_cast<int32_t>(static_cast<B>(b >> k)));
    return c;
  }
};
template <class A, class B, int first> struct Dot2 {
  INLINE uint32_t apply(uint32_t a, uint32_t b, uint32_t c) {
    for (int k = 0; k < 2; ++k) {
      c += static_cast<uint32_t>(static_cast<int32_t>(static_cast<A>(a >> (16 * k))) * static_cast<int32_t>(static_cast<B>(b >> (8 * (first + k)))));
    }
    return c;
  }
};

// vabsdiff4: differences of the bytes, or their sum and c.
struct ByteDistances { INLINE uint32_t apply(uint32_t a, uint32_t b, uint32_t) {
  uint32_t d = 0;
  for (int k = 0; k < 32; k += 8) {
    const uint32_t x = a >> k & 0xff, y = b >> k & 0xff;
    d |= (x < y ? y - x : x - y) << k;
  }
  return d;
} };
struct ByteDistance { INLINE uint32_t apply(uint32_t a, uint32_t b, uint32_t c) {
  for (int k = 0; k < 32; k += 8) {
    const uint32_t x = a >> k & 0xff, y = b >> k & 0xff;
    c += x < y ? y - x : x - y;
  }
  return c;
} };

// add, sub with the carry bit in a predicate. Operands: d[, carry out], a, b[, carry in]. There is one adder: a - b is a + ~b + 1, and the
// carry bit is the adder's after sub too, so 1 means that nothing was borrowed, whichever instruction reads it.
template <class T, bool subtracts, bool takes, bool gives>
struct Carry {
  static const Op* masked(const Op* op, char* r, Warp*, uint32_t m) {
    constexpr int first = gives ? 2 : 1;
    auto d = at<T>(r, op->o[0]);
    const auto a = at<T>(r, op->o[first]), b = at<T>(r, op->o[first + 1]);
    const uint32_t carry = takes ? predicate(r, op->o[first + 2]) : subtracts ? ~0u : 0u;
    alignas(64) int32_t over[32];
    LANES {
      const T x = a[i], y = subtracts ? ~b[i] : b[i], c = bit(carry, i) ? T{1} : T{0};
      const T s = x + y, v = s + c;
      over[i] = s < x || v < s ? -1 : 0;
      d[i] = bit(m, i) ? v : d[i];
    }
    if constexpr (gives) {
      uint32_t& p = predicate(r, op->o[1]);
      p = (p & ~m) | (to_mask(over) & m);
    }
    return op + 1;
  }
  static const Op* full(const Op* op, char* r, Warp* w) { return masked(op, r, w, ~0u); }
};

template <class T>
void add_type(const Registrar& g, const char* type) {
  constexpr bool x = sizeof(T) == 8;
  const char* one = x ? "Xx" : "Ww";
  const char* two = x ? "Xxx" : "Www";
  const char* three = x ? "Xxxx" : "Wwww";
  add<Map2<Add<T>, T, T, T>>(g, Key("add", type).text, two);
  add<Map2<Sub<T>, T, T, T>>(g, Key("sub", type).text, two);
  add<Map2<MulLo<T>, T, T, T>>(g, Key("mul.lo", type).text, two);
  add<Map2<MulHi<T>, T, T, T>>(g, Key("mul.hi", type).text, two);
  add<Map3<MadLo<T>, T, T, T, T>>(g, Key("mad.lo", type).text, three);
  add<Map3<MadHi<T>, T, T, T, T>>(g, Key("mad.hi", type).text, three);
  add<Map2<Div<T>, T, T, T>>(g, Key("div", type).text, two);
  add<Map2<Rem<T>, T, T, T>>(g, Key("rem", type).text, two);
  add<Map2<Min<T>, T, T, T>>(g, Key("min", type).text, two);
  add<Map2<Max<T>, T, T, T>>(g, Key("max", type).text, two);
  add<Map3<Sad<T>, T, T, T, T>>(g, Key("sad", type).text, three);
  if (static_cast<T>(-1) < T{0}) {
    add<Map1<Neg<T>, T, T>>(g, Key("neg", type).text, one);
    add<Map1<Abs<T>, T, T>>(g, Key("abs", type).text, one);
  }
}

template <class T>
void add_wide(const Registrar& g, const char* type) {
  constexpr bool x = sizeof(T) == 4;
  add<Map2<MulWide<T>, W<T>, T, T>>(g, Key("mul.wide", type).text, x ? "Xww" : "Www");
  add<Map3<MadWide<T>, W<T>, T, T, W<T>>>(g, Key("mad.wide", type).text, x ? "Xwwx" : "Wwww");
}

template <class T>
void add_24(const Registrar& g, const char* type) {
  add<Map2<Mul24Lo<T>, T, T, T>>(g, Key("mul24.lo", type).text, "Www");
  add<Map2<Mul24Hi<T>, T, T, T>>(g, Key("mul24.hi", type).text, "Www");
  add<Map3<Mad24Lo<T>, T, T, T, T>>(g, Key("mad24.lo", type).text, "Wwww");
  add<Map3<Mad24Hi<T>, T, T, T, T>>(g, Key("mad24.hi", type).text, "Wwww");
}

template <class A, class B>
void add_dot(const Registrar& g, const char* types) {
  char key[64];
  const auto name = [&](const char* operation) {
    __builtin_snprintf(key, sizeof key, "%s.%s", operation, types);
    return static_cast<const char*>(key);
  };
  using A2 = typename Wide<A>::type;
  add<Map3<Dot4<A, B>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, name("dp4a"), "Wwww");
  add<Map3<Dot2<A2, B, 0>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, name("dp2a.lo"), "Wwww");
  add<Map3<Dot2<A2, B, 2>, uint32_t, uint32_t, uint32_t, uint32_t>>(g, name("dp2a.hi"), "Wwww");
}

template <class T, bool subtracts>
void add_carry(const Registrar& g, const char* name) {
  char key[64];
  const bool x = sizeof(T) == 8;
  const auto with = [&](const char* pattern) {
    __builtin_snprintf(key, sizeof key, pattern, name, x ? "64" : "32");
    return static_cast<const char*>(key);
  };
  add<Carry<T, subtracts, false, true>>(g, with("#%s.cc.%s"), x ? "XPxx" : "WPww");
  add<Carry<T, subtracts, true, true>>(g, with("#%sc.cc.%s"), x ? "XPxxp" : "WPwwp");
  add<Carry<T, subtracts, true, false>>(g, with("#%sc.%s"), x ? "Xxxp" : "Wwwp");
}

}  // namespace

TABLE void add_integer(const Registrar& g) {
  add_type<uint16_t>(g, "u16");
  add_type<int16_t>(g, "s16");
  add_type<uint32_t>(g, "u32");
  add_type<int32_t>(g, "s32");
  add_type<uint64_t>(g, "u64");
  add_type<int64_t>(g, "s64");
  add_wide<uint16_t>(g, "u16");
  add_wide<int16_t>(g, "s16");
  add_wide<uint32_t>(g, "u32");
  add_wide<int32_t>(g, "s32");
  add_24<uint32_t>(g, "u32");
  add_24<int32_t>(g, "s32");
  add<Map2<AddSat, int32_t, int32_t, int32_t>>(g, "add.sat.s32", "Www");
  add<Map2<SubSat, int32_t, int32_t, int32_t>>(g, "sub.sat.s32", "Www");
  add<Map3<MadHiSat, int32_t, int32_t, int32_t, int32_t>>(g, "mad.hi.sat.s32", "Wwww");
  add<Map3<Mad24HiSat, int32_t, int32_t, int32_t, int32_t>>(g, "mad24.hi.sat.s32", "Wwww");
  add_dot<uint8_t, uint8_t>(g, "u32.u32");
  add_dot<uint8_t, int8_t>(g, "u32.s32");
  add_dot<int8_t, uint8_t>(g, "s32.u32");
  add_dot<int8_t, int8_t>(g, "s32.s32");
  add<Map3<ByteDistances, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "vabsdiff4.u32.u32.u32", "Wwww");
  add<Map3<ByteDistance, uint32_t, uint32_t, uint32_t, uint32_t>>(g, "vabsdiff4.u32.u32.u32.add", "Wwww");
  add_carry<uint32_t, false>(g, "add");
  add_carry<uint32_t, true>(g, "sub");
  add_carry<uint64_t, false>(g, "add");
  add_carry<uint64_t, true>(g, "sub");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
