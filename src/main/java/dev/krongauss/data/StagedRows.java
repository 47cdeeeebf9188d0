package dev.krongauss.data;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Staging;
import java.nio.FloatBuffer;

/**
 * The way of chosen rows from a Java array to one device matrix, over two pinned places used in
 * turn: a place is filled again only when its last copy is done.
 */
final class StagedRows implements AutoCloseable {
  /** What a Java buffer reaches. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 8;

  private static final int PLACES = 2;

  private final Device device;
  private final Matrix target;
  private final float[] source;
  private final int width;
  private final Staging[] staging = new Staging[PLACES];
  private final FloatBuffer[] floats = new FloatBuffer[PLACES];
  private final Event[] copied = new Event[PLACES];
  private final boolean[] inFlight = new boolean[PLACES];
  private int place;

  /**
   * @param target {@code [N][width]} or, with {@code homogeneous}, {@code [N][width + 1]}
   * @param source {@code [rows][width]}, compact
   * @param homogeneous whether the last column of the target is 1
   */
  StagedRows(Device device, Matrix target, float[] source, int width, boolean homogeneous) {
    this.device = device;
    this.target = target;
    this.source = source;
    this.width = width;
    long size = (long) target.rows() * target.stride();
    Check.that(
        size * Float.BYTES <= MOST_BYTES,
        "a batch of %,d rows needs %,d bytes of pinned memory, and %,d are possible; take a smaller"
            + " batch",
        target.rows(),
        size * Float.BYTES,
        MOST_BYTES);
    for (int p = 0; p < PLACES; p++) {
      staging[p] = device.staging(size * Float.BYTES);
      copied[p] = device.newEvent();
      floats[p] = staging[p].floats();
      // Padding and the homogeneous column never change: written once.
      floats[p].put(0, new float[(int) size]);
      for (int n = 0; homogeneous && n < target.rows(); n++) {
        floats[p].put(n * target.stride() + width, 1);
      }
    }
  }

  /** Enqueues the copy of rows {@code order[first..first + N - 1]} on the device's stream. */
  void send(int[] order, int first) {
    awaitCopy(place);
    for (int n = 0; n < target.rows(); n++) {
      floats[place].put(n * target.stride(), source, order[first + n] * width, width);
    }
    staging[place].copyTo(target, device.stream());
    copied[place].record(device.stream());
    inFlight[place] = true;
    place = (place + 1) % PLACES;
  }

  @Override
  public void close() {
    for (int p = 0; p < PLACES; p++) {
      awaitCopy(p);
      copied[p].close();
      staging[p].close();
    }
  }

  private void awaitCopy(int p) {
    if (inFlight[p]) {
      copied[p].synchronize();
      inFlight[p] = false;
    }
  }
}
