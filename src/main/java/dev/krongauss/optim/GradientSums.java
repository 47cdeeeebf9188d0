package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Cuts;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Parts;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums of the gradients over the chunks, and of the losses. Those of the upper layers, of about
 * half of the weights, are apart: with other ranks they are exchanged on a stream of their own
 * while the layers below go back, and the rest while statistics are taken. What the update's stream
 * is given behind {@link #sum} follows both.
 */
final class GradientSums implements AutoCloseable {
  private final int above; // layers below are the lower ones
  private final ChunkedSums upper;
  private final ChunkedSums lower;
  private final Cuts cuts;
  private final Stream beside; // null for one rank alone
  private final Event upperEnqueued;
  private final Event allEnqueued;
  private final Event exchanged;

  /**
   * @param statistics of each layer, shaped like its weights
   */
  GradientSums(
      Device device,
      Arena arena,
      Chunks chunks,
      List<ChunkedSums.Statistic> statistics,
      ChunkedSums.Statistic loss) {
    above = above(statistics);
    List<ChunkedSums.Statistic> below = new ArrayList<>(statistics.subList(0, above));
    below.add(loss);
    upper =
        new ChunkedSums(
            device, arena, chunks, statistics.subList(above, statistics.size()), "upper gradients");
    lower = new ChunkedSums(device, arena, chunks, below, "lower gradients");
    cuts = chunks.cuts();
    boolean alone = chunks.size() == 1;
    beside = alone ? null : device.newStream();
    upperEnqueued = alone ? null : device.newEvent();
    allEnqueued = alone ? null : device.newEvent();
    exchanged = alone ? null : device.newEvent();
  }

  /** The first of the fewest layers at the top that have half of the weights. */
  static int above(List<ChunkedSums.Statistic> layers) {
    long all = layers.stream().mapToLong(W -> (long) W.rows() * W.columns()).sum();
    long above = 0;
    int l = layers.size();
    while (l > 0 && 2 * above < all) {
      l--;
      above += (long) layers.get(l).rows() * layers.get(l).columns();
    }
    return l;
  }

  /** Where the loss of this rank's k-th chunk goes. */
  Matrix loss(int k) {
    return lower.leaf(k).get(above);
  }

  /**
   * The gradients of some chunks, to be taken on a stream.
   *
   * @param some of the model's last pass
   */
  Parts parts(List<ChunkPass> some, Stream s) {
    List<List<Matrix>> leaves = new ArrayList<>();
    for (ChunkPass chunk : some) {
      List<Matrix> leaf = new ArrayList<>(lower.leaf(chunk.k()).subList(0, above));
      leaf.addAll(upper.leaf(chunk.k()));
      leaves.add(leaf);
    }
    int[] first = some.stream().mapToInt(ChunkPass::first).toArray();
    int[] rows = some.stream().mapToInt(ChunkPass::rows).toArray();
    return new Parts(first, rows, leaves, above, () -> mark(upperEnqueued, s));
  }

  /** The gradients of all chunks so far are enqueued. */
  void enqueued(Stream s) {
    mark(allEnqueued, s);
  }

  /** Events order what runs on the two streams, so they are none of a graph's. */
  private void mark(Event event, Stream s) {
    if (event != null) {
      cuts.call(() -> event.record(s));
    }
  }

  /** Sums all, each times its share; all that the stream is given from now on follows. */
  void sum(float[] shares, Stream s) {
    if (beside == null) {
      upper.sum(shares, s);
      lower.sum(shares, s);
      return;
    }
    cuts.to(beside);
    cuts.call(() -> beside.await(upperEnqueued));
    upper.sum(shares, beside);
    cuts.call(() -> beside.await(allEnqueued));
    lower.sum(shares, beside);
    mark(exchanged, beside);
    cuts.to(s);
    cuts.call(() -> s.await(exchanged));
  }

  @Override
  public void close() {
    if (beside != null) {
      upperEnqueued.close();
      allEnqueued.close();
      exchanged.close();
      beside.close();
    }
  }
}
