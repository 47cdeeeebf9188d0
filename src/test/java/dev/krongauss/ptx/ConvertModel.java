package dev.krongauss.ptx;

import dev.krongauss.ptx.Format.Round;
import java.math.BigInteger;
import java.util.List;

/** cvt. */
final class ConvertModel {
  private ConvertModel() {}

  static Model of(Form form) {
    if (form.has("pack")) {
      return in -> Model.bits(pack(form, in));
    }
    if (form.has("tf32")) {
      return in -> List.of(tf32(form, in[0]));
    }
    Type to = form.results().get(0);
    Type from = form.sources().get(0);
    if (to.pair()) {
      Type half = to == Type.F16X2 ? Type.F16 : Type.BF16;
      return in ->
          List.of(Expected.pair(one(form, half, from, in[1]), one(form, half, from, in[0])));
    }
    return in -> List.of(one(form, to, from, in[0]));
  }

  private static Expected one(Form form, Type to, Type from, long bits) {
    if (from.format() == null) {
      BigInteger v = from.integer(bits);
      return to.format() == null ? integer(form, to, v) : real(form, to.format(), Real.of(v));
    }
    Format f = from.format();
    Real x = f.decode(form.has("ftz") && f == Format.F32 ? f.flush(bits) : bits);
    if (to.format() != null) {
      return to == from && !rounds(form) && !form.has("sat") && !form.has("ftz")
          ? Expected.number(f, bits)
          : real(form, to.format(), x);
    }
    return Expected.bits(register(to, toInteger(form, to, from, x)));
  }

  private static boolean rounds(Form form) {
    return form.parts().get(1).matches("r[nzmp]i?");
  }

  private static Expected integer(Form form, Type to, BigInteger v) {
    return Expected.bits(register(to, form.has("sat") ? to.clamp(v) : to.integer(v.longValue())));
  }

  /** A register wider than the type holds the number extended, with its sign where it has one. */
  private static long register(Type to, BigInteger v) {
    return IntegerModel.low(v, to.register());
  }

  /** Beyond the range: its end. NaN: 0 from and to fewer than 64 bits, else the highest bit. */
  private static BigInteger toInteger(Form form, Type to, Type from, Real x) {
    if (x.nan) {
      boolean wide = from == Type.F64 || to.width() == 64;
      return wide ? to.integer(1L << (to.width() - 1)) : BigInteger.ZERO;
    }
    if (x.infinite) {
      return x.negative ? to.least() : to.most();
    }
    return to.clamp(x.integral(Round.of(form.parts().get(1))).integer());
  }

  private static Expected real(Form form, Format to, Real x) {
    String first = form.parts().get(1);
    Real v = first.matches("r[nzmp]i") ? x.integral(Round.of(first)) : x;
    Round round = RealModel.round(form);
    long r = to.encode(v, round);
    // Only f32 is flushed, not the 16-bit result of an f32.
    r = form.has("ftz") && to == Format.F32 ? to.flush(r) : r;
    if (form.has("sat")) {
      return Expected.bits(RealModel.saturate(to, r));
    }
    if (form.has("relu") && !to.nan(r) && (r & to.signBit()) != 0) {
      return Expected.bits(0);
    }
    return Expected.number(to, r);
  }

  private static Expected tf32(Form form, long bits) {
    Real x = Format.F32.decode(bits);
    long r = Format.TF32.encode(x, Round.of(form.parts().get(1)));
    if (form.has("relu") && !x.nan && x.negative) {
      r = 0;
    }
    return Expected.number(Format.F32, r << 13);
  }

  /** Fields for a above b; what c held moves above both. */
  private static long pack(Form form, long[] in) {
    String name = form.parts().get(3);
    int width = Integer.parseInt(name.substring(1));
    boolean signed = name.startsWith("s");
    BigInteger most = BigInteger.ONE.shiftLeft(signed ? width - 1 : width).subtract(BigInteger.ONE);
    BigInteger least = signed ? most.not() : BigInteger.ZERO;
    BigInteger d = in.length > 2 ? BigInteger.valueOf(in[2]).shiftLeft(2 * width) : BigInteger.ZERO;
    for (int i = 0; i < 2; i++) {
      BigInteger v = BigInteger.valueOf((int) in[i]).max(least).min(most);
      d = d.or(BigInteger.valueOf(IntegerModel.low(v, width)).shiftLeft(i == 0 ? width : 0));
    }
    return IntegerModel.low(d, 32);
  }
}
