package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code solve.cu}: products with a symmetric matrix of which only the lower triangle is there, or
 * of a diagonal one, whose diagonal alone is.
 */
final class SolveCase extends KernelCase {
  private static final float ALPHA = -1.5f;
  private final Tile tile;
  private final boolean left;

  /** Whether the S of the second layer is a diagonal. */
  private final boolean diagonal;

  private SolveCase(Tile tile, boolean left) {
    this(tile, left, false);
  }

  private SolveCase(Tile tile, boolean left, boolean diagonal) {
    this.tile = tile;
    this.diagonal = diagonal;
    this.left = left;
  }

  static List<KernelCase> all() {
    return List.of(
        new SolveCase(Tile.FFMA, true),
        new SolveCase(Tile.FFMA, false),
        new SolveCase(Tile.TF32X3_64, true),
        new SolveCase(Tile.TF32X3_64, false),
        new SolveCase(Tile.TF32_64, true),
        new SolveCase(Tile.FFMA, true, true),
        new SolveCase(Tile.TF32X3_64, true, true),
        new SolveCase(Tile.TF32_64, true, true));
  }

  @Override
  public String name() {
    return (left ? "solve/left" : "solve/right") + tile.suffix() + (diagonal ? "-diagonal" : "");
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
      boolean full = !diagonal || l == 0;
      flops += full ? 2 * n * n * m : n * m;
      floats += (full ? n * n / 2 : n) + 2 * n * m;
    }
    return new Work(flops, 4 * floats);
  }

  /** The accuracy of TF32 is there for statistics alone, one layer a launch and without alpha. */
  private boolean statistic() {
    return tile == Tile.TF32_64;
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
      S.add(diagonal && l == 1 ? t.random(1, n) : Reference.lowerOnly(t.random(n, n)));
      B.add(left ? t.random(n, m) : t.random(m, n));
      inverse.add(t.input(S.get(l)));
      b.add(t.input(B.get(l)));
      c.add(left ? t.output(n, m) : t.output(m, n));
    }
    Solve solve = new Solve(t.device(), TileChoice.always(tile));
    t.launch(
        s -> {
          if (statistic()) {
            for (int l = 0; l < 2; l++) {
              solve.leftStatistic(s, inverse.get(l), b.get(l), c.get(l));
            }
          } else if (left) {
            solve.left(s, inverse, b, ALPHA, c);
          } else {
            solve.right(s, b, inverse, ALPHA, c);
          }
        });
    for (int l = 0; l < 2; l++) {
      t.check("C of layer " + l, c.get(l), product(S.get(l), B.get(l)));
    }
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
      int fixed = left ? i : j;
      Reference.Sum sum =
          Reference.Sum.of(
                  n,
                  k ->
                      S.at(Math.max(fixed, k), Math.min(fixed, k))
                          * (left ? B.at(k, j) : B.at(i, k)))
              .times(statistic() ? 1 : ALPHA);
      return Wanted.within(sum.value(), TileBounds.roundings(tile, n) + 1, sum.magnitude());
    };
  }
}
