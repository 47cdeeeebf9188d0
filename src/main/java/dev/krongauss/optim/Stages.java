package dev.krongauss.optim;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
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
  private final UpdateMemory update;
  private final StepRule rule;
  private final Control control;
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
    this.update =
        UpdateMemory.of(
            model, loss, options, arena, scalars, options.diagonalTop(lossFunction, chosen));
    this.control = new Control(model.device());
    this.mean = update.mean();
    this.rule = options.scalarStep ? new ScalarStep(update) : new LayerStep(update, lossFunction);
    this.diagnostics =
        options.diagnostics
            ? new Diagnostics(model, options.operations(model.device()), arena, scalars)
            : null;
    this.method = new MethodInUse(model, lossFunction, chosen, options);
  }

  /** Whether there is room for batches of N datapoints. */
  boolean fits(int N) {
    return update.objective().fits(N);
  }

  /** Makes room for batches of N datapoints, d_L outputs each; waits if that has changed. */
  void prepare(int N, int outputs) {
    update.objective().prepare(N, outputs);
    rule.prepare(N, outputs);
  }

  /** The batch of the next update. */
  void use(Batch batch) {
    update.objective().use(batch);
  }

  /** Begins an update on the device: counts it and lets the dampings follow their rules. */
  void begin() {
    rule.begin();
  }

  void forward() {
    update.objective().forward();
  }

  void loss() {
    update.objective().loss();
  }

  void backward() {
    update.objective().backward(update.gradients());
  }

  /** Enters the batch into the moving averages of the factors. */
  void factors() {
    method.enter(update.objective(), update.scalars(), preconditioner().factors());
  }

  void dampAndFactorise() {
    preconditioner().refresh(update.stream());
  }

  /** Damps, factorises, solves and measures with three γ, and keeps the best. */
  void chooseGamma() {
    scalarStep().chooseGamma();
  }

  void solve() {
    rule.solve();
  }

  /** The quadratic model along the direction. */
  void measure() {
    rule.measure();
  }

  void diagnose() {
    diagnostics.measure(update.objective(), update.direction(), preconditioner().factors());
  }

  /**
   * Step lengths, and whether the update is accepted.
   *
   * @param refreshed whether this update has refreshed factors and inverses
   */
  void decide(boolean refreshed) {
    rule.decide(refreshed);
  }

  void updateWeights() {
    rule.apply();
  }

  /** The reduction ratio, which λ follows. */
  void reductionRatio() {
    GaussNewtonOptions options = update.options();
    update.objective().afterwards();
    control.reduction(
        update.stream(),
        update.scalars().pointer(),
        options.l2,
        options.fall(),
        options.omega(),
        options.leastLambda,
        options.greatestLambda);
  }

  MethodInUse method() {
    return method;
  }

  Preconditioner preconditioner() {
    return update.preconditioner();
  }

  /** g of the last update, shaped like the parameters. */
  List<Matrix> gradients() {
    return update.gradients();
  }

  /** Δ of the last update before its scaling, shaped like the parameters. */
  List<Matrix> direction() {
    return update.direction();
  }

  /** V, the last accepted update, shaped like the parameters; with momentum only. */
  List<Matrix> previousUpdate() {
    return scalarStep().previousUpdate();
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
          "no averages are kept; build the optimiser with averageIterates(0.9)");
    }
    return mean;
  }

  /** What outlives an update, but for the scalars. */
  void exchange(State state) {
    preconditioner().exchange(state.of("preconditioner"));
    rule.exchange(state);
    if (mean != null) {
      mean.exchange(state);
    }
  }

  @Override
  public void close() {
    method.close();
    preconditioner().close();
    rule.close();
    update.objective().close();
    update.arena().close();
  }

  /** The rule where it is the paper's: only that has a γ of its own, and momentum. */
  private ScalarStep scalarStep() {
    return (ScalarStep) rule;
  }
}
