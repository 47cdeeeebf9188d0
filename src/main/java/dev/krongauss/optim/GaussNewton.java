package dev.krongauss.optim;

import dev.krongauss.curvature.FactorEngine;
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
import java.util.Optional;

/**
 * Gauss-Newton training with Kronecker factors: KFRA, KFLR and KFAC.
 *
 * <p>An update preconditions the gradient with the damped moving averages of the factors and
 * rescales the result with the exact Gauss-Newton matrix of the batch. Every decision is taken on
 * the device; the host only enqueues. Source: Botev, Ritter, Barber 2017; damping rules of Martens,
 * Grosse 2015.
 */
public final class GaussNewton implements Optimizer {
  private final Model model;
  private final LossFunction lossFunction;
  private final GaussNewtonOptions options;
  private final LossFunction.OnDevice loss;
  private final int outputs;
  private final Stream stream;
  private final Arena arena;
  private final Scalars scalars;
  private final Preconditioner preconditioner;
  private final Objective objective;
  private final Update update;
  private final Control control;
  private final Replays replays;
  private final Phases phases;
  private final List<Matrix> gradients;
  private final List<Matrix> direction;
  private final GammaRule gammaRule;
  private final PreviousUpdate previous;
  private final IterateMean mean;
  private final Diagnostics diagnostics;
  private final MethodInUse method;
  private long steps;

  /**
   * @param method null to choose at the first batch
   */
  GaussNewton(Model model, LossFunction lossFunction, Method method, GaussNewtonOptions options) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.options = options;
    this.outputs = Losses.outputs(model, lossFunction);
    if (method != null) {
      FactorEngine.check(method, lossFunction, outputs);
    }
    this.loss = lossFunction.on(model.device());
    this.stream = model.device().stream();
    this.arena = model.device().newArena("gauss-newton");
    this.scalars = new Scalars(model.device(), arena, options.scalars(), options.mostRejected);
    this.preconditioner = options.preconditioner(model, scalars);
    this.objective = new Objective(model, loss, arena, scalars, options);
    this.update = new Update(model.device());
    this.control = new Control(model.device());
    this.phases = new Phases(stream);
    this.replays = new Replays(stream, model, loss, phases);
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
    this.method = new MethodInUse(model, lossFunction, method, options);
  }

  /** Kronecker-factored recursive approximation: the default for many outputs. */
  public static Builder kfra() {
    return new Builder(Method.KFRA);
  }

  /** Kronecker-factored low rank: exact G, for few outputs. */
  public static Builder kflr() {
    return new Builder(Method.KFLR);
  }

  /** Kronecker-factored approximate curvature: sampled targets. */
  public static Builder kfac() {
    return new Builder(Method.KFAC);
  }

  /**
   * KFLR where its exact G costs little, else KFRA: chosen at the first batch, whose size decides
   * with the layers, the loss and the budget, and kept from then on. {@link #method} and {@link
   * #choice} tell. KFLR is taken if the square roots of the whole batch, 8 N K bytes a unit of the
   * widest layer, fit the {@code budget}, and if it adds at most half of the operations of an
   * update.
   */
  public static Builder auto() {
    return new Builder(null);
  }

  /** Settings; the defaults are meant to be left alone. */
  public static final class Builder extends GaussNewtonSetters<Builder> {
    private final Method method;

    private Builder(Method method) {
      this.method = method;
    }

    /**
     * Allocates the optimiser's memory on the model's device.
     *
     * @throws IllegalArgumentException if the method does not fit the loss or an option is out of
     *     range
     */
    public GaussNewton build(Model model, LossFunction loss) {
      GaussNewtonOptions checked = options().checked();
      return model.device().allOrNothing(() -> new GaussNewton(model, loss, method, checked));
    }
  }

  @Override
  public StepReport step(Batch minibatch) {
    return step(minibatch, null);
  }

  @Override
  public StepReport step(Batch minibatch, PhaseListener listener) {
    return model.device().inContext(() -> stepInContext(minibatch, listener));
  }

  private StepReport stepInContext(Batch minibatch, PhaseListener listener) {
    replays.checkUsable();
    phases.listener(listener);
    begin(minibatch);
    phases.finished(Phase.BATCH);
    UpdateKind kind = UpdateKind.of(steps + 1, scalars.knownFactorFailure(), options);
    boolean capturable = !kind.refresh() || preconditioner.capturesRefresh();
    replays.run(kind.number(), capturable, () -> update(kind));
    steps++;
    return scalars.report(stream);
  }

  /** An update as the device sees it; captured and replayed, so it takes no decision by a value. */
  private void update(UpdateKind kind) {
    control.begin(stream, scalars.pointer(), options.l2, options.gammaFollows());
    phases.run(Phase.FORWARD, objective::forward);
    phases.run(Phase.LOSS, objective::loss);
    phases.run(Phase.BACKWARD, () -> objective.backward(gradients));
    if (kind.refresh()) {
      phases.run(Phase.FACTORS, this::factors);
    }
    if (kind.gamma()) {
      phases.run(Phase.GAMMA, () -> gammaRule.choose(gradients, this::quadratic));
    } else {
      if (kind.refresh()) {
        phases.run(Phase.FACTORISE, this::dampAndFactorise);
      }
      phases.run(Phase.SOLVE, this::solve);
      phases.run(Phase.RESCALE, this::quadratic);
    }
    if (diagnostics != null) {
      phases.run(Phase.DIAGNOSTICS, this::diagnose);
    }
    phases.run(Phase.RESCALE, this::rescale);
    phases.run(Phase.UPDATE, this::updateWeights);
    if (kind.reduction()) {
      phases.run(Phase.REDUCTION, this::reductionRatio);
    }
  }

  @Override
  public String name() {
    return method.name();
  }

  /** The method in use; empty before the first step of {@link #auto}. */
  public Optional<Method> method() {
    return method.method();
  }

  /** Why {@link #auto} took its method, with the numbers; empty before, and for other builders. */
  public String choice() {
    return method.choice();
  }

  /** The preconditioner inside, with its factors. */
  public Preconditioner preconditioner() {
    return preconditioner;
  }

  /** Δ of the last step before its scaling by α, shaped like the parameters. */
  public List<Matrix> direction() {
    return direction;
  }

  /**
   * Averages of the weights over the accepted updates, on the device; 0 before the first one. They
   * belong to this optimiser and are freed with it; while swapped they hold the weights.
   *
   * @throws IllegalStateException without {@code averageIterates}
   */
  public List<Matrix> averagedParameters() {
    return mean().means();
  }

  /** V, the last accepted update, shaped like the parameters; with momentum only. */
  List<Matrix> previousUpdate() {
    return previous.V();
  }

  /**
   * Exchanges the model's weights and their averages, to evaluate the averages; the next call
   * exchanges them back, which the next step needs. Enqueues copies on the device's stream; the
   * first call allocates. Before the first accepted update the averages are 0, and so would the
   * model's weights be; closing while swapped leaves the averages in the model.
   *
   * @throws IllegalStateException without {@code averageIterates}, or within a capture of that
   *     stream
   */
  public void swapAverages() {
    replays.checkUsable();
    mean().swap();
  }

  @Override
  public int graphNodes() {
    return replays.lastNodes();
  }

  /**
   * Nodes of the graph that an update was replayed from: kernels, copies and library calls.
   *
   * @param refresh of updates that refresh factors and inverses
   * @param reduction of updates that compute the reduction ratio
   * @return 0 where no such update has been captured yet
   */
  public int graphNodes(boolean refresh, boolean reduction) {
    return replays.nodes(new UpdateKind(refresh, false, reduction).number());
  }

  /**
   * Nodes of the graph of updates that choose γ anew, and refresh factors and inverses.
   *
   * @param reduction of updates that compute the reduction ratio
   * @return 0 where no such update has been captured yet
   */
  public int gammaGraphNodes(boolean reduction) {
    return replays.nodes(new UpdateKind(true, true, reduction).number());
  }

  @Override
  public void exchange(State state) {
    state.same("optimizer", "gauss-newton");
    method.exchange(state, replays);
    scalars.exchange(state);
    steps = state.count("steps", steps);
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
    replays.close();
    scalars.close();
    loss.close();
    method.close();
    preconditioner.close();
    if (previous != null) {
      previous.close();
    }
    objective.close();
    arena.close();
  }

  private void begin(Batch minibatch) {
    scalars.checkForDivergence(name(), () -> NonFinite.layers("gradient", gradients, stream));
    long update = scalars.steps(name()) + 1;
    if (mean != null) {
      mean.checkNotSwapped();
    }
    Losses.check(minibatch, lossFunction, outputs);
    if (!objective.fits(minibatch.size())) {
      replays.forget(); // now, since there may be no memory for the new size
    }
    objective.prepare(minibatch.size(), outputs);
    if (previous != null) {
      previous.prepare(minibatch.size(), outputs);
    }
    objective.use(replays.take(minibatch));
    method.chooseFor(minibatch.size()); // which has found its memory
    method.drawsOf(update, replays);
  }

  private void factors() {
    method.enter(objective, scalars, preconditioner.factors());
  }

  private void dampAndFactorise() {
    preconditioner.refresh(stream);
  }

  private void solve() {
    preconditioner.apply(gradients, direction, stream);
  }

  private void quadratic() {
    quadratic(direction, scalars.at(Control.SLOPE), scalars.at(Control.MIXED));
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

  private void diagnose() {
    diagnostics.measure(objective, direction, preconditioner.factors());
  }

  private void rescale() {
    control.rescale(stream, scalars.pointer(), preconditioner.rungs(), options.rules());
  }

  private void updateWeights() {
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

  private void reductionRatio() {
    objective.afterwards();
    control.reduction(
        stream,
        scalars.pointer(),
        options.l2,
        options.omega(),
        options.leastLambda,
        options.greatestLambda);
  }

  private IterateMean mean() {
    if (mean == null) {
      throw new IllegalStateException(
          "no averages are kept; build the optimiser with averageIterates(0.99)");
    }
    return mean;
  }
}
