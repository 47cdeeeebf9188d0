package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;

/** Chosen rows of one matrix, or of many with widths of their own, bit by bit. */
final class GatherCase extends KernelCase {
  private static final int STEP = 7; // has no factor in common with the rows there are

  private final boolean many;

  private GatherCase(boolean many) {
    this.many = many;
  }

  static List<KernelCase> all() {
    return List.of(new GatherCase(false), new GatherCase(true));
  }

  @Override
  public String name() {
    return many ? "gather/many" : "gather/one";
  }

  @Override
  public List<Size> sizes() {
    return many
        ? LayerShapes.counts()
        : List.of(
            Size.of("M", 1, "N", 1, "d", 1),
            Size.of("M", 9, "N", 9, "d", 3),
            Size.of("M", 64, "N", 65, "d", 128),
            Size.of("M", 1000, "N", 100, "d", 785),
            Size.of("M", 33, "N", 17, "d", 1025));
  }

  private int M(Size size) {
    return many ? 71 : size.get("M");
  }

  private int N(Size size) {
    return many ? 20 : size.get("N");
  }

  private int matrices(Size size) {
    return many ? size.get("layers") : 1;
  }

  private int columns(Size size, int k) {
    return many ? LayerShapes.columns(k) : size.get("d");
  }

  @Override
  public Work work(Size size) {
    double bytes = 0;
    for (int k = 0; k < matrices(size); k++) {
      // A row that is chosen twice is read once.
      int read = Math.min(M(size), N(size));
      bytes += 4.0 * (columns(size, k) * (double) (read + N(size)));
    }
    return new Work(0, bytes + 4.0 * N(size));
  }

  @Override
  public void run(Trial trial) {
    int[] order = order(M(trial.size()), N(trial.size()));
    List<Host> x = new ArrayList<>();
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    for (int k = 0; k < matrices(trial.size()); k++) {
      int columns = columns(trial.size(), k);
      x.add(trial.random(M(trial.size()), columns));
      x.get(k).set(order[order.length / 2], columns / 2, Float.NaN);
      x.get(k).set(order[0], columns - 1, Float.NEGATIVE_INFINITY);
      from.add(trial.input(x.get(k)));
      to.add(trial.output(order.length, columns));
    }
    Buffer places = trial.ints(order);
    Gather gather = new Gather(trial.device());
    trial.launch(s -> gather.rows(s, places.pointer(), from, to));
    for (int k = 0; k < to.size(); k++) {
      Host values = x.get(k);
      trial.check("batch " + k, to.get(k), (i, j) -> Wanted.exactly(values.get(order[i], j)));
    }
  }

  /** Rows all over the matrix, the last one first. */
  private static int[] order(int M, int N) {
    int[] order = new int[N];
    for (int i = 0; i < N; i++) {
      order[i] = (int) ((M - 1L + (long) STEP * i) % M);
    }
    return order;
  }
}
