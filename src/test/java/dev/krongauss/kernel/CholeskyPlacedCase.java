package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code cholesky.cu}: dampings, infos and conditions that stand among those of others, which are
 * neither read nor written; two candidates, of which the second fails for one matrix.
 */
final class CholeskyPlacedCase extends CholeskyCase {
  private static final int UNSET = -7;
  private static final int[] PLACES = {4, 1, 2};
  private static final int ROW = 6;
  private static final int CANDIDATES = 2;
  private static final float DAMPING = 0.1f;

  CholeskyPlacedCase() {
    super("placed");
  }

  @Override
  public List<Size> sizes() {
    return List.of(Size.of("n", 1), Size.of("n", 40), Size.of("n", 66));
  }

  @Override
  public Work work(Size s) {
    int n = s.get("n");
    return least(CANDIDATES, n, n + 1, n + 2);
  }

  @Override
  public void run(Trial t) {
    List<Host> S = new ArrayList<>();
    List<Matrix> matrices = new ArrayList<>();
    List<List<Matrix>> X = List.of(new ArrayList<>(), new ArrayList<>());
    float[] dampings = new float[CANDIDATES * ROW];
    int[] infos = new int[CANDIDATES * ROW];
    Arrays.fill(dampings, Float.NaN);
    Arrays.fill(infos, UNSET);
    for (int m = 0; m < PLACES.length; m++) {
      int n = t.size("n") + m;
      S.add(CholeskyColumnsCase.positiveDefinite(t, n));
      matrices.add(t.input(S.get(m)));
      for (int c = 0; c < CANDIDATES; c++) {
        X.get(c).add(t.output(n, n));
        dampings[c * ROW + PLACES[m]] = c == 1 && m == 1 ? -1000 : DAMPING * (1 + m + 3 * c);
      }
    }
    Matrix damping = t.input(Host.row(dampings));
    Matrix condition = t.output(1, CANDIDATES * ROW);
    Buffer info = t.ints(infos);
    try (Arena arena = t.device().newArena("placed")) {
      Cholesky.Plan plan = new Cholesky(t.device()).plan(arena, matrices, X, PLACES, ROW);
      t.launch(
          s -> plan.factoriseAndInvert(s, damping.pointer(), info.pointer(), condition.pointer()));
      for (int m = 0; m < PLACES.length; m++) {
        for (int c = 0; c < CANDIDATES; c++) {
          boolean failed = c == 1 && m == 1;
          infos[c * ROW + PLACES[m]] = failed ? 1 : 0;
          check(t, S.get(m), X.get(c).get(m), dampings[c * ROW + PLACES[m]], failed);
        }
      }
      t.checkInts("infos", info, infos);
      t.check(
          "which conditions are there",
          condition,
          (i, j) -> infos[j] == 0 ? new Wanted(0, Float.MAX_VALUE) : Wanted.exactly(Double.NaN));
    }
  }

  /** As {@link CholeskyProblem} derives it: ‖A X − I‖ ≤ 4 (n + 8) ε tr A tr X. */
  private static void check(Trial t, Host S, Matrix X, float damping, boolean failed) {
    int n = S.rows();
    Host x = t.download(X);
    if (failed) {
      t.check("X that failed", x, (i, j) -> Wanted.exactly(Double.NaN));
      return;
    }
    double[][] A = new double[n][n];
    double traces = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        A[i][j] = S.at(Math.max(i, j), Math.min(i, j));
      }
      A[i][i] += damping;
      traces += A[i][i];
    }
    double trace = 0;
    for (int i = 0; i < n; i++) {
      trace += x.at(i, i);
    }
    double bound = 4 * (n + 8) * Wanted.EPSILON * traces * trace;
    t.check(
        "X",
        Host.of(
            n,
            n,
            (i, j) -> {
              double sum = i == j ? -1 : 0;
              for (int k = 0; k < n; k++) {
                sum += A[i][k] * x.at(k, j);
              }
              return sum;
            }),
        (i, j) -> new Wanted(0, bound));
  }
}
