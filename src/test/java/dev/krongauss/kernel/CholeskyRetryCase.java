package dev.krongauss.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code cholesky.cu}: retries behind two launches with 35 matrices, of which all, some or none
 * have failed: a retry computes only if each launch has a failure, wherever, and else leaves no
 * trace.
 */
final class CholeskyRetryCase extends CholeskyCase {
  private static final int COUNT = 35;

  CholeskyRetryCase() {
    super("retried");
  }

  @Override
  public List<Size> sizes() {
    // matrix of each launch that failed; -1 for none
    return List.of(
        Size.of("first", 0, "second", 34),
        Size.of("first", 33, "second", 1),
        Size.of("first", 34, "second", -1),
        Size.of("first", -1, "second", 34));
  }

  @Override
  public Work work(Size s) {
    Work one = least(1, sizesOfAll());
    int launches = s.get("first") < 0 || s.get("second") < 0 ? 1 : 2;
    return new Work(launches * one.flops(), launches * one.bytes());
  }

  @Override
  public void run(Trial t) {
    List<Host> S = new ArrayList<>();
    for (int n : sizesOfAll()) {
      S.add(CholeskyColumnsCase.positiveDefinite(t, n));
    }
    int[] before = new int[2 * COUNT];
    boolean runs = true;
    for (int launch = 0; launch < 2; launch++) {
      int failed = t.size(launch == 0 ? "first" : "second");
      runs &= failed >= 0;
      if (failed >= 0) {
        before[launch * COUNT + failed] = 5;
      }
    }
    try (CholeskyProblem p = new CholeskyProblem(t, S, repeated(0.1f, COUNT))) {
      p.retry(t.ints(before), 2);
      for (int m = 0; m < COUNT; m++) {
        if (runs) {
          p.checkSolved(0, m);
        } else {
          p.checkUntouched(0, m);
        }
      }
      p.launch(); // whatever the retry did
      for (int m = 0; m < COUNT; m++) {
        p.checkGood(0, m);
      }
    }
  }

  private static int[] sizesOfAll() {
    int[] sizes = new int[COUNT];
    Arrays.setAll(sizes, m -> m == 3 ? 66 : 1 + m % 5);
    return sizes;
  }
}
