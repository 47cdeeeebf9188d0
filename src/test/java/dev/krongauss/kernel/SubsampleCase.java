package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Stacked copies of a batch's rows, bit by bit; one matrix, or many with copies of their own. */
final class SubsampleCase extends KernelCase {
  private final Kind kind;

  private enum Kind {
    WHOLE,
    PART,
    MANY
  }

  private SubsampleCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(SubsampleCase::new).toList();
  }

  @Override
  public String name() {
    return "subsample/" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return switch (kind) {
      case WHOLE ->
          List.of(
              Size.of("N", 1, "copies", 1, "d", 1),
              Size.of("N", 7, "copies", 5, "d", 3),
              Size.of("N", 63, "copies", 1, "d", 128),
              Size.of("N", 64, "copies", 2, "d", 1025));
      case PART ->
          List.of(
              Size.of("N", 65, "copies", 1, "d", 1), // the least eighths are as long as their part
              Size.of("N", 71, "copies", 3, "d", 31),
              Size.of("N", 72, "copies", 2, "d", 128),
              Size.of("N", 1000, "copies", 1, "d", 129),
              Size.of("N", 1039, "copies", 2, "d", 5),
              Size.of("N", 1040, "copies", 2, "d", 5), // a sixteenth is more than 64 from here
              Size.of("N", 2049, "copies", 1, "d", 36));
      case MANY -> LayerShapes.counts();
    };
  }

  private int N(Size size) {
    return kind == Kind.MANY ? 67 : size.get("N");
  }

  private int matrices(Size size) {
    return kind == Kind.MANY ? size.get("layers") : 1;
  }

  private int copies(Size size, int k) {
    return kind == Kind.MANY ? 1 + k % 3 : size.get("copies");
  }

  private int columns(Size size, int k) {
    return kind == Kind.MANY ? LayerShapes.columns(k) : size.get("d");
  }

  @Override
  public Work work(Size size) {
    double floats = 0;
    for (int k = 0; k < matrices(size); k++) {
      double part = (double) rows(N(size)).length * columns(size, k);
      floats += part + copies(size, k) * part;
    }
    return new Work(0, 4 * floats);
  }

  @Override
  public void run(Trial trial) {
    int N = N(trial.size());
    int[] rows = rows(N);
    List<Host> x = new ArrayList<>();
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    for (int k = 0; k < matrices(trial.size()); k++) {
      int columns = columns(trial.size(), k);
      x.add(trial.random(N, columns));
      x.get(k).set(rows[rows.length / 2], columns / 2, Float.NaN);
      x.get(k).set(rows[0], columns - 1, Float.NEGATIVE_INFINITY);
      from.add(trial.input(x.get(k)));
      to.add(trial.output(copies(trial.size(), k) * rows.length, columns));
    }
    Subsample subsample = new Subsample(trial.device());
    trial.launch(s -> subsample.take(s, new Part(N, rows.length, from, to)));
    for (int k = 0; k < to.size(); k++) {
      Host values = x.get(k);
      trial.check(
          "stack " + k, to.get(k), (i, j) -> Wanted.exactly(values.get(rows[i % rows.length], j)));
    }
  }

  /** The rows taken, one after the other. */
  static int[] rows(int N) {
    int n = Math.min(N, Math.max(N / 16, 64));
    List<Integer> rows = new ArrayList<>();
    for (int e = 0; e < 8; e++) {
      long first = (long) e * N / 8;
      long end = n == N ? (e + 1L) * N / 8 : first + (n + 7) / 8;
      for (long row = first; row < end; row++) {
        rows.add(Math.toIntExact(row));
      }
    }
    return rows.stream().mapToInt(Integer::intValue).toArray();
  }
}
