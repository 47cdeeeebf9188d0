package dev.krongauss.ptx;

import dev.krongauss.ptx.Format.Round;
import java.math.BigInteger;

/** A number without a precision: sign, magnitude x 2^exponent, infinities, NaN and two zeros. */
final class Real {
  static final Real NAN = new Real(true, false, false, BigInteger.ZERO, 0, false);

  /** Bits of a quotient or root before what is left of it is no more than "not zero". */
  private static final int DIGITS = 400;

  final boolean nan;
  final boolean infinite;
  final boolean negative;
  final BigInteger magnitude;
  final int exponent;

  /** There is something beyond the last bit of the magnitude. */
  private final boolean more;

  private Real(
      boolean nan,
      boolean infinite,
      boolean negative,
      BigInteger magnitude,
      int exponent,
      boolean more) {
    this.nan = nan;
    this.infinite = infinite;
    this.negative = negative;
    this.magnitude = magnitude;
    this.exponent = exponent;
    this.more = more;
  }

  static Real of(boolean negative, BigInteger magnitude, int exponent) {
    return new Real(false, false, negative, magnitude, exponent, false);
  }

  static Real of(BigInteger v) {
    return of(v.signum() < 0, v.abs(), 0);
  }

  static Real infinity(boolean negative) {
    return new Real(false, true, negative, BigInteger.ZERO, 0, false);
  }

  boolean zero() {
    return !nan && !infinite && magnitude.signum() == 0;
  }

  Real negate() {
    return new Real(nan, infinite, !negative, magnitude, exponent, more);
  }

  Real abs() {
    return new Real(nan, infinite, false, magnitude, exponent, more);
  }

  /** The sum; an exact zero of numbers with different signs is negative only when rounded down. */
  Real add(Real b, Round round) {
    if (nan || b.nan || infinite && b.infinite && negative != b.negative) {
      return NAN;
    }
    if (infinite || b.infinite) {
      return infinite ? this : b;
    }
    int low = Math.min(exponent, b.exponent);
    BigInteger sum = signed(low).add(b.signed(low));
    if (sum.signum() == 0) {
      boolean both = zero() && b.zero() && negative == b.negative;
      return of(both ? negative : round == Round.DOWN, BigInteger.ZERO, 0);
    }
    return of(sum.signum() < 0, sum.abs(), low);
  }

  private BigInteger signed(int low) {
    BigInteger m = magnitude.shiftLeft(exponent - low);
    return negative ? m.negate() : m;
  }

  Real multiply(Real b) {
    boolean sign = negative != b.negative;
    if (nan || b.nan || infinite && b.zero() || zero() && b.infinite) {
      return NAN;
    }
    if (infinite || b.infinite) {
      return infinity(sign);
    }
    return of(sign, magnitude.multiply(b.magnitude), exponent + b.exponent);
  }

  Real divide(Real b) {
    boolean sign = negative != b.negative;
    if (nan || b.nan || infinite && b.infinite || zero() && b.zero()) {
      return NAN;
    }
    if (infinite || b.zero()) {
      return infinity(sign);
    }
    if (b.infinite || zero()) {
      return of(sign, BigInteger.ZERO, 0);
    }
    BigInteger[] q = magnitude.shiftLeft(DIGITS).divideAndRemainder(b.magnitude);
    return new Real(false, false, sign, q[0], exponent - b.exponent - DIGITS, q[1].signum() != 0);
  }

  Real sqrt() {
    if (nan || zero()) {
      return this;
    }
    if (negative) {
      return NAN;
    }
    if (infinite) {
      return this;
    }
    int even = exponent - (exponent & 1);
    BigInteger[] r = magnitude.shiftLeft((exponent & 1) + 2 * DIGITS).sqrtAndRemainder();
    return new Real(false, false, false, r[0], even / 2 - DIGITS, r[1].signum() != 0);
  }

  /** magnitude x 2^exponent as an integer of units of 2^unit. */
  BigInteger scaled(int unit, Round round) {
    int shift = unit - exponent;
    if (shift <= 0) {
      if (more) {
        throw new IllegalStateException("too few digits");
      }
      return magnitude.shiftLeft(-shift);
    }
    BigInteger kept = magnitude.shiftRight(shift);
    BigInteger rest = magnitude.subtract(kept.shiftLeft(shift));
    if (rest.signum() == 0 && !more) {
      return kept;
    }
    int half = rest.compareTo(BigInteger.ONE.shiftLeft(shift - 1));
    boolean above = half > 0 || half == 0 && more;
    boolean up =
        switch (round) {
          case NEAREST -> above || half == 0 && kept.testBit(0);
          case AWAY -> half >= 0;
          case ZERO -> false;
          case DOWN -> negative;
          case UP -> !negative;
        };
    return up ? kept.add(BigInteger.ONE) : kept;
  }

  /** The integer in that direction, of a finite number; the zero of a negative one is -0. */
  Real integral(Round round) {
    if (nan || infinite) {
      return this;
    }
    return of(negative, exponent >= 0 ? magnitude.shiftLeft(exponent) : scaled(0, round), 0);
  }

  /** Of a finite integral number. */
  BigInteger integer() {
    BigInteger m = exponent >= 0 ? magnitude.shiftLeft(exponent) : magnitude.shiftRight(-exponent);
    return negative ? m.negate() : m;
  }

  /** Of numbers that are no NaN; the zeros are equal. */
  int compare(Real b) {
    if (infinite || b.infinite) {
      int x = infinite ? (negative ? -1 : 1) : 0;
      int y = b.infinite ? (b.negative ? -1 : 1) : 0;
      return Integer.compare(x, y);
    }
    int low = Math.min(exponent, b.exponent);
    return signed(low).compareTo(b.signed(low));
  }
}
