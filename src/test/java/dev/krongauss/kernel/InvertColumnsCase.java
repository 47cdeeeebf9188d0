package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/**
 * X = L⁻ᵀ L⁻¹. With M = L⁻¹: substitution gives |δM_ii| ≤ (n + 3) ε |M||L||M| in a diagonal tile,
 * the product with it another such factor, so |δM| ≤ (n + 8) ε (|M||L|)² |M| =: E; then |δX| ≤
 * |M|ᵀE + Eᵀ|M| + n ε |M|ᵀ|M|.
 */
final class InvertColumnsCase extends KernelCase {
  @Override
  public String name() {
    return "cholesky_columns/invert";
  }

  @Override
  public List<Size> sizes() {
    return Boolean.getBoolean("krongauss.long")
        ? CholeskyColumnsCase.sizes(1, 2, 31, 63, 64, 65, 127, 131, 200, 321, 1001)
        : CholeskyColumnsCase.sizes(1, 2, 31, 63, 64, 65, 127, 131, 200, 321);
  }

  @Override
  public Work work(Size s) {
    double n = s.get("n");
    return new Work(2 * n * n * n / 3, 6 * n * n);
  }

  @Override
  public void run(Trial t) {
    int n = t.size("n");
    double scale = 0.5 / Math.sqrt(n);
    Host L =
        Host.of(
            n,
            n,
            (i, j) ->
                j > i
                    ? Double.NaN
                    : i == j
                        ? 0.75 + 0.5 * t.random().nextDouble()
                        : scale * (2 * t.random().nextDouble() - (t.positive() ? 0 : 1)));
    Matrix l = t.input(L);
    Matrix x = t.output(n, n);
    CholeskyColumns cholesky = new CholeskyColumns(t.device());
    t.launch(s -> cholesky.invert(s, l, x));
    double[][] exact = lower(L);
    double[][] M = Reference.invertLower(exact);
    double[][] X = Reference.product(Reference.transpose(M), M);
    double[][] m = Reference.absolute(M);
    double[][] growth = Reference.product(m, Reference.absolute(exact));
    double[][] E = Reference.product(growth, Reference.product(growth, m));
    double[][] crossed = Reference.product(Reference.transpose(m), E);
    double[][] squared = Reference.product(Reference.transpose(m), m);
    Host got = t.download(x);
    t.check(
        "X",
        got,
        (i, j) -> Wanted.within(X[i][j], n + 8, crossed[i][j] + crossed[j][i] + squared[i][j]));
    t.check("X against its transpose", got, (i, j) -> Wanted.exactly(got.get(j, i)));
  }

  private static double[][] lower(Host L) {
    double[][] values = new double[L.rows()][L.columns()];
    for (int i = 0; i < L.rows(); i++) {
      for (int j = 0; j <= i; j++) {
        values[i][j] = L.at(i, j);
      }
    }
    return values;
  }
}
