package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.List;
import java.util.Locale;

/** One step of Adam at t = 1, 2, 1000 and 10^6 against the textbook's recursion in double. */
final class AdamCase extends KernelCase {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final UpdateCase.Guard guard;

  private AdamCase(UpdateCase.Guard guard) {
    this.guard = guard;
  }

  static List<KernelCase> all() {
    return List.of(
        new AdamCase(UpdateCase.Guard.ACCEPTED),
        new AdamCase(UpdateCase.Guard.REJECTED),
        new AdamCase(UpdateCase.Guard.ABSENT));
  }

  @Override
  public String name() {
    return "adam/" + guard.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("rows", 1, "columns", 1, "t", 1),
        Size.of("rows", 7, "columns", 3, "t", 1),
        Size.of("rows", 8, "columns", 127, "t", 2),
        Size.of("rows", 9, "columns", 128, "t", 3),
        Size.of("rows", 5, "columns", 129, "t", 1000),
        Size.of("rows", 17, "columns", 785, "t", 10),
        Size.of("rows", 2, "columns", 1024, "t", 1_000_000),
        Size.of("rows", 3, "columns", 2051, "t", 1));
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("rows") * size.get("columns");
    return new Work(11 * elements, 28 * elements);
  }

  @Override
  public void run(Trial trial) {
    int rows = trial.size("rows");
    int columns = trial.size("columns");
    int t = trial.size("t");
    double lr = 1e-3f;
    Host w = trial.random(rows, columns);
    Host g = Host.of(rows, columns, (i, j) -> j % 7 == 3 ? 0 : trial.random().nextDouble() - 0.5);
    Host m = t == 1 ? Host.filled(rows, columns, 0) : trial.random(rows, columns, -1, 1);
    Host v = t == 1 ? Host.filled(rows, columns, 0) : trial.random(rows, columns, 0, 1);
    Matrix W = trial.inOut(w);
    Matrix gradient = trial.input(g);
    Matrix first = trial.inOut(m);
    Matrix second = trial.inOut(v);
    Matrix rate = trial.input(Host.row((float) lr));
    Buffer step = trial.ints(t);
    long accepted = guard.pointer(trial);
    Adam adam = new Adam(trial.device());
    trial.launch(
        s ->
            adam.step(
                s,
                W,
                gradient,
                first,
                second,
                BETA1,
                BETA2,
                EPSILON,
                rate.pointer(),
                step.pointer(),
                accepted));
    trial.check("m", first, (i, j) -> moment(BETA1, m.at(i, j), g.at(i, j)));
    trial.check("v", second, (i, j) -> moment(BETA2, v.at(i, j), g.at(i, j) * g.at(i, j)));
    trial.check(
        "W",
        W,
        (i, j) -> {
          if (!guard.writes()) {
            return Wanted.exactly(w.at(i, j));
          }
          Wanted m1 = moment(BETA1, m.at(i, j), g.at(i, j));
          Wanted v1 = moment(BETA2, v.at(i, j), g.at(i, j) * g.at(i, j));
          double corrected = Math.sqrt(v1.value() / (1 - Math.pow(BETA2, t))) + EPSILON;
          double move = lr / (1 - Math.pow(BETA1, t)) / corrected;
          double value = w.at(i, j) - move * m1.value();
          // error of m as it comes, half of v's relative error, and 16 roundings of the rest
          double relative = v1.value() == 0 ? 0 : v1.bound() / v1.value() / 2;
          double error =
              move * (m1.bound() + Math.abs(m1.value()) * (relative + 16 * Wanted.EPSILON));
          return new Wanted(value, error + Wanted.EPSILON * Math.abs(value) + Wanted.TINY);
        });
  }

  private Wanted moment(double beta, double before, double input) {
    double value = beta * before + (1 - beta) * input;
    return guard.writes()
        ? Wanted.within(
            value, 1, Math.abs(value) + 3 * (1 - beta) * (Math.abs(before) + Math.abs(input)))
        : Wanted.exactly(before);
  }
}
