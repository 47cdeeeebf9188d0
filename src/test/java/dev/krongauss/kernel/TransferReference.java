package dev.krongauss.kernel;

import dev.krongauss.kernel.argument.Transfer;

/**
 * The transfer functions in double, from their definitions, with the error bounds of {@code
 * activation.cuh}.
 */
final class TransferReference {
  /**
   * Of a value: expf 4, the sum, the division and a product 1 each, log1pf 4 units of roundoff,
   * none cancelling.
   */
  private static final double VALUE_ROUNDINGS = 12;

  /** Of a derivative, absolute: 1 - a² with a good to 4 units, or e/(1+e)² with its 12. */
  private static final double DERIVATIVE_ROUNDINGS = 14;

  private final Transfer f;
  private final double slope;

  TransferReference(Transfer f, float slope) {
    this.f = f;
    this.slope = slope;
  }

  double value(double h) {
    return switch (f) {
      case IDENTITY -> h;
      case TANH -> Math.tanh(h);
      case LOGISTIC -> 1 / (1 + Math.exp(-h));
      case RELU -> h < 0 ? 0 : h;
      case LEAKY_RELU -> h > 0 ? h : slope * h;
      case SOFTPLUS -> h > 30 ? h + Math.exp(-h) : Math.log1p(Math.exp(h));
    };
  }

  double derivative(double h) {
    return switch (f) {
      case IDENTITY -> 1;
      case TANH -> 1 - Math.tanh(h) * Math.tanh(h);
      case LOGISTIC -> Math.exp(-Math.abs(h)) / Math.pow(1 + Math.exp(-Math.abs(h)), 2);
      case RELU -> h > 0 ? 1 : 0;
      case LEAKY_RELU -> h > 0 ? 1 : slope;
      case SOFTPLUS -> 1 / (1 + Math.exp(-h));
    };
  }

  /**
   * f(h) where h itself is only known up to {@code error}: the slope of f times that, plus f's own
   * roundings.
   */
  Wanted value(double h, double error) {
    double a = value(h);
    double lipschitz = Math.max(1, Math.abs(slope));
    return new Wanted(
        a, lipschitz * error + VALUE_ROUNDINGS * Wanted.EPSILON * Math.abs(a) + 2 * Wanted.TINY);
  }

  /** f'(h) likewise; where h is known only to within a kink, either side is right. */
  Wanted derivative(double h, double error) {
    double b = derivative(h);
    double bound = DERIVATIVE_ROUNDINGS * Wanted.EPSILON * Math.max(1, Math.abs(slope));
    return switch (f) {
      case IDENTITY -> Wanted.exactly(b);
      case RELU, LEAKY_RELU -> // one of two numbers; at exactly 0 the left one
          new Wanted(b, error > 0 && Math.abs(h) <= error ? Math.abs(1 - slope) : 0);
      case TANH, LOGISTIC, SOFTPLUS -> new Wanted(b, bound + error); // |f''| < 1
    };
  }
}
