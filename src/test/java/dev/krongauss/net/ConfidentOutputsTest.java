package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.Eigen;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceMixture;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.LossProbe;
import dev.krongauss.testing.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a loss gives for outputs it is sure of is right relative to its own size, however small that
 * is: value, gradient and curvature of each datapoint, and the mean curvature, which stays positive
 * semidefinite; with all datapoints on one side, right or wrong, with weights, and up to logits of
 * 80, where e^−80 is still a normal float.
 */
final class ConfidentOutputsTest {
  private static final int[] GAPS = {0, 4, 8, 12, 20, 40, 60, 80};

  private enum Kind {
    BERNOULLI,
    SOFTMAX,
    OUTCOME,
    LOGIT;

    boolean mixture() {
      return this == OUTCOME || this == LOGIT;
    }

    LossFunction loss() {
      return switch (this) {
        case BERNOULLI -> Loss.bernoulli();
        case SOFTMAX -> Loss.softmax();
        case OUTCOME -> Loss.mixture(Loss.Split.OUTCOME);
        case LOGIT -> Loss.mixture(Loss.Split.LOGIT);
      };
    }
  }

  /** Which output is ahead, and what the target says of it. */
  private enum Side {
    /** The same one in all datapoints. */
    RIGHT,
    WRONG,
    /** Each in its turn. */
    TURNS_RIGHT,
    TURNS_WRONG,
    /** A tenth of each target belongs to another outcome; not of mixtures. */
    GREY;

    boolean right() {
      return this == RIGHT || this == TURNS_RIGHT;
    }

    boolean turns() {
      return this != RIGHT && this != WRONG;
    }
  }

  /** One datapoint's loss in double. */
  private record Term(double value, double[] gradient, double[][] curvature) {
    static Term at(Kind kind, double[] h, double[] t) {
      if (!kind.mixture()) {
        ReferenceLoss loss = ReferenceLoss.valueOf(kind.name());
        return new Term(loss.value(h, t), loss.gradient(h, t), loss.hessian(h));
      }
      ReferenceMixture mixture = new ReferenceMixture(h, (int) t[0]);
      double[] c = kind == Kind.LOGIT ? mixture.logitRoot() : mixture.gradient();
      return new Term(mixture.value(), mixture.gradient(), Algebra.outer(c, c));
    }
  }

  static Stream<Arguments> losses() {
    return Arrays.stream(Kind.values())
        .flatMap(
            kind ->
                Stream.of(false, true)
                    .flatMap(
                        weighted ->
                            Problem.modes().stream()
                                .map(mode -> Arguments.of(kind, weighted, mode))));
  }

  private final SplittableRandom random = new SplittableRandom(83);

  @AfterEach
  void restore() {
    System.clearProperty("krongauss.operations");
  }

  @ParameterizedTest(name = "{0}, weights: {1}, {2}")
  @MethodSource("losses")
  void areRightRelativeToThemselves(Kind kind, boolean weighted, Operations.Mode mode) {
    System.setProperty("krongauss.operations", mode.name());
    for (int gap : GAPS) {
      for (Side side : Side.values()) {
        for (int[] shape : List.of(new int[] {1, 1}, new int[] {5, 3}, new int[] {37, 33})) {
          int d = kind.mixture() ? 3 : shape[1];
          if (!kind.mixture() || side != Side.GREY) {
            check(kind, weighted, gap, side, shape[0], d);
          }
        }
      }
    }
  }

  private void check(Kind kind, boolean weighted, int gap, Side side, int N, int d) {
    double[][] H = new double[N][];
    double[][] T = new double[N][];
    double[] w = new double[N];
    Term[] terms = new Term[N];
    for (int n = 0; n < N; n++) {
      int ahead = side.turns() ? n % d : d / 2;
      H[n] = logits(kind, gap, ahead, d);
      double[] t = targets(kind, side, H[n], ahead);
      terms[n] = Term.at(kind, H[n], t);
      w[n] = !weighted ? 1 : n % 5 == 3 ? 0 : (float) Math.pow(10, 6 * random.nextDouble() - 3);
      T[n] = weighted ? Arrays.copyOf(t, t.length + 1) : t;
      if (weighted) {
        T[n][t.length] = w[n];
      }
    }
    LossFunction loss = weighted ? Loss.weighted(kind.loss()) : kind.loss();
    String what = String.format("%s, gap %d, %s, N = %d, d = %d: ", kind, gap, side, N, d);
    try (LossProbe probe = new LossProbe(loss, H, T, false)) {
      datapoints(what, probe, terms, w, roundings(gap, N, d));
      products(what, probe, terms, w, roundings(gap, N, d));
      mean(what, probe.meanHessian(), terms, w, roundings(gap, N, d));
    }
  }

  /** One logit ahead of the others; of a mixture both classifiers, and the gate on either side. */
  private double[] logits(Kind kind, int gap, int ahead, int d) {
    double[] h = Problem.random(1, d, random)[0];
    if (kind.mixture()) {
      double sign = ahead % 2 == 0 ? 1 : -1;
      h[0] = (float) (h[0] + gap * (ahead - 1));
      h[1] = (float) (h[1] + sign * gap);
      h[2] = (float) (h[2] + sign * gap);
    } else {
      h[ahead] = (float) (h[ahead] + (kind == Kind.BERNOULLI && d % 2 == 0 ? -gap : gap));
    }
    return h;
  }

  private static double[] targets(Kind kind, Side side, double[] h, int ahead) {
    if (kind.mixture()) {
      return new double[] {(h[1] > 0) == side.right() ? 1 : 0};
    }
    double[] t = new double[h.length];
    if (kind == Kind.BERNOULLI) {
      Arrays.setAll(t, j -> side == Side.GREY ? 0.9f : (h[j] > 0) == side.right() ? 1 : 0);
    } else if (side == Side.GREY && h.length > 1) {
      t[ahead] = 0.875; // powers of two, so that they sum to 1
      t[(ahead + 1) % h.length] = 0.125;
    } else {
      t[side == Side.WRONG || side == Side.TURNS_WRONG ? (ahead + 1) % h.length : ahead] = 1;
    }
    return t;
  }

  /**
   * Roundings of the longest way: differences of logits, up to three of which make the odds of a
   * mixture and enter twice in a product, are exponents; sums over outputs and datapoints; some 60
   * of the formulas and the weights.
   */
  private static double roundings(int gap, int N, int d) {
    return 6 * gap + N + d + 60;
  }

  private static void datapoints(
      String what, LossProbe probe, Term[] terms, double[] w, double roundings) {
    double[] values = probe.values();
    double[][] gradients = probe.gradients();
    double[][][] curvatures = probe.curvatures();
    for (int n = 0; n < terms.length; n++) {
      double value = w[n] * terms[n].value();
      Compare.scalar(what + "value " + n, 83, value, values[n], Compare.bound(1, roundings, value));
      double[][] gradient = Algebra.scale(w[n], new double[][] {terms[n].gradient()});
      close(what + "gradient " + n, gradient, new double[][] {gradients[n]}, roundings);
      close(
          what + "C Cᵀ " + n, Algebra.scale(w[n], terms[n].curvature()), curvatures[n], roundings);
    }
  }

  /** vᵀ H v and H v, relative to H and v, and with v the same for all outputs. */
  private void products(String what, LossProbe probe, Term[] terms, double[] w, double roundings) {
    int d = terms[0].gradient().length;
    double[][] V = Problem.random(terms.length, d, random);
    double[] quadratic = probe.hessianProducts(V);
    double[][] products = probe.curvatureVectors(V);
    for (int n = 0; n < terms.length; n++) {
      double[][] H = Algebra.scale(w[n], terms[n].curvature());
      double[] Hv = Algebra.multiply(H, V[n]);
      double vHv = 0;
      for (int j = 0; j < d; j++) {
        vHv += Hv[j] * V[n][j];
      }
      double bound = Compare.bound(2, roundings, d * Algebra.largest(H));
      Compare.scalar(what + "vᵀHv " + n, 83, vHv, quadratic[n], bound);
      Compare.matrix(what + "Hv " + n, 83, new double[][] {Hv}, floats(products[n]), bound);
    }
  }

  /** Right, positive semidefinite to rounding, and not 0 where the truth is a float. */
  private static void mean(
      String what, double[][] got, Term[] terms, double[] w, double roundings) {
    double[][] wanted = Algebra.scale(0, terms[0].curvature());
    for (int n = 0; n < terms.length; n++) {
      wanted = Algebra.combine(1, wanted, w[n] / terms.length, terms[n].curvature());
    }
    close(what + "mean curvature", wanted, got, roundings);
    double trace = Algebra.trace(got);
    assertThat(trace > 0 || Algebra.trace(wanted) < 1e-37).as(what + "trace " + trace).isTrue();
    double[] eigenvalues = Eigen.values(Algebra.scale(trace > 0 ? 1 / trace : 1, got));
    assertThat(eigenvalues[eigenvalues.length - 1])
        .as(what + "least eigenvalue by trace")
        .isGreaterThan(-(got.length + 16) * Compare.EPSILON);
  }

  private static void close(String what, double[][] wanted, double[][] got, double roundings) {
    double bound = Compare.bound(1, roundings, Algebra.largest(wanted));
    for (int i = 0; i < wanted.length; i++) {
      Compare.matrix(what, 83, new double[][] {wanted[i]}, floats(got[i]), bound);
    }
  }

  /** The doubles of C Cᵀ are sums of products of floats: rounded once here. */
  private static float[] floats(double[] row) {
    float[] floats = new float[row.length];
    for (int j = 0; j < floats.length; j++) {
      floats[j] = (float) row[j];
    }
    return floats;
  }
}
