package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Update;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.model.State;
import java.util.List;

/**
 * One step length for all layers, α* = −⟨Δ,g⟩ / (ΔᵀCΔ + (λ+η)‖Δ‖²) with the exact Gauss-Newton
 * matrix C of the whole batch; with momentum and a γ of its own where they are asked for. Source:
 * Botev, Ritter, Barber 2017; Martens, Grosse 2015.
 */
final class ScalarStep implements StepRule {
  private final UpdateMemory update;
  private final Control control;
  private final Update weights;
  private final GammaRule gammaRule;
  private final PreviousUpdate previous;
  private ChunkedUpdate chunked;

  ScalarStep(UpdateMemory update) {
    this.update = update;
    this.control = new Control(update.model().device());
    this.weights = new Update(update.model().device());
    GaussNewtonOptions options = update.options();
    this.gammaRule = options.adaptGamma ? new GammaRule(update, control) : null;
    this.previous =
        options.momentum
            ? new PreviousUpdate(update.model(), update.arena(), update.scalars(), control, weights)
            : null;
  }

  /**
   * @param passes of batches that are cut; null where they are whole
   */
  void chunked(ChunkedUpdate passes) {
    chunked = passes;
  }

  @Override
  public void prepare(int N, int outputs) {
    if (previous != null) {
      previous.prepare(N, outputs);
    }
  }

  @Override
  public Beginning beginning() {
    GaussNewtonOptions options = update.options();
    return new Beginning(
        update.scalars().pointer(), options.l2, options.gammaFollows(), Beginning.NO_AVERAGE);
  }

  @Override
  public boolean needsNorm() {
    return true;
  }

  @Override
  public void solve() {
    update.preconditioner().apply(update.gradients(), update.direction(), update.stream());
  }

  /** Instead of refresh, solve and measure: with three γ, of which the best is kept. */
  void chooseGamma() {
    gammaRule.choose(update.gradients(), this::quadratic);
  }

  @Override
  public void measure() {
    Scalars scalars = update.scalars();
    quadratic(update.direction(), scalars.at(Control.SLOPE), scalars.at(Control.MIXED));
  }

  @Override
  public void decide(boolean refreshed) {
    control.rescale(
        update.stream(),
        update.scalars().pointer(),
        update.preconditioner().rungs(),
        update.options().rules());
  }

  @Override
  public void apply() {
    if (previous != null) {
      previous.apply(update.direction());
    } else {
      weights.apply(
          update.stream(),
          update.model().parameters(),
          update.direction(),
          update.scalars().at(Control.ALPHA),
          update.scalars().at(Control.ACCEPTED));
    }
    if (update.mean() != null) {
      update.mean().enter();
    }
  }

  /** V, the last accepted update, shaped like the parameters; with momentum only. */
  List<Matrix> previousUpdate() {
    return previous.V();
  }

  /** Nothing: the curvature is that of another pass over the batch. */
  @Override
  public void take(ChunkPass chunk) {}

  @Override
  public void exchange(State state) {
    if (previous != null) {
      previous.exchange(state);
    }
  }

  @Override
  public void close() {
    if (previous != null) {
      previous.close();
    }
  }

  /**
   * ⟨Δ, g⟩, ‖Δ‖² and the exact curvature along Δ, to floats at a device address; with momentum also
   * the numbers of the update before, to others.
   */
  private void quadratic(List<Matrix> along, long out, long mixed) {
    Objective objective = update.objective();
    if (chunked != null) {
      if (update.options().curvature()) {
        chunked.curvature(along, out + 8);
      }
      objective.dotAndNorm(along, update.gradients(), out, out + 4);
      return;
    }
    Matrix v = objective.quadratic(along, update.gradients(), out);
    if (previous != null) {
      previous.measure(objective, v, along, update.gradients(), out, mixed);
    }
  }
}
