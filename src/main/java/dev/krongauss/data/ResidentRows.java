package dev.krongauss.data;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Repeated;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Gather;
import dev.krongauss.kernel.argument.BatchOrder;
import dev.krongauss.model.Batch;
import dev.krongauss.model.BatchSource;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A data set that stays on the device, beside the permutations of two epochs: a batch is gathered
 * there, and nothing is sent for it.
 *
 * <p>The device counts batches by itself: which one the next launch gathers is known here, too, so
 * that it is set anew only where another one is wanted.
 *
 * <p>The permutation of an epoch is sent while the one before it is used, on the same stream, so
 * that it replaces one whose batches were gathered before.
 */
final class ResidentRows implements BatchFeed, BatchSource {
  private static final int EPOCHS = 2;

  private final Stream stream;
  private final DeviceBatch place;
  private final EpochOrder order;
  private final BatchOrder batches;
  private final Gather.Batch gathered;
  private final long[] epochs = {-1, -1};
  private final Staging staging;
  private final IntBuffer staged;
  private final Repeated[] copies = new Repeated[EPOCHS]; // to the place of each
  private final Event copied;
  private final Repeated record;
  private final Repeated arrival;
  private boolean inFlight;
  private long wanted; // the batch that was given out last
  private boolean there; // it was gathered, or will have been
  private long next; // the batch that the device would gather next

  /**
   * Takes memory for the data set from {@code arena} and waits until it is there.
   *
   * @param place of a batch, on the device
   */
  ResidentRows(Device device, Dataset data, DeviceBatch place, EpochOrder order, Arena arena) {
    this.stream = device.stream();
    this.place = place;
    this.order = order;
    Matrix x = arena.matrix(data.size(), data.inputWidth() + 1, "inputs of the data set");
    x.columns(data.inputWidth()).upload(data.inputs(), stream);
    float[] ones = new float[data.size()];
    Arrays.fill(ones, 1);
    Matrix.wrap(x.pointer() + 4L * data.inputWidth(), data.size(), 1, x.stride())
        .upload(ones, stream);
    Buffer permutations = arena.ints(EPOCHS * (long) data.size(), "permutations of epochs");
    long first = permutations.pointer() + 4L * place.firstRow();
    long number = arena.ints(2, "number of the next batch").pointer();
    this.batches = new BatchOrder(first, EPOCHS, data.size(), place.wholeSize(), number);
    Gather gather = new Gather(device);
    if (data.isAutoencoder()) {
      this.gathered = gather.of(batches, List.of(x), List.of(place.inputs()));
    } else {
      Matrix t = arena.matrix(data.size(), data.targetWidth(), "targets of the data set");
      t.upload(data.targets(), stream);
      this.gathered = gather.of(batches, List.of(x, t), List.of(place.inputs(), place.targets()));
    }
    long bytes = (long) Integer.BYTES * data.size();
    this.staging = device.staging(bytes);
    this.staged = staging.bytes().asIntBuffer();
    Arrays.setAll(
        copies, p -> staging.copyingTo(permutations.pointer() + p * bytes, bytes, stream));
    this.copied = device.newEvent();
    this.record = copied.recording(stream);
    this.arrival = copied.waiting();
  }

  /** What the data set and two permutations take on the device, in bytes. */
  static long bytes(Dataset data) {
    long floats = Matrix.paddedStride(data.inputWidth() + 1);
    if (!data.isAutoencoder()) {
      floats += Matrix.paddedStride(data.targetWidth());
    }
    return 4L * data.size() * (floats + EPOCHS);
  }

  @Override
  public void give(long number) {
    long epoch = place.share().epoch(number, order);
    keepOrder(epoch);
    if (number > 0 && place.share().epoch(number - 1, order) == epoch) {
      keepOrder(epoch + 1); // not at the first batch, so that the device has work meanwhile
    }
    wanted = number;
    there = false;
  }

  private void keepOrder(long epoch) {
    if (epochs[place(epoch)] != epoch) {
      put(epoch, order.of(epoch));
    }
  }

  /**
   * Enqueues the copy of an epoch's permutation, in place of the one two epochs before.
   *
   * @throws IllegalStateException within a capture of the device's stream
   */
  private void put(long epoch, int[] permutation) {
    checkNotCapturing();
    awaitCopy();
    staged.put(0, permutation);
    copies[place(epoch)].run();
    record.run();
    inFlight = true;
    epochs[place(epoch)] = epoch;
  }

  /**
   * Gathers the batch that was given out last, unless somebody has.
   *
   * @throws IllegalStateException if the batches are closed, or within a capture of the device's
   *     stream, which {@link #bring} is for
   */
  void bringNow() {
    place.checkOpen();
    if (!there) {
      checkNotCapturing();
      expect();
      bring(stream);
    }
  }

  @Override
  public Batch place() {
    return place;
  }

  @Override
  public void expect() {
    int number = number(wanted);
    if (number(next) != number) {
      stream.write(batches.next(), number);
    }
    next = wanted + 1;
    there = true;
  }

  @Override
  public void bring(Stream s) {
    gathered.launch(s);
  }

  @Override
  public boolean isClosed() {
    return place.batches().isClosed();
  }

  private int number(long position) {
    return (int) (position % batches.batches());
  }

  private static int place(long epoch) {
    return (int) (epoch % EPOCHS);
  }

  private void checkNotCapturing() {
    if (stream.capturing()) {
      throw new IllegalStateException(
          "a batch of "
              + place.name()
              + " within a capture; call next() before it, and ask for its matrices, or capture its"
              + " source()");
    }
  }

  private void awaitCopy() {
    if (inFlight) {
      arrival.run();
      inFlight = false;
    }
  }

  @Override
  public void close() {
    if (!copied.isClosed()) {
      awaitCopy();
    }
    copied.close();
    staging.close();
  }
}
