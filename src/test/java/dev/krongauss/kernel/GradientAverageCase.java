package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** out = mu m + (1 - mu) g, and mu = 0, where m is not looked at; one matrix, or many. */
final class GradientAverageCase extends KernelCase {
  private final Kind kind;

  private enum Kind {
    AVERAGE,
    FIRST,
    MANY
  }

  private GradientAverageCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(GradientAverageCase::new).toList();
  }

  @Override
  public String name() {
    return "gradient_average/" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return kind == Kind.MANY ? LayerShapes.counts() : UpdateCase.elementSizes();
  }

  @Override
  public Work work(Size size) {
    double elements = LayerShapes.elements(size, kind == Kind.MANY);
    return kind == Kind.FIRST ? new Work(0, 8 * elements) : new Work(3 * elements, 12 * elements);
  }

  @Override
  public void run(Trial trial) {
    float mu = kind == Kind.FIRST ? 0 : 0.7f;
    List<Host> m = new ArrayList<>();
    List<Host> g = new ArrayList<>();
    List<Matrix> M = new ArrayList<>();
    List<Matrix> G = new ArrayList<>();
    List<Matrix> out = new ArrayList<>();
    for (int[] shape : LayerShapes.of(trial.size(), kind == Kind.MANY)) {
      int rows = shape[0];
      int columns = shape[1];
      Host before = kind == Kind.FIRST ? Host.filled(rows, columns, Float.NaN) : null;
      m.add(before == null ? trial.random(rows, columns) : before);
      g.add(trial.random(rows, columns));
      M.add(trial.input(m.get(m.size() - 1)));
      G.add(trial.input(g.get(g.size() - 1)));
      out.add(trial.output(rows, columns));
    }
    Matrix decay = trial.input(Host.row(mu));
    GradientAverage average = new GradientAverage(trial.device());
    trial.launch(s -> average.apply(s, M, G, decay.pointer(), out));
    for (int l = 0; l < out.size(); l++) {
      Host before = m.get(l);
      Host gradient = g.get(l);
      trial.check("out " + l, out.get(l), (i, j) -> average(mu, before, gradient, i, j));
    }
  }

  /** One rounding of the sum, two of the new term; g itself where mu is 0. */
  static Wanted average(float mu, Host m, Host g, int i, int j) {
    if (mu == 0) {
      return Wanted.exactly(g.get(i, j));
    }
    double term = (1 - (double) mu) * g.at(i, j);
    double value = mu * m.at(i, j) + term;
    return Wanted.within(value, 1, Math.abs(value) + 2 * Math.abs(term));
  }
}
