package dev.krongauss.diagnose;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * A non-linearity that may be missing from an array.
 *
 * @param f of the pre-activation
 * @param slope f'(h) from the activation f(h); null where that does not tell it
 */
record NonLinearity(String name, DoubleUnaryOperator f, DoubleUnaryOperator slope) {
  static final List<NonLinearity> ALL =
      List.of(
          new NonLinearity("tanh", Math::tanh, a -> 1 - a * a),
          new NonLinearity("ReLU", h -> Math.max(h, 0), a -> a > 0 ? 1 : 0),
          new NonLinearity("the logistic function", NonLinearity::logistic, a -> a * (1 - a)),
          new NonLinearity("softplus", NonLinearity::softplus, a -> -Math.expm1(-a)),
          new NonLinearity("leaky ReLU, slope 0.01", h -> leaky(h, 0.01), a -> a > 0 ? 1 : 0.01),
          new NonLinearity("leaky ReLU, slope 0.1", h -> leaky(h, 0.1), a -> a > 0 ? 1 : 0.1),
          new NonLinearity("leaky ReLU, slope 0.2", h -> leaky(h, 0.2), a -> a > 0 ? 1 : 0.2),
          new NonLinearity("ELU", h -> h > 0 ? h : Math.expm1(h), a -> a > 0 ? 1 : a + 1),
          new NonLinearity("SiLU", h -> h * logistic(h), null),
          new NonLinearity("GELU by tanh", NonLinearity::gelu, null));

  private static double logistic(double h) {
    return 1 / (1 + Math.exp(-h));
  }

  private static double softplus(double h) {
    return Math.max(h, 0) + Math.log1p(Math.exp(-Math.abs(h)));
  }

  private static double leaky(double h, double slope) {
    return h > 0 ? h : slope * h;
  }

  private static double gelu(double h) {
    return 0.5 * h * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (h + 0.044715 * h * h * h)));
  }

  /** f of all values, rounded to FP32. */
  Values of(Values h) {
    float[] result = new float[h.values().length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) f.applyAsDouble(h.values()[i]);
    }
    return new Values(h.rows(), h.columns(), result);
  }

  /** Gradients by the pre-activation from those by the activation. */
  Values back(Values gradients, Values activations) {
    float[] result = new float[gradients.values().length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (gradients.values()[i] * slope.applyAsDouble(activations.values()[i]));
    }
    return new Values(gradients.rows(), gradients.columns(), result);
  }
}
