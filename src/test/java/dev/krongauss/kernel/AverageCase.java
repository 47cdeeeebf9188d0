package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;

/** S = beta S + (1 - beta) X on the lower triangle. */
final class AverageCase extends KernelCase {
  private static final int LAYERS = 3;

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
    double elements = 0;
    for (int l = 0; l < LAYERS; l++) {
      double d = size.get("d") + 3 * l;
      elements += 0.5 * d * (d + 1);
    }
    return new Work(3 * elements, 12 * elements);
  }

  /** Layers of different sizes in one launch, each with a weight of its own unless it is 0. */
  @Override
  public void run(Trial trial) {
    List<Host> x = new ArrayList<>();
    List<Host> old = new ArrayList<>();
    List<Average.Item> items = new ArrayList<>();
    boolean forgets = beta == 0 || (restart != null && restart > 0);
    for (int l = 0; l < LAYERS; l++) {
      int d = trial.size("d") + 3 * l;
      x.add(trial.random(d, d));
      // What is forgotten must not matter, not even if it is NaN.
      old.add(forgets ? Host.filled(d, d, Float.NaN) : trial.random(d, d));
      Matrix X = trial.input(x.get(l));
      items.add(new Average.Item(X, beta(l), trial.inOut(old.get(l))));
    }
    long flag = restart == null ? 0 : trial.ints(restart).pointer();
    trial.launch(s -> new Average(trial.device()).lower(s, items, flag));
    for (int l = 0; l < LAYERS; l++) {
      Host before = old.get(l);
      Host batch = x.get(l);
      double past = forgets ? 0 : beta(l);
      trial.check(
          "S of layer " + l,
          items.get(l).S(),
          (i, j) -> {
            if (j > i) {
              return Wanted.exactly(before.at(i, j));
            }
            double kept = forgets ? 0 : past * before.at(i, j);
            double fresh = (1 - past) * batch.at(i, j);
            return Wanted.within(kept + fresh, 3, Math.abs(kept) + Math.abs(fresh));
          });
    }
  }

  private float beta(int layer) {
    return beta / (1 + layer);
  }
}
