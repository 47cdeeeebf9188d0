package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** S = beta S + (1 - beta) X on the lower triangle. */
final class AverageCase extends KernelCase {
  private final float beta;

  /** The device int that makes beta 0 where it is positive; null for none. */
  private final Integer restart;

  private AverageCase(float beta, Integer restart) {
    this.beta = beta;
    this.restart = restart;
  }

  static List<KernelCase> all() {
    return List.of(
        new AverageCase(0.9f, null),
        new AverageCase(0, null),
        new AverageCase(0.9f, 0),
        new AverageCase(0.9f, 3));
  }

  @Override
  public String name() {
    return "average/lower-beta-" + beta + (restart == null ? "" : "-restart-" + restart);
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("d", 1),
        Size.of("d", 7),
        Size.of("d", 8),
        Size.of("d", 9),
        Size.of("d", 127),
        Size.of("d", 251),
        Size.of("d", 1025));
  }

  @Override
  public Work work(Size size) {
    double elements = 0.5 * size.get("d") * (size.get("d") + 1.0);
    return new Work(3 * elements, 12 * elements);
  }

  @Override
  public void run(Trial trial) {
    int d = trial.size("d");
    Host x = trial.random(d, d);
    boolean forgets = beta == 0 || (restart != null && restart > 0);
    // What is forgotten must not matter, not even if it is NaN.
    Host old = forgets ? Host.filled(d, d, Float.NaN) : trial.random(d, d);
    Matrix X = trial.input(x);
    Matrix S = trial.inOut(old);
    long flag = restart == null ? 0 : trial.ints(restart).pointer();
    trial.launch(s -> new Average(trial.device()).lower(s, X, beta, S, flag));
    trial.check(
        "S",
        S,
        (i, j) -> {
          if (j > i) {
            return Wanted.exactly(old.at(i, j));
          }
          double kept = forgets ? 0 : beta * old.at(i, j);
          double fresh = (forgets ? 1 : 1 - beta) * x.at(i, j);
          return Wanted.within(kept + fresh, 3, Math.abs(kept) + Math.abs(fresh));
        });
  }
}
