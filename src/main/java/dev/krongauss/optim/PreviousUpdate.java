package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Momentum;
import dev.krongauss.kernel.Update;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.List;

/**
 * Momentum of Martens and Grosse: the update is αΔ + μV, V being the last accepted one, and α and μ
 * minimise the quadratic model of the batch in that plane. Before the first update V = 0, and μ = 0
 * wherever V is of no use; the rule is in {@code kernels/control.cu}.
 *
 * <p>The mixed curvature E[vᵀ H w] of v = J Δ and w = J V is polarised: E[(v + s w)ᵀ H (v + s w)] −
 * E[(v − s w)ᵀ H (v − s w)] = 4 s E[vᵀ H w]. So every loss has it that has {@link
 * LossFunction.OnDevice#hessianProduct}.
 */
final class PreviousUpdate implements AutoCloseable {
  private final Model model;
  private final Stream stream;
  private final Scalars scalars;
  private final Control control;
  private final Update add;
  private final Momentum momentum;
  private final List<Matrix> V;
  private Arena batchArena;
  private Matrix combined;

  PreviousUpdate(Model model, Arena arena, Scalars scalars, Control control, Update add) {
    this.model = model;
    this.stream = model.device().stream();
    this.scalars = scalars;
    this.control = control;
    this.add = add;
    this.momentum = new Momentum(model.device());
    this.V = FirstOrder.like(model.parameters(), arena, "previous update");
  }

  /** The last accepted update, shaped like the parameters; 0 before the first. */
  List<Matrix> V() {
    return V;
  }

  void exchange(State state) {
    state.matrices("previous", V);
  }

  /** Makes room for batches of N datapoints; waits if that has changed. */
  void prepare(int N, int outputs) {
    if (combined != null && combined.rows() == N) {
      return;
    }
    close();
    combined = null;
    batchArena = model.device().newArena("momentum batch");
    combined = batchArena.matrix(N, outputs, "v + s w");
  }

  /**
   * Measures V beside a direction.
   *
   * @param v J Δ as the model has it; the model's memory is used again
   * @param measures address of Δ's {@link Control#MEASURES} floats, which are there
   * @param mixed address of {@link Control#MIXED_MEASURES} floats
   */
  void measure(
      Objective objective,
      Matrix v,
      List<Matrix> direction,
      List<Matrix> gradients,
      long measures,
      long mixed) {
    stream.copy(v, combined);
    Matrix w = objective.curvature(V, at(mixed, Control.PREVIOUS_CURVATURE));
    control.balance(stream, measures, mixed);
    add.apply(stream, List.of(combined), List.of(w), at(mixed, Control.BALANCE), 0);
    objective.curvature(combined, at(mixed, Control.PLUS));
    add.apply(stream, List.of(combined), List.of(w), at(mixed, Control.BACK), 0);
    objective.curvature(combined, at(mixed, Control.MINUS));
    long slope = at(mixed, Control.PREVIOUS_SLOPE);
    objective.dotAndNorm(V, gradients, slope, at(mixed, Control.PREVIOUS2));
    objective.dot(V, direction, at(mixed, Control.INNER));
  }

  /** V ← αΔ + μV and W ← W + V, if the update is accepted. */
  void apply(List<Matrix> direction) {
    momentum.apply(
        stream,
        model.parameters(),
        direction,
        V,
        scalars.at(Control.ALPHA),
        scalars.at(Control.MU),
        scalars.at(Control.ACCEPTED));
  }

  @Override
  public void close() {
    if (batchArena != null) {
      if (!stream.isClosed()) {
        stream.synchronize();
      }
      batchArena.close();
      batchArena = null;
    }
  }

  private static long at(long mixed, int place) {
    return mixed + 4L * place;
  }
}
