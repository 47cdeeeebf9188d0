package dev.krongauss.io;

import java.nio.ByteBuffer;
import java.util.Set;

/** Elements of safetensors' types of real numbers as floats. */
final class Elements {
  /** What can be read. */
  static final Set<String> TYPES = Set.of("F32", "F64", "F16", "BF16");

  private static final int HALF_MANTISSA = 10;
  private static final int HALF_BIAS = 15;

  private Elements() {}

  static int bytes(String type) {
    return switch (type) {
      case "F64" -> 8;
      case "F32" -> 4;
      default -> 2;
    };
  }

  /**
   * One element.
   *
   * @param type one of {@link #TYPES}
   * @param at byte at which it begins
   * @return the number, a double rounded to the nearest float
   */
  static float at(String type, ByteBuffer bytes, int at) {
    return switch (type) {
      case "F64" -> (float) bytes.getDouble(at);
      case "F32" -> bytes.getFloat(at);
      case "BF16" -> Float.intBitsToFloat(bytes.getShort(at) << 16);
      default -> half(bytes.getShort(at));
    };
  }

  /** IEEE 754's binary16: sign, 5 bits of exponent, 10 of mantissa. */
  static float half(short bits) {
    int exponent = bits >> HALF_MANTISSA & 0x1f;
    int mantissa = bits & 0x3ff;
    float size;
    if (exponent == 0x1f) {
      size = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      size = Math.scalb((float) mantissa, 1 - HALF_BIAS - HALF_MANTISSA);
    } else {
      size = Math.scalb((float) (mantissa | 0x400), exponent - HALF_BIAS - HALF_MANTISSA);
    }
    return bits < 0 ? -size : size;
  }
}
