package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.model.LossFunction;

/**
 * What a loss makes of a network's outputs: probabilities of logits, values as they are. On the
 * host, in double precision inside, and stable: no logit overflows, and a small probability keeps
 * its digits.
 *
 * <table>
 * <caption>By loss</caption>
 * <tr><th>loss</th><th>of a row h [m]</th><th>columns</th></tr>
 * <tr><td>squared</td><td>h</td><td>m</td></tr>
 * <tr><td>bernoulli</td><td>1/(1 + e^−h), P(t = 1) of each output</td><td>m</td></tr>
 * <tr><td>softmax</td><td>e^h / Σ e^h, P(class)</td><td>m</td></tr>
 * <tr><td>mixture, of either split</td><td>σ(h₁) σ(h₂) + σ(−h₁) σ(h₃), P(y = 1)</td><td>1</td></tr>
 * <tr><td>weighted</td><td>as the loss inside</td><td>as that</td></tr>
 * <tr><td>a loss of your own</td><td>h: only you know what it stands for</td><td>m</td></tr>
 * </table>
 */
public final class Response {
  private enum Kind {
    IDENTITY,
    LOGISTIC,
    SOFTMAX,
    MIXTURE
  }

  private static final int MIXTURE_OUTPUTS = 3;

  private final Kind kind;

  private Response(Kind kind) {
    this.kind = kind;
  }

  /** Of a loss; of a loss of your own it is the identity. */
  public static Response of(LossFunction loss) {
    return named(LossNames.of(loss));
  }

  /**
   * Of a loss by its name, as {@link ModelFile#lossName()} gives it.
   *
   * @throws IllegalArgumentException if no loss has that name
   */
  public static Response named(String lossName) {
    return new Response(
        switch (LossNames.inner(lossName)) {
          case "bernoulli" -> Kind.LOGISTIC;
          case "softmax" -> Kind.SOFTMAX;
          case "mixture (outcome)", "mixture (logit)" -> Kind.MIXTURE;
          default -> Kind.IDENTITY; // squared, and losses of a user's own
        });
  }

  /** Whether it leaves the outputs as they are. */
  public boolean isIdentity() {
    return kind == Kind.IDENTITY;
  }

  /**
   * Columns of what it makes of m outputs: 1 of a mixture's 3, else m.
   *
   * @throws IllegalArgumentException if m is less than 1, or not 3 for a mixture
   */
  public int columns(int m) {
    Check.that(m >= 1, "%d outputs; a network has at least 1", m);
    if (kind != Kind.MIXTURE) {
      return m;
    }
    Check.that(
        m == MIXTURE_OUTPUTS,
        "%d outputs of a mixture of two binary classifiers; it has 3, the gate and two classifiers",
        m);
    return 1;
  }

  /**
   * Replaces outputs by what they stand for.
   *
   * @param outputs {@code [n][m]}, compact; afterwards its first n · {@link #columns} values are
   *     the result {@code [n][columns]}, compact. An output that is not finite gives NaN or 0 and 1
   *     as the function's limit is
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public void apply(float[] outputs, int n, int m) {
    columns(m);
    Check.that(
        n >= 0 && (long) n * m <= outputs.length,
        "%d rows of %d outputs do not lie in an array of %d",
        n,
        m,
        outputs.length);
    switch (kind) {
      case IDENTITY -> {}
      case LOGISTIC -> {
        for (int i = 0; i < n * m; i++) {
          outputs[i] = (float) logistic(outputs[i]);
        }
      }
      case SOFTMAX -> {
        for (int row = 0; row < n; row++) {
          softmax(outputs, row * m, m);
        }
      }
      case MIXTURE -> {
        for (int row = 0; row < n; row++) {
          outputs[row] = (float) mixture(outputs, row * MIXTURE_OUTPUTS);
        }
      }
    }
  }

  /**
   * The same into an array of its own, {@code [n][columns]}.
   *
   * @param outputs {@code [n][m]}, compact; left as it is
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public float[] of(float[] outputs, int n, int m) {
    float[] copy = outputs.clone();
    apply(copy, n, m);
    int length = n * columns(m);
    return length == copy.length ? copy : java.util.Arrays.copyOf(copy, length);
  }

  /** With e = e^−|h| in [0, 1] nothing overflows. */
  private static double logistic(double h) {
    double e = Math.exp(-Math.abs(h));
    return h < 0 ? e / (1 + e) : 1 / (1 + e);
  }

  private static void softmax(float[] h, int first, int m) {
    double largest = h[first];
    for (int k = 1; k < m; k++) {
      largest = Math.max(largest, h[first + k]);
    }
    double sum = 0;
    for (int k = 0; k < m; k++) {
      sum += Math.exp(h[first + k] - largest);
    }
    for (int k = 0; k < m; k++) {
      h[first + k] = (float) (Math.exp(h[first + k] - largest) / sum);
    }
  }

  private static double mixture(float[] h, int first) {
    return logistic(h[first]) * logistic(h[first + 1])
        + logistic(-h[first]) * logistic(h[first + 2]);
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(java.util.Locale.ROOT);
  }
}
