package dev.krongauss.optim;

import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Update;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.precondition.Preconditioner;
import java.util.List;
import java.util.Locale;

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
  private final Method method;
  private final GaussNewtonOptions options;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final int outputs;
  private final Stream stream;
  private final Arena arena;
  private final Scalars scalars;
  private final Preconditioner preconditioner;
  private final FactorEngine engine;
  private final Measures measures;
  private final Update update;
  private final Control control;
  private final Replays replays;
  private final List<Matrix> gradients;
  private final List<Matrix> direction;
  private final GammaRule gammaRule;
  private Arena batchArena;
  private Matrix outputGradient;
  private Buffer perDatapoint;
  private Matrix h;
  private Batch batch;
  private long steps;

  GaussNewton(Model model, LossFunction lossFunction, Method method, GaussNewtonOptions options) {
    this.model = model;
    this.method = method;
    this.options = options;
    this.lossFunction = lossFunction;
    this.outputs = Losses.outputs(model, lossFunction);
    FactorEngine.check(method, lossFunction, outputs);
    this.loss = lossFunction.on(model.device());
    this.stream = model.device().stream();
    this.arena = model.device().newArena("gauss-newton");
    this.scalars = new Scalars(model.device(), arena, options.scalars(), options.mostRejected);
    this.preconditioner = options.preconditioner(model, scalars);
    this.engine =
        new FactorEngine(
            model.device(),
            options.operations(model.device()),
            method,
            lossFunction,
            options.budgetBytes,
            options.seed);
    this.measures =
        new Measures(
            model, loss, arena, options.rescaling || options.adaptLambda || options.adaptGamma);
    this.update = new Update(model.device());
    this.control = new Control(model.device());
    this.replays = new Replays(stream, model, loss);
    this.gradients = FirstOrder.like(model.parameters(), arena, "gradient");
    this.direction = FirstOrder.like(model.parameters(), arena, "direction");
    this.gammaRule =
        options.adaptGamma
            ? new GammaRule(options, stream, arena, scalars, control, preconditioner, direction)
            : null;
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

  /** Settings; the defaults are meant to be left alone. */
  public static final class Builder extends GaussNewtonOptions.Setters<Builder> {
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
      return new GaussNewton(model, loss, method, options().checked());
    }
  }

  @Override
  public StepReport step(Batch minibatch) {
    begin(minibatch);
    UpdateKind kind = UpdateKind.of(steps, options);
    replays.run(
        kind.number(), !kind.refresh() || preconditioner.factors().settled(), () -> update(kind));
    return scalars.report(stream);
  }

  /** An update as the device sees it; captured and replayed, so it takes no decision by a value. */
  private void update(UpdateKind kind) {
    control.begin(stream, scalars.pointer(), options.l2, options.gammaFollows());
    forward();
    backward();
    if (kind.refresh()) {
      factors();
    }
    if (kind.gamma()) {
      gammaRule.choose(gradients, this::quadratic);
    } else {
      if (kind.refresh()) {
        dampAndFactorise();
      }
      solve();
      quadratic(direction, scalars.at(Control.SLOPE));
    }
    rescale();
    updateWeights();
    if (kind.reduction()) {
      reductionRatio();
    }
  }

  @Override
  public String name() {
    return method.name().toLowerCase(Locale.ROOT);
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
  public void close() {
    replays.close();
    scalars.close();
    loss.close();
    engine.close();
    preconditioner.close();
    if (batchArena != null) {
      batchArena.close();
    }
    arena.close();
  }

  private void begin(Batch minibatch) {
    scalars.checkForDivergence(name());
    Losses.check(minibatch, lossFunction, outputs);
    if (outputGradient == null || outputGradient.rows() != minibatch.size()) {
      allocateForBatch(minibatch.size());
    }
    batch = replays.take(minibatch);
    steps++;
  }

  private void forward() {
    h = model.forward(batch, stream);
    loss.evaluate(h, batch.targets(), outputGradient, perDatapoint.pointer(), stream);
    measures.mean(perDatapoint, batch.size(), scalars.at(Control.LOSS));
    measures.norm2(scalars.at(Control.NORM2));
  }

  /** g = ∇ + η W. */
  private void backward() {
    model.backward(outputGradient, options.l2, gradients, stream);
  }

  private void factors() {
    engine.enter(
        model.traces(),
        h,
        batch.targets(),
        scalars.at(Control.STEP),
        preconditioner.factors(),
        stream);
  }

  private void dampAndFactorise() {
    preconditioner.refresh(stream);
  }

  private void solve() {
    preconditioner.apply(gradients, direction, stream);
  }

  /** ⟨Δ, g⟩, ‖Δ‖² and the exact curvature along Δ, to three floats at a device address. */
  private void quadratic(List<Matrix> along, long out) {
    measures.quadratic(along, gradients, h, batch, perDatapoint, out);
  }

  private void rescale() {
    control.rescale(
        stream,
        scalars.pointer(),
        preconditioner.rungs(),
        options.l2,
        1 / options.omega(),
        options.rescaling,
        options.adaptGamma);
  }

  private void updateWeights() {
    update.apply(
        stream,
        model.parameters(),
        direction,
        scalars.at(Control.ALPHA),
        scalars.at(Control.ACCEPTED));
  }

  private void reductionRatio() {
    Matrix newH = model.forward(batch, stream);
    loss.evaluate(newH, batch.targets(), null, perDatapoint.pointer(), stream);
    measures.mean(perDatapoint, batch.size(), scalars.at(Control.NEW_LOSS));
    measures.norm2(scalars.at(Control.NEW_NORM2));
    control.reduction(
        stream,
        scalars.pointer(),
        options.l2,
        options.omega(),
        options.leastLambda,
        options.greatestLambda);
  }

  private void allocateForBatch(int N) {
    if (batchArena != null) {
      stream.synchronize();
      batchArena.close();
    }
    batchArena = model.device().newArena("gauss-newton batch");
    outputGradient = batchArena.matrix(N, outputs, "output gradient");
    perDatapoint = batchArena.floats(N, "per datapoint");
  }
}
