package dev.krongauss.ptx;

/** What a result may be: these bits; any NaN; or a number within a bound. */
sealed interface Expected {
  boolean admits(long got);

  static Expected bits(long bits) {
    return new Bits(bits);
  }

  static Expected truth(boolean holds) {
    return new Bits(holds ? 1 : 0);
  }

  /** A number of that format; if it is NaN, any: PTX leaves the payload open. */
  static Expected number(Format format, long bits) {
    return format.nan(bits) ? new AnyNan(format) : new Bits(bits);
  }

  /** Two numbers of 16 bits. */
  static Expected pair(Expected low, Expected high) {
    return new Pair(low, high);
  }

  /** A number between two, both of which are allowed. */
  static Expected between(Format format, double least, double most) {
    return new Between(format, least, most);
  }

  record Bits(long bits) implements Expected {
    @Override
    public boolean admits(long got) {
      return got == bits;
    }

    @Override
    public String toString() {
      return Long.toHexString(bits);
    }
  }

  /** Of another file. */
  non-sealed interface Other extends Expected {}

  record AnyNan(Format format) implements Expected {
    @Override
    public boolean admits(long got) {
      return format.nan(got);
    }
  }

  record Pair(Expected low, Expected high) implements Expected {
    @Override
    public boolean admits(long got) {
      return low.admits(got & 0xffff) && high.admits(got >>> 16);
    }
  }

  record Between(Format format, double least, double most) implements Expected {
    @Override
    public boolean admits(long got) {
      Real x = format.decode(got);
      if (x.nan) {
        return false;
      }
      return x.compare(Format.F64.decode(Double.doubleToRawLongBits(least))) >= 0
          && x.compare(Format.F64.decode(Double.doubleToRawLongBits(most))) <= 0;
    }
  }
}
