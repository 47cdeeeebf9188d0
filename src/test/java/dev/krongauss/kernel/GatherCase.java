package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.BatchOrder;
import dev.krongauss.kernel.group.Groups;
import java.util.ArrayList;
import java.util.List;

/**
 * Batches of one matrix, or of many with widths of their own, bit by bit: the last one of two
 * permutations, the first one, and the next.
 */
final class GatherCase extends KernelCase {
  private static final int STEP = 7; // has no factor in common with the rows there are
  private static final int PERMUTATIONS = 2;
  private static final int LAUNCHES = 3;

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
        ? List.of(Size.of("layers", 2), Size.of("layers", Groups.MOST))
        : List.of(
            Size.of("M", 1, "N", 1, "d", 1),
            Size.of("M", 9, "N", 9, "d", 3),
            Size.of("M", 65, "N", 64, "d", 128),
            Size.of("M", 1000, "N", 100, "d", 785),
            Size.of("M", 34, "N", 17, "d", 1025));
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
      bytes += 8.0 * columns(size, k) * N(size) + 4.0 * N(size);
    }
    return new Work(0, LAUNCHES * bytes);
  }

  @Override
  public void run(Trial trial) {
    int M = M(trial.size());
    int N = N(trial.size());
    int batches = M / N;
    int all = PERMUTATIONS * batches;
    int[] orders = orders(M);
    List<Host> x = new ArrayList<>();
    List<Matrix> from = new ArrayList<>();
    List<List<Matrix>> to = new ArrayList<>();
    for (int b = 0; b < LAUNCHES; b++) {
      to.add(new ArrayList<>());
    }
    for (int k = 0; k < matrices(trial.size()); k++) {
      int columns = columns(trial.size(), k);
      x.add(trial.random(M, columns));
      x.get(k).set(orders[N / 2], columns / 2, Float.NaN);
      x.get(k).set(orders[0], columns - 1, Float.NEGATIVE_INFINITY);
      from.add(trial.input(x.get(k)));
      to.forEach(batch -> batch.add(trial.output(N, columns)));
    }
    Buffer permutations = trial.ints(orders);
    Buffer next = trial.ints(all - 1, 0);
    BatchOrder order = new BatchOrder(permutations.pointer(), PERMUTATIONS, M, N, next.pointer());
    Gather gather = new Gather(trial.device());
    for (List<Matrix> batch : to) {
      trial.launch(s -> gather.of(order, from, batch).launch(s));
    }
    for (int b = 0; b < LAUNCHES; b++) {
      int number = (all - 1 + b) % all;
      int first = number / batches * M + number % batches * N;
      for (int k = 0; k < from.size(); k++) {
        Host values = x.get(k);
        trial.check(
            "batch " + b + " of matrix " + k,
            to.get(b).get(k),
            (i, j) -> Wanted.exactly(values.get(orders[first + i], j)));
      }
    }
    trial.checkInts("next", next, (all - 1 + LAUNCHES) % all, 0);
  }

  /** Rows all over the matrix, the last one first; in the second permutation another one first. */
  private static int[] orders(int M) {
    int[] orders = new int[PERMUTATIONS * M];
    for (int i = 0; i < orders.length; i++) {
      orders[i] = (int) ((M - 1L + i / M + (long) STEP * i) % M);
    }
    return orders;
  }
}
