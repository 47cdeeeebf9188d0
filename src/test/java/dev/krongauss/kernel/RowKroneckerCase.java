package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** Rows of a layer's Jacobian: one product an element. */
final class RowKroneckerCase extends KernelCase {
  static List<KernelCase> all() {
    return List.of(new RowKroneckerCase());
  }

  @Override
  public String name() {
    return "row_kronecker/rows";
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "K", 1, "d", 1, "I", 1),
        Size.of("N", 3, "K", 2, "d", 5, "I", 7),
        Size.of("N", 8, "K", 1, "d", 32, "I", 33),
        Size.of("N", 5, "K", 3, "d", 31, "I", 34));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double rows = (double) size.get("N") * size.get("K");
    double elements = rows * size.get("d") * size.get("I");
    double inputs = rows * size.get("d") + (double) size.get("N") * size.get("I");
    return new Work(elements, 4 * (elements + inputs));
  }

  @Override
  public void run(Trial t) {
    int N = t.size("N");
    int K = t.size("K");
    int I = t.size("I");
    Host c = t.random(N * K, t.size("d"));
    Host x = t.random(N, I);
    Matrix C = t.input(c);
    Matrix a = t.input(x);
    Matrix X = t.output(N * K, c.columns() * I);
    RowKronecker kernel = new RowKronecker(t.device());
    t.launch(s -> kernel.rows(s, C, a, X));
    t.check("X", X, (r, p) -> Wanted.exactly(c.get(r, p / I) * x.get(r / K, p % I)));
  }
}
