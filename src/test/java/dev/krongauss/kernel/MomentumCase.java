package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** V = alpha D + mu V, W += V, and the guard; one matrix, or many. */
final class MomentumCase extends KernelCase {
  private final Kind kind;

  private enum Kind {
    ACCEPTED,
    REJECTED,
    MANY
  }

  private MomentumCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(
        new MomentumCase(Kind.ACCEPTED),
        new MomentumCase(Kind.REJECTED),
        new MomentumCase(Kind.MANY));
  }

  @Override
  public String name() {
    return "momentum/" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return kind == Kind.MANY ? LayerShapes.counts() : UpdateCase.elementSizes();
  }

  @Override
  public Work work(Size size) {
    double elements = LayerShapes.elements(size, kind == Kind.MANY);
    return new Work(4 * elements, 20 * elements);
  }

  @Override
  public void run(Trial trial) {
    List<int[]> shapes = LayerShapes.of(trial.size(), kind == Kind.MANY);
    List<Host> w = new ArrayList<>();
    List<Host> d = new ArrayList<>();
    List<Host> v = new ArrayList<>();
    List<Matrix> W = new ArrayList<>();
    List<Matrix> D = new ArrayList<>();
    List<Matrix> V = new ArrayList<>();
    for (int l = 0; l < shapes.size(); l++) {
      int rows = shapes.get(l)[0];
      int columns = shapes.get(l)[1];
      w.add(trial.random(rows, columns));
      d.add(trial.random(rows, columns));
      v.add(trial.random(rows, columns));
      W.add(trial.inOut(w.get(l)));
      D.add(trial.input(d.get(l)));
      V.add(trial.inOut(v.get(l)));
    }
    float alpha = 0.7f;
    float mu = -0.4f;
    Matrix factors = trial.input(Host.row(alpha, mu));
    long accepted = trial.ints(kind == Kind.REJECTED ? 0 : 1).pointer();
    Momentum momentum = new Momentum(trial.device());
    long alphas = factors.pointer();
    trial.launch(s -> momentum.apply(s, W, D, V, alphas, alphas + 4, accepted));
    for (int l = 0; l < shapes.size(); l++) {
      Host before = w.get(l);
      Host direction = d.get(l);
      Host previous = v.get(l);
      trial.check("V of layer " + l, V.get(l), (i, j) -> update(previous, direction, i, j));
      trial.check(
          "W of layer " + l,
          W.get(l),
          (i, j) -> {
            if (kind == Kind.REJECTED) {
              return Wanted.exactly(before.get(i, j));
            }
            Wanted update = update(previous, direction, i, j);
            double value = before.at(i, j) + update.value();
            return new Wanted(
                value, update.bound() + Wanted.EPSILON * Math.abs(value) + Wanted.TINY);
          });
    }
  }

  /** A product and a sum are rounded, the other product is not. */
  private Wanted update(Host v, Host d, int i, int j) {
    if (kind == Kind.REJECTED) {
      return Wanted.exactly(v.get(i, j));
    }
    double past = -0.4f * v.at(i, j);
    double value = 0.7f * d.at(i, j) + past;
    return Wanted.within(value, 1, Math.abs(past) + Math.abs(value));
  }
}
