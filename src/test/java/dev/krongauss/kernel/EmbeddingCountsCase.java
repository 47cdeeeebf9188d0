package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.PositionInputs.Padding;
import java.util.List;
import java.util.Locale;

/** How often the rows of an embedding are looked up, and once where an index does not exist. */
final class EmbeddingCountsCase extends KernelCase {
  private final Padding padding;

  private EmbeddingCountsCase(Padding padding) {
    this.padding = padding;
  }

  static List<KernelCase> all() {
    return List.of(Padding.values()).stream().<KernelCase>map(EmbeddingCountsCase::new).toList();
  }

  @Override
  public String name() {
    return "embedding_counts/" + padding.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "T", 1, "group", 1, "rows", 1),
        Size.of("N", 9, "T", 31, "group", 1, "rows", 5),
        Size.of("N", 64, "T", 17, "group", 4, "rows", 300),
        Size.of("N", 3, "T", 100, "group", 7, "rows", 257));
  }

  @Override
  public Work work(Size size) {
    double groups = (double) size.get("N") * size.get("T") / size.get("group");
    return new Work(4 * groups, 2 * (24 * groups + 20.0 * size.get("rows")));
  }

  @Override
  public void run(Trial trial) {
    int rows = trial.size("rows");
    PositionInputs p =
        new PositionInputs(trial, trial.size("N"), trial.size("T"), trial.size("group"), padding);
    int[] index = new int[p.N * p.T];
    for (int row = 0; row < index.length; row++) {
      index[row] =
          p.weight(row) == 0 ? -7 : trial.random().nextInt(rows); // padding is not looked at
    }
    int[] beyond = index.clone();
    int bad = 0; // one that is drawn and counts
    while (bad < p.set.groups(index.length) && p.weight(p.drawn(bad, index.length)) == 0) {
      bad++;
    }
    boolean any = bad < p.set.groups(index.length);
    if (any) {
      beyond[p.drawn(bad, index.length)] = bad % 2 == 0 ? rows : -1;
    }
    Buffer right = trial.ints(index);
    Buffer wrong = trial.ints(beyond);
    Buffer counters = trial.ints(new int[2 * (rows + 1) + 2]);
    long aligned = (counters.pointer() + 7) / 8 * 8;
    Matrix q = trial.output(1, rows);
    Matrix failed = trial.output(1, rows);
    EmbeddingCounts kernels = new EmbeddingCounts(trial.device());
    trial.launch(
        s -> {
          kernels.mean(s, p.set, wrong.pointer(), aligned, failed);
          kernels.mean(s, p.set, right.pointer(), aligned, q);
        });
    double[] wanted = new double[rows];
    int groups = p.set.groups(index.length);
    for (int g = 0; g < groups; g++) {
      int member = p.drawn(g, index.length);
      if (p.weight(member) > 0) {
        wanted[index[member]] += p.size(g, index.length) * p.weight(member) / p.Z();
      }
    }
    double fixed = groups * 0x1p-33 / p.Z(); // each weight's own rounding, where it is not whole
    trial.check(
        "q",
        q,
        (i, j) -> new Wanted(wanted[j], 4 * Wanted.EPSILON * wanted[j] + (p.Z() > 0 ? fixed : 0)));
    trial.check(
        "with an index that does not exist",
        failed,
        (i, j) -> any ? Wanted.exactly(Double.NaN) : Wanted.exactly(0));
  }
}
