package dev.krongauss.ptx;

import java.math.BigInteger;

/** A binary floating-point format of PTX: bits to exact numbers and back, rounded once. */
enum Format {
  F16(16, 10),
  BF16(16, 7),
  /** In the upper 19 bits of 32. */
  TF32(19, 10),
  F32(32, 23),
  F64(64, 52);

  /** The directions of {@code .rn .rz .rm .rp}, and {@code .rna}: ties away from zero. */
  enum Round {
    NEAREST,
    ZERO,
    DOWN,
    UP,
    AWAY;

    static Round of(String name) {
      return switch (name) {
        case "rn", "rni" -> NEAREST;
        case "rz", "rzi" -> ZERO;
        case "rm", "rmi" -> DOWN;
        case "rp", "rpi" -> UP;
        case "rna" -> AWAY;
        default -> throw new IllegalArgumentException(name);
      };
    }
  }

  final int width;
  final int fraction;
  final int bias;

  Format(int width, int fraction) {
    this.width = width;
    this.fraction = fraction;
    this.bias = (1 << (width - fraction - 2)) - 1;
  }

  long signBit() {
    return 1L << (width - 1);
  }

  long infinity() {
    return (2L * bias + 1) << fraction;
  }

  long one() {
    return (long) bias << fraction;
  }

  /** The absolute value of finite numbers below the least normal one. */
  boolean subnormal(long bits) {
    return (bits & (infinity() | (1L << fraction) - 1)) != 0 && (bits & infinity()) == 0;
  }

  boolean nan(long bits) {
    return (bits & (signBit() - 1)) > infinity();
  }

  /** Subnormal numbers to zero with their sign: {@code .ftz}. */
  long flush(long bits) {
    return subnormal(bits) ? bits & signBit() : bits;
  }

  Real decode(long bits) {
    boolean negative = (bits & signBit()) != 0;
    long field = (bits & infinity()) >>> fraction;
    long low = bits & ((1L << fraction) - 1);
    if (field == 2L * bias + 1) {
      return low != 0 ? Real.NAN : Real.infinity(negative);
    }
    BigInteger whole = BigInteger.valueOf(field == 0 ? low : low | 1L << fraction);
    return Real.of(negative, whole, (int) Math.max(field, 1) - bias - fraction);
  }

  /** The number rounded to this format. NaN: the bits that are all ones but for the sign. */
  long encode(Real x, Round round) {
    long sign = x.negative ? signBit() : 0;
    if (x.nan) {
      return signBit() - 1;
    }
    if (x.infinite) {
      return sign | infinity();
    }
    if (x.magnitude.signum() == 0) {
      return sign;
    }
    int top = x.exponent + x.magnitude.bitLength() - 1;
    int unit = Math.max(top, 1 - bias) - fraction;
    BigInteger kept = x.scaled(unit, round);
    if (kept.bitLength() > fraction + 1) {
      kept = kept.shiftRight(1);
      unit++;
    }
    if (kept.bitLength() + unit - 1 > bias) {
      return sign | (staysFinite(round, x.negative) ? infinity() - 1 : infinity());
    }
    long significand = kept.longValueExact();
    boolean normal = kept.bitLength() == fraction + 1;
    long field = normal ? unit + fraction + bias : 0;
    return sign | field << fraction | significand & ((1L << fraction) - 1);
  }

  private static boolean staysFinite(Round round, boolean negative) {
    return round == Round.ZERO || round == Round.DOWN && !negative || round == Round.UP && negative;
  }
}
