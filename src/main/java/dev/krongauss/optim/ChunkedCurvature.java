package dev.krongauss.optim;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@link SampledCurvature} where batches are cut: the part of the batch is as many rows of each
 * chunk, its first ones, and C is the sum of what each chunk's rows give. One pass takes those of
 * all chunks, where rows can be kept apart ({@link SampledCurvature#rowBlock}).
 */
final class ChunkedCurvature implements AutoCloseable {
  private final Chunks chunks;
  private final LossFunction loss;
  private final Stream stream;
  private final List<SampledCurvature> parts = new ArrayList<>();
  private final ChunkedSums sums;
  private final int together; // chunks of a pass
  private final int block;
  private float[] shares;

  /**
   * @param C {@code [L][L]}, which {@link #measure} writes
   */
  ChunkedCurvature(UpdateMemory update, LossFunction loss, Matrix C) {
    this.chunks = update.options().split();
    this.loss = loss;
    this.stream = update.stream();
    SampledCurvature first = SampledCurvature.of(update, loss);
    parts.add(first);
    block = first.rowBlock();
    together = block > 0 ? chunks.own() : 1;
    while (parts.size() * together < chunks.own()) {
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
      all += part(chunks, c, N, wanted);
    }
    shares = new float[chunks.own()];
    int pitch = pitch(chunks, N, wanted, block);
    int[] rows = rows(chunks, N, wanted);
    for (int k = 0; k < rows.length; k++) {
      shares[k] = (float) rows[k] / all;
    }
    for (int p = 0; p < parts.size(); p++) {
      int[] some = Arrays.copyOfRange(rows, p * together, (p + 1) * together);
      parts
          .get(p)
          .prepareChunks(some, pitch > 0 ? pitch : some[0], pitch * chunks.count(), outputs);
    }
  }

  /** Rows of each of this rank's chunks that are taken. */
  static int[] rows(Chunks chunks, int N, int wanted) {
    return IntStream.range(chunks.first(), chunks.first() + chunks.own())
        .map(c -> part(chunks, c, N, wanted))
        .toArray();
  }

  /** Rows of a pass from one chunk to the next; 0 where a pass takes one. */
  static int pitch(Chunks chunks, int N, int wanted, int block) {
    int most = part(chunks, chunks.count() - 1, N, wanted); // the last is none of the shorter ones
    return block > 0 ? (most + block - 1) / block * block : 0;
  }

  private static int part(Chunks chunks, int c, int N, int wanted) {
    int each = (wanted + chunks.count() - 1) / chunks.count();
    return Math.min(chunks.rows(c, N), each);
  }

  void take(ChunkPass chunk) {
    parts.get(chunk.k() / together).takeChunk(chunk.k() % together, chunk);
  }

  /** Writes C of the directions at the passes that were taken. */
  void measure(List<Matrix> directions) {
    for (int p = 0; p < parts.size(); p++) {
      List<Matrix> C = new ArrayList<>();
      for (int k = p * together; k < (p + 1) * together; k++) {
        C.add(sums.leaf(k).get(0));
      }
      parts.get(p).measure(directions, C);
    }
    sums.sum(shares, stream);
  }

  @Override
  public void close() {
    parts.forEach(SampledCurvature::close);
  }
}
