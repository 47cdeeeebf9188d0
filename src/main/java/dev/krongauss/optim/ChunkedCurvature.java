package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link SampledCurvature} where batches are cut: the part of the batch is as many rows of each
 * chunk, its first ones, and C is the sum of what each chunk's rows give.
 */
final class ChunkedCurvature implements AutoCloseable {
  private final Chunks chunks;
  private final LossFunction loss;
  private final Stream stream;
  private final List<SampledCurvature> parts = new ArrayList<>();
  private final ChunkedSums sums;
  private float[] shares;

  /**
   * @param C {@code [L][L]}, which {@link #measure} writes
   */
  ChunkedCurvature(UpdateMemory update, LossFunction loss, Matrix C) {
    this.chunks = update.options().split();
    this.loss = loss;
    this.stream = update.stream();
    for (int k = 0; k < chunks.own(); k++) {
      parts.add(SampledCurvature.of(update, loss));
    }
    sums =
        new ChunkedSums(
            update.model().device(),
            update.arena(),
            chunks,
            List.of(new ChunkedSums.Statistic(C, false)),
            "curvature of the directions");
  }

  /** Makes room for batches of N datapoints of all ranks; waits if that has changed. */
  void prepare(int N, int outputs) {
    int wanted = SampledCurvature.rows(loss, N, outputs);
    int all = 0;
    for (int c = 0; c < chunks.count(); c++) {
      all += part(c, N, wanted);
    }
    shares = new float[chunks.own()];
    for (int k = 0; k < shares.length; k++) {
      int part = part(chunks.first() + k, N, wanted);
      parts.get(k).prepareChunk(part, outputs);
      shares[k] = (float) part / all;
    }
  }

  private int part(int c, int N, int wanted) {
    int each = (wanted + chunks.count() - 1) / chunks.count();
    return Math.min(chunks.rows(c, N), each);
  }

  void take(int k, Matrix h, Matrix targets) {
    parts.get(k).takeChunk(h, targets);
  }

  /** Writes C of the directions at the passes that were taken. */
  void measure(List<Matrix> directions) {
    for (int k = 0; k < parts.size(); k++) {
      parts.get(k).measure(directions, sums.leaf(k).get(0));
    }
    sums.sum(shares, stream);
  }

  @Override
  public void close() {
    parts.forEach(SampledCurvature::close);
  }
}
