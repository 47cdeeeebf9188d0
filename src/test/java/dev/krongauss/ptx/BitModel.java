package dev.krongauss.ptx;

import static java.math.BigInteger.ONE;

import java.math.BigInteger;
import java.util.List;

/** Logic, shifts, counts and fields of bits, bit by bit. */
final class BitModel {
  private BitModel() {}

  static Model of(Form form) {
    if (form.name().equals("mov")) {
      return in -> move(form, in);
    }
    if (form.name().equals("lop3") && form.results().size() == 2) {
      return in -> {
        long d = table(in);
        boolean q = in[4] != 0;
        return Model.bits(d, (form.has("or") ? d != 0 || q : d != 0 && q) ? 1 : 0);
      };
    }
    Type type = form.sources().get(0);
    return in -> Model.bits(value(form, type, in) & mask(form.results().get(0).width()));
  }

  static long mask(int width) {
    return width == 64 ? -1 : (1L << width) - 1;
  }

  private static long value(Form form, Type type, long[] in) {
    int width = type.width();
    long a = in[0] & mask(width);
    return switch (form.name()) {
      case "and" -> in[0] & in[1];
      case "or" -> in[0] | in[1];
      case "xor" -> in[0] ^ in[1];
      case "not" -> ~in[0];
      case "cnot" -> a == 0 ? 1 : 0;
      case "lop3" -> table(in);
      case "popc" -> count(a, width);
      case "clz" -> width - 1 - highest(a, width);
      case "brev" -> reverse(a, width);
      case "bfind" -> find(type, a, form.has("shiftamt"));
      case "fns" -> nth(in[0], in[1], (int) in[2]);
      case "bfe" -> extract(type, in);
      case "bfi" -> insert(width, in);
      case "szext" -> extend(form, type, in);
      case "bmsk" -> ones(form, in);
      case "shl", "shr" -> shift(form, type, in);
      case "shf" -> funnel(form, in);
      case "prmt" -> permute(form, in);
      default -> throw new IllegalArgumentException(form.opcode());
    };
  }

  private static long table(long[] in) {
    long d = 0;
    for (int i = 0; i < 32; i++) {
      long row = (in[0] >>> i & 1) << 2 | (in[1] >>> i & 1) << 1 | (in[2] >>> i & 1);
      d |= (in[3] >>> row & 1) << i;
    }
    return d;
  }

  private static long count(long a, int width) {
    int n = 0;
    for (int i = 0; i < width; i++) {
      n += (int) (a >>> i & 1);
    }
    return n;
  }

  private static int highest(long a, int width) {
    for (int i = width - 1; i >= 0; i--) {
      if ((a >>> i & 1) != 0) {
        return i;
      }
    }
    return -1;
  }

  private static long reverse(long a, int width) {
    long d = 0;
    for (int i = 0; i < width; i++) {
      d |= (a >>> i & 1) << (width - 1 - i);
    }
    return d;
  }

  private static long find(Type type, long a, boolean amount) {
    boolean negative = type.signed() && (a >>> (type.width() - 1) & 1) != 0;
    int place = highest(negative ? ~a : a, type.width());
    return place < 0 ? 0xffffffffL : amount ? type.width() - 1 - place : place;
  }

  private static long nth(long mask, long base, int offset) {
    if (offset == 0) {
      return base < 32 && (mask >>> base & 1) != 0 ? base : 0xffffffffL;
    }
    int left = 0;
    for (long i = base; i >= 0 && i < 32; i += offset < 0 ? -1 : 1) {
      left += (int) (mask >>> i & 1);
      if ((mask >>> i & 1) != 0 && left == Math.abs((long) offset)) {
        return i;
      }
    }
    return 0xffffffffL;
  }

  /** d[i] = i <= min(len, msb - pos) ? a[pos + i] : sign, as the ISA's loop says. */
  private static long extract(Type type, long[] in) {
    int msb = type.width() - 1;
    int pos = (int) (in[1] & 0xff);
    int len = (int) (in[2] & 0xff);
    boolean signed = type.signed() && len != 0;
    long sign = signed ? in[0] >>> Math.min(pos + len - 1, msb) & 1 : 0;
    long d = 0;
    for (int i = 0; i <= msb; i++) {
      d |= (i < len && pos + i <= msb ? in[0] >>> (pos + i) & 1 : sign) << i;
    }
    return d;
  }

  private static long insert(int width, long[] in) {
    int pos = (int) (in[2] & 0xff);
    int len = (int) (in[3] & 0xff);
    long d = in[1];
    for (int i = 0; i < len && pos + i < width; i++) {
      d = d & ~(1L << (pos + i)) | (in[0] >>> i & 1) << (pos + i);
    }
    return d;
  }

  private static long extend(Form form, Type type, long[] in) {
    long n = form.has("clamp") ? Math.min(in[1], 32) : in[1] & 31;
    if (n == 0) {
      return 0;
    }
    BigInteger low = Type.unsigned(in[0], (int) n);
    boolean negative = type.signed() && low.testBit((int) n - 1);
    return (negative ? low.subtract(ONE.shiftLeft((int) n)) : low).longValue();
  }

  private static long ones(Form form, long[] in) {
    boolean clamp = form.has("clamp");
    long from = clamp ? in[0] : in[0] & 31;
    long n = clamp ? in[1] : in[1] & 31;
    long d = 0;
    for (long i = from; i < 32 && i - from < n; i++) {
      d |= 1L << i;
    }
    return d;
  }

  private static long shift(Form form, Type type, long[] in) {
    int by = (int) Math.min(in[1], type.width());
    BigInteger a = type.integer(in[0]);
    return (form.name().equals("shl") ? a.shiftLeft(by) : a.shiftRight(by)).longValue();
  }

  private static long funnel(Form form, long[] in) {
    int by = (int) (form.has("wrap") ? in[2] & 31 : Math.min(in[2], 32));
    BigInteger both = Type.unsigned(in[1], 32).shiftLeft(32).or(Type.unsigned(in[0], 32));
    return (form.has("l") ? both.shiftLeft(by).shiftRight(32) : both.shiftRight(by)).longValue();
  }

  private static long permute(Form form, long[] in) {
    long both = in[1] << 32 | in[0] & 0xffffffffL;
    String mode = form.parts().size() > 2 ? form.parts().get(2) : "";
    int n = (int) (in[2] & 3);
    long d = 0;
    for (int k = 0; k < 4; k++) {
      int nibble = (int) (in[2] >>> (4 * k) & 15);
      int from =
          switch (mode) {
            case "f4e" -> n + k;
            case "b4e" -> (n - k) & 7;
            case "rc8" -> n;
            case "ecl" -> Math.max(n, k);
            case "ecr" -> Math.min(n, k);
            case "rc16" -> 2 * (n & 1) + (k & 1);
            default -> nibble & 7;
          };
      long b = both >>> (8 * from) & 0xff;
      d |= (mode.isEmpty() && nibble > 7 ? (b > 127 ? 0xff : 0) : b) << (8 * k);
    }
    return d;
  }

  /** One value, or parts that are joined, or a whole that is taken apart; the first is lowest. */
  private static List<Expected> move(Form form, long[] in) {
    long whole = 0;
    int at = 0;
    for (int i = 0; i < in.length; i++) {
      int width = form.sources().get(i).width();
      whole |= (in[i] & mask(width)) << at;
      at += width;
    }
    long[] out = new long[form.results().size()];
    at = 0;
    for (int i = 0; i < out.length; i++) {
      int width = form.results().get(i).width();
      out[i] = whole >>> at & mask(width);
      at += width;
    }
    return Model.bits(out);
  }
}
