package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tiles;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** {@code cholesky_columns.cu}: damping, factorisation with good and bad pivots, inverse. */
abstract class CholeskyColumnsCase extends KernelCase {
  private final String variant;

  private CholeskyColumnsCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    cases.add(new Damp());
    cases.add(new AddDiagonal());
    cases.add(new Factorise(false));
    cases.add(new Factorise(true));
    for (Flaw flaw : EnumSet.range(Flaw.NEGATIVE_PIVOT, Flaw.NAN_BELOW_DIAGONAL)) {
      cases.add(new BadPivot(flaw));
    }
    cases.add(new InvertColumnsCase());
    return cases;
  }

  @Override
  public String name() {
    return "cholesky_columns/" + variant;
  }

  @Override
  public List<Size> sizes() {
    return sizes(1, 2, 31, 63, 64, 65, 127, 131, 257);
  }

  static List<Size> sizes(int... n) {
    List<Size> sizes = new ArrayList<>();
    for (int each : n) {
      sizes.add(Size.of("n", each));
    }
    return sizes;
  }

  @Override
  public Work work(Size s) {
    double n = s.get("n");
    return new Work(n * n * n / 3, 4 * n * (n + 1));
  }

  /**
   * Symmetric, safely positive definite: the second moment of random rows, of which there are twice
   * n where n is small, plus 0.1 on the diagonal. The upper triangle is NaN.
   */
  static Host positiveDefinite(Trial t, int n) {
    int rows = n <= 300 ? 2 * n : 32;
    Host X = t.random(n, rows);
    return Host.of(
        n,
        n,
        (i, j) -> {
          if (j > i) {
            return Double.NaN;
          }
          double sum = 0;
          for (int m = 0; m < rows; m++) {
            sum += X.at(i, m) * X.at(j, m);
          }
          return sum / rows + (i == j ? 0.1 : 0);
        });
  }

  /** A = lower(S) + damping I: one rounding on the diagonal, else a copy; nothing above. */
  private static final class Damp extends CholeskyColumnsCase {
    Damp() {
      super("damp");
    }

    @Override
    public List<Size> sizes() {
      return sizes(1, 2, 8, 63, 64, 65, 131, 1030);
    }

    @Override
    public Work work(Size s) {
      double n = s.get("n");
      return new Work(n, 4 * n * (n + 1));
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      Host S = Reference.lowerOnly(t.random(n, n));
      Matrix factor = t.input(S);
      Matrix A = t.output(n, n);
      float damping = 0.03f;
      Matrix scalar = t.input(Host.row(damping));
      CholeskyColumns cholesky = new CholeskyColumns(t.device());
      t.launch(s -> cholesky.damp(s, factor, scalar.pointer(), A));
      t.check("A", A, (i, j) -> Wanted.exactly(i == j ? S.get(i, i) + damping : S.get(i, j)));
    }
  }

  /** The same in place. */
  private static final class AddDiagonal extends CholeskyColumnsCase {
    AddDiagonal() {
      super("add-diagonal");
    }

    @Override
    public Work work(Size s) {
      return new Work(s.get("n"), 8.0 * s.get("n"));
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      Host S = t.random(n, n);
      Matrix A = t.inOut(S);
      float damping = 0.03f;
      Matrix scalar = t.input(Host.row(damping));
      CholeskyColumns cholesky = new CholeskyColumns(t.device());
      t.launch(s -> cholesky.addDiagonal(s, A, scalar.pointer()));
      t.check("A", A, (i, j) -> Wanted.exactly(i == j ? S.get(i, i) + damping : S.get(i, j)));
    }
  }

  /**
   * A = L Lᵀ. Higham, "Accuracy and Stability", theorem 10.3: |A - L Lᵀ| ≤ (n + 1) ε |L||L|ᵀ an
   * element; our elimination multiplies by a quotient and by reciprocals where the theorem divides,
   * at most 7 roundings more in each term. The bound knows no condition number: the graded variant
   * scales rows and columns by powers of two from 2^-10 to 2^10.
   */
  private static final class Factorise extends CholeskyColumnsCase {
    private final boolean graded;

    Factorise(boolean graded) {
      super(graded ? "factorise-graded" : "factorise");
      this.graded = graded;
    }

    @Override
    public List<Size> sizes() {
      if (graded) {
        return sizes(65, 131);
      }
      return Boolean.getBoolean("krongauss.long")
          ? sizes(1, 2, 31, 63, 64, 65, 127, 131, 257, 577, 1001, 1025, 4097)
          : sizes(1, 2, 31, 63, 64, 65, 127, 131, 257, 577);
    }

    @Override
    public void run(Trial t) {
      int n = t.size("n");
      Host plain = positiveDefinite(t, n);
      int[] grade = t.random().ints(n, graded ? -10 : 0, graded ? 11 : 1).toArray();
      Host A = Host.of(n, n, (i, j) -> Math.scalb(plain.at(i, j), grade[i] + grade[j]));
      Matrix a = t.inOut(A);
      Buffer info = t.ints(-7);
      CholeskyColumns cholesky = new CholeskyColumns(t.device());
      t.launch(s -> cholesky.factorise(s, a, info.pointer()));
      t.checkInts("info", info, 0);
      Host L = t.download(a);
      int step = Math.max(1, n / 600); // of the largest, sampled rows
      t.check(
          "L Lᵀ",
          Host.of(
              (n + step - 1) / step,
              n,
              (r, j) -> j > r * step ? L.at(r * step, j) : residual(A, L, r * step, j).value()),
          (r, j) ->
              j > r * step
                  ? Wanted.exactly(Double.NaN)
                  : Wanted.within(0, n + 8, residual(A, L, r * step, j).magnitude()));
    }

    /** (A - L Lᵀ)_ij and (|L||L|ᵀ)_ij. */
    private static Reference.Sum residual(Host A, Host L, int i, int j) {
      Reference.Sum sum = Reference.Sum.of(j + 1, k -> L.at(i, k) * L.at(j, k));
      return new Reference.Sum(A.at(i, j) - sum.value(), sum.magnitude());
    }
  }

  /**
   * info names the first bad column, at the edges of tiles and inside; the columns of earlier tiles
   * hold L.
   */
  private static final class BadPivot extends CholeskyColumnsCase {
    private final Flaw flaw;

    BadPivot(Flaw flaw) {
      super("bad-pivot-" + flaw.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
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
      Host A = positiveDefinite(t, n);
      flaw.into(A, k);
      Matrix a = t.inOut(A);
      Buffer info = t.ints(0);
      CholeskyColumns cholesky = new CholeskyColumns(t.device());
      t.launch(s -> cholesky.factorise(s, a, info.pointer()));
      t.checkInts("info", info, k + 1);
      Host L = t.download(a);
      int done = k / Tiles.TILE * Tiles.TILE;
      t.check(
          "L Lᵀ before the bad tile",
          Host.of(n, n, (i, j) -> ok(i, j, k, done) ? Factorise.residual(A, L, i, j).value() : 0),
          (i, j) ->
              ok(i, j, k, done)
                  ? Wanted.within(0, n + 8, Factorise.residual(A, L, i, j).magnitude())
                  : Wanted.exactly(0));
      t.check(
          "the upper triangle",
          Host.of(n, n, (i, j) -> j > i ? L.at(i, j) : 0),
          (i, j) -> Wanted.exactly(j > i ? Double.NaN : 0));
    }

    private static boolean ok(int i, int j, int k, int done) {
      return j <= i && j < done && i != k;
    }
  }
}
