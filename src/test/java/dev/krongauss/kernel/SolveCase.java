package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code solve.cu}: products with a symmetric matrix of which only the lower triangle is there, or
 * both halves are, or of a diagonal one, whose diagonal alone is.
 */
final class SolveCase extends KernelCase {
  private static final float ALPHA = -1.5f;
  private final Tile tile;
  private final Of of;

  /** What is multiplied, as the names of the cases have it. */
  private enum Of {
    LEFT,
    RIGHT,
    LEFT_WHOLE,
    RIGHT_WHOLE,
    LEFT_DIAGONAL,
    LEFT_WHOLE_DIAGONAL;

    boolean left() {
      return this != RIGHT && this != RIGHT_WHOLE;
    }

    boolean whole() {
      return this == LEFT_WHOLE || this == RIGHT_WHOLE || this == LEFT_WHOLE_DIAGONAL;
    }

    /** Whether the S of the second layer is a diagonal. */
    boolean diagonal() {
      return this == LEFT_DIAGONAL || this == LEFT_WHOLE_DIAGONAL;
    }

    String text() {
      return (left() ? "left" : "right") + (whole() ? "_whole" : "");
    }
  }

  private SolveCase(Tile tile, Of of) {
    this.tile = tile;
    this.of = of;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Of of : Of.values()) {
      cases.add(new SolveCase(Tile.FFMA, of));
      cases.add(new SolveCase(Tile.TF32X3_64, of));
      if (of.whole()) {
        cases.add(new SolveCase(Tile.TF32X3_128X64, of));
        cases.add(new SolveCase(Tile.TF32_64, of));
      }
    }
    cases.add(new SolveCase(Tile.TF32_64, Of.LEFT));
    cases.add(new SolveCase(Tile.TF32_64, Of.LEFT_DIAGONAL));
    return cases;
  }

  @Override
  public String name() {
    return "solve/" + of.text() + tile.suffix() + (of.diagonal() ? "-diagonal" : "");
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("n", 1, "m", 1),
        Size.of("n", 2, "m", 70),
        Size.of("n", 63, "m", 64),
        Size.of("n", 64, "m", 63),
        Size.of("n", 65, "m", 65),
        Size.of("n", 131, "m", 17),
        Size.of("n", 251, "m", 90));
  }

  @Override
  public Work work(Size s) {
    double flops = 0;
    double floats = 0;
    for (int l = 0; l < 2; l++) {
      double n = s.get("n") + 5 * l;
      double m = s.get("m") + l;
      boolean full = !of.diagonal() || l == 0;
      flops += full ? 2 * n * n * m : n * m;
      floats += (full ? n * n / (of.whole() ? 1 : 2) : n) + 2 * n * m;
    }
    return new Work(flops, 4 * floats);
  }

  /** TF32 of a lower triangle is for statistics alone, one layer a launch and without alpha. */
  private boolean statistic() {
    return tile == Tile.TF32_64 && !of.whole();
  }

  /** Two layers of different sizes in one launch. */
  @Override
  public void run(Trial t) {
    List<Host> S = new ArrayList<>();
    List<Host> B = new ArrayList<>();
    List<Matrix> inverse = new ArrayList<>();
    List<Matrix> b = new ArrayList<>();
    List<Matrix> c = new ArrayList<>();
    for (int l = 0; l < 2; l++) {
      int n = t.size("n") + 5 * l;
      int m = t.size("m") + l;
      S.add(of.diagonal() && l == 1 ? t.random(1, n) : symmetric(t.random(n, n)));
      B.add(of.left() ? t.random(n, m) : t.random(m, n));
      inverse.add(t.input(S.get(l)));
      b.add(t.input(B.get(l)));
      c.add(of.left() ? t.output(n, m) : t.output(m, n));
    }
    Solve solve = new Solve(t.device(), TileChoice.always(tile));
    t.launch(
        s -> {
          if (statistic()) {
            for (int l = 0; l < 2; l++) {
              solve.leftStatistic(s, inverse.get(l), b.get(l), c.get(l));
            }
            return;
          }
          switch (of) {
            case LEFT, LEFT_DIAGONAL -> solve.left(s, inverse, b, ALPHA, c);
            case LEFT_WHOLE, LEFT_WHOLE_DIAGONAL -> solve.leftWhole(s, inverse, b, ALPHA, c);
            case RIGHT -> solve.right(s, b, inverse, ALPHA, c);
            case RIGHT_WHOLE -> solve.rightWhole(s, b, inverse, ALPHA, c);
          }
        });
    for (int l = 0; l < 2; l++) {
      t.check("C of layer " + l, c.get(l), product(S.get(l), B.get(l)));
    }
  }

  /** The lower triangle and its image, or NaN above, which must not be read. */
  private Host symmetric(Host random) {
    return of.whole()
        ? Host.of(random.rows(), random.rows(), (i, j) -> random.at(Math.max(i, j), Math.min(i, j)))
        : Reference.lowerOnly(random);
  }

  /** A sum of n products and a rounding for alpha. */
  private Wanted.Reference product(Host S, Host B) {
    int n = S.columns();
    if (S.rows() == 1 && n > 1) {
      double alpha = statistic() ? 1 : ALPHA;
      return (i, j) -> {
        double scaled = alpha * S.at(0, i) * B.at(i, j);
        return Wanted.within(scaled, 2, Math.abs(scaled));
      };
    }
    return (i, j) -> {
      int fixed = of.left() ? i : j;
      Reference.Sum sum =
          Reference.Sum.of(
                  n,
                  k ->
                      S.at(Math.max(fixed, k), Math.min(fixed, k))
                          * (of.left() ? B.at(k, j) : B.at(i, k)))
              .times(statistic() ? 1 : ALPHA);
      return Wanted.within(sum.value(), TileBounds.roundings(tile, n) + 1, sum.magnitude());
    };
  }
}
