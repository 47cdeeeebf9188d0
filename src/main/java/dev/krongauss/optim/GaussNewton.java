package dev.krongauss.optim;

import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import dev.krongauss.precondition.Preconditioner;
import java.util.List;
import java.util.Optional;

/**
 * Gauss-Newton training with Kronecker factors: KFRA, KFLR and KFAC.
 *
 * <p>An update preconditions the averaged gradient with the damped moving averages of the factors
 * and gives each layer the length that the exact Gauss-Newton matrix has for it on a part of the
 * batch. With {@link Builder#scalarStep} it is the paper's algorithm: the gradient of the batch,
 * and one length, exact on all of it. Every decision is taken on the device; the host only
 * enqueues. Source: Botev, Ritter, Barber 2017; damping rules of Martens, Grosse 2015.
 */
public final class GaussNewton implements Optimizer {
  private final Model model;
  private final LossFunction lossFunction;
  private final GaussNewtonOptions options;
  private final Chunks chunks;
  private final LossFunction.OnDevice loss;
  private final int outputs;
  private final Stream stream;
  private final Scalars scalars;
  private final Stages stages;
  private final MethodInUse method;
  private final Replays replays;
  private final RefreshSchedule refreshes;
  private final Phases phases;
  private final AgreedStart start;
  private final List<Replays.Update> kinds;
  private final Updates updates;
  private long steps;

  /**
   * @param method null to choose at the first batch
   */
  GaussNewton(Model model, LossFunction lossFunction, Method method, GaussNewtonOptions options) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.options = options;
    this.chunks = options.split();
    this.outputs = Losses.outputs(model, lossFunction);
    if (method != null) {
      FactorEngine.check(method, lossFunction, outputs);
    }
    this.loss = lossFunction.on(model.device());
    this.stream = model.device().stream();
    Arena arena = model.device().newArena("gauss-newton");
    this.scalars =
        new Scalars(
            model.device(),
            arena,
            options.scalars(),
            model.parameters().size(),
            !options.scalarStep,
            options.mostRejected);
    this.stages = new Stages(model, lossFunction, loss, method, arena, scalars, options);
    this.method = stages.method();
    this.phases = new Phases(stream);
    this.replays = new Replays(stream, model, loss, phases, chunks);
    this.start = new AgreedStart(chunks, model, lossFunction, name(), options);
    this.refreshes = new RefreshSchedule(options.refreshEvery, scalars);
    this.kinds =
        UpdateKind.ALL.stream()
            .map(k -> replays.kind(() -> update(k), () -> scalars.finished(k.refresh())))
            .toList();
    this.updates =
        new Updates(
            stream, phases, replays, scalars, this::name, stages.gradients(), this::enqueue);
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
   * What costs little at the first batch, the exact step, KFLR or KFRA, and from then on that. The
   * exact step: at least as many residuals as weights, at most the cost of three updates by KFRA,
   * memory within the {@code budget}, and no option that it has not. KFLR: square roots within the
   * budget that add half of an update at most. {@link Optimizer#choice} tells.
   */
  public static GaussNewtonSetters<?> auto() {
    return new AutoGaussNewton.Builder();
  }

  /** The exact full Gauss-Newton step by Levenberg-Marquardt's rules, for small networks. */
  public static ExactGaussNewton.Builder exact() {
    return new ExactGaussNewton.Builder();
  }

  /** Settings; the defaults are meant to be left alone. */
  public static final class Builder extends GaussNewtonSetters<Builder> {
    private Builder(Method method) {
      super(method);
    }

    @Override
    public GaussNewton build(Model model, LossFunction loss) {
      GaussNewtonOptions checked = options().checked();
      return model.device().allOrNothing(() -> new GaussNewton(model, loss, method(), checked));
    }
  }

  @Override
  public StepReport step(Batch minibatch, PhaseListener listener) {
    return updates.run(minibatch, listener).report();
  }

  @Override
  public void advance(Batch minibatch) {
    updates.run(minibatch, null);
  }

  @Override
  public StepReport lastReport() {
    return scalars.lastReport();
  }

  private void enqueue(Batch minibatch) {
    begin(minibatch);
    phases.finished(Phase.BATCH);
    boolean known = !chunks.cut() && scalars.knownFactorFailure(); // ranks look or do not
    boolean refresh = known || refreshes.due(steps + 1);
    UpdateKind kind = UpdateKind.of(steps + 1, refresh, options);
    kinds.get(kind.number()).run(!kind.refresh() || stages.capturesRefresh());
    steps++;
    if (kind.refresh()) {
      refreshes.refreshed();
    }
  }

  /** An update as the device sees it; captured and replayed, so it takes no decision by a value. */
  private void update(UpdateKind kind) {
    stages.passes(kind, phases);
    if (kind.gamma()) {
      phases.run(Phase.GAMMA, stages::chooseGamma);
    } else {
      phases.run(Phase.SOLVE, stages::solve);
      phases.run(Phase.RESCALE, stages::measure);
    }
    if (options.diagnostics) {
      phases.run(Phase.DIAGNOSTICS, stages::diagnose);
    }
    phases.run(Phase.RESCALE, () -> stages.decide(kind.refresh()));
    phases.run(Phase.UPDATE, stages::updateWeights);
    if (kind.reduction()) {
      phases.run(Phase.REDUCTION, stages::reductionRatio);
    }
  }

  @Override
  public Model model() {
    return model;
  }

  @Override
  public String name() {
    return method.name();
  }

  /** The method in use; empty before the first step of {@link #auto}. */
  public Optional<Method> method() {
    return method.method();
  }

  @Override
  public String choice() {
    return method.choice();
  }

  /** The preconditioner inside, with its factors. */
  public Preconditioner preconditioner() {
    return stages.preconditioner();
  }

  /** Δ of the last step before its scaling by α, shaped like the parameters. */
  public List<Matrix> direction() {
    return stages.direction();
  }

  /**
   * Averages of the weights over the accepted updates, 0 before the first; freed with this.
   *
   * @throws IllegalStateException without {@code averageIterates}
   */
  public List<Matrix> averagedParameters() {
    return stages.mean().means();
  }

  /** V, the last accepted update, shaped like the parameters; with momentum only. */
  List<Matrix> previousUpdate() {
    return stages.previousUpdate();
  }

  /**
   * Exchanges the model's weights and their averages, to evaluate these; the next call exchanges
   * them back, which the next step needs. Enqueues copies; the first call allocates. Before the
   * first accepted update the averages are 0; closing while swapped leaves them in the model.
   *
   * @throws IllegalStateException without {@code averageIterates}, or within a capture there
   */
  public void swapAverages() {
    replays.checkUsable();
    stages.mean().swap();
  }

  /** Whether the weights are averaged: {@link Builder#averageIterates}. */
  public boolean averagesWeights() {
    return options.averages;
  }

  /**
   * The averages of the weights, to evaluate or take them.
   *
   * @throws IllegalStateException without {@code averageIterates}
   */
  public AveragedWeights averages() {
    return new AveragedWeights(stages.mean(), replays::checkUsable);
  }

  @Override
  public int graphNodes() {
    return replays.lastNodes();
  }

  /** Nodes of the graph of updates of a kind; 0 where no such update has been captured yet. */
  public int graphNodes(boolean refresh, boolean reduction) {
    return kinds.get(new UpdateKind(refresh, false, reduction).number()).nodes();
  }

  /** The same of updates that choose γ anew, and refresh factors and inverses. */
  public int gammaGraphNodes(boolean reduction) {
    return kinds.get(new UpdateKind(true, true, reduction).number()).nodes();
  }

  @Override
  public void gather() {
    stages.gather();
  }

  @Override
  public void exchange(State state) {
    state.same("optimizer", "gauss-newton");
    state.same("stepLengths", options.scalarStep ? "one" : "a layer", "one");
    method.exchange(state, replays);
    scalars.exchange(state);
    steps = state.count("steps", steps);
    stages.exchange(state);
    if (state.replaces()) {
      refreshes.replaced();
      start.again();
    }
  }

  @Override
  public void close() {
    replays.close();
    scalars.close();
    loss.close();
    stages.close();
  }

  /** The batch, its checks, and its memory. */
  private void begin(Batch minibatch) {
    long update = scalars.steps(name()) + 1;
    stages.begin();
    Losses.check(minibatch, lossFunction, outputs);
    int N = chunks.whole(minibatch);
    start.check(minibatch, N, update);
    if (!stages.fits(N)) {
      replays.forget(); // now, since there may be no memory for the new size
    }
    stages.prepare(N, outputs);
    stages.use(replays.take(minibatch));
    method.chooseFor(N); // which has found its memory
    stages.drawsOf(update, replays);
  }
}
