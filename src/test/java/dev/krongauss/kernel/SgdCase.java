package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;
import java.util.Locale;

/**
 * Gradient descent, momentum and Nesterov's momentum: one step from a velocity that is already
 * moving.
 */
final class SgdCase extends KernelCase {
  private enum Rule {
    PLAIN,
    MOMENTUM,
    NESTEROV
  }

  private final Rule rule;
  private final UpdateCase.Guard guard;

  private SgdCase(Rule rule, UpdateCase.Guard guard) {
    this.rule = rule;
    this.guard = guard;
  }

  static List<KernelCase> all() {
    return List.of(
        new SgdCase(Rule.PLAIN, UpdateCase.Guard.ACCEPTED),
        new SgdCase(Rule.PLAIN, UpdateCase.Guard.REJECTED),
        new SgdCase(Rule.MOMENTUM, UpdateCase.Guard.ABSENT),
        new SgdCase(Rule.MOMENTUM, UpdateCase.Guard.REJECTED),
        new SgdCase(Rule.NESTEROV, UpdateCase.Guard.ACCEPTED));
  }

  @Override
  public String name() {
    return ("sgd/" + rule + "-" + guard).toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return UpdateCase.elementSizes();
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("rows") * size.get("columns");
    return rule == Rule.PLAIN
        ? new Work(2 * elements, 12 * elements)
        : new Work(6 * elements, 20 * elements);
  }

  @Override
  public void run(Trial trial) {
    int rows = trial.size("rows");
    int columns = trial.size("columns");
    double lr = 0.05f;
    double mu = 0.9f;
    Host w = trial.random(rows, columns);
    Host g = trial.random(rows, columns);
    Host u = trial.random(rows, columns);
    Matrix W = trial.inOut(w);
    Matrix gradient = trial.input(g);
    Matrix velocity = rule == Rule.PLAIN ? null : trial.inOut(u);
    Matrix rate = trial.input(Host.row((float) lr));
    long accepted = guard.pointer(trial);
    Sgd sgd = new Sgd(trial.device());
    float momentum = rule == Rule.PLAIN ? 0 : (float) mu;
    trial.launch(
        s ->
            sgd.step(
                s,
                W,
                gradient,
                velocity,
                momentum,
                rule == Rule.NESTEROV,
                rate.pointer(),
                accepted));
    if (velocity != null) {
      trial.check(
          "velocity",
          velocity,
          (i, j) -> {
            double moved = mu * u.at(i, j) + g.at(i, j);
            return guard.writes()
                ? Wanted.within(moved, 1, Math.abs(moved))
                : Wanted.exactly(u.at(i, j));
          });
    }
    trial.check(
        "W",
        W,
        (i, j) -> {
          double moved = mu * u.at(i, j) + g.at(i, j);
          double direction =
              switch (rule) {
                case PLAIN -> g.at(i, j);
                case MOMENTUM -> moved;
                case NESTEROV -> g.at(i, j) + mu * moved;
              };
          double value = w.at(i, j) - lr * direction;
          double magnitude =
              Math.abs(w.at(i, j)) + lr * (2 * Math.abs(g.at(i, j)) + Math.abs(u.at(i, j)));
          return guard.writes() ? Wanted.within(value, 4, magnitude) : Wanted.exactly(w.at(i, j));
        });
  }
}
