package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.List;
import java.util.Locale;

/** W += alpha D and its guard. */
final class UpdateCase extends KernelCase {
  private final Guard guard;

  /** What stands at the accepted flag's address. */
  enum Guard {
    ACCEPTED,
    REJECTED,
    ABSENT;

    boolean writes() {
      return this != REJECTED;
    }

    long pointer(Trial trial) {
      if (this == ABSENT) {
        return 0;
      }
      Buffer flag = trial.ints(this == ACCEPTED ? 1 : 0);
      return flag.pointer();
    }
  }

  private UpdateCase(Guard guard) {
    this.guard = guard;
  }

  static List<KernelCase> all() {
    return List.of(
        new UpdateCase(Guard.ACCEPTED),
        new UpdateCase(Guard.REJECTED),
        new UpdateCase(Guard.ABSENT),
        new UpdateManyCase());
  }

  /** Sizes of the element-wise kernels: around a warp's fours, a block's rows and a chunk. */
  static List<Size> elementSizes() {
    return List.of(
        Size.of("rows", 1, "columns", 1),
        Size.of("rows", 7, "columns", 3),
        Size.of("rows", 8, "columns", 127),
        Size.of("rows", 9, "columns", 128),
        Size.of("rows", 5, "columns", 129),
        Size.of("rows", 17, "columns", 785),
        Size.of("rows", 2, "columns", 1023),
        Size.of("rows", 2, "columns", 1024),
        Size.of("rows", 3, "columns", 2051));
  }

  @Override
  public String name() {
    return "update/" + guard.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return elementSizes();
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("rows") * size.get("columns");
    return new Work(2 * elements, 12 * elements);
  }

  @Override
  public void run(Trial trial) {
    int rows = trial.size("rows");
    int columns = trial.size("columns");
    Host w = trial.random(rows, columns);
    Host d = trial.random(rows, columns);
    double alpha = -0.3f;
    Matrix W = trial.inOut(w);
    Matrix D = trial.input(d);
    Matrix alphas = trial.input(Host.row((float) alpha));
    long accepted = guard.pointer(trial);
    Update update = new Update(trial.device());
    trial.launch(s -> update.apply(s, List.of(W), List.of(D), alphas.pointer(), accepted));
    trial.check(
        "W",
        W,
        (i, j) -> {
          double value = w.at(i, j) + alpha * d.at(i, j);
          return guard.writes()
              ? Wanted.within(value, 1, Math.abs(value))
              : Wanted.exactly(w.at(i, j));
        });
  }
}
