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
import dev.krongauss.precondition.LayerOwners;
import java.util.ArrayList;
import java.util.List;

/**
 * What SGD, Adam and Muon share: gradient, learning-rate schedule, the finite check, the report.
 */
abstract class FirstOrder implements Optimizer {
  private final Model model;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final Stream stream;
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
  private final Replays.Update kind;
  private final Updates updates;
  private Batch batch; // of the next update, where it stays
  private Arena batchArena;
  private Matrix outputGradient;
  private Buffer perDatapoint;

  FirstOrder(Model model, LossFunction lossFunction, Setters<?> settings, String name) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.outputs = Losses.outputs(model, lossFunction);
    this.loss = lossFunction.on(model.device());
    this.stream = model.device().stream();
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
    this.phases = new Phases(stream);
    this.replays = new Replays(stream, model, loss, phases, chunks);
    this.gradients = like(model.parameters(), arena, "gradient");
    this.chunked =
        chunks.cut()
            ? new ChunkedGradient(
                model, loss, chunks, arena, gradients, LayerOwners.one(gradients.size()))
            : null;
    this.reduceScratch =
        arena.floats(Reduce.scratchFloats(model.parameters()), "reduction scratch");
    this.kind = replays.kind(this::update, () -> scalars.finished(false));
    this.updates =
        new Updates(stream, phases, replays, scalars, this::name, gradients, this::enqueue);
  }

  /** Settings that all first-order methods share. */
  abstract static class Setters<T extends Setters<T>> {
    private float learningRate;
    private int halveEvery;
    private int mostRejected = 50;
    private Integer chunks;
    private CutRanks ranks;

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
      ranks = CutRanks.of(group);
      return self();
    }

    @SuppressWarnings("unchecked")
    private T self() {
      return (T) this;
    }
  }

  @Override
  public final StepReport step(Batch next, PhaseListener listener) {
    return updates.run(next, listener).report();
  }

  @Override
  public final void advance(Batch next) {
    updates.run(next, null);
  }

  @Override
  public final StepReport lastReport() {
    return scalars.lastReport();
  }

  private void enqueue(Batch next) {
    scalars.steps(name());
    prepare(next);
    batch = replays.take(next);
    phases.finished(Phase.BATCH);
    kind.run(true);
  }

  /** An update as the device sees it; captured and replayed. */
  private void update() {
    Beginning begin = new Beginning(scalars.pointer(), 0, false, Beginning.NO_AVERAGE);
    if (chunked != null) {
      chunked.use(batch);
      chunked.run(0, scalars.at(Control.LOSS), begin, phases, chunk -> {});
    } else {
      wholePasses(begin);
    }
    long scratch = reduceScratch.pointer();
    float rate = schedule.initial();
    reduce.firstOrder(stream, gradients, scratch, scalars.pointer(), rate, schedule.halveEvery());
    update(model.parameters(), gradients, stream);
    phases.finished(Phase.UPDATE);
  }

  private void wholePasses(Beginning begin) {
    Matrix h = model.forward(batch, stream);
    phases.finished(Phase.FORWARD);
    long mean = scalars.at(Control.LOSS);
    evaluation.run(h, batch.targets(), outputGradient, perDatapoint.pointer(), mean, begin, stream);
    phases.finished(Phase.LOSS);
    model.backward(outputGradient, 0, gradients, stream);
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

  private void prepare(Batch next) {
    Losses.check(next, lossFunction, outputs);
    int N = chunks.whole(next);
    start.check(next, N, scalars.begun() + 1);
    if (chunked != null) {
      if (!chunked.fits(N)) {
        replays.forget();
        chunked.prepare(N, outputs);
      }
      return;
    }
    if (outputGradient != null && outputGradient.rows() == next.size()) {
      return;
    }
    replays.forget(); // now, since there may be no memory for the new size
    if (batchArena != null) {
      stream.synchronize();
      batchArena.close();
    }
    outputGradient = null; // says below that the memory is there: set last, should there be none
    batchArena = model.device().newArena(name() + " batch");
    Matrix largest = batchArena.matrix(next.size(), outputs, "output gradient");
    perDatapoint = batchArena.floats(next.size(), "per datapoint");
    outputGradient = largest;
  }
}
