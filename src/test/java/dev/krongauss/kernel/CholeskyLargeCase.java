package dev.krongauss.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Matrices from one row up to thousands in one launch of {@code cholesky.cu}, bad ones among them.
 * {@link CholeskyLargeTest} runs it: it is too long for a case of {@link KernelCases}.
 */
final class CholeskyLargeCase extends KernelCase {
  private static final double KAPPA = 20; // 4 n ε κ < 0.1 up to n = 20,000
  private static final double SINGULAR_IN_FLOAT = 1e9;

  @Override
  public String name() {
    return "cholesky/large";
  }

  @Override
  public List<Size> sizes() {
    return CholeskyColumnsCase.sizes(1025, 2049, 4097);
  }

  private static int[] sizes(int n) {
    return new int[] {1, n, 64, n / 2, 131, n / 4, 65, 2, 577};
  }

  @Override
  public Work work(Size s) {
    return CholeskyCase.least(1, sizes(s.get("n")));
  }

  @Override
  public void run(Trial t) {
    int[] n = sizes(t.size("n"));
    float[] damping = new float[n.length];
    damping[8] = 0.5f;
    List<double[]> values = new ArrayList<>();
    List<Host> S = new ArrayList<>();
    for (int m = 0; m < n.length; m++) {
      values.add(CholeskyAccuracyCase.geometric(n[m], m == 3 ? SINGULAR_IN_FLOAT : KAPPA));
      if (m == 5) {
        Arrays.fill(values.get(m), n[m] / 3, n[m], 0); // a third of the rank is there
      }
      S.add(Spectrum.withEigenvalues(t, values.get(m)));
    }
    S.get(4).set(100, 7, Float.NaN);
    S.set(6, Host.filled(n[6], n[6], 0));
    try (CholeskyProblem p = new CholeskyProblem(t, S, damping)) {
      p.launch();
      for (int m = 0; m < n.length; m++) {
        if (m == 4 || m == 6) {
          p.checkFailed(0, m, m == 4 ? 101 : 1);
          continue;
        }
        float shift = damping[m];
        CholeskySpectrum.check(
            t, p, 0, m, Arrays.stream(values.get(m)).map(x -> x + shift).toArray());
        if (p.info(0, m) == 0) {
          p.checkMirrorAndCondition(0, m);
        }
      }
    }
  }
}
