package dev.krongauss.optim;

import dev.krongauss.curvature.ExactCut;
import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.Arrays;
import java.util.List;

/**
 * The chunks of an exact update's batch: passes and losses of one after the other, sums of matrices
 * in the tree of all sums, and vectors by {@link #share}.
 */
final class ExactChunks implements ExactCut, AutoCloseable {
  private final Model model;
  private final LossFunction lossFunction;
  private final Chunks chunks;
  private final Stream stream;
  private final Reduce reduce;
  private final LossEvaluation evaluation;
  private final Arena arena;
  private final Matrix outputGradient;
  private final Buffer perDatapoint;
  private final Matrix meanLoss;
  private final ChunkedSums losses;
  private final int N;
  private Batch batch;
  private ExactSystem.Point last; // of the model's pass

  /**
   * @param N datapoints of all ranks
   */
  ExactChunks(
      Model model,
      LossFunction lossFunction,
      LossFunction.OnDevice loss,
      Chunks chunks,
      int N,
      int outputs) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.chunks = chunks;
    this.N = N;
    this.stream = model.device().stream();
    this.reduce = new Reduce(model.device());
    this.arena = model.device().newArena("chunks of an exact update");
    this.evaluation = new LossEvaluation(model.device(), loss, arena);
    this.outputGradient = arena.matrix(most(), outputs, "output gradient");
    this.perDatapoint = arena.floats(most(), "per datapoint");
    this.meanLoss = arena.matrix(1, 1, "mean loss");
    this.losses =
        new ChunkedSums(
            model.device(),
            arena,
            chunks,
            List.of(new ChunkedSums.Statistic(meanLoss, false)),
            "losses");
  }

  /** This rank's part of the batch of the next update. */
  void use(Batch next) {
    Check.that(
        lossFunction.weights(next.targets()) == null,
        "loss '%s' has weights of datapoints, whose means over a chunk are not those over a batch;"
            + " leave chunks(...) and ranks(...) out, or the weights",
        lossFunction.name());
    batch = next;
    last = null;
  }

  @Override
  public int chunks() {
    return chunks.count();
  }

  @Override
  public int first() {
    return chunks.first();
  }

  @Override
  public int own() {
    return chunks.own();
  }

  @Override
  public int most() {
    return chunks.most(N);
  }

  /** Of a rank's only chunk the pass of {@link #evaluate} is there. */
  @Override
  public ExactSystem.Point forward(int k) {
    return own() == 1 && last != null ? last : pass(k, null);
  }

  @Override
  public ExactSystem.Point evaluate(int k) {
    ExactSystem.Point at = pass(k, outputGradient);
    evaluation.run(
        at.h(),
        at.t(),
        at.outputGradient(),
        perDatapoint.pointer(),
        losses.leaf(k).get(0).pointer(),
        null,
        stream);
    return at;
  }

  private ExactSystem.Point pass(int k, Matrix gradient) {
    Batch chunk = chunks.chunk(batch, N, k);
    Matrix h = model.forward(chunk, stream);
    Matrix rows = gradient == null ? null : gradient.rows(0, h.rows());
    last = new ExactSystem.Point(h, chunk.targets(), rows, List.of());
    return last;
  }

  /** The mean loss of all that was evaluated, to a device address. */
  void loss(long out) {
    losses.sum(chunks.shares(N), stream);
    reduce.sum(stream, meanLoss.pointer(), 1, 1, out);
  }

  /** By exchanges in pairs, each of twice as many chunks as the one before. */
  @Override
  public void share(long address, long bytes, Stream s) {
    int p = chunks.size();
    for (int distance = 1; distance < p; distance *= 2) {
      int rank = chunks.ranks().rank();
      int peer = rank ^ distance;
      long block = bytes * own() * distance;
      long mine = address + block * (rank / distance);
      long theirs = address + block * (peer / distance);
      chunks.ranks().exchange(s, mine, theirs, block, peer);
    }
  }

  @Override
  public Leaves leaves(Arena of, Matrix sum) {
    ChunkedSums sums =
        new ChunkedSums(
            model.device(),
            of,
            chunks,
            List.of(new ChunkedSums.Statistic(sum, true)),
            "Gauss-Newton matrix");
    float[] ones = new float[own()];
    Arrays.fill(ones, 1);
    return new Leaves() {
      @Override
      public Matrix of(int k) {
        return sums.leaf(k).get(0);
      }

      @Override
      public void sum(Stream s) {
        sums.sum(ones, s);
      }
    };
  }

  long bytes() {
    return arena.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}
