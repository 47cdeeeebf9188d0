package dev.krongauss.optim;

import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.Update;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.precondition.Preconditioner;
import java.util.Arrays;
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
  private final LossFunction.OnDevice loss;
  private final Stream stream;
  private final Arena arena;
  private final Scalars scalars;
  private final Preconditioner preconditioner;
  private final FactorEngine engine;
  private final Reduce reduce;
  private final Update update;
  private final Control control;
  private final Replays replays;
  private final List<Matrix> gradients;
  private final List<Matrix> direction;
  private final Buffer reduceScratch;
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
    this.loss = lossFunction.on(model.device());
    this.stream = model.device().stream();
    this.arena = model.device().newArena("gauss-newton");
    this.scalars =
        new Scalars(model.device(), arena, initialScalars(options), options.mostRejected);
    this.preconditioner = preconditioner(model, options, scalars);
    this.engine =
        new FactorEngine(
            model.device(),
            options.operations(model.device()),
            method,
            lossFunction,
            options.budgetBytes,
            options.seed);
    this.reduce = new Reduce(model.device());
    this.update = new Update(model.device());
    this.control = new Control(model.device());
    this.replays = new Replays(stream, model, loss);
    this.gradients = FirstOrder.like(model.parameters(), arena, "gradient");
    this.direction = FirstOrder.like(model.parameters(), arena, "direction");
    this.reduceScratch =
        arena.floats(reduce.scratchFloats(model.parameters()), "reduction scratch");
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
    boolean refresh = (steps - 1) % options.refreshEvery == 0;
    boolean reduction = options.adaptLambda && steps % options.reductionEvery == 0;
    replays.run(
        kind(refresh, reduction),
        !refresh || preconditioner.factors().settled(),
        () -> update(refresh, reduction));
    return scalars.report(stream);
  }

  /** An update as the device sees it; captured and replayed, so it takes no decision by a value. */
  private void update(boolean refresh, boolean reduction) {
    control.begin(stream, scalars.pointer(), options.l2, options.gamma == 0);
    forward();
    backward();
    if (refresh) {
      factors();
      dampAndFactorise();
    }
    solve();
    rescale();
    updateWeights();
    if (reduction) {
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
    return replays.nodes(kind(refresh, reduction));
  }

  @Override
  public void close() {
    replays.close();
    scalars.close();
    engine.close();
    preconditioner.close();
    if (batchArena != null) {
      batchArena.close();
    }
    arena.close();
  }

  private void begin(Batch minibatch) {
    scalars.checkForDivergence(name());
    int outputs = model.parameters().get(model.parameters().size() - 1).rows();
    Check.shape(minibatch.targets(), minibatch.size(), outputs, "the batch's targets");
    if (outputGradient == null || outputGradient.rows() != minibatch.size()) {
      allocateForBatch(minibatch.size(), outputs);
    }
    batch = replays.take(minibatch);
    steps++;
  }

  private void forward() {
    h = model.forward(batch, stream);
    loss.evaluate(h, batch.targets(), outputGradient, perDatapoint.pointer(), stream);
    reduce.sum(
        stream, perDatapoint.pointer(), batch.size(), 1f / batch.size(), scalars.at(Control.LOSS));
    norm2(Control.NORM2);
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

  private void rescale() {
    if (options.rescaling || options.adaptLambda) {
      GaussNewtonProduct.quadratic(
          model,
          loss,
          reduce,
          direction,
          h,
          batch.targets(),
          perDatapoint,
          scalars.at(Control.CURVATURE),
          stream);
    }
    reduce.dotAndNorm(
        stream,
        direction,
        gradients,
        reduceScratch.pointer(),
        scalars.at(Control.SLOPE),
        scalars.at(Control.DIRECTION2));
    control.rescale(
        stream,
        scalars.pointer(),
        preconditioner.infos(),
        2 * direction.size(),
        options.l2,
        1 / options.omega(),
        options.rescaling);
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
    reduce.sum(
        stream,
        perDatapoint.pointer(),
        batch.size(),
        1f / batch.size(),
        scalars.at(Control.NEW_LOSS));
    norm2(Control.NEW_NORM2);
    control.reduction(
        stream,
        scalars.pointer(),
        options.l2,
        options.omega(),
        options.leastLambda,
        options.greatestLambda);
  }

  private void norm2(int slot) {
    List<Matrix> W = model.parameters();
    reduce.dot(stream, W, W, reduceScratch.pointer(), scalars.at(slot));
  }

  private void allocateForBatch(int N, int outputs) {
    if (batchArena != null) {
      stream.synchronize();
      batchArena.close();
    }
    batchArena = model.device().newArena("gauss-newton batch");
    outputGradient = batchArena.matrix(N, outputs, "output gradient");
    perDatapoint = batchArena.floats(N, "per datapoint");
  }

  private static int kind(boolean refresh, boolean reduction) {
    return (refresh ? 1 : 0) + (reduction ? 2 : 0);
  }

  private static float[] initialScalars(GaussNewtonOptions options) {
    float[] initial = new float[Control.SLOTS];
    Arrays.fill(initial, 0);
    initial[Control.LAMBDA] = options.lambda;
    initial[Control.GAMMA] =
        options.gamma != 0 ? options.gamma : (float) Math.sqrt(options.lambda + options.l2);
    initial[Control.CURVATURE] = Float.NaN; // stays so where nothing asks for it
    initial[Control.RHO] = Float.NaN;
    return initial;
  }

  private static Preconditioner preconditioner(
      Model model, GaussNewtonOptions options, Scalars scalars) {
    Preconditioner.Builder builder =
        Preconditioner.on(model.device())
            .decay(options.decay)
            .gammaAt(scalars.at(Control.GAMMA))
            .restartAt(scalars.at(Control.REJECTED));
    if (options.mode != null) {
      builder.operations(options.mode);
    }
    for (Matrix W : model.parameters()) {
      builder.layer(W.columns(), W.rows());
    }
    return builder.build();
  }
}
