package dev.krongauss.optim;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.precondition.ShardedState;
import java.util.List;

/**
 * The stages of an update, one call each, and the memory that they hand to each other: {@link
 * GaussNewton} says which of them an update has, and in which order. Each enqueues on the device's
 * stream, or on the one that it is given, and takes no decision by a value.
 */
final class Stages implements AutoCloseable {
  private final UpdateMemory update;
  private final StepRule rule;
  private final Control control;
  private final IterateMean mean;
  private final Diagnostics diagnostics;
  private final MethodInUse method;
  private final RefreshBranch branch;
  private final ChunkedUpdate chunked; // null where batches are whole
  private final ShardedState sharded; // null where this rank has all layers

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
    ScalarStep scalarStep = options.scalarStep ? new ScalarStep(update) : null;
    this.rule = scalarStep != null ? scalarStep : new LayerStep(update, lossFunction);
    this.chunked =
        options.split().cut() ? new ChunkedUpdate(update, lossFunction, chosen, rule) : null;
    if (scalarStep != null) {
      scalarStep.chunked(chunked);
    }
    this.sharded =
        update.owners().shared()
            ? new ShardedState(
                model.device(),
                update.owners(),
                model.parameters(),
                options.diagonalTop(lossFunction, chosen))
            : null;
    this.diagnostics =
        options.diagnostics
            ? new Diagnostics(model, options.operations(model.device()), arena, scalars)
            : null;
    this.method = new MethodInUse(model, lossFunction, chosen, options);
    this.branch = new RefreshBranch(update.stream(), options.operations(model.device()));
  }

  /** Whether there is room for batches of N datapoints. */
  boolean fits(int N) {
    return chunked != null ? chunked.fits(N) : update.objective().fits(N);
  }

  /** Makes room for batches of N datapoints, d_L outputs each; waits if that has changed. */
  void prepare(int N, int outputs) {
    if (chunked != null) {
      chunked.prepare(N, outputs);
    } else {
      update.objective().prepare(N, outputs);
    }
    rule.prepare(N, outputs);
  }

  /** The batch of the next update. */
  void use(Batch batch) {
    if (chunked != null) {
      chunked.use(batch);
    } else {
      update.objective().use(batch);
    }
  }

  /** Names the random numbers of an update; graphs go where they change. */
  void drawsOf(long step, Replays replays) {
    if (chunked == null) {
      method.drawsOf(step, replays);
    } else if (chunked.drawsOf(step)) {
      replays.forget();
    }
  }

  /**
   * Loss and gradient, and the beginning of the update, which nothing before the loss needs; where
   * factors are refreshed the batch enters their moving averages, and their inverses follow unless
   * γ is still to be chosen.
   */
  void passes(UpdateKind kind, Phases phases) {
    if (chunked != null) {
      chunked.run(kind.refresh(), phases);
      if (kind.refresh()) {
        phases.run(Phase.FACTORISE, chunked::refresh);
      }
      return;
    }
    Objective objective = update.objective();
    phases.run(Phase.FORWARD, objective::forward);
    phases.run(Phase.LOSS, () -> objective.loss(rule.beginning(), rule.needsNorm()));
    boolean beside = kind.refresh() && branch.fork(s -> refresh(kind, phases, s));
    phases.run(Phase.BACKWARD, () -> objective.backward(update.gradients()));
    if (beside) {
      branch.join();
    } else if (kind.refresh()) {
      refresh(kind, phases, update.stream());
    }
  }

  private void refresh(UpdateKind kind, Phases phases, Stream s) {
    phases.run(
        Phase.FACTORS,
        () -> method.enter(update.objective(), update.scalars(), preconditioner().factors(), s));
    if (!kind.gamma()) {
      phases.run(Phase.FACTORISE, () -> preconditioner().refresh(s));
    }
  }

  /** Whether updates that refresh can be captured; with other ranks between graphs. */
  boolean capturesRefresh() {
    return (chunked != null && chunked.refreshesBetween()) || preconditioner().capturesRefresh();
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
    if (chunked != null) {
      chunked.afterwards();
    } else {
      update.objective().afterwards();
    }
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
   * Before an update; what was gathered is no more the state.
   *
   * @throws IllegalStateException while the averages of the weights stand in the model
   */
  void begin() {
    if (mean != null) {
      mean.checkNotSwapped();
    }
    forgetGathered();
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

  /** See {@link Optimizer#gather}. */
  void gather() {
    if (sharded != null) {
      sharded.gather(this::walk, update.stream());
    }
  }

  private void forgetGathered() {
    if (sharded != null) {
      sharded.forget();
    }
  }

  /** What outlives an update, but for the scalars. */
  void exchange(State state) {
    walk(sharded == null ? state : sharded.of(state));
  }

  private void walk(State state) {
    preconditioner().exchange(state.of("preconditioner"));
    rule.exchange(state);
    if (mean != null) {
      mean.exchange(state);
    }
  }

  @Override
  public void close() {
    branch.close();
    method.close();
    forgetGathered();
    if (chunked != null) {
      chunked.close();
    }
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
