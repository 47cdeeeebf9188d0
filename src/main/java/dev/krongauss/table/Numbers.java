package dev.krongauss.table;

import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Numbers as they are written in tables. */
final class Numbers {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
  private static final double MOST_EXACT = 0x1p53;

  /** Powers of ten that a double holds exactly. */
  private static final double[] TENS = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18
  };

  private static final int MOST_DIGITS = TENS.length - 1;

  private Numbers() {}

  /**
   * The number that characters are, correctly rounded, if they have at most 18 digits and no
   * exponent, as most cells of a table do: this takes half the time of a parser for all numbers.
   *
   * @return NaN for all others, which are for the parser
   */
  static double simple(char[] text, int begin, int end) {
    int at = begin;
    boolean negative = text[at] == '-';
    if (negative) {
      at++;
    }
    if (end - at > MOST_DIGITS + 1 || at == end) {
      return Double.NaN;
    }
    int first = at;
    long digits = 0;
    int point = -1;
    for (; at < end; at++) {
      int digit = text[at] - '0';
      if (digit >= 0 && digit <= 9) {
        digits = 10 * digits + digit;
      } else if (digit == '.' - '0' && point < 0 && end - begin > 2) {
        point = at;
      } else {
        return Double.NaN;
      }
    }
    if (point < 0 && end - first > MOST_DIGITS) {
      return Double.NaN;
    }
    double value = quotient(digits, TENS[point < 0 ? 0 : end - 1 - point]);
    return negative ? -value : value;
  }

  /**
   * digits / ten, rounded once. Up to 2^53 both are exact in double and so is the rounding of their
   * quotient q (Clinger, "How to read floating point numbers accurately", PLDI 1990). Above, q is
   * corrected by its remainder, which a fused multiply-add gives exactly; where the corrected
   * quotient is too near to the middle of two doubles to tell, it is NaN.
   */
  private static double quotient(long digits, double ten) {
    double high = digits;
    double q = high / ten;
    if (digits <= MOST_EXACT) {
      return q;
    }
    double rest = Math.fma(-q, ten, high) + (digits - (long) high);
    double correction = rest / ten;
    double corrected = q + correction;
    double left = Math.abs(correction - (corrected - q));
    // The correction's own error is below 2^-50 of it, and it is at most two units of q.
    double half = 0.5 * Math.ulp(corrected);
    return Math.abs(left - half) < half * 0x1p-40 || Math.abs(2 * left - half) < half * 0x1p-40
        ? Double.NaN
        : corrected;
  }

  /** The shortest text: whole numbers without a point. */
  static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < MOST_EXACT
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** The number that a text is, if it is one. */
  static OptionalDouble parse(String text) {
    return NUMBER.matcher(text).matches()
        ? OptionalDouble.of(Double.parseDouble(text))
        : OptionalDouble.empty();
  }

  /**
   * Whether characters are a decimal number, as {@link #parse} has it: no hexadecimal digits, no
   * suffix {@code d} or {@code f}, which Java's own grammar takes.
   */
  static boolean isDecimal(char[] text, int begin, int end) {
    int at = begin;
    if (at < end && (text[at] == '+' || text[at] == '-')) {
      at++;
    }
    int digits = at;
    at = digits(text, at, end);
    int count = at - digits;
    if (at < end && text[at] == '.') {
      int fraction = ++at;
      at = digits(text, at, end);
      count += at - fraction;
    }
    if (count == 0) {
      return false;
    }
    if (at < end && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      if (at < end && (text[at] == '+' || text[at] == '-')) {
        at++;
      }
      int exponent = at;
      at = digits(text, at, end);
      return at == end && at > exponent;
    }
    return at == end;
  }

  private static int digits(char[] text, int begin, int end) {
    int at = begin;
    while (at < end && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at;
  }
}
