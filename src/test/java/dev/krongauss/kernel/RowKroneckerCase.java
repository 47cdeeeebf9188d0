package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;

/** Rows of a layer's Jacobian: one product an element, or a sum of one a row of the datapoint. */
final class RowKroneckerCase extends KernelCase {
  private final boolean sums;

  private RowKroneckerCase(boolean sums) {
    this.sums = sums;
  }

  static List<KernelCase> all() {
    return List.of(new RowKroneckerCase(false), new RowKroneckerCase(true));
  }

  @Override
  public String name() {
    return sums ? "row_kronecker/sums" : "row_kronecker/rows";
  }

  @Override
  public List<Size> sizes() {
    List<Size> sizes = new ArrayList<>();
    int[][] each = {
      {1, 1, 1, 1, 1},
      {3, 2, 5, 7, 3},
      {8, 1, 32, 33, 2},
      {2, 1, 3, 32, 2},
      {4, 1, 5, 1, 3},
      {3, 2, 90, 21, 2},
      {5, 3, 31, 34, 5},
      {2, 1, 3, 1100, 2}
    };
    for (int[] x : each) {
      int N = sums ? x[0] * x[4] : x[0];
      int stack = sums ? x[4] : 1;
      sizes.add(Size.of("N", N, "K", x[1], "d", x[2], "I", x[3], "m", stack));
    }
    return sizes;
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double rows = (double) size.get("N") * size.get("K");
    double products = rows * size.get("d") * size.get("I");
    double inputs = rows * size.get("d") + (double) size.get("N") * size.get("I");
    double flops = sums ? 2 * products : products;
    return new Work(flops, 4 * (products / size.get("m") + inputs));
  }

  @Override
  public void run(Trial t) {
    int N = t.size("N");
    int K = t.size("K");
    int I = t.size("I");
    int m = t.size("m");
    Host c = t.random(N * K, t.size("d"));
    Host x = t.random(N, I);
    Matrix C = t.input(c);
    Matrix a = t.input(x);
    Matrix X = t.output(N * K / m, c.columns() * I);
    RowKronecker kernel = new RowKronecker(t.device());
    if (!sums) {
      t.launch(s -> kernel.rows(s, C, a, X));
      t.check("X", X, (r, p) -> Wanted.exactly(c.get(r, p / I) * x.get(r / K, p % I)));
      return;
    }
    t.launch(s -> kernel.sums(s, C, a, m, X));
    t.check(
        "X",
        X,
        (r, p) -> {
          double sum = 0;
          double terms = 0;
          for (int n = r / K * m; n < (r / K + 1) * m; n++) {
            double term = (double) c.get(n * K + r % K, p / I) * x.get(n, p % I);
            sum += term;
            terms += Math.abs(term);
          }
          return Wanted.within(sum, m, terms);
        });
  }
}
