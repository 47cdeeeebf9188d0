package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Count;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** W_l += x_l D_l, with both averages, one or none, and the guard; one matrix, or many. */
final class LayerUpdateCase extends KernelCase {
  private static final float DECAY = 0.9f;

  private final Kind kind;

  private enum Kind {
    BOTH(true, true),
    STEP(false, false),
    GRADIENTS(true, false),
    ITERATES(false, true),
    FIRST(true, true),
    DECAYED(true, true),
    REJECTED(true, true),
    MANY(true, true);

    private final boolean gradients;
    private final boolean iterates;

    Kind(boolean gradients, boolean iterates) {
      this.gradients = gradients;
      this.iterates = iterates;
    }

    private float mu() {
      return this == FIRST ? 0 : 0.7f;
    }

    private int applied() {
      return this == FIRST ? 1 : this == DECAYED ? 70 : 7;
    }
  }

  /** One operand of all layers, on the host as it was and on the device. */
  private record Operand(List<Host> before, List<Matrix> matrices) {
    Operand() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(Host values, Matrix matrix) {
      before.add(values);
      matrices.add(matrix);
    }
  }

  private LayerUpdateCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(LayerUpdateCase::new).toList();
  }

  @Override
  public String name() {
    return "layer_update/" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return kind == Kind.MANY ? LayerShapes.counts() : UpdateCase.elementSizes();
  }

  @Override
  public Work work(Size size) {
    double elements = LayerShapes.elements(size, kind == Kind.MANY);
    double flops = 2 + (kind.gradients && kind.mu() != 0 ? 3 : 0) + (kind.iterates ? 3 : 0);
    double bytes = 12 + (kind.gradients ? kind.mu() != 0 ? 12 : 8 : 0) + (kind.iterates ? 8 : 0);
    return new Work(flops * elements, bytes * elements);
  }

  @Override
  public void run(Trial trial) {
    Operand W = new Operand();
    Operand D = new Operand();
    Operand m = new Operand();
    Operand g = new Operand();
    Operand A = new Operand();
    for (int[] shape : LayerShapes.of(trial.size(), kind == Kind.MANY)) {
      Host average = trial.random(shape[0], shape[1]);
      if (kind == Kind.FIRST) {
        average = Host.filled(shape[0], shape[1], Float.NaN); // not looked at
      }
      Host zero = Host.filled(shape[0], shape[1], 0);
      inOut(trial, W, trial.random(shape[0], shape[1]));
      input(trial, D, trial.random(shape[0], shape[1]));
      inOut(trial, m, average);
      input(trial, g, trial.random(shape[0], shape[1]));
      inOut(trial, A, kind == Kind.FIRST ? zero : trial.random(shape[0], shape[1]));
    }
    int layers = W.before.size();
    Host x = Host.of(1, layers, (i, l) -> (l % 2 == 0 ? 0.7 : -0.4) + 0.01 * l);
    Matrix coefficients = trial.input(x);
    Matrix decay = trial.input(Host.row(kind.mu()));
    Count applied = new Count(trial.ints(kind.applied()).pointer(), trial.ints(0).pointer());
    long accepted = trial.ints(kind == Kind.REJECTED ? 0 : 1).pointer();
    LayerUpdate.Gradients gradients =
        kind.gradients ? new LayerUpdate.Gradients(m.matrices, g.matrices, decay.pointer()) : null;
    LayerUpdate.Iterates iterates =
        kind.iterates ? new LayerUpdate.Iterates(A.matrices, DECAY, applied) : null;
    LayerUpdate update = new LayerUpdate(trial.device());
    trial.launch(
        s ->
            update.apply(
                s, W.matrices, D.matrices, coefficients.pointer(), gradients, iterates, accepted));
    for (int l = 0; l < layers; l++) {
      check(trial, l, x.get(0, l), W, D, m, g, A);
    }
  }

  private void check(
      Trial trial, int l, float x, Operand W, Operand D, Operand m, Operand g, Operand A) {
    boolean writes = kind != Kind.REJECTED;
    Host w = W.before.get(l);
    Host d = D.before.get(l);
    Host average = m.before.get(l);
    Host a = A.before.get(l);
    Host now = trial.download(W.matrices.get(l));
    trial.check(
        "W of layer " + l,
        now,
        (i, j) -> {
          double value = w.at(i, j) + x * d.at(i, j);
          return writes ? Wanted.within(value, 1, Math.abs(value)) : Wanted.exactly(w.get(i, j));
        });
    trial.check(
        "m of layer " + l,
        m.matrices.get(l),
        (i, j) ->
            writes && kind.gradients
                ? GradientAverageCase.average(kind.mu(), average, g.before.get(l), i, j)
                : Wanted.exactly(average.get(i, j)));
    trial.check(
        "A of layer " + l,
        A.matrices.get(l),
        (i, j) -> writes && kind.iterates ? mean(a, now, i, j) : Wanted.exactly(a.get(i, j)));
  }

  /** Of the new weights as they are: the bound of {@code iterate_average.cu}. */
  private Wanted mean(Host a, Host w, int i, int j) {
    if (kind == Kind.FIRST) {
      return Wanted.exactly(w.get(i, j));
    }
    double step = Math.max(1.0 / kind.applied(), 1 - (double) DECAY) * (w.at(i, j) - a.at(i, j));
    double value = a.at(i, j) + step;
    return Wanted.within(value, 1, Math.abs(value) + 4 * Math.abs(step));
  }

  private static void inOut(Trial trial, Operand operand, Host values) {
    operand.add(values, trial.inOut(values));
  }

  private static void input(Trial trial, Operand operand, Host values) {
    operand.add(values, trial.input(values));
  }
}
