package dev.krongauss.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code cholesky.cu} at every condition number: 1 to beyond 1/ε, graded, singular, nothing at all.
 */
abstract class CholeskyAccuracyCase extends KernelCase {
  private final String variant;

  private CholeskyAccuracyCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    return List.of(new Conditioned(), new RankDeficient(), new Nothing(), new Graded());
  }

  @Override
  public String name() {
    return "cholesky/" + variant;
  }

  @Override
  public Work work(Size s) {
    return CholeskyCase.least(1, s.get("n"));
  }

  /** What they cost, {@code cholesky/invert} says. */
  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  /** From 1 down to 1/κ in geometric progression. */
  static double[] geometric(int n, double kappa) {
    double[] values = new double[n];
    Arrays.setAll(values, i -> n == 1 ? 1 : Math.pow(kappa, -(double) i / (n - 1)));
    return values;
  }

  /** Condition numbers from 1 to beyond 1/ε. */
  private static final class Conditioned extends CholeskyAccuracyCase {
    Conditioned() {
      super("conditioned");
    }

    @Override
    public List<Size> sizes() {
      List<Size> sizes = new ArrayList<>();
      for (int digits : new int[] {0, 2, 4, 5, 6, 7, 8, 10}) {
        sizes.add(Size.of("n", 131, "digits", digits));
      }
      sizes.add(Size.of("n", 64, "digits", 7));
      return sizes;
    }

    @Override
    public List<Variant> variants() {
      return List.of(Variant.MIXED, Variant.FOREIGN);
    }

    @Override
    public void run(Trial t) {
      double[] values = geometric(t.size("n"), Math.pow(10, t.size("digits")));
      Host S = Spectrum.withEigenvalues(t, values);
      try (CholeskyProblem p = new CholeskyProblem(t, List.of(S), new float[] {0})) {
        p.launch();
        CholeskySpectrum.check(t, p, 0, 0, values);
        if (p.info(0, 0) == 0) {
          p.checkGood(0, 0);
        }
      }
    }
  }

  /**
   * Rank below n, and with damping a condition number of 101. Rounding decides whether a pivot
   * fails without it; the matrix beside it feels nothing either way.
   */
  private static final class RankDeficient extends CholeskyAccuracyCase {
    private static final float DAMPING = 0.01f;

    RankDeficient() {
      super("rank-deficient");
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("n", 2, "rank", 1),
          Size.of("n", 64, "rank", 10),
          Size.of("n", 70, "rank", 1),
          Size.of("n", 131, "rank", 64),
          Size.of("n", 131, "rank", 130));
    }

    @Override
    public Work work(Size s) {
      return CholeskyCase.least(2, s.get("n"), 66);
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      double[] values = new double[n];
      Arrays.fill(values, 0, t.size("rank"), 1);
      double[] damped = Arrays.stream(values).map(x -> x + DAMPING).toArray();
      Host singular = Spectrum.withEigenvalues(t, values);
      Host good = CholeskyColumnsCase.positiveDefinite(t, 66);
      try (CholeskyProblem p =
          new CholeskyProblem(
              t, List.of(singular, good), new float[] {0, 0}, new float[] {DAMPING, 0})) {
        p.launch();
        CholeskySpectrum.check(t, p, 0, 0, values);
        CholeskySpectrum.check(t, p, 1, 0, damped);
        p.checkGood(1, 0);
        p.checkGood(0, 1);
        p.checkGood(1, 1);
      }
    }
  }

  /**
   * A matrix of zeros fails unless it is damped, a matrix of NaN always; the one beside them not.
   */
  private static final class Nothing extends CholeskyAccuracyCase {
    Nothing() {
      super("zero-and-nan");
    }

    @Override
    public List<Size> sizes() {
      return CholeskyColumnsCase.sizes(1, 2, 64, 65, 131);
    }

    @Override
    public Work work(Size s) {
      return CholeskyCase.least(2, s.get("n"), s.get("n"), 66);
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      Host zero = Reference.lowerOnly(Host.filled(n, n, 0));
      Host nan = Host.filled(n, n, Float.NaN);
      Host good = CholeskyColumnsCase.positiveDefinite(t, 66);
      float damping = 0.25f;
      try (CholeskyProblem p =
          new CholeskyProblem(
              t,
              List.of(zero, nan, good),
              new float[] {0, 0, 0},
              new float[] {damping, damping, damping})) {
        p.launch();
        p.checkFailed(0, 0, 1);
        p.checkGood(1, 0);
        t.check("X of zeros", p.result(1, 0), (i, j) -> Wanted.exactly(i == j ? 1 / damping : 0));
        for (int c = 0; c < 2; c++) {
          p.checkFailed(c, 1, 1);
          p.checkGood(c, 2);
        }
      }
    }
  }

  /**
   * Rows and columns scaled by powers of two from 2^-10 to 2^10: κ about 10^12 and more, the
   * diagonal tiles ill-conditioned themselves, and yet no pivot fails and every bound holds.
   */
  private static final class Graded extends CholeskyAccuracyCase {
    Graded() {
      super("graded");
    }

    @Override
    public List<Size> sizes() {
      return CholeskyColumnsCase.sizes(64, 65, 131);
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      Host plain = CholeskyColumnsCase.positiveDefinite(t, n);
      int[] grade = t.random().ints(n, -10, 11).toArray();
      Host S = Host.of(n, n, (i, j) -> Math.scalb(plain.at(i, j), grade[i] + grade[j]));
      try (CholeskyProblem p = new CholeskyProblem(t, List.of(S), new float[] {0})) {
        p.launch();
        p.checkGood(0, 0);
      }
    }
  }
}
