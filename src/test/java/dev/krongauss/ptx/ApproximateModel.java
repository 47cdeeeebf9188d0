package dev.krongauss.ptx;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Operations that PTX bounds and does not define to the bit. What the ISA's tables say of special
 * values is exact; else the result lies within the bound of the ISA's text, computed in double.
 */
final class ApproximateModel {
  /** Relative errors of double functions are far below any of the bounds. */
  private static final double ULP = Math.scalb(1.0, -23);

  private ApproximateModel() {}

  static Model of(Form form) {
    Type type = form.sources().get(0);
    Format f = type.format();
    if (type.pair()) {
      return in -> Model.halves(in, x -> half(form, f, x[0]));
    }
    if (type.width() == 16) {
      return in -> List.of(half(form, f, in[0]));
    }
    if (type == Type.F64) {
      return in -> List.of(twice(form, in[0]));
    }
    return in -> List.of(form.name().equals("div") ? quotient(form, in) : single(form, in[0]));
  }

  private static double value(Format f, long bits) {
    if (f == Format.F32) {
      return Float.intBitsToFloat((int) bits);
    }
    return Double.longBitsToDouble(Format.F64.encode(f.decode(bits), Format.Round.NEAREST));
  }

  private static Expected exactly(Format f, double v) {
    long bits =
        Format.F64.encode(Format.F64.decode(Double.doubleToRawLongBits(v)), Format.Round.NEAREST);
    return Expected.number(f, f.encode(Format.F64.decode(bits), Format.Round.NEAREST));
  }

  /** Within relative and absolute errors; results below the normal numbers may be flushed. */
  private static Expected within(Format f, double v, double relative, double absolute) {
    // Where results are subnormal, their last place is the least number.
    double error =
        Math.abs(v) * relative
            + absolute
            + Math.scalb(1.0, Math.max(-1074, 1 - f.bias - f.fraction));
    double tiny = Math.scalb(1.0, 1 - f.bias);
    boolean flushes = Math.abs(v) < tiny * (1 + relative) + absolute;
    double least = Math.min(v - error, flushes ? 0 : v - error);
    double most = Math.max(v + error, flushes ? 0 : v + error);
    double largest = value(f, f.infinity() - 1);
    return Expected.between(
        f,
        least > largest ? largest : least < -largest ? Double.NEGATIVE_INFINITY : least,
        most < -largest ? -largest : most > largest ? Double.POSITIVE_INFINITY : most);
  }

  private static Expected single(Form form, long bits) {
    Format f = Format.F32;
    double x = value(f, form.has("ftz") ? f.flush(bits) : bits);
    return switch (form.name()) {
      case "rcp" -> special(x) ? exactly(f, 1 / x) : within(f, 1 / x, ULP, 0);
      case "sqrt" ->
          special(x) || x < 0 ? exactly(f, Math.sqrt(x)) : within(f, Math.sqrt(x), 2 * ULP, 0);
      case "rsqrt" ->
          special(x) || x < 0
              ? exactly(f, 1 / Math.sqrt(x))
              : within(f, 1 / Math.sqrt(x), 2.9 * ULP, 0);
      case "sin" -> wave(x, Math::sin);
      case "cos" -> wave(x, Math::cos);
      case "lg2" ->
          special(x) || x < 0 ? exactly(f, log2(x)) : within(f, log2(x), 2 * ULP, 2 * ULP);
      case "ex2" -> special(x) ? exactly(f, Math.pow(2, x)) : within(f, Math.pow(2, x), 2 * ULP, 0);
      case "tanh" ->
          special(x) ? exactly(f, Math.tanh(x)) : within(f, Math.tanh(x), Math.scalb(1.0, -11), 0);
      default -> throw new IllegalArgumentException(form.opcode());
    };
  }

  private static boolean special(double x) {
    return Double.isNaN(x) || Double.isInfinite(x) || x == 0;
  }

  private static double log2(double x) {
    return x == 0 ? Double.NEGATIVE_INFINITY : x < 0 ? Double.NaN : Math.log(x) / Math.log(2);
  }

  /** 2^-20.9 absolute in [-pi, pi]; the ISA bounds nothing beyond but that it is a sine. */
  private static Expected wave(double x, DoubleUnaryOperator f) {
    if (Double.isNaN(x) || Double.isInfinite(x)) {
      return exactly(Format.F32, Double.NaN);
    }
    if (Math.abs(x) > Math.PI) {
      return Expected.between(Format.F32, -1, 1);
    }
    return within(Format.F32, f.applyAsDouble(x), 0, Math.scalb(1.0, -20));
  }

  /** div.approx and div.full: 2 ulp; for |b| beyond 2^126 .approx may give 0, or NaN of inf/b. */
  private static Expected quotient(Form form, long[] in) {
    Format f = Format.F32;
    double a = value(f, form.has("ftz") ? f.flush(in[0]) : in[0]);
    double b = value(f, form.has("ftz") ? f.flush(in[1]) : in[1]);
    if (special(a) || special(b)) {
      return exactly(f, a / b);
    }
    return within(f, a / b, 2 * ULP, 0);
  }

  /** 16 bits: 2^-9.9 of ex2, 2^-10.987 and more of tanh; bf16 has 2^-7 and 2^-8. */
  private static Expected half(Form form, Format f, long bits) {
    double x = value(f, form.has("ftz") ? f.flush(bits) : bits);
    double v = form.name().equals("ex2") ? Math.pow(2, x) : Math.tanh(x);
    if (special(x)) {
      return exactly(f, v);
    }
    double unit = Math.scalb(1.0, -f.fraction);
    double least = Math.scalb(1.0, 1 - f.bias - f.fraction);
    return within(f, v, 1.1 * unit, form.has("ftz") ? 0 : least);
  }

  /** rsqrt.approx.f64, and the forms with .ftz: of the upper 32 bits, in the upper 32 bits. */
  private static Expected twice(Form form, long bits) {
    Format f = Format.F64;
    long used = form.has("ftz") ? f.flush(bits & 0xffffffff00000000L) : bits;
    double x = Double.longBitsToDouble(used);
    double v = form.name().equals("rcp") ? 1 / x : 1 / Math.sqrt(x);
    if (special(x) || x < 0 && form.name().equals("rsqrt")) {
      return exactly(f, v);
    }
    Expected near = within(f, v, form.has("ftz") ? Math.scalb(1.0, -19) : Math.scalb(1.0, -49), 0);
    return form.has("ftz") ? new Upper(near) : near;
  }

  private record Upper(Expected value) implements Expected.Other {
    @Override
    public boolean admits(long got) {
      return (got & 0xffffffffL) == 0 && value.admits(got);
    }
  }
}
