package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Past;
import java.util.ArrayList;
import java.util.List;

/**
 * S = beta S + (1 - beta) X on the lower triangle, or of diagonals; beta a constant or counted on
 * the device.
 */
final class AverageCase extends KernelCase {
  private static final int LAYERS = 3;

  /** Batches in each layer's average where they are counted: none, some, and all that count. */
  private static final int[] BATCHES = {0, 3, 1 << 30};

  private static final int[] BATCHES_AFTERWARDS = {1, 4, 1 << 30};

  private final float beta;
  private final boolean counted;

  /** The device int that makes beta 0 where it is positive; null for none. */
  private final Integer restart;

  /** Whether the layer in the middle is a diagonal. */
  private final boolean diagonal;

  private AverageCase(float beta, boolean counted, Integer restart) {
    this(beta, counted, restart, false);
  }

  private AverageCase(float beta, boolean counted, Integer restart, boolean diagonal) {
    this.diagonal = diagonal;
    this.beta = beta;
    this.counted = counted;
    this.restart = restart;
  }

  static List<KernelCase> all() {
    return List.of(
        new AverageCase(0.9f, false, null),
        new AverageCase(0, false, null),
        new AverageCase(0.9f, false, 0),
        new AverageCase(0.9f, false, 3),
        new AverageCase(0.9f, true, null),
        new AverageCase(0.9f, true, null, true),
        new AverageCase(0.9f, true, 1, true),
        new AverageCase(0.9f, true, 1));
  }

  @Override
  public String name() {
    return "average/lower-"
        + (counted ? "decay-" : "beta-")
        + beta
        + (diagonal ? "-diagonal" : "")
        + (restart == null ? "" : "-restart-" + restart);
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
        // What becomes of the past has nothing to do with the second chunk of a row.
        Size.of("d", restart == null && beta > 0 ? 1025 : 131));
  }

  @Override
  public Work work(Size size) {
    double elements = 0;
    for (int l = 0; l < LAYERS; l++) {
      double d = size.get("d") + 3 * l;
      elements += rows(l, (int) d) == 1 ? d : 0.5 * d * (d + 1);
    }
    return new Work(3 * elements, 12 * elements);
  }

  /** Layers of different sizes in one launch, each with a weight of its own unless it is 0. */
  @Override
  public void run(Trial trial) {
    List<Host> x = new ArrayList<>();
    List<Host> old = new ArrayList<>();
    List<Buffer> batches = new ArrayList<>();
    List<Average.Item> items = new ArrayList<>();
    for (int l = 0; l < LAYERS; l++) {
      int d = trial.size("d") + 3 * l;
      int rows = rows(l, d);
      x.add(trial.random(rows, d));
      // What is forgotten must not matter, not even if it is NaN.
      old.add(past(l) == 0 ? Host.filled(rows, d, Float.NaN) : trial.random(rows, d));
      Matrix X = trial.input(x.get(l));
      batches.add(trial.ints(BATCHES[l], 0));
      Past past = counted ? new Past(beta, batches.get(l).pointer()) : Past.always(beta(l));
      items.add(new Average.Item(X, past, trial.inOut(old.get(l))));
    }
    long flag = restart == null ? 0 : trial.ints(restart).pointer();
    trial.launch(s -> new Average(trial.device()).lower(s, items, flag));
    for (int l = 0; l < LAYERS; l++) {
      int count = counted ? BATCHES_AFTERWARDS[l] : BATCHES[l];
      trial.checkInts("batches of layer " + l, batches.get(l), count, 0);
      trial.check("S of layer " + l, items.get(l).S(), wanted(past(l), old.get(l), x.get(l)));
    }
  }

  private int rows(int layer, int d) {
    return diagonal && layer == 1 ? 1 : d;
  }

  private static Wanted.Reference wanted(double past, Host before, Host batch) {
    return (i, j) -> {
      if (j > i && batch.rows() > 1) {
        return Wanted.exactly(before.at(i, j));
      }
      double kept = past == 0 ? 0 : past * before.at(i, j);
      double fresh = (1 - past) * batch.at(i, j);
      return Wanted.within(kept + fresh, 3, Math.abs(kept) + Math.abs(fresh));
    };
  }

  /** The past's weight, of which every rounding is the kernel's. */
  private float past(int layer) {
    if (restart != null && restart > 0) {
      return 0;
    }
    return counted ? Math.min(1 - 1f / (BATCHES[layer] + 1), beta) : beta(layer);
  }

  private float beta(int layer) {
    return beta / (1 + layer);
  }
}
