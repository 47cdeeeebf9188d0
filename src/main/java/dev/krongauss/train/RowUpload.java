package dev.krongauss.train;

import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import java.nio.FloatBuffer;

/**
 * The way of neighbouring rows from a Java array to the device, over two pinned places in turn, so
 * that one is filled while the other one is copied.
 */
final class RowUpload implements AutoCloseable {
  private static final int PLACES = 2;

  private final float[] source;
  private final int width;
  private final int stride;
  private final Staging[] staging = new Staging[PLACES];
  private final FloatBuffer[] floats = new FloatBuffer[PLACES];
  private final Event[] copied = new Event[PLACES];
  private final boolean[] inFlight = new boolean[PLACES];
  private int place;

  /**
   * @param source {@code [rows][width]}, compact
   * @param like a matrix of the most rows at once; its columns are {@code width}, or one more,
   *     which is 1
   */
  RowUpload(Device device, float[] source, int width, Matrix like) {
    this.source = source;
    this.width = width;
    this.stride = like.stride();
    int size = like.rows() * stride;
    for (int p = 0; p < PLACES; p++) {
      staging[p] = device.staging((long) size * Float.BYTES);
      copied[p] = device.newEvent();
      floats[p] = staging[p].floats();
      floats[p].put(0, new float[size]);
      for (int n = 0; n < like.rows() && like.columns() > width; n++) {
        floats[p].put(n * stride + width, 1);
      }
    }
  }

  /** Enqueues the copy of as many rows as {@code to} has, from row {@code first} on. */
  void send(int first, Matrix to, Stream stream) {
    awaitCopy(place);
    for (int n = 0; n < to.rows(); n++) {
      floats[place].put(n * stride, source, (first + n) * width, width);
    }
    staging[place].copyTo(to, stream);
    copied[place].record(stream);
    inFlight[place] = true;
    place = (place + 1) % PLACES;
  }

  /** Waits for the copies. */
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
