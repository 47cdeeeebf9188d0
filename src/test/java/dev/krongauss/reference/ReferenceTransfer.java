package dev.krongauss.reference;

/** A transfer function f with its derivatives. */
public interface ReferenceTransfer {
  double f(double h);

  double first(double h);

  double second(double h);

  ReferenceTransfer IDENTITY = of(h -> h, h -> 1, h -> 0);

  ReferenceTransfer TANH =
      of(
          Math::tanh,
          h -> 1 - Math.tanh(h) * Math.tanh(h),
          h -> -2 * Math.tanh(h) * (1 - Math.tanh(h) * Math.tanh(h)));

  ReferenceTransfer LOGISTIC =
      of(
          ReferenceTransfer::logistic,
          h -> logistic(h) * logistic(-h),
          h -> logistic(h) * logistic(-h) * (logistic(-h) - logistic(h)));

  ReferenceTransfer RELU = leakyRelu(0);

  ReferenceTransfer SOFTPLUS =
      of(
          h -> Math.max(h, 0) + Math.log1p(Math.exp(-Math.abs(h))),
          ReferenceTransfer::logistic,
          h -> logistic(h) * logistic(-h));

  static ReferenceTransfer leakyRelu(double slope) {
    return of(h -> h > 0 ? h : slope * h, h -> h > 0 ? 1 : slope, h -> 0);
  }

  static double logistic(double h) {
    return 1 / (1 + Math.exp(-h));
  }

  private static ReferenceTransfer of(Function f, Function first, Function second) {
    return new ReferenceTransfer() {
      @Override
      public double f(double h) {
        return f.at(h);
      }

      @Override
      public double first(double h) {
        return first.at(h);
      }

      @Override
      public double second(double h) {
        return second.at(h);
      }
    };
  }

  /** A function of one number. */
  interface Function {
    double at(double h);
  }
}
