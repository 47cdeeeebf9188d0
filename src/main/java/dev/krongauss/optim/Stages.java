package dev.krongauss.optim;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Update;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import dev.krongauss.precondition.Preconditioner;
import java.util.List;

/**
 * The stages of an update, one call each, and the memory that they hand to each other: {@link
 * GaussNewton} says which of them an update has, and in which order. Each enqueues on the device's
 * stream and takes no decision by a value.
 */
final class Stages implements AutoCloseable {
  private final Model model;
  private final GaussNewtonOptions options;
  private final Stream stream;
  private final Arena arena;
  private final Scalars scalars;
  private final Preconditioner preconditioner;
  private final Objective objective;
  private final Update update;
  private final Control control;
  private final List<Matrix> gradients;
  private final List<Matrix> direction;
  private final GammaRule gammaRule;
  private final PreviousUpdate previous;
  private final IterateMean mean;
  private final Diagnostics diagnostics;
  private final MethodInUse method;

  /**
   * @param chosen null to choose at the first batch
   * @param arena closed with the stages
   */
  Stages(
      Model model,
      LossFunction lossFunction,
      LossFunction.OnDevice loss,
      Method chosen,
      Arena arena,
      Scalars scalars,
      GaussNewtonOptions options) {
    this.model = model;
    this.options = options;
    this.stream = model.device().stream();
    this.arena = arena;
    this.scalars = scalars;
    this.preconditioner = options.preconditioner(model, scalars);
    this.objective = new Objective(model, loss, arena, scalars, options);
    this.update = new Update(model.device());
    this.control = new Control(model.device());
    this.gradients = FirstOrder.like(model.parameters(), arena, "gradient");
    this.direction = FirstOrder.like(model.parameters(), arena, "direction");
    this.gammaRule =
        options.adaptGamma
            ? new GammaRule(options, stream, arena, scalars, control, preconditioner, direction)
            : null;
    this.previous =
        options.momentum ? new PreviousUpdate(model, arena, scalars, control, update) : null;
    this.mean =
        options.averages ? new IterateMean(model, arena, scalars, options.averageDecay) : null;
    this.diagnostics =
        options.diagnostics
            ? new Diagnostics(model, options.operations(model.device()), arena, scalars)
            : null;
    this.method = new MethodInUse(model, lossFunction, chosen, options);
  }

  /** Whether there is room for batches of N datapoints. */
  boolean fits(int N) {
    return objective.fits(N);
  }

  /** Makes room for batches of N datapoints, d_L outputs each; waits if that has changed. */
  void prepare(int N, int outputs) {
    objective.prepare(N, outputs);
    if (previous != null) {
      previous.prepare(N, outputs);
    }
  }

  /** The batch of the next update. */
  void use(Batch batch) {
    objective.use(batch);
  }

  /** Begins an update on the device: counts it and lets the dampings follow their rules. */
  void begin() {
    control.begin(stream, scalars.pointer(), options.l2, options.gammaFollows());
  }

  void forward() {
    objective.forward();
  }

  void loss() {
    objective.loss();
  }

  void backward() {
    objective.backward(gradients);
  }

  /** Enters the batch into the moving averages of the factors. */
  void factors() {
    method.enter(objective, scalars, preconditioner.factors());
  }

  void dampAndFactorise() {
    preconditioner.refresh(stream);
  }

  /** Damps, factorises, solves and measures with three γ, and keeps the best. */
  void chooseGamma() {
    gammaRule.choose(gradients, this::quadratic);
  }

  void solve() {
    preconditioner.apply(gradients, direction, stream);
  }

  /** The quadratic model along the direction. */
  void quadratic() {
    quadratic(direction, scalars.at(Control.SLOPE), scalars.at(Control.MIXED));
  }

  void diagnose() {
    diagnostics.measure(objective, direction, preconditioner.factors());
  }

  /** Step size, and whether the update is accepted. */
  void rescale() {
    control.rescale(stream, scalars.pointer(), preconditioner.rungs(), options.rules());
  }

  void updateWeights() {
    if (previous != null) {
      previous.apply(direction);
    } else {
      update.apply(
          stream,
          model.parameters(),
          direction,
          scalars.at(Control.ALPHA),
          scalars.at(Control.ACCEPTED));
    }
    if (mean != null) {
      mean.enter();
    }
  }

  /** The reduction ratio, which λ follows. */
  void reductionRatio() {
    objective.afterwards();
    control.reduction(
        stream,
        scalars.pointer(),
        options.l2,
        options.omega(),
        options.leastLambda,
        options.greatestLambda);
  }

  MethodInUse method() {
    return method;
  }

  Preconditioner preconditioner() {
    return preconditioner;
  }

  /** g of the last update, shaped like the parameters. */
  List<Matrix> gradients() {
    return gradients;
  }

  /** Δ of the last update before its scaling by α, shaped like the parameters. */
  List<Matrix> direction() {
    return direction;
  }

  /** V, the last accepted update, shaped like the parameters; with momentum only. */
  List<Matrix> previousUpdate() {
    return previous.V();
  }

  /**
   * Fails while the averages of the weights stand in the model.
   *
   * @throws IllegalStateException then
   */
  void checkNotSwapped() {
    if (mean != null) {
      mean.checkNotSwapped();
    }
  }

  /**
   * The averages of the weights.
   *
   * @throws IllegalStateException if none are kept
   */
  IterateMean mean() {
    if (mean == null) {
      throw new IllegalStateException(
          "no averages are kept; build the optimiser with averageIterates(0.99)");
    }
    return mean;
  }

  /** What outlives an update, but for the scalars. */
  void exchange(State state) {
    preconditioner.exchange(state.of("preconditioner"));
    if (previous != null) {
      previous.exchange(state);
    }
    if (mean != null) {
      mean.exchange(state);
    }
  }

  @Override
  public void close() {
    method.close();
    preconditioner.close();
    if (previous != null) {
      previous.close();
    }
    objective.close();
    arena.close();
  }

  /**
   * ⟨Δ, g⟩, ‖Δ‖² and the exact curvature along Δ, to floats at a device address; with momentum also
   * the numbers of the update before, to others.
   */
  private void quadratic(List<Matrix> along, long out, long mixed) {
    Matrix v = objective.quadratic(along, gradients, out);
    if (previous != null) {
      previous.measure(objective, v, along, gradients, out, mixed);
    }
  }
}
