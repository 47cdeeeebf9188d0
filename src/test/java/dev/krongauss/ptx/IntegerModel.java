package dev.krongauss.ptx;

import static java.math.BigInteger.ONE;
import static java.math.BigInteger.ZERO;

import java.math.BigInteger;

/** Integer arithmetic, in integers without a width; the result is cut at the end. */
final class IntegerModel {
  private IntegerModel() {}

  static Model of(Form form) {
    if (form.name().startsWith("dp")) {
      return in -> Model.bits(dot(form, in));
    }
    Type result = form.results().get(0);
    return in -> {
      BigInteger[] v = new BigInteger[in.length];
      for (int i = 0; i < in.length; i++) {
        v[i] = form.sources().get(i).integer(in[i]);
      }
      BigInteger r = value(form, form.sources().get(0), v);
      boolean clamps = form.has("sat");
      return Model.bits(low(clamps ? result.clamp(r) : r, result.width()));
    };
  }

  /** The lowest bits of a number in two's complement. */
  static long low(BigInteger v, int width) {
    return v.and(ONE.shiftLeft(width).subtract(ONE)).longValue();
  }

  private static BigInteger value(Form form, Type type, BigInteger[] v) {
    return switch (form.name()) {
      case "add" -> v[0].add(v[1]);
      case "sub" -> v[0].subtract(v[1]);
      case "mul", "mad" -> {
        BigInteger product = v[0].multiply(v[1]);
        BigInteger part = form.has("hi") ? product.shiftRight(type.width()) : product;
        yield v.length > 2 ? lowOf(form, type, part).add(v[2]) : part;
      }
      case "mul24", "mad24" -> {
        BigInteger product = low24(v[0], type).multiply(low24(v[1], type));
        BigInteger part = form.has("hi") ? product.shiftRight(16) : product;
        yield v.length > 2 ? part.add(v[2]) : part;
      }
      case "sad" -> v[2].add(v[0].subtract(v[1]).abs());
      case "div" -> divide(type, v)[0];
      case "rem" -> divide(type, v)[1];
      case "abs" -> v[0].abs();
      case "neg" -> v[0].negate();
      case "min" -> v[0].min(v[1]);
      case "max" -> v[0].max(v[1]);
      default -> throw new IllegalArgumentException(form.opcode());
    };
  }

  /** What is added to c, of the type of c; only where the sum is clamped does it matter. */
  private static BigInteger lowOf(Form form, Type type, BigInteger part) {
    return form.has("wide") || form.has("lo") ? part : type.integer(low(part, type.width()));
  }

  private static BigInteger low24(BigInteger v, Type type) {
    BigInteger low = v.and(ONE.shiftLeft(24).subtract(ONE));
    return type.signed() && low.testBit(23) ? low.subtract(ONE.shiftLeft(24)) : low;
  }

  /**
   * Quotient and rest. PTX leaves division by zero open ("machine-specific"); what is here is what
   * ptxas 13 writes for sm_80: all ones, and of 16 bits a rest that is the dividend.
   */
  private static BigInteger[] divide(Type type, BigInteger[] v) {
    if (v[1].signum() == 0) {
      BigInteger ones = ONE.negate();
      return new BigInteger[] {ones, type.width() == 16 ? v[0] : ones};
    }
    return v[0].divideAndRemainder(v[1]);
  }

  private static long dot(Form form, long[] in) {
    boolean bytes = form.name().equals("dp4a");
    int types = form.parts().size() - 2;
    boolean firstSigned = form.parts().get(types).equals("s32");
    boolean secondSigned = form.parts().get(types + 1).equals("s32");
    BigInteger sum = BigInteger.valueOf(in[2]);
    for (int k = 0; k < (bytes ? 4 : 2); k++) {
      int width = bytes ? 8 : 16;
      BigInteger a = field(in[0], width * k, width, firstSigned);
      int place = bytes ? k : k + (form.has("hi") ? 2 : 0);
      sum = sum.add(a.multiply(field(in[1], 8 * place, 8, secondSigned)));
    }
    return low(sum, 32);
  }

  static BigInteger field(long bits, int place, int width, boolean signed) {
    BigInteger v = Type.unsigned(bits >>> place, width);
    return signed && v.testBit(width - 1) ? v.subtract(ONE.shiftLeft(width)) : v.max(ZERO);
  }
}
