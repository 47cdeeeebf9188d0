package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Copies and transposes, bit by bit; one matrix, or many of which every second is transposed. */
final class ArrangeCase extends KernelCase {
  private final Kind kind;

  private enum Kind {
    COPY,
    TRANSPOSE,
    MANY
  }

  private ArrangeCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(ArrangeCase::new).toList();
  }

  @Override
  public String name() {
    return "arrange/" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return kind == Kind.MANY
        ? LayerShapes.counts()
        : List.of(
            Size.of("rows", 1, "columns", 1),
            Size.of("rows", 31, "columns", 33),
            Size.of("rows", 32, "columns", 32),
            Size.of("rows", 33, "columns", 31),
            Size.of("rows", 1, "columns", 97),
            Size.of("rows", 97, "columns", 1),
            Size.of("rows", 130, "columns", 257));
  }

  @Override
  public Work work(Size size) {
    return new Work(0, 8 * LayerShapes.elements(size, kind == Kind.MANY));
  }

  @Override
  public void run(Trial trial) {
    List<int[]> shapes = LayerShapes.of(trial.size(), kind == Kind.MANY);
    List<Host> x = new ArrayList<>();
    List<Arrange.Item> items = new ArrayList<>();
    for (int g = 0; g < shapes.size(); g++) {
      int rows = shapes.get(g)[0];
      int columns = shapes.get(g)[1];
      boolean transposed = kind == Kind.TRANSPOSE || kind == Kind.MANY && g % 2 == 1;
      Host values = trial.random(rows, columns);
      values.set(rows / 2, columns / 2, Float.NaN);
      x.add(values);
      Matrix Y = transposed ? trial.output(columns, rows) : trial.output(rows, columns);
      items.add(new Arrange.Item(trial.input(values), transposed, Y));
    }
    Arrange arrange = new Arrange(trial.device());
    trial.launch(s -> arrange.run(s, items));
    for (int g = 0; g < items.size(); g++) {
      Host values = x.get(g);
      boolean transposed = items.get(g).transposed();
      trial.check(
          "Y of matrix " + g,
          items.get(g).Y(),
          (i, j) -> Wanted.exactly(transposed ? values.get(j, i) : values.get(i, j)));
    }
  }
}
