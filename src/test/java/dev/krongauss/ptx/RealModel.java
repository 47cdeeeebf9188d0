package dev.krongauss.ptx;

import dev.krongauss.ptx.Format.Round;
import java.util.List;
import java.util.function.Function;

/** Floating-point arithmetic: exact, then rounded once. */
final class RealModel {
  private RealModel() {}

  static Model of(Form form) {
    if (form.has("approx") || form.has("full")) {
      return ApproximateModel.of(form);
    }
    Type type = form.sources().get(0);
    Function<long[], Expected> one = in -> value(form, type.format(), in);
    return type.pair() ? in -> Model.halves(in, one) : in -> List.of(one.apply(in));
  }

  /** Every rounding of PTX but .rn is named. */
  static Round round(Form form) {
    for (String part : form.parts()) {
      if (part.matches("rn|rz|rm|rp")) {
        return Round.of(part);
      }
    }
    return Round.NEAREST;
  }

  private static Expected value(Form form, Format f, long[] in) {
    long[] bits = in.clone();
    for (int i = 0; i < bits.length; i++) {
      bits[i] = form.has("ftz") ? f.flush(bits[i]) : bits[i];
    }
    return switch (form.name()) {
      case "abs" -> Expected.number(f, bits[0] & (f.signBit() - 1));
      case "neg" -> Expected.number(f, bits[0] ^ f.signBit());
      case "min", "max" -> Expected.number(f, extreme(form, f, bits));
      default -> {
        Round round = round(form);
        yield Expected.number(f, finish(form, f, f.encode(exact(form, f, round, bits), round)));
      }
    };
  }

  /** .ftz, .sat and .relu of a rounded result. */
  static long finish(Form form, Format f, long rounded) {
    long r = form.has("ftz") ? f.flush(rounded) : rounded;
    if (form.has("sat")) {
      return saturate(f, r);
    }
    return form.has("relu") && !f.nan(r) && (r & f.signBit()) != 0 ? 0 : r;
  }

  /** To [0, 1]; NaN becomes +0. */
  static long saturate(Format f, long r) {
    boolean low = f.nan(r) || (r & f.signBit()) != 0;
    return low ? 0 : Math.min(r, f.one());
  }

  private static Real exact(Form form, Format f, Round round, long[] bits) {
    Real a = f.decode(bits[0]);
    Real b = bits.length > 1 ? f.decode(bits[1]) : null;
    return switch (form.name()) {
      case "add" -> a.add(b, round);
      case "sub" -> a.add(b.negate(), round);
      case "mul" -> a.multiply(b);
      case "fma", "mad" -> a.multiply(b).add(f.decode(bits[2]), round);
      case "div" -> a.divide(b);
      case "rcp" -> f.decode(f.one()).divide(a);
      case "sqrt" -> a.sqrt();
      default -> throw new IllegalArgumentException(form.opcode());
    };
  }

  /** The other one where one is NaN, unless .NaN; -0 is less than +0. */
  private static long extreme(Form form, Format f, long[] bits) {
    boolean sign = form.has("xorsign") && ((bits[0] ^ bits[1]) & f.signBit()) != 0;
    long a = form.has("abs") ? bits[0] & (f.signBit() - 1) : bits[0];
    long b = form.has("abs") ? bits[1] & (f.signBit() - 1) : bits[1];
    boolean nan = f.nan(a) || f.nan(b);
    if (nan && (form.has("NaN") || f.nan(a) && f.nan(b))) {
      return f.signBit() - 1;
    }
    long r = f.nan(a) ? b : f.nan(b) ? a : better(form.name().equals("max"), f, a, b);
    return form.has("xorsign") ? r & (f.signBit() - 1) | (sign ? f.signBit() : 0) : r;
  }

  private static long better(boolean larger, Format f, long a, long b) {
    int order = f.decode(a).compare(f.decode(b));
    if (order == 0) {
      boolean aIsNegative = (a & f.signBit()) != 0;
      return aIsNegative == larger ? b : a;
    }
    return order > 0 == larger ? a : b;
  }
}
