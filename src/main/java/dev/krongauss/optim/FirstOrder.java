package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.model.Model;
import dev.krongauss.model.State;
import java.util.ArrayList;
import java.util.List;

/**
 * What SGD, Adam and Muon share: gradient, learning-rate schedule, the finite check, the report.
 */
abstract class FirstOrder implements Optimizer {
  private final Model model;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final int outputs;
  private final Schedule schedule;
  private final Arena arena;
  private final Scalars scalars;
  private final Reduce reduce;
  private final Replays replays;
  private final Phases phases;
  private final LossEvaluation evaluation;
  private final List<Matrix> gradients;
  private final Buffer reduceScratch;
  private final Chunks chunks;
  private final AgreedStart start;
  private final ChunkedGradient chunked; // null where batches are whole
  private Arena batchArena;
  private Matrix outputGradient;
  private Buffer perDatapoint;

  FirstOrder(Model model, LossFunction lossFunction, Setters<?> settings, String name) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.outputs = Losses.outputs(model, lossFunction);
    this.loss = lossFunction.on(model.device());
    this.schedule = new Schedule(settings.learningRate, settings.halveEvery);
    this.arena = model.device().newArena(name);
    float[] initial = Scalars.blank();
    initial[Control.LAMBDA] = Float.NaN;
    initial[Control.FACTOR_GAMMA] = Float.NaN;
    initial[Control.PREDICTED] = Float.NaN;
    initial[Control.MU] = Float.NaN;
    this.scalars =
        new Scalars(
            model.device(),
            arena,
            initial,
            model.parameters().size(),
            false,
            settings.mostRejected);
    this.chunks = Chunks.of(settings.chunks, settings.ranks);
    this.start = new AgreedStart(chunks, model, lossFunction, name, settings);
    this.reduce = new Reduce(model.device());
    this.evaluation = new LossEvaluation(model.device(), loss, arena);
    this.phases = new Phases(model.device().stream());
    this.replays = new Replays(model.device().stream(), model, loss, phases, chunks);
    this.gradients = like(model.parameters(), arena, "gradient");
    this.chunked = chunks.cut() ? new ChunkedGradient(model, loss, chunks, arena, gradients) : null;
    this.reduceScratch =
        arena.floats(Reduce.scratchFloats(model.parameters()), "reduction scratch");
  }

  /** Settings that all first-order methods share. */
  abstract static class Setters<T extends Setters<T>> {
    private float learningRate;
    private int halveEvery;
    private int mostRejected = 50;
    private Integer chunks;
    private Collective ranks;

    Setters(float learningRate) {
      this.learningRate = learningRate;
    }

    /** Learning rate of the first updates, positive. */
    public T learningRate(double value) {
      learningRate = (float) value;
      return self();
    }

    /** Halves the learning rate every so many updates; 0, the default, keeps it. */
    public T halveEvery(int updates) {
      halveEvery = updates;
      return self();
    }

    /** Rejected updates in a row that are tolerated before {@link Optimizer#step} throws. */
    public T mostRejected(int updates) {
      mostRejected = updates;
      return self();
    }

    /** As {@link GaussNewtonSetters#chunks}. */
    public T chunks(int count) {
      chunks = count;
      return self();
    }

    /** As {@link GaussNewtonSetters#ranks}. */
    public T ranks(Collective group) {
      ranks = group;
      return self();
    }

    @SuppressWarnings("unchecked")
    private T self() {
      return (T) this;
    }
  }

  @Override
  public final StepReport step(Batch batch) {
    return step(batch, null);
  }

  @Override
  public final StepReport step(Batch batch, PhaseListener listener) {
    return model.device().inContext(() -> stepInContext(batch, listener));
  }

  private StepReport stepInContext(Batch batch, PhaseListener listener) {
    replays.checkUsable();
    phases.listener(listener);
    Stream s = model.device().stream();
    scalars.checkForDivergence(name(), () -> NonFinite.layers("gradient", gradients, s));
    scalars.steps(name());
    prepare(batch, s);
    Batch fixed = replays.take(batch);
    phases.finished(Phase.BATCH);
    replays.run(0, true, () -> update(fixed, s));
    return scalars.report();
  }

  /** An update as the device sees it; captured and replayed. */
  private void update(Batch batch, Stream s) {
    Beginning begin = new Beginning(scalars.pointer(), 0, false, Beginning.NO_AVERAGE);
    if (chunked != null) {
      chunked.use(batch);
      chunked.run(0, scalars.at(Control.LOSS), begin, phases, chunk -> {});
    } else {
      wholePasses(batch, begin, s);
    }
    long scratch = reduceScratch.pointer();
    float rate = schedule.initial();
    reduce.firstOrder(s, gradients, scratch, scalars.pointer(), rate, schedule.halveEvery());
    update(model.parameters(), gradients, s);
    phases.finished(Phase.UPDATE);
  }

  private void wholePasses(Batch batch, Beginning begin, Stream s) {
    Matrix h = model.forward(batch, s);
    phases.finished(Phase.FORWARD);
    long mean = scalars.at(Control.LOSS);
    evaluation.run(h, batch.targets(), outputGradient, perDatapoint.pointer(), mean, begin, s);
    phases.finished(Phase.LOSS);
    model.backward(outputGradient, 0, gradients, s);
    phases.finished(Phase.BACKWARD);
  }

  @Override
  public final Model model() {
    return model;
  }

  @Override
  public final int graphNodes() {
    return replays.lastNodes();
  }

  /** Applies the gradients to the weights of all layers, guarded by the accepted flag. */
  abstract void update(List<Matrix> W, List<Matrix> gradients, Stream s);

  /** Exchanges what the rule itself keeps. */
  abstract void own(State state);

  @Override
  public final void exchange(State state) {
    state.same("optimizer", name());
    scalars.exchange(state);
    own(state);
    if (state.replaces()) {
      start.again();
    }
  }

  Scalars scalars() {
    return scalars;
  }

  /** Learning rate before it is halved. */
  float initialRate() {
    return schedule.initial();
  }

  Arena arena() {
    return arena;
  }

  @Override
  public final void close() {
    replays.close();
    scalars.close();
    loss.close();
    if (batchArena != null) {
      batchArena.close();
    }
    if (chunked != null) {
      chunked.close();
    }
    arena.close();
  }

  /** Zero matrices shaped like {@code matrices}. */
  static List<Matrix> like(List<Matrix> matrices, Arena arena, String name) {
    List<Matrix> result = new ArrayList<>();
    for (Matrix m : matrices) {
      result.add(arena.matrix(m.rows(), m.columns(), name + " " + (result.size() + 1)));
    }
    return result;
  }

  private void prepare(Batch batch, Stream s) {
    Losses.check(batch, lossFunction, outputs);
    int N = chunks.whole(batch);
    start.check(N, scalars.begun() + 1);
    if (chunked != null) {
      if (!chunked.fits(N)) {
        replays.forget();
        chunked.prepare(N, outputs);
      }
      return;
    }
    if (outputGradient != null && outputGradient.rows() == batch.size()) {
      return;
    }
    replays.forget(); // now, since there may be no memory for the new size
    if (batchArena != null) {
      s.synchronize();
      batchArena.close();
    }
    outputGradient = null; // says below that the memory is there: set last, should there be none
    batchArena = model.device().newArena(name() + " batch");
    Matrix largest = batchArena.matrix(batch.size(), outputs, "output gradient");
    perDatapoint = batchArena.floats(batch.size(), "per datapoint");
    outputGradient = largest;
  }
}
