#include "lanes.h"

// szext, bmsk, cvt.pack: fields of bits whose place or width is an operand.
namespace softcuda {
namespace SOFTCUDA_ISA {
namespace {

// The n lowest bits of a, extended. Wrapped: n modulo 32, so that 32 gives 0; clamped: 32 and more give a.
template <bool clamp, bool is_signed> struct Extend {
  INLINE uint32_t apply(uint32_t a, uint32_t n) {
    const bool whole = clamp && n > 31;
    const uint32_t width = n & 31;
    const uint32_t above = whole ? 0u : ~0u << width;
    const bool sign = is_signed && !whole && width != 0 && (a >> ((width - 1) & 31) & 1) != 0;
    return (a & ~above) | (sign ? above : 0u);
  }
};

// `width` ones from bit `position` upward; those beyond bit 31 are lost.
template <bool clamp> struct Mask {
  INLINE uint32_t apply(uint32_t position, uint32_t width) {
    const uint32_t low = position & 31, n = width & 31, end = low + n;
    const bool nothing = clamp && position > 31, to_the_top = end > 31 || (clamp && width > 31);
    return nothing ? 0u : ~0u << low & (to_the_top ? ~0u : ~(~0u << (end & 31)));
  }
};

// Two integers clamped to fields of `bits` bits, a above b; what was in c moves up. A signed source is clamped to unsigned fields too.
template <int bits, bool is_signed> struct Pack {
  INLINE uint32_t field(int32_t a) {
    constexpr int32_t most = is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1, least = is_signed ? -(1 << (bits - 1)) : 0;
    return static_cast<uint32_t>(a < least ? least : a > most ? most : a) & ((1u << bits) - 1);
  }
  INLINE uint32_t apply(int32_t a, int32_t b) { return field(a) << bits | field(b); }
  INLINE uint32_t apply(int32_t a, int32_t b, uint32_t c) { return c << (2 * bits & 31) | field(a) << bits | field(b); }
};

template <int bits, bool is_signed>
void pack_with(const Registrar& g, const char* key) {
  add<Map3<Pack<bits, is_signed>, uint32_t, int32_t, int32_t, uint32_t>>(g, key, "Wwww");
}

}  // namespace

TABLE void add_fields(const Registrar& g) {
  add<Map2<Extend<true, false>, uint32_t, uint32_t, uint32_t>>(g, "szext.clamp.u32", "Www");
  add<Map2<Extend<false, false>, uint32_t, uint32_t, uint32_t>>(g, "szext.wrap.u32", "Www");
  add<Map2<Extend<true, true>, uint32_t, uint32_t, uint32_t>>(g, "szext.clamp.s32", "Www");
  add<Map2<Extend<false, true>, uint32_t, uint32_t, uint32_t>>(g, "szext.wrap.s32", "Www");
  add<Map2<Mask<true>, uint32_t, uint32_t, uint32_t>>(g, "bmsk.clamp.b32", "Www");
  add<Map2<Mask<false>, uint32_t, uint32_t, uint32_t>>(g, "bmsk.wrap.b32", "Www");
  add<Map2<Pack<16, false>, uint32_t, int32_t, int32_t>>(g, "cvt.pack.sat.u16.s32", "Www");
  add<Map2<Pack<16, true>, uint32_t, int32_t, int32_t>>(g, "cvt.pack.sat.s16.s32", "Www");
  pack_with<8, false>(g, "cvt.pack.sat.u8.s32.b32");
  pack_with<8, true>(g, "cvt.pack.sat.s8.s32.b32");
  pack_with<4, false>(g, "cvt.pack.sat.u4.s32.b32");
  pack_with<4, true>(g, "cvt.pack.sat.s4.s32.b32");
  pack_with<2, false>(g, "cvt.pack.sat.u2.s32.b32");
  pack_with<2, true>(g, "cvt.pack.sat.s2.s32.b32");
}

}  // namespace SOFTCUDA_ISA
}  // namespace softcuda
