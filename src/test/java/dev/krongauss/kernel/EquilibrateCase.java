package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** Scaling to a unit diagonal; where a diagonal is nothing, nothing is scaled. */
final class EquilibrateCase extends KernelCase {
  private static final float ETA = 0.125f;

  private final boolean regularised;

  private EquilibrateCase(boolean regularised) {
    this.regularised = regularised;
  }

  static List<KernelCase> all() {
    return List.of(new EquilibrateCase(true), new EquilibrateCase(false));
  }

  @Override
  public String name() {
    return "equilibrate/" + (regularised ? "regularised" : "plain");
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("n", 1), Size.of("n", 7), Size.of("n", 33), Size.of("n", 257), Size.of("n", 1030));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double n = size.get("n");
    return new Work(3 * n * (n + 1) / 2, 4 * n * (n + 1) + 4 * n);
  }

  @Override
  public void run(Trial t) {
    int n = t.size("n");
    float eta = regularised ? ETA : 0;
    Host values = t.random(n, n);
    Host s =
        Host.of(
            n,
            n,
            (i, j) ->
                j > i
                    ? Double.NaN
                    : j < i ? values.at(i, j) : i % 5 == 3 ? 0 : 1 + values.at(i, i));
    Matrix S = t.inOut(s);
    Matrix e = t.output(1, n);
    Equilibrate kernel = new Equilibrate(t.device());
    t.launch(stream -> kernel.scale(stream, S, eta, e));
    t.check("e", e, (i, j) -> Wanted.within(root(s, j, eta), 3, root(s, j, eta)));
    t.check(
        "S",
        S,
        (i, j) -> {
          if (j > i) {
            return Wanted.exactly(Double.NaN);
          }
          double value = s.at(i, j) + (i == j ? eta : 0);
          double scaled = value * root(s, i, eta) * root(s, j, eta);
          return Wanted.within(scaled, 9, Math.abs(scaled));
        });
  }

  private static double root(Host s, int i, double eta) {
    double diagonal = s.at(i, i) + eta;
    return diagonal > 1e-30 ? 1 / Math.sqrt(diagonal) : 1;
  }
}
