package dev.krongauss.optim;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
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
 * <p>The inverse or factor in floats is the preconditioner of conjugate gradients in double, which
 * end when the step is right to 5e-6 in the norm of the damped matrix; {@link
 * StepReport#solveError} says what is left. The forward pass is in floats.
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
  private final Objective objective;
  private final Replays replays;
  private final Phases phases;
  private final ExactUpdate update;
  private final Chunks chunks;
  private final AgreedStart start;
  private final Replays.Update kind;
  private final Updates updates;
  private ExactSystem system;
  private ExactChunks cut; // null where batches are whole
  private int datapoints;

  ExactGaussNewton(Model model, LossFunction lossFunction, ExactOptions options) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.options = options;
    this.outputs = Losses.outputs(model, lossFunction);
    options.checkLoss(lossFunction, outputs);
    options.checkModel(model);
    this.operations = options.operations(model.device());
    this.loss = lossFunction.on(model.device());
    this.stream = model.device().stream();
    this.arena = model.device().newArena("exact");
    List<Matrix> W = model.parameters();
    this.scalars =
        new Scalars(
            model.device(), arena, options.scalars(), W.size(), false, options.mostRejected);
    this.objective = new Objective(model, loss, arena, scalars, options.objective());
    this.phases = new Phases(stream);
    this.chunks = options.split();
    this.replays = new Replays(stream, model, loss, phases, chunks);
    this.start = new AgreedStart(chunks, model, lossFunction, name(), options);
    this.update = new ExactUpdate(model, options, arena, scalars, objective, phases);
    this.kind = replays.kind(() -> update.run(system, cut), () -> scalars.finished(false));
    this.updates =
        new Updates(
            stream, phases, replays, scalars, this::name, update.gradients(), this::enqueue);
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

  /** The same with {@link ExactSetters#geodesic} or without. */
  public static long memory(ExactSpace space, int[] widths, int N, int K, boolean geodesic) {
    return ExactMemory.ofOptimizer(space, widths, N, K, geodesic);
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
    prepare(minibatch, scalars.steps(name()) + 1);
    Batch fixed = replays.take(minibatch);
    if (cut == null) {
      objective.use(fixed);
    } else {
      cut.use(fixed);
    }
    phases.finished(Phase.BATCH);
    kind.run(operations.capturesFactorisations());
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
    return update.direction();
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
    return arena.bytes()
        + objective.bytes()
        + (cut == null ? 0 : cut.bytes())
        + (system == null ? 0 : system.bytes());
  }

  @Override
  public int graphNodes() {
    return replays.lastNodes();
  }

  @Override
  public void exchange(State state) {
    state.same("optimizer", "exact");
    state.same("damping", options.marquardt ? "diagonal" : "identity");
    state.same("step", options.geodesic ? "geodesic" : "straight", "straight");
    scalars.exchange(state);
    if (state.replaces()) {
      start.again();
    }
  }

  @Override
  public void close() {
    replays.close();
    scalars.close();
    loss.close();
    objective.close();
    leave();
    arena.close();
  }

  /** The checks, and the memory of the batch. */
  private void prepare(Batch batch, long next) {
    Losses.check(batch, lossFunction, outputs);
    int N = chunks.whole(batch);
    start.check(batch, N, next);
    if (system != null && datapoints == N && (chunks.cut() || objective.fits(N))) {
      return;
    }
    options.checkMemory(
        ExactMemory.widths(model.parameters()),
        N,
        lossFunction.rank(outputs),
        lossFunction.stack());
    replays.forget(); // now, since there may be no memory for the new size
    if (system != null || cut != null) {
      stream.synchronize();
      leave();
    }
    ExactSystem.Settings settings =
        new ExactSystem.Settings(
            options.l2, options.refinements, options.marquardt, options.geodesic);
    if (chunks.cut()) {
      cut =
          model
              .device()
              .allOrNothing(() -> new ExactChunks(model, lossFunction, loss, chunks, N, outputs));
      system = ExactSystem.of(model, lossFunction, loss, operations, settings, N, cut);
    } else {
      objective.prepare(N, outputs);
      system = ExactSystem.of(space(N), model, lossFunction, loss, operations, settings, N);
    }
    datapoints = N;
  }

  private void leave() {
    if (system != null) {
      system.close();
      system = null;
    }
    if (cut != null) {
      cut.close();
      cut = null;
    }
  }
}
