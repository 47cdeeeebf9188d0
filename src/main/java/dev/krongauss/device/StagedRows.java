package dev.krongauss.device;

import java.nio.FloatBuffer;

/**
 * The way of rows from a Java array to the device, over two pinned places in turn: while one is
 * copied the other one is filled, and a place is filled again only when its last copy is done.
 *
 * <p>Owns its pinned memory until {@link #close}. For one thread at a time.
 */
public final class StagedRows implements AutoCloseable {
  /** What a Java buffer reaches. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 8;

  private static final int PLACES = 2;

  private final float[] source;
  private final int width;
  private final int stride;
  private final int rows;
  private final Staging[] staging = new Staging[PLACES];
  private final FloatBuffer[] floats = new FloatBuffer[PLACES];
  private final Event[] copied = new Event[PLACES];
  private final Repeated[] arrivals = new Repeated[PLACES];
  private final boolean[] inFlight = new boolean[PLACES];
  private final Repeated[] copies = new Repeated[PLACES]; // where the last one went
  private final Repeated[] records = new Repeated[PLACES];
  private Matrix sentTo;
  private Stream sentOn;
  private int place;

  /**
   * Takes pinned memory for both places.
   *
   * @param source {@code [rows][width]}, compact; read by each {@link #send}, not copied here
   * @param like a matrix of the most rows at once, with the stride of all that rows are sent to;
   *     its columns are {@code width}, or one more, which is 1
   * @throws IllegalArgumentException if a place of that size is more than 2 GiB, or {@code like}
   *     has other columns
   */
  public StagedRows(Device device, float[] source, int width, Matrix like) {
    this.source = source;
    this.width = width;
    this.stride = like.stride();
    this.rows = like.rows();
    Check.that(
        like.columns() == width || like.columns() == width + 1,
        "rows of %d numbers for %d columns; there may be one more, of ones",
        width,
        like.columns());
    long size = (long) like.rows() * stride;
    Check.that(
        size * Float.BYTES <= MOST_BYTES,
        "%,d rows at once need %,d bytes of pinned memory, and %,d are possible; take a smaller"
            + " batch",
        like.rows(),
        size * Float.BYTES,
        MOST_BYTES);
    for (int p = 0; p < PLACES; p++) {
      staging[p] = device.staging(size * Float.BYTES);
      copied[p] = device.newEvent();
      arrivals[p] = copied[p].waiting();
      floats[p] = staging[p].floats();
      // Padding and the column of ones never change: written once.
      floats[p].put(0, new float[(int) size]);
      for (int n = 0; n < like.rows() && like.columns() > width; n++) {
        floats[p].put(n * stride + width, 1);
      }
    }
  }

  /**
   * Enqueues the copy of as many rows as {@code to} has, from row {@code first} on.
   *
   * @throws IllegalArgumentException if {@code to} has another stride than the matrix at first, or
   *     more rows
   */
  public void send(int first, Matrix to, Stream stream) {
    check(to);
    awaitCopy(place);
    for (int n = 0; n < to.rows(); n++) {
      put(n, first + n);
    }
    copy(to, stream);
  }

  /**
   * Enqueues the copy of rows {@code order[first]}, {@code order[first + 1]}, … to {@code to}.
   *
   * @throws IllegalArgumentException as {@link #send(int, Matrix, Stream)}
   */
  public void send(int[] order, int first, Matrix to, Stream stream) {
    check(to);
    awaitCopy(place);
    for (int n = 0; n < to.rows(); n++) {
      put(n, order[first + n]);
    }
    copy(to, stream);
  }

  private void check(Matrix to) {
    if (to.stride() != stride || to.rows() > rows) {
      throw Check.failure(
          "%d rows of stride %d; there is pinned memory for %d of stride %d",
          to.rows(), to.stride(), rows, stride);
    }
  }

  private void put(int n, int row) {
    floats[place].put(n * stride, source, row * width, width);
  }

  private void copy(Matrix to, Stream stream) {
    if (to != sentTo || stream != sentOn) {
      for (int p = 0; p < PLACES; p++) {
        copies[p] = staging[p].copyingTo(to, stream);
        records[p] = copied[p].recording(stream);
      }
      sentTo = to;
      sentOn = stream;
    }
    copies[place].run();
    records[place].run();
    inFlight[place] = true;
    place = (place + 1) % PLACES;
  }

  private void awaitCopy(int p) {
    if (inFlight[p]) {
      arrivals[p].run();
      inFlight[p] = false;
    }
  }

  /** Waits for the copies and frees the pinned memory. */
  @Override
  public void close() {
    for (int p = 0; p < PLACES; p++) {
      if (!copied[p].isClosed()) {
        awaitCopy(p);
      }
      copied[p].close();
      staging[p].close();
    }
  }
}
