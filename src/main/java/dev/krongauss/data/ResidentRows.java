package dev.krongauss.data;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Gather;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A data set that stays on the device, beside the permutations of two epochs: a batch is gathered
 * there, and nothing is sent for it.
 *
 * <p>The permutation of an epoch is sent while the one before it is used, on the same stream, so
 * that it replaces one whose batches were gathered before.
 */
final class ResidentRows implements BatchFeed {
  private static final int EPOCHS = 2;

  private final Stream stream;
  private final Share share;
  private final EpochOrder order;
  private final Gather.Repeated gathered;
  private final Buffer[] orders = new Buffer[EPOCHS];
  private final long[] epochs = {-1, -1};
  private final Staging staging;
  private final Event copied;
  private boolean inFlight;

  /**
   * Takes memory for the data set from {@code arena} and waits until it is there.
   *
   * @param inputs of a batch, {@code [N][d_0 + 1]}
   * @param targets of a batch, {@code [N][m]}; of an autoencoder not used
   */
  ResidentRows(
      Device device,
      Dataset data,
      Share share,
      EpochOrder order,
      Matrix inputs,
      Matrix targets,
      Arena arena) {
    this.stream = device.stream();
    this.share = share;
    this.order = order;
    Gather gather = new Gather(device);
    Matrix x = arena.matrix(data.size(), data.inputWidth() + 1, "inputs of the data set");
    x.columns(data.inputWidth()).upload(data.inputs(), stream);
    float[] ones = new float[data.size()];
    Arrays.fill(ones, 1);
    Matrix.wrap(x.pointer() + 4L * data.inputWidth(), data.size(), 1, x.stride())
        .upload(ones, stream);
    if (data.isAutoencoder()) {
      this.gathered = gather.of(List.of(x), List.of(inputs));
    } else {
      Matrix t = arena.matrix(data.size(), data.targetWidth(), "targets of the data set");
      t.upload(data.targets(), stream);
      this.gathered = gather.of(List.of(x, t), List.of(inputs, targets));
    }
    for (int k = 0; k < EPOCHS; k++) {
      orders[k] = arena.ints(data.size(), "permutation of an epoch");
    }
    this.staging = device.staging((long) Integer.BYTES * data.size());
    this.copied = device.newEvent();
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
    long epoch = share.epoch(number, order);
    keepOrder(epoch);
    gathered.launch(stream, orders[place(epoch)].at(share.firstRow(number, order)));
    keepOrder(epoch + 1); // behind this batch, so that the device has work meanwhile
  }

  private void keepOrder(long epoch) {
    if (epochs[place(epoch)] != epoch) {
      put(epoch, order.of(epoch));
    }
  }

  /** Enqueues the copy of an epoch's permutation, in place of the one two epochs before. */
  private void put(long epoch, int[] permutation) {
    awaitCopy();
    IntBuffer ints = staging.bytes().asIntBuffer();
    ints.put(permutation);
    int count = permutation.length;
    long to = orders[place(epoch)].pointer();
    staging.copyCompactTo(Matrix.wrap(to, 1, count, count), stream);
    copied.record(stream);
    inFlight = true;
    epochs[place(epoch)] = epoch;
  }

  private static int place(long epoch) {
    return (int) (epoch % EPOCHS);
  }

  private void awaitCopy() {
    if (inFlight) {
      copied.synchronize();
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
