package dev.krongauss.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code cholesky.cu}: a ladder of three rungs with 35 matrices, a diagonal one among them. On each
 * rung one of them fails, or none, wherever it stands: the rung behind is tried only where one has
 * failed, and leaves what is right then. The first rung may be somebody else's. Twice, as what the
 * first launch leaves must not disturb the second. And a short one, of diagonal matrices but for
 * one.
 */
final class CholeskyLadderCase extends CholeskyCase {
  private static final int RUNGS = 3;
  private static final int DIAGONAL = 34;

  private final int[] n;
  private final int firstDiagonal;
  private final List<Size> sizes;

  private CholeskyLadderCase(String variant, int[] n, int firstDiagonal, List<Size> sizes) {
    super(variant);
    this.n = n;
    this.firstDiagonal = firstDiagonal;
    this.sizes = sizes;
  }

  static List<KernelCase> ladders() {
    // A block finds no task while the last info is on its way.
    int[] small = {1, 250, 200, 150, 100};
    List<Size> twoFail = List.of(Size.of("from", 0, "first", 2, "second", 0, "third", 3));
    return List.of(
        new CholeskyLadderCase("ladder", sizesOfAll(), DIAGONAL, sizesOfLadder()),
        new CholeskyLadderCase("ladder-diagonals", small, 1, twoFail));
  }

  @Override
  public List<Size> sizes() {
    return sizes;
  }

  private static List<Size> sizesOfLadder() {
    // matrix of each rung that fails; -1 for none
    return List.of(
        Size.of("from", 0, "first", -1, "second", -1, "third", -1),
        Size.of("from", 0, "first", 3, "second", -1, "third", -1),
        Size.of("from", 0, "first", 33, "second", DIAGONAL, "third", -1),
        Size.of("from", 0, "first", DIAGONAL, "second", 0, "third", 3),
        Size.of("from", 1, "first", -1, "second", 1, "third", 1),
        Size.of("from", 1, "first", 34, "second", -1, "third", -1),
        Size.of("from", 1, "first", 0, "second", 3, "third", -1));
  }

  @Override
  public Work work(Size s) {
    Work full = least(1, Arrays.copyOf(n, firstDiagonal));
    double diagonals = Arrays.stream(n, firstDiagonal, n.length).sum();
    int tried = Math.max(0, end(s) - s.get("from"));
    return new Work(
        2 * tried * (full.flops() + 2 * diagonals), 2 * tried * (full.bytes() + 8 * diagonals));
  }

  @Override
  public void run(Trial t) {
    List<Host> S = new ArrayList<>();
    for (int m = 0; m < n.length; m++) {
      S.add(
          m >= firstDiagonal
              ? t.random(1, n[m], 0.5, 2)
              : CholeskyColumnsCase.positiveDefinite(t, n[m]));
    }
    float[][] dampings = new float[RUNGS][];
    for (int rung = 0; rung < RUNGS; rung++) {
      dampings[rung] = repeated(0.1f + rung, n.length);
      if (failing(t.size(), rung) >= 0) {
        dampings[rung][failing(t.size(), rung)] = -1000;
      }
    }
    int[] before = new int[t.size("from") * n.length];
    if (before.length > 0 && t.size("first") >= 0) {
      before[t.size("first")] = 5;
    }
    try (CholeskyProblem p = CholeskyProblem.ladder(t, S, dampings)) {
      for (int launch = 0; launch < 2; launch++) {
        p.climb(t.size("from"), before);
        for (int m = 0; m < n.length; m++) {
          check(p, t.size(), m);
        }
      }
    }
  }

  private static void check(CholeskyProblem p, Size s, int m) {
    int end = end(s);
    for (int rung = s.get("from"); rung < end; rung++) {
      p.checkInfo(rung, m, failing(s, rung) == m ? 1 : 0);
    }
    for (int rung = Math.max(end, s.get("from")); rung < RUNGS; rung++) {
      p.checkNotTried(rung, m);
    }
    if (end <= s.get("from") || failing(s, end - 1) == m) {
      p.checkNone(0, m);
    } else {
      p.checkSolved(end - 1, m);
    }
  }

  /** Behind the first rung that holds, or behind the last one. */
  private static int end(Size s) {
    int rung = 0;
    while (rung < RUNGS - 1 && failing(s, rung) >= 0) {
      rung++;
    }
    return rung + 1;
  }

  private static int failing(Size s, int rung) {
    return s.get(List.of("first", "second", "third").get(rung));
  }

  private static int[] sizesOfAll() {
    int[] sizes = new int[DIAGONAL + 1];
    Arrays.setAll(sizes, m -> m == 3 ? 131 : m == 33 ? 66 : m == DIAGONAL ? 300 : 1 + m % 5);
    return sizes;
  }
}
