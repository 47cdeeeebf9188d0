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
import dev.krongauss.model.Parts;
import dev.krongauss.precondition.LayerOwners;
import java.util.ArrayList;
import java.util.List;

/**
 * Loss and gradient of a batch that is cut: sums are taken chunk by chunk, and passes take all of
 * this rank's rows at once where the model keeps them apart ({@link Model#rowBlock}), each chunk
 * from a new block on, else one chunk, since a row's bits may depend on how many rows a product
 * has.
 */
final class ChunkedGradient implements AutoCloseable {
  /** What else is taken from a chunk while the model's last pass has it. */
  interface Taker {
    /** Takes it. */
    void take(ChunkPass chunk);
  }

  private final Model model;
  private final LossFunction.OnDevice loss;
  private final Chunks chunks;
  private final Stream stream;
  private final Reduce reduce;
  private final LossEvaluation evaluation;
  private final GradientSums gradients;
  private final ChunkedSums losses;
  private final Matrix meanLoss;
  private Arena arena;
  private Matrix outputGradient;
  private Buffer perDatapoint;
  private Batch batch;
  private Matrix output;
  private int N;
  private int together;
  private boolean apart;
  private int pitch; // rows from one chunk to the next in a pass; 0 if they follow one another
  private Matrix padded; // inputs of the passes, null for those of the batch

  /**
   * @param sums of the gradients, shaped like the parameters; null where another rank has them
   * @param owners of the layers
   */
  ChunkedGradient(
      Model model,
      LossFunction.OnDevice loss,
      Chunks chunks,
      Arena of,
      List<Matrix> sums,
      LayerOwners owners) {
    this.model = model;
    this.loss = loss;
    this.chunks = chunks;
    this.stream = model.device().stream();
    this.reduce = new Reduce(model.device());
    this.evaluation = new LossEvaluation(model.device(), loss, of);
    this.meanLoss = of.matrix(1, 1, "mean loss");
    ChunkedSums.Statistic ofLoss = new ChunkedSums.Statistic(meanLoss, false);
    List<ChunkedSums.Statistic> ofLayers = new ArrayList<>();
    for (int l = 0; l < sums.size(); l++) {
      Matrix W = model.parameters().get(l);
      int owner = owners.shared() ? owners.owner(l) : ChunkedSums.ALL;
      ofLayers.add(new ChunkedSums.Statistic(W.rows(), W.columns(), false, owner, sums.get(l)));
    }
    gradients = new GradientSums(model.device(), of, chunks, ofLayers, ofLoss);
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
    release();
    arena = model.device().newArena("chunk of a batch");
    int block = model.rowBlock();
    together = block > 0 ? chunks.own() : 1;
    pitch = block > 1 ? chunks.pitch(datapoints, block) : 0;
    int most = chunks.most(datapoints);
    int rows = chunks.passRows(datapoints, block);
    outputGradient = arena.matrix(rows, outputs, "output gradient");
    perDatapoint = arena.floats(most, "per datapoint");
    int inputs = model.parameters().get(0).columns();
    padded = pitch > 0 ? arena.matrix(rows, inputs, "inputs, chunks in whole blocks") : null;
    apart = block > 0;
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
    spread();
    for (int first = 0; first < chunks.own(); first += together) {
      forward(first);
      phases.finished(Phase.FORWARD);
      for (ChunkPass chunk : chunks(first)) {
        Matrix mean = gradients.loss(chunk.k());
        evaluate(chunk, outputGradient, mean, chunk.k() == 0 ? beginning : null);
      }
      phases.finished(Phase.LOSS);
      Parts parts = gradients.parts(chunks(first), stream);
      model.backward(outputGradient.rows(0, output.rows()), l2, parts, stream);
      gradients.enqueued(stream);
      phases.finished(Phase.BACKWARD);
      chunks(first).forEach(taker::take);
    }
    gradients.sum(chunks.shares(N), stream);
    give(out);
    phases.finished(Phase.BACKWARD);
  }

  /** The mean loss at the present weights, to a device address. */
  void loss(long out) {
    for (int first = 0; first < chunks.own(); first += together) {
      forward(first);
      chunks(first).forEach(c -> evaluate(c, null, losses.leaf(c.k()).get(0), null));
    }
    losses.sum(chunks.shares(N), stream);
    give(out);
  }

  /**
   * E[vᵀ H v], v = J Δ, at the weights of {@link #run}, to a device address; with a forward pass
   * where one does not take all rows.
   */
  void curvature(List<Matrix> direction, long out) {
    for (int first = 0; first < chunks.own(); first += together) {
      if (together < chunks.own()) {
        forward(first);
      }
      Matrix v = model.tangent(direction, stream);
      for (ChunkPass c : chunks(first)) {
        Matrix part = v.rows(c.first(), c.rows());
        loss.hessianProduct(c.h(), c.targets(), part, perDatapoint.pointer(), stream);
        mean(c.rows(), losses.leaf(c.k()).get(0));
      }
    }
    losses.sum(chunks.shares(N), stream);
    give(out);
  }

  /** Each chunk's inputs into its blocks; what is left of them stays 0. */
  private void spread() {
    for (int k = 0; padded != null && k < chunks.own(); k++) {
      Matrix inputs = chunks.chunk(batch, N, k).inputs();
      stream.copy(inputs, padded.rows(k * pitch, inputs.rows()));
    }
  }

  /** A pass over as many chunks as go together, the first of them is this rank's k-th. */
  private void forward(int k) {
    Matrix inputs = padded == null ? batch.inputs() : padded;
    int piece = pitch > 0 ? pitch : chunks.most(N);
    Batch next =
        apart ? Chunks.apart(N, inputs, batch.targets(), piece) : chunks.chunk(batch, N, k);
    output = model.forward(next, stream);
  }

  /** The chunks of the last pass. */
  private List<ChunkPass> chunks(int first) {
    List<ChunkPass> list = new ArrayList<>();
    for (int k = first; k < first + together; k++) {
      Batch chunk = chunks.chunk(batch, N, k);
      int begin = pitch > 0 ? (k - first) * pitch : chunks.offset(k, N) - chunks.offset(first, N);
      Matrix h = output.rows(begin, chunk.size());
      list.add(new ChunkPass(k, begin, h, chunk.targets(), model.traces()));
    }
    return list;
  }

  private void evaluate(ChunkPass c, Matrix gradients, Matrix mean, Beginning beginning) {
    Matrix gradient = gradients == null ? null : gradients.rows(c.first(), c.rows());
    long each = perDatapoint.pointer();
    evaluation.run(c.h(), c.targets(), gradient, each, mean.pointer(), beginning, stream);
  }

  private void mean(int rows, Matrix out) {
    reduce.sum(stream, perDatapoint.pointer(), rows, 1f / rows, out.pointer());
  }

  private void give(long out) {
    reduce.sum(stream, meanLoss.pointer(), 1, 1, out);
  }

  @Override
  public void close() {
    gradients.close();
    release();
  }

  private void release() {
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
