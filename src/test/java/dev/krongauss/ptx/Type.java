package dev.krongauss.ptx;

import java.math.BigInteger;
import java.util.Locale;

/** What an operand of an instruction is. */
enum Type {
  U8,
  S8,
  U16,
  S16,
  U32,
  S32,
  U64,
  S64,
  B16,
  B32,
  B64,
  F16,
  BF16,
  F32,
  F64,
  F16X2,
  BF16X2,
  /** A predicate. */
  P,
  /** An immediate of 8 bits. */
  LUT;

  static Type of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** Bits of the value. */
  int width() {
    return switch (this) {
      case U8, S8, LUT -> 8;
      case U16, S16, B16, F16, BF16 -> 16;
      case U32, S32, B32, F32, F16X2, BF16X2 -> 32;
      case U64, S64, B64, F64 -> 64;
      case P -> 1;
    };
  }

  /** Bits of the register that holds it; 0: a predicate or an immediate. */
  int register() {
    return this == P || this == LUT ? 0 : Math.max(width(), this == U8 || this == S8 ? 32 : 16);
  }

  boolean signed() {
    return name().startsWith("S");
  }

  boolean real() {
    return format() != null && !pair();
  }

  boolean pair() {
    return this == F16X2 || this == BF16X2;
  }

  /** Of the number, or of each of the two; null: no floating point. */
  Format format() {
    return switch (this) {
      case F16, F16X2 -> Format.F16;
      case BF16, BF16X2 -> Format.BF16;
      case F32 -> Format.F32;
      case F64 -> Format.F64;
      default -> null;
    };
  }

  /** The lowest bits of a register as an integer of this type. */
  BigInteger integer(long bits) {
    BigInteger v = unsigned(bits, width());
    return signed() && v.testBit(width() - 1) ? v.subtract(BigInteger.ONE.shiftLeft(width())) : v;
  }

  BigInteger least() {
    return signed() ? BigInteger.ONE.shiftLeft(width() - 1).negate() : BigInteger.ZERO;
  }

  BigInteger most() {
    return BigInteger.ONE.shiftLeft(width() - (signed() ? 1 : 0)).subtract(BigInteger.ONE);
  }

  BigInteger clamp(BigInteger v) {
    return v.max(least()).min(most());
  }

  static BigInteger unsigned(long bits, int width) {
    BigInteger all = BigInteger.ONE.shiftLeft(width).subtract(BigInteger.ONE);
    return BigInteger.valueOf(bits).and(all);
  }
}
