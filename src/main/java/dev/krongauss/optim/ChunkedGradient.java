package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * Loss and gradient of a batch, chunk by chunk: forward and backward pass of one chunk, then of the
 * next. Passes never take more rows than a chunk, since a row's bits may depend on how many rows a
 * product has.
 */
final class ChunkedGradient implements AutoCloseable {
  /** What else is taken from a chunk while the model's last pass is its own. */
  interface Taker {
    /**
     * @param k of this rank's chunks
     * @param h outputs of the chunk
     * @param targets of the chunk
     */
    void take(int k, Matrix h, Matrix targets);
  }

  private final Model model;
  private final LossFunction.OnDevice loss;
  private final Chunks chunks;
  private final Stream stream;
  private final Reduce reduce;
  private final LossEvaluation evaluation;
  private final ChunkedSums gradients;
  private final ChunkedSums losses;
  private final Matrix meanLoss;
  private Arena arena;
  private Matrix outputGradient;
  private Buffer perDatapoint;
  private Batch batch;
  private int N;

  /**
   * @param sums of the gradients, shaped like the parameters
   */
  ChunkedGradient(
      Model model, LossFunction.OnDevice loss, Chunks chunks, Arena of, List<Matrix> sums) {
    this.model = model;
    this.loss = loss;
    this.chunks = chunks;
    this.stream = model.device().stream();
    this.reduce = new Reduce(model.device());
    this.evaluation = new LossEvaluation(model.device(), loss, of);
    this.meanLoss = of.matrix(1, 1, "mean loss");
    ChunkedSums.Statistic ofLoss = new ChunkedSums.Statistic(meanLoss, false);
    List<ChunkedSums.Statistic> statistics = new ArrayList<>();
    sums.forEach(sum -> statistics.add(new ChunkedSums.Statistic(sum, false)));
    statistics.add(ofLoss);
    gradients = new ChunkedSums(model.device(), of, chunks, statistics, "gradients");
    losses = new ChunkedSums(model.device(), of, chunks, List.of(ofLoss), "losses");
  }

  /** Whether there is room for batches of N datapoints. */
  boolean fits(int datapoints) {
    return N == datapoints;
  }

  /** Makes room for batches of N datapoints of all ranks; waits if that has changed. */
  void prepare(int datapoints, int outputs) {
    if (fits(datapoints)) {
      return;
    }
    close();
    arena = model.device().newArena("chunk of a batch");
    int most = chunks.most(datapoints);
    outputGradient = arena.matrix(most, outputs, "output gradient");
    perDatapoint = arena.floats(most, "per datapoint");
    N = datapoints;
  }

  /** This rank's part of the batch of the next passes. */
  void use(Batch next) {
    batch = next;
  }

  /**
   * Loss and gradient at the present weights.
   *
   * @param l2 weight η of the gradient's L2 term
   * @param out device address of the mean loss
   * @param beginning of the update, enqueued with the loss of the first chunk
   * @param taker told of each chunk
   */
  void run(float l2, long out, Beginning beginning, Phases phases, Taker taker) {
    for (int k = 0; k < chunks.own(); k++) {
      List<Matrix> leaf = gradients.leaf(k);
      Matrix h = forward(k);
      phases.finished(Phase.FORWARD);
      Matrix gradient = outputGradient.rows(0, h.rows());
      Matrix targets =
          evaluate(k, h, gradient, leaf.get(leaf.size() - 1), k == 0 ? beginning : null);
      phases.finished(Phase.LOSS);
      model.backward(gradient, l2, leaf.subList(0, leaf.size() - 1), stream);
      phases.finished(Phase.BACKWARD);
      taker.take(k, h, targets);
    }
    gradients.sum(chunks.shares(N), stream);
    give(out);
    phases.finished(Phase.BACKWARD);
  }

  /** The mean loss at the present weights, to a device address. */
  void loss(long out) {
    each((k, h, targets) -> evaluate(k, h, null, losses.leaf(k).get(0), null));
    losses.sum(chunks.shares(N), stream);
    give(out);
  }

  /** E[vᵀ H v], v = J Δ, at the present weights, to a device address; with a forward pass. */
  void curvature(List<Matrix> direction, long out) {
    each(
        (k, h, targets) -> {
          Matrix v = model.tangent(direction, stream);
          loss.hessianProduct(h, targets, v, perDatapoint.pointer(), stream);
          mean(h.rows(), losses.leaf(k).get(0));
        });
    losses.sum(chunks.shares(N), stream);
    give(out);
  }

  private void each(Taker taker) {
    for (int k = 0; k < chunks.own(); k++) {
      taker.take(k, forward(k), chunks.chunk(batch, N, k).targets());
    }
  }

  private Matrix forward(int k) {
    return model.forward(chunks.chunk(batch, N, k), stream);
  }

  private Matrix evaluate(int k, Matrix h, Matrix gradient, Matrix mean, Beginning beginning) {
    Matrix targets = chunks.chunk(batch, N, k).targets();
    long out = mean.pointer();
    evaluation.run(h, targets, gradient, perDatapoint.pointer(), out, beginning, stream);
    return targets;
  }

  private void mean(int rows, Matrix out) {
    reduce.sum(stream, perDatapoint.pointer(), rows, 1f / rows, out.pointer());
  }

  private void give(long out) {
    reduce.sum(stream, meanLoss.pointer(), 1, 1, out);
  }

  /** Frees the memory of a batch. */
  @Override
  public void close() {
    N = 0; // says above that the memory is there
    if (arena != null) {
      if (!stream.isClosed()) {
        stream.synchronize();
      }
      arena.close();
      arena = null;
    }
  }
}
