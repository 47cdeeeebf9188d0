package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.kernel.group.Groups;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One step of Adam at t = 1, 2, 1000, 10^6 and 2^32 + 1 against the textbook's recursion in double,
 * for one layer and for many; epsilon behind the correction, or before it. Further layers have
 * shapes of their own.
 */
final class AdamCase extends KernelCase {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** Of the size of the roots, so that its place is seen. */
  private static final double LARGE_EPSILON = 0.25;

  private final UpdateCase.Guard guard;
  private final boolean uncorrected;

  private AdamCase(UpdateCase.Guard guard, boolean uncorrected) {
    this.guard = guard;
    this.uncorrected = uncorrected;
  }

  static List<KernelCase> all() {
    return List.of(
        new AdamCase(UpdateCase.Guard.ACCEPTED, false),
        new AdamCase(UpdateCase.Guard.REJECTED, false),
        new AdamCase(UpdateCase.Guard.ABSENT, false),
        new AdamCase(UpdateCase.Guard.ACCEPTED, true));
  }

  @Override
  public String name() {
    return "adam/" + guard.name().toLowerCase(Locale.ROOT) + (uncorrected ? "-uncorrected" : "");
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("rows", 1, "columns", 1, "t", 1, "words", 0, "layers", 1),
        Size.of("rows", 7, "columns", 3, "t", 1, "words", 0, "layers", 1),
        Size.of("rows", 8, "columns", 127, "t", 2, "words", 0, "layers", 1),
        Size.of("rows", 9, "columns", 128, "t", 3, "words", 0, "layers", 1),
        Size.of("rows", 5, "columns", 129, "t", 1000, "words", 0, "layers", 1),
        Size.of("rows", 17, "columns", 785, "t", 10, "words", 0, "layers", 1),
        Size.of("rows", 2, "columns", 1024, "t", 1_000_000, "words", 0, "layers", 1),
        Size.of("rows", 3, "columns", 2051, "t", 1, "words", 0, "layers", 1),
        Size.of("rows", 3, "columns", 5, "t", 1, "words", 1, "layers", 1),
        Size.of("rows", 3, "columns", 5, "t", 4, "words", 0, "layers", 3),
        Size.of("rows", 9, "columns", 33, "t", 4, "words", 0, "layers", Groups.MOST + 2));
  }

  @Override
  public Work work(Size size) {
    double elements = LayerShapes.elementsWith(size);
    return new Work(11 * elements, 28 * elements);
  }

  /** What a layer holds before the step. */
  private record Before(Host w, Host g, Host m, Host v) {}

  @Override
  public void run(Trial trial) {
    long t = trial.size("t") + ((long) trial.size("words") << 32);
    float lr = 1e-3f;
    List<Before> layers = new ArrayList<>();
    List<Matrix> W = new ArrayList<>();
    List<Matrix> gradients = new ArrayList<>();
    List<Matrix> first = new ArrayList<>();
    List<Matrix> second = new ArrayList<>();
    for (int l = 0; l < trial.size("layers"); l++) {
      Before b = before(trial, l, t == 1);
      layers.add(b);
      W.add(trial.inOut(b.w));
      gradients.add(trial.input(b.g));
      first.add(trial.inOut(b.m));
      second.add(trial.inOut(b.v));
    }
    Matrix rate = trial.input(Host.row(lr));
    Buffer low = trial.ints((int) t);
    Buffer high = trial.ints((int) (t >>> 32));
    Count step = new Count(low.pointer(), high.pointer());
    long accepted = guard.pointer(trial);
    Adam adam = new Adam(trial.device());
    trial.launch(
        s ->
            adam.step(
                s,
                W,
                gradients,
                first,
                second,
                BETA1,
                BETA2,
                epsilon(),
                uncorrected,
                rate.pointer(),
                step,
                accepted));
    for (int l = 0; l < layers.size(); l++) {
      Before b = layers.get(l);
      trial.check("m " + l, first.get(l), (i, j) -> moment(BETA1, b.m.at(i, j), b.g.at(i, j)));
      trial.check("v " + l, second.get(l), (i, j) -> second(b, i, j));
      trial.check("W " + l, W.get(l), (i, j) -> weight(b, i, j, lr, t));
    }
  }

  private static Before before(Trial trial, int layer, boolean fresh) {
    int rows = LayerShapes.rowsWith(trial, layer);
    int columns = LayerShapes.columnsWith(trial, layer);
    Host g = Host.of(rows, columns, (i, j) -> j % 7 == 3 ? 0 : trial.random().nextDouble() - 0.5);
    Host zero = Host.filled(rows, columns, 0);
    return new Before(
        trial.random(rows, columns),
        g,
        fresh ? zero : trial.random(rows, columns, -1, 1),
        fresh ? zero : trial.random(rows, columns, 0, 1));
  }

  private Wanted weight(Before b, int i, int j, double lr, long t) {
    if (!guard.writes()) {
      return Wanted.exactly(b.w.at(i, j));
    }
    Wanted m = moment(BETA1, b.m.at(i, j), b.g.at(i, j));
    Wanted v = second(b, i, j);
    double correction = Math.sqrt(1 - Math.pow(BETA2, t));
    double corrected =
        uncorrected
            ? (Math.sqrt(v.value()) + epsilon()) / correction
            : Math.sqrt(v.value()) / correction + epsilon();
    double move = lr / (1 - Math.pow(BETA1, t)) / corrected;
    double value = b.w.at(i, j) - move * m.value();
    // error of m as it comes, half of v's relative error, and 16 roundings of the rest
    double relative = v.value() == 0 ? 0 : v.bound() / v.value() / 2;
    double error = move * (m.bound() + Math.abs(m.value()) * (relative + 16 * Wanted.EPSILON));
    return new Wanted(value, error + Wanted.EPSILON * Math.abs(value) + Wanted.TINY);
  }

  private double epsilon() {
    return uncorrected ? LARGE_EPSILON : EPSILON;
  }

  private Wanted second(Before b, int i, int j) {
    return moment(BETA2, b.v.at(i, j), b.g.at(i, j) * b.g.at(i, j));
  }

  private Wanted moment(double beta, double before, double input) {
    double value = beta * before + (1 - beta) * input;
    return guard.writes()
        ? Wanted.within(
            value, 1, Math.abs(value) + 3 * (1 - beta) * (Math.abs(before) + Math.abs(input)))
        : Wanted.exactly(before);
  }
}
