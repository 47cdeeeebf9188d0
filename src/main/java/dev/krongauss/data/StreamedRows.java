package dev.krongauss.data;

import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Prefetch;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Rows of a source that a thread reads ahead: the batches of {@link Batches#streamed}. */
final class StreamedRows implements Prefetch.Source, BatchFeed {
  private static final FloatBuffer NOTHING = FloatBuffer.allocate(0);

  private final RowSource source;
  private final Share share;
  private final EpochOrder order; // the thread's
  private final Stream stream;
  private final Prefetch prefetch;
  private final SourceTargets targets;
  private final float[] row; // the thread's

  /**
   * @param order of the rows, for this alone
   * @param inputs of a batch, {@code [N][d_0 + 1]}
   * @param targets of a batch, {@code [N][m]}; of an autoencoder not used
   */
  StreamedRows(
      Device device,
      RowSource source,
      Share share,
      EpochOrder order,
      Matrix inputs,
      Matrix targets) {
    this.source = source;
    this.share = share;
    this.order = order;
    this.stream = device.stream();
    this.row = new float[Math.max(source.inputWidth(), source.targetWidth())];
    // A data set has been checked as a whole.
    this.targets = source instanceof Dataset ? null : new SourceTargets(source, share.rows());
    boolean own = !source.isAutoencoder();
    this.prefetch =
        new Prefetch(
            device,
            source.name(),
            own ? List.of(inputs, targets) : List.of(inputs),
            own ? List.of(source.inputWidth(), source.targetWidth()) : List.of(source.inputWidth()),
            this);
  }

  /** What a checkpoint knows a source by; of a data set all of its numbers. */
  static String identity(RowSource source) {
    return source instanceof Dataset data
        ? "%s, %08x".formatted(data, data.checksum())
        : "%s [%d][%d] -> [%d]"
            .formatted(source.name(), source.size(), source.inputWidth(), source.targetWidth());
  }

  /**
   * @throws RowException if a row of it could not be read, or is not what it should be
   */
  @Override
  public void give(long number) {
    try {
      prefetch.take(number, stream);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof DeviceException ofDevice) {
        throw ofDevice;
      }
      throw cause instanceof RowException
          ? new RowException(cause.getMessage(), cause.getCause())
          : new RowException(
              "a batch of %s could not be made: %s".formatted(source.name(), cause), cause);
    }
    if (targets != null) {
      targets.current(number);
    }
  }

  /** See {@link Dataset#checkTargets}, for the targets of the present batch. */
  void checkTargets(LossFunction loss) {
    if (targets == null) {
      ((Dataset) source).checkTargets(loss);
    } else {
      targets.check(loss);
    }
  }

  @Override
  public void fill(long number, int n, List<FloatBuffer> to) {
    int index = order.of(share.epoch(number, order))[share.firstRow(number, order) + n];
    FloatBuffer x = to.get(0);
    FloatBuffer t = to.size() > 1 ? to.get(1) : NOTHING;
    read(source, index, x, t);
    if (targets != null) {
      checkFinite(index, "inputs", x);
      checkFinite(index, "targets", t);
      FloatBuffer own = to.size() > 1 ? t : x;
      targets.put(number, n, own);
    }
  }

  /**
   * Reads a row, all of it.
   *
   * @throws RowException if it cannot be read, or numbers are missing
   */
  static void read(RowSource source, int index, FloatBuffer inputs, FloatBuffer targets) {
    try {
      source.read(index, inputs, targets);
    } catch (Exception e) {
      throw new RowException(
          "row %,d of %s could not be read: %s".formatted(index, source.name(), e), e);
    }
    checkCount(source, index, "inputs", inputs);
    checkCount(source, index, "targets", targets);
  }

  @Override
  public void filled(long number) {
    if (targets != null) {
      targets.filled(number);
    }
  }

  private static void checkCount(RowSource source, int index, String what, FloatBuffer written) {
    if (written.hasRemaining()) {
      throw new RowException(
          "row %,d of %s: %,d of its %,d %s were written; put as many as the buffer has room for"
              .formatted(index, source.name(), written.position(), written.capacity(), what));
    }
  }

  private void checkFinite(int index, String what, FloatBuffer written) {
    int count = written.capacity();
    written.get(0, row, 0, count);
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(row[i])) {
        throw new RowException(
            ("row %,d of %s: %s in column %,d of the %s; every value must be a finite number: leave"
                    + " such rows out, or replace them")
                .formatted(index, source.name(), row[i], i, what));
      }
    }
  }

  /** Ends the thread and frees the memory. */
  @Override
  public void close() {
    prefetch.close();
  }
}
