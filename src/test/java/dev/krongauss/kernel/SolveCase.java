package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** {@code solve.cu}: products with a symmetric matrix of which only the lower triangle is there. */
final class SolveCase extends KernelCase {
  private static final float ALPHA = -1.5f;
  private final boolean left;

  private SolveCase(boolean left) {
    this.left = left;
  }

  static List<KernelCase> all() {
    return List.of(new SolveCase(true), new SolveCase(false));
  }

  @Override
  public String name() {
    return left ? "solve/left" : "solve/right";
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
    double n = s.get("n");
    double m = s.get("m");
    return new Work(2 * n * n * m, 4 * (n * n / 2 + 2 * n * m));
  }

  /** n fused steps and a rounding for alpha. */
  @Override
  public void run(Trial t) {
    int n = t.size("n");
    int m = t.size("m");
    Host S = Reference.lowerOnly(t.random(n, n));
    Host B = left ? t.random(n, m) : t.random(m, n);
    Matrix inverse = t.input(S);
    Matrix b = t.input(B);
    Matrix c = left ? t.output(n, m) : t.output(m, n);
    Solve solve = new Solve(t.device());
    t.launch(
        s -> {
          if (left) {
            solve.left(s, inverse, b, ALPHA, c);
          } else {
            solve.right(s, b, inverse, ALPHA, c);
          }
        });
    t.check(
        "C",
        c,
        (i, j) -> {
          int fixed = left ? i : j;
          Reference.Sum sum =
              Reference.Sum.of(
                      n,
                      k ->
                          S.at(Math.max(fixed, k), Math.min(fixed, k))
                              * (left ? B.at(k, j) : B.at(i, k)))
                  .times(ALPHA);
          return Wanted.within(sum.value(), n + 1, sum.magnitude());
        });
  }
}
