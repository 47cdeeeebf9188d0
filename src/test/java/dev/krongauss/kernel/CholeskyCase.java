package dev.krongauss.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * {@code cholesky.cu}: damping, factor and inverse, one matrix or many, good and bad; {@link
 * CholeskyAccuracyCase} goes through the condition numbers. {@link CholeskyProblem} says what must
 * hold.
 */
abstract class CholeskyCase extends KernelCase {
  private final String variant;

  CholeskyCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases =
        new ArrayList<>(List.of(new One(), new Mixed(), new Replayed(), new WithDiagonals()));
    cases.addAll(CholeskyLadderCase.ladders());
    for (Flaw flaw : Flaw.values()) {
      cases.add(new Bad(flaw));
    }
    cases.addAll(CholeskyAccuracyCase.all());
    return cases;
  }

  @Override
  public String name() {
    return "cholesky/" + variant;
  }

  /** The lower triangle is read, both halves of X are written; n³ flops for all three stages. */
  @Override
  public Work work(Size s) {
    return least(1, s.get("n"));
  }

  static Work least(int candidates, int... sizes) {
    double flops = 0;
    double bytes = 0;
    for (int n : sizes) {
      flops += candidates * Math.pow(n, 3);
      bytes += 2.0 * n * (n + 1) + candidates * 4.0 * n * n;
    }
    return new Work(flops, bytes);
  }

  static float[] repeated(float damping, int count) {
    float[] values = new float[count];
    Arrays.fill(values, damping);
    return values;
  }

  /** One matrix with one damping. */
  private static final class One extends CholeskyCase {
    One() {
      super("invert");
    }

    @Override
    public List<Size> sizes() {
      return Boolean.getBoolean("krongauss.long")
          ? CholeskyColumnsCase.sizes(1, 2, 31, 63, 64, 65, 127, 131, 200, 321, 500, 1025)
          : CholeskyColumnsCase.sizes(1, 2, 31, 63, 64, 65, 127, 131, 200, 321);
    }

    @Override
    public void run(Trial t) {
      Host S = CholeskyColumnsCase.positiveDefinite(t, t.size("n"));
      try (CholeskyProblem p = new CholeskyProblem(t, List.of(S), new float[] {0.03f})) {
        p.launch();
        p.checkGood(0, 0);
      }
    }
  }

  /**
   * Many matrices and three candidates, of which the second fails everywhere, each matrix in a way
   * and at a column of its own; the third shares nothing with it.
   */
  private static final class Mixed extends CholeskyCase {
    private static final int[] SIZES = {1, 200, 63, 64, 131, 65, 9, 127};

    Mixed() {
      super("mixed");
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("matrices", 3), Size.of("matrices", SIZES.length));
    }

    @Override
    public Work work(Size s) {
      return least(3, Arrays.copyOf(SIZES, s.get("matrices")));
    }

    @Override
    public void run(Trial t) {
      int count = t.size("matrices");
      List<Host> S = new ArrayList<>();
      float[] failing = new float[count];
      for (int m = 0; m < count; m++) {
        S.add(CholeskyColumnsCase.positiveDefinite(t, SIZES[m]));
        failing[m] = List.of(Float.NaN, -1000f, Float.POSITIVE_INFINITY).get(m % 3);
      }
      try (CholeskyProblem p =
          new CholeskyProblem(t, S, repeated(0.01f, count), failing, repeated(1, count))) {
        p.launch();
        for (int m = 0; m < count; m++) {
          p.checkGood(0, m);
          p.checkFailed(1, m, 1);
          p.checkGood(2, m);
        }
      }
    }
  }

  /** Diagonal matrices between others, with two candidates; of the second all diagonals fail. */
  private static final class WithDiagonals extends CholeskyCase {
    WithDiagonals() {
      super("diagonals");
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("n", 2), Size.of("n", 256), Size.of("n", 1031));
    }

    @Override
    public Work work(Size s) {
      Work full = least(2, 66, 9);
      double n = 2.0 * (s.get("n") + 5);
      return new Work(full.flops() + 2 * n, full.bytes() + 8 * n);
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      List<Host> S =
          List.of(
              t.random(1, n, 1e-6, 2),
              CholeskyColumnsCase.positiveDefinite(t, 66),
              t.random(1, 5, 1e-6, 2),
              CholeskyColumnsCase.positiveDefinite(t, 9));
      S.get(0).set(0, n / 2, 1e-6f); // with the damping less than 0, as the others are not
      try (CholeskyProblem p =
          new CholeskyProblem(
              t,
              S,
              new float[] {0.1f, 0.2f, 0.3f, 0.4f},
              new float[] {-2e-6f, 1, Float.POSITIVE_INFINITY, 2})) {
        p.launch();
        for (int m = 0; m < S.size(); m++) {
          p.checkSolved(0, m);
        }
        p.checkFailed(1, 0, firstBelow(S.get(0), 2e-6f));
        p.checkSolved(1, 1);
        p.checkFailed(1, 2, 1);
        p.checkSolved(1, 3);
      }
    }

    private static int firstBelow(Host g, float least) {
      int i = 0;
      while (g.get(0, i) > least) {
        i++;
      }
      return i + 1;
    }
  }

  /**
   * Three launches of one plan with other data each time; in the second one a matrix is bad. The
   * numbers of launches begin again at the second one, too.
   */
  private static final class Replayed extends CholeskyCase {
    Replayed() {
      super("replayed");
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("n", 70), Size.of("n", 131));
    }

    @Override
    public Work work(Size s) {
      Work one = least(1, s.get("n"), 65);
      return new Work(3 * one.flops(), 3 * one.bytes());
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      Host first = CholeskyColumnsCase.positiveDefinite(t, n);
      Host other = CholeskyColumnsCase.positiveDefinite(t, 65);
      try (CholeskyProblem p =
          new CholeskyProblem(t, List.of(first, other), new float[] {0.1f, 0.2f})) {
        p.plan().ended(Integer.MAX_VALUE - 1, t.device().stream());
        for (int launch = 0; launch < 3; launch++) {
          Host next = CholeskyColumnsCase.positiveDefinite(t, n);
          if (launch == 1) {
            next.set(67, 67, -1);
          }
          p.replace(0, next);
          p.launch();
          if (launch == 1) {
            p.checkFailed(0, 0, 68);
          } else {
            p.checkGood(0, 0);
          }
          p.checkGood(0, 1);
        }
      }
    }
  }

  /** A bad matrix between two good ones: info names the column, the others do not feel it. */
  private static final class Bad extends CholeskyCase {
    private final Flaw flaw;

    Bad(Flaw flaw) {
      super("bad-" + flaw.name().toLowerCase(Locale.ROOT).replace('_', '-'));
      this.flaw = flaw;
    }

    @Override
    public List<Size> sizes() {
      return Flaw.sizes();
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      int k = t.size("k");
      Host bad = CholeskyColumnsCase.positiveDefinite(t, n);
      flaw.into(bad, k);
      Host good = CholeskyColumnsCase.positiveDefinite(t, 66);
      try (CholeskyProblem p =
          new CholeskyProblem(t, List.of(good, bad, good), new float[] {0.5f, 0, 0.125f})) {
        p.launch();
        p.checkGood(0, 0);
        p.checkFailed(0, 1, k + 1);
        p.checkGood(0, 2);
      }
    }
  }
}
