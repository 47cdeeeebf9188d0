package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.group.Groups;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Gradient descent, momentum and Nesterov's momentum: one step from a velocity that is already
 * moving, for one layer and for many.
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
    List<Size> sizes = new ArrayList<>();
    for (Size size : UpdateCase.elementSizes()) {
      sizes.add(Size.of("rows", size.get("rows"), "columns", size.get("columns"), "layers", 1));
    }
    sizes.add(Size.of("rows", 3, "columns", 5, "layers", 3));
    sizes.add(Size.of("rows", 9, "columns", 33, "layers", Groups.MOST + 2));
    return sizes;
  }

  @Override
  public Work work(Size size) {
    double elements = LayerShapes.elementsWith(size);
    return rule == Rule.PLAIN
        ? new Work(2 * elements, 12 * elements)
        : new Work(6 * elements, 20 * elements);
  }

  /** What a layer holds before the step. */
  private record Before(Host w, Host g, Host u) {}

  @Override
  public void run(Trial trial) {
    float lr = 0.05f;
    float mu = rule == Rule.PLAIN ? 0 : 0.9f;
    List<Before> layers = new ArrayList<>();
    List<Matrix> W = new ArrayList<>();
    List<Matrix> gradients = new ArrayList<>();
    List<Matrix> velocities = rule == Rule.PLAIN ? null : new ArrayList<>();
    for (int l = 0; l < trial.size("layers"); l++) {
      int rows = LayerShapes.rowsWith(trial, l);
      int columns = LayerShapes.columnsWith(trial, l);
      Before b =
          new Before(
              trial.random(rows, columns),
              trial.random(rows, columns),
              trial.random(rows, columns));
      layers.add(b);
      W.add(trial.inOut(b.w));
      gradients.add(trial.input(b.g));
      if (velocities != null) {
        velocities.add(trial.inOut(b.u));
      }
    }
    Matrix rate = trial.input(Host.row(lr));
    long accepted = guard.pointer(trial);
    Sgd sgd = new Sgd(trial.device());
    boolean nesterov = rule == Rule.NESTEROV;
    trial.launch(
        s -> sgd.step(s, W, gradients, velocities, mu, nesterov, rate.pointer(), accepted));
    for (int l = 0; l < layers.size(); l++) {
      Before b = layers.get(l);
      if (velocities != null) {
        trial.check("velocity " + l, velocities.get(l), (i, j) -> velocity(b, i, j, mu));
      }
      trial.check("W " + l, W.get(l), (i, j) -> weight(b, i, j, lr, mu));
    }
  }

  private Wanted velocity(Before b, int i, int j, double mu) {
    double moved = mu * b.u.at(i, j) + b.g.at(i, j);
    return guard.writes() ? Wanted.within(moved, 1, Math.abs(moved)) : Wanted.exactly(b.u.at(i, j));
  }

  private Wanted weight(Before b, int i, int j, double lr, double mu) {
    double w = b.w.at(i, j);
    double g = b.g.at(i, j);
    double moved = mu * b.u.at(i, j) + g;
    double direction =
        switch (rule) {
          case PLAIN -> g;
          case MOMENTUM -> moved;
          case NESTEROV -> g + mu * moved;
        };
    double magnitude = Math.abs(w) + lr * (2 * Math.abs(g) + Math.abs(b.u.at(i, j)));
    return guard.writes() ? Wanted.within(w - lr * direction, 4, magnitude) : Wanted.exactly(w);
  }
}
