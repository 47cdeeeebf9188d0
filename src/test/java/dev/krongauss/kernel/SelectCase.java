package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.group.Groups;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Y = X where the choice is this one, and nothing where it is another; one matrix, or many. */
final class SelectCase extends KernelCase {
  private static final int WHICH = 2;

  private final Kind kind;

  private enum Kind {
    CHOSEN,
    ANOTHER,
    MANY
  }

  private SelectCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(
        new SelectCase(Kind.CHOSEN), new SelectCase(Kind.ANOTHER), new SelectCase(Kind.MANY));
  }

  @Override
  public String name() {
    return "select/" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return kind == Kind.MANY
        ? List.of(Size.of("pairs", 2), Size.of("pairs", Groups.MOST), Size.of("pairs", 70))
        : UpdateCase.elementSizes();
  }

  @Override
  public Work work(Size size) {
    if (kind == Kind.ANOTHER) {
      return new Work(0, 4);
    }
    double elements = 0;
    for (int l = 0; l < (kind == Kind.MANY ? size.get("pairs") : 1); l++) {
      elements += (double) rows(size, l) * columns(size, l);
    }
    return new Work(0, 8 * elements);
  }

  @Override
  public void run(Trial trial) {
    int count = kind == Kind.MANY ? trial.size("pairs") : 1;
    List<Host> x = new ArrayList<>();
    List<Host> y = new ArrayList<>();
    List<Matrix> X = new ArrayList<>();
    List<Matrix> Y = new ArrayList<>();
    for (int l = 0; l < count; l++) {
      int rows = rows(trial, l);
      int columns = columns(trial, l);
      x.add(trial.random(rows, columns));
      y.add(trial.random(rows, columns));
      X.add(trial.input(x.get(l)));
      Y.add(trial.inOut(y.get(l)));
    }
    long choice = trial.ints(kind == Kind.ANOTHER ? WHICH - 1 : WHICH).pointer();
    Select select = new Select(trial.device());
    trial.launch(s -> select.where(s, choice, WHICH, X, Y));
    for (int l = 0; l < count; l++) {
      Host wanted = (kind == Kind.ANOTHER ? y : x).get(l);
      trial.check("Y of pair " + l, Y.get(l), (i, j) -> Wanted.exactly(wanted.get(i, j)));
    }
  }

  private int rows(Size size, int pair) {
    return kind == Kind.MANY ? 1 + 7 * pair % 19 : size.get("rows");
  }

  private int columns(Size size, int pair) {
    return kind == Kind.MANY ? 1 + 13 * pair % 71 : size.get("columns");
  }

  private int rows(Trial trial, int pair) {
    return kind == Kind.MANY ? 1 + 7 * pair % 19 : trial.size("rows");
  }

  private int columns(Trial trial, int pair) {
    return kind == Kind.MANY ? 1 + 13 * pair % 71 : trial.size("columns");
  }
}
