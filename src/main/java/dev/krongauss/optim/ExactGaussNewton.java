package dev.krongauss.optim;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlExact;
import dev.krongauss.kernel.Select;
import dev.krongauss.kernel.Update;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.List;

/**
 * The exact Gauss-Newton step, Levenberg-Marquardt's: the full Gauss-Newton matrix of the batch,
 * all layers together, damped by λ + η and solved exactly, in whichever space is smaller ({@link
 * ExactSpace}).
 *
 * <p>For small and middle networks with few outputs. Memory grows with the square of the smaller of
 * N K and P, operations with its cube; {@link #memory} says how much before anything is allocated,
 * and what does not fit {@link ExactSetters#budget} is refused.
 *
 * <p>Each update is judged on its own batch: where the objective rose, the weights are bit for bit
 * those before the step, and λ grows by Nielsen's rule, by which it also falls. An update that
 * finds nothing left to gain says {@link StepReport#converged}, and leaves the weights. Decisions
 * are taken on the device; the host only enqueues.
 *
 * <p>Source: D. Marquardt 1963; H. B. Nielsen 1999; the square roots are those of Botev, Ritter,
 * Barber 2017.
 */
public final class ExactGaussNewton implements Optimizer {
  private final Model model;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final ExactOptions options;
  private final Operations operations;
  private final int outputs;
  private final Stream stream;
  private final Arena arena;
  private final Scalars scalars;
  private final ControlExact control;
  private final Objective objective;
  private final Update update;
  private final Select select;
  private final Replays replays;
  private final Phases phases;
  private final List<Matrix> gradients;
  private final List<Matrix> direction;
  private final List<Matrix> before;
  private final Buffer dampings;
  private final Buffer infos;
  private ExactSystem system;
  private int datapoints;

  ExactGaussNewton(Model model, LossFunction lossFunction, ExactOptions options) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.options = options;
    this.outputs = Losses.outputs(model, lossFunction);
    options.checkLoss(lossFunction, outputs);
    this.operations = options.operations(model.device());
    this.loss = lossFunction.on(model.device());
    this.stream = model.device().stream();
    this.arena = model.device().newArena("exact");
    List<Matrix> W = model.parameters();
    this.scalars =
        new Scalars(
            model.device(), arena, options.scalars(), W.size(), false, options.mostRejected);
    this.control = new ControlExact(model.device());
    this.update = new Update(model.device());
    this.select = new Select(model.device());
    this.objective = new Objective(model, loss, arena, scalars, options.objective());
    this.phases = new Phases(stream);
    this.replays = new Replays(stream, model, loss, phases);
    this.gradients = FirstOrder.like(W, arena, "gradient");
    this.direction = FirstOrder.like(W, arena, "direction");
    this.before = FirstOrder.like(W, arena, "weights before the step");
    this.dampings = arena.floats(ControlExact.RUNGS, "dampings");
    this.infos = arena.ints(ControlExact.RUNGS, "infos");
  }

  /** Settings; see {@link GaussNewton#exact}. */
  public static final class Builder extends ExactSetters<Builder> {
    Builder() {}

    /**
     * Allocates the optimiser's memory on the model's device, but for that of a batch.
     *
     * @throws IllegalArgumentException if the loss gives no square root of its curvature, or an
     *     option is out of range
     */
    public ExactGaussNewton build(Model model, LossFunction loss) {
      ExactOptions checked = options().checked();
      return model.device().allOrNothing(() -> new ExactGaussNewton(model, loss, checked));
    }
  }

  /**
   * Bytes of device memory for a network and a batch, the network's own apart; no device is needed.
   *
   * @param widths d_0 … d_L
   * @param N datapoints of a batch
   * @param K residuals of a datapoint: {@code loss.rank(d_L)}
   * @throws IllegalArgumentException if there are no layers, or a number is not positive
   */
  public static long memory(ExactSpace space, int[] widths, int N, int K) {
    return ExactMemory.ofOptimizer(space, widths, N, K);
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
    scalars.checkForDivergence(name(), () -> NonFinite.layers("gradient", gradients, stream));
    scalars.steps(name());
    prepare(minibatch);
    objective.use(replays.take(minibatch));
    phases.finished(Phase.BATCH);
    replays.run(0, operations.capturesFactorisations(), this::update);
    return scalars.report(stream);
  }

  /** An update as the device sees it; captured and replayed, so it takes no decision by a value. */
  private void update() {
    control.damp(stream, scalars.pointer(), dampings.pointer(), options.marquardt ? 0 : options.l2);
    phases.run(Phase.FORWARD, objective::forward);
    phases.run(Phase.LOSS, objective::loss);
    phases.run(Phase.BACKWARD, this::backward);
    phases.run(Phase.FACTORS, () -> system.form(point(), stream));
    phases.run(Phase.FACTORISE, this::factorise);
    phases.run(Phase.SOLVE, this::solve);
    phases.run(Phase.RESCALE, this::decide);
    phases.run(Phase.UPDATE, this::tryStep);
    phases.run(Phase.REDUCTION, this::judge);
  }

  private void backward() {
    objective.backward(gradients);
    objective.dot(gradients, gradients, scalars.at(ControlExact.GRADIENT2));
  }

  private void factorise() {
    system.factorise(dampings.pointer(), infos.pointer(), stream);
    control.rung(stream, scalars.pointer(), infos.pointer(), dampings.pointer());
  }

  private void solve() {
    ExactSystem.Places places =
        new ExactSystem.Places(
            scalars.at(ControlExact.DAMPING),
            scalars.at(ControlExact.INVERSE),
            scalars.at(Control.CURVATURE),
            scalars.at(ControlExact.ERROR2),
            scalars.at(ControlExact.SCALED2));
    system.solve(point(), places, direction, stream);
    objective.dotAndNorm(
        direction, gradients, scalars.at(Control.SLOPE), scalars.at(Control.DIRECTION2));
  }

  private void decide() {
    control.decide(
        stream,
        scalars.pointer(),
        options.l2,
        options.marquardt,
        options.tolerances(),
        options.greatestLambda);
  }

  private void tryStep() {
    for (int l = 0; l < before.size(); l++) {
      stream.copy(model.parameters().get(l), before.get(l));
    }
    update.apply(
        stream,
        model.parameters(),
        direction,
        scalars.at(Control.ALPHA),
        scalars.at(Control.ACCEPTED));
  }

  private void judge() {
    objective.afterwards(gradients);
    objective.dot(direction, gradients, scalars.at(ControlExact.NEW_SLOPE));
    control.judge(
        stream, scalars.pointer(), options.l2, options.leastLambda, options.greatestLambda);
    select.where(stream, scalars.at(ControlExact.TAKEN_BACK), 1, before, model.parameters());
  }

  private ExactSystem.Point point() {
    return new ExactSystem.Point(
        objective.output(), objective.targets(), objective.outputGradient(), gradients);
  }

  @Override
  public Model model() {
    return model;
  }

  /** {@code exact}. */
  @Override
  public String name() {
    return "exact";
  }

  /** Δ of the last step, shaped like the parameters. */
  public List<Matrix> direction() {
    return direction;
  }

  /** The space that batches of N datapoints are solved in. */
  public ExactSpace space(int N) {
    int[] widths = ExactMemory.widths(model.parameters());
    return options.space.of(N, lossFunction.rank(outputs), ExactMemory.parameters(widths));
  }

  /**
   * The covariance of the weights at the present ones, with the objective's η: meaningful where an
   * update has {@link StepReport#converged}.
   *
   * @param batch all data that were fitted
   * @throws IllegalArgumentException if the batch does not determine the weights
   */
  public Covariance covariance(Batch batch) {
    return Covariance.of(model, lossFunction, batch, options.l2, operations);
  }

  /** Device memory held, in bytes, that of the last batch's size included. */
  public long bytes() {
    return arena.bytes() + objective.bytes() + (system == null ? 0 : system.bytes());
  }

  @Override
  public int graphNodes() {
    return replays.lastNodes();
  }

  @Override
  public void exchange(State state) {
    state.same("optimizer", "exact");
    state.same("damping", options.marquardt ? "diagonal" : "identity");
    scalars.exchange(state);
  }

  @Override
  public void close() {
    replays.close();
    scalars.close();
    loss.close();
    objective.close();
    if (system != null) {
      system.close();
    }
    arena.close();
  }

  /** The checks, and the memory of the batch. */
  private void prepare(Batch batch) {
    Losses.check(batch, lossFunction, outputs);
    int N = batch.size();
    if (system != null && datapoints == N && objective.fits(N)) {
      return;
    }
    options.checkMemory(ExactMemory.widths(model.parameters()), N, lossFunction.rank(outputs));
    replays.forget(); // now, since there may be no memory for the new size
    if (system != null) {
      stream.synchronize();
      system.close();
      system = null;
    }
    objective.prepare(N, outputs);
    ExactSystem.Settings settings =
        new ExactSystem.Settings(options.l2, options.refinements, options.marquardt);
    system = ExactSystem.of(space(N), model, lossFunction, loss, operations, settings, N);
    datapoints = N;
  }
}
