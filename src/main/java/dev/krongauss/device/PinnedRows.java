package dev.krongauss.device;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One place of a {@link Prefetch} in pinned memory: a batch as it lands on the device, padding and
 * columns of ones included, which are written once.
 */
final class PinnedRows implements AutoCloseable {
  /** What a Java buffer reaches. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 8;

  private final List<Staging> staging = new ArrayList<>();
  private final List<List<FloatBuffer>> rows = new ArrayList<>(); // of each row, one a matrix
  private final Event copied;
  private boolean inFlight;

  /**
   * @param widths of the matrices, without a last column of ones where there is one
   */
  PinnedRows(Device device, List<Matrix> batch, List<Integer> widths) {
    List<FloatBuffer> whole = new ArrayList<>();
    for (int k = 0; k < batch.size(); k++) {
      whole.add(pinned(device, batch.get(k), widths.get(k)));
    }
    for (int n = 0; n < batch.get(0).rows(); n++) {
      List<FloatBuffer> row = new ArrayList<>();
      for (int k = 0; k < batch.size(); k++) {
        row.add(whole.get(k).slice(n * batch.get(k).stride(), widths.get(k)));
      }
      rows.add(List.copyOf(row));
    }
    this.copied = device.newEvent();
  }

  private FloatBuffer pinned(Device device, Matrix like, int width) {
    Check.that(
        like.columns() == width || like.columns() == width + 1,
        "rows of %d numbers for %d columns; there may be one more, of ones",
        width,
        like.columns());
    long size = (long) like.rows() * like.stride();
    Check.that(
        size * Float.BYTES <= MOST_BYTES,
        "%,d rows at once need %,d bytes of pinned memory, and %,d are possible; take a smaller"
            + " batch",
        like.rows(),
        size * Float.BYTES,
        MOST_BYTES);
    Staging pinned = device.staging(size * Float.BYTES);
    staging.add(pinned);
    FloatBuffer floats = pinned.floats();
    floats.put(0, new float[(int) size]);
    for (int n = 0; n < like.rows() && like.columns() > width; n++) {
      floats.put(n * like.stride() + width, 1);
    }
    return floats;
  }

  int rows() {
    return rows.size();
  }

  /** Where a row is written: from each buffer's position to its limit. */
  List<FloatBuffer> row(int n) {
    List<FloatBuffer> row = rows.get(n);
    for (int k = 0; k < row.size(); k++) {
      row.get(k).clear();
    }
    return row;
  }

  /**
   * @throws IllegalArgumentException if a buffer of the row was not filled
   */
  void checkWritten(int n) {
    List<FloatBuffer> row = rows.get(n);
    for (int k = 0; k < row.size(); k++) {
      FloatBuffer written = row.get(k);
      Check.that(
          written.remaining() == 0,
          "%d of the %d numbers of row %d of the batch were written; put as many as the buffer has"
              + " left",
          written.position(),
          written.capacity(),
          n);
    }
  }

  /**
   * Enqueues the copy, of each matrix as one piece.
   *
   * @param to matrices of their own, laid out as those that this was made for
   */
  void send(List<Matrix> to, Stream stream) {
    for (int k = 0; k < to.size(); k++) {
      Matrix m = to.get(k);
      int count = m.rows() * m.stride();
      staging.get(k).copyCompactTo(Matrix.wrap(m.pointer(), 1, count, count), stream);
    }
    copied.record(stream);
    inFlight = true;
  }

  /** Recorded behind the last copy. */
  Event copied() {
    return copied;
  }

  /** Waits until what was sent has left. */
  void awaitCopy() {
    if (inFlight) {
      copied.synchronize();
      inFlight = false;
    }
  }

  @Override
  public void close() {
    copied.close();
    staging.forEach(Staging::close);
  }
}
