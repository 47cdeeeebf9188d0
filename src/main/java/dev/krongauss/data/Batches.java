package dev.krongauss.data;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.StagedRows;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import java.util.Iterator;

/**
 * An endless row of mini-batches in device memory: each epoch is a permutation of the data set that
 * follows from the seed and the epoch's number alone, cut into batches, without replacement. A last
 * batch that would be short is dropped, so that every batch has the same size; its rows come again
 * in the next epoch, which has another permutation.
 *
 * <p>The same data set, batch size and seed give the same batches in the same order, whoever
 * consumes them; this is what makes optimisers comparable.
 *
 * <p>The first update with a loss checks the targets of the whole data set, on the host ({@link
 * Dataset#checkTargets}).
 *
 * <p>A row is copied once on the host, into pinned memory, and once to the device, on the device's
 * own stream: inputs {@code [N][d_0 + 1]} with the last column 1, and targets {@code [N][m]}, m as
 * the loss says, which for an autoencoder are a view of the inputs without that column. All batches
 * share one place in device memory: a batch is valid until the next one is asked for, and work that
 * is enqueued on the device's stream before that still sees the old one. Host memory has two
 * places, so that filling the next batch does not wait for the copy of this one.
 *
 * <p>{@link #resident} keeps the whole data set in device memory instead: the same batches, bit for
 * bit, gathered there; only the permutation of each epoch is sent, one epoch ahead.
 *
 * <p>Owns its device and pinned memory until {@link #close()}. For one thread at a time.
 */
public final class Batches implements Iterable<Batch>, Resumable, AutoCloseable {
  private final Dataset data;
  private final int batchSize;
  private final Share share;
  private final int stack;
  private final long seed;
  private final Stream stream;
  private final Arena arena;
  private final Matrix inputs;
  private final Matrix targets;
  private final StagedRows stagedInputs;
  private final StagedRows stagedTargets;
  private final ResidentRows resident;
  private final EpochOrder order;
  private final Batch batch; // the same each time, with other rows
  private long position;
  private boolean closed;

  private Batches(Device device, Dataset data, Share share, int stack, long seed, boolean stays) {
    this.data = data;
    this.share = share;
    this.batchSize = share.of();
    this.stack = stack;
    this.seed = seed;
    this.stream = device.stream();
    this.arena = device.newArena("batches");
    this.order = new EpochOrder(data.size(), stack, seed);
    this.inputs = arena.matrix(share.rows(), data.inputWidth() + 1, "inputs");
    this.targets =
        data.isAutoencoder()
            ? inputs.columns(data.inputWidth())
            : arena.matrix(share.rows(), data.targetWidth(), "targets");
    this.batch = new DeviceBatch(share, stack, inputs, targets, data, () -> closed);
    this.resident = stays ? new ResidentRows(device, data, inputs, targets, arena) : null;
    this.stagedInputs =
        stays ? null : new StagedRows(device, data.inputs(), data.inputWidth(), inputs);
    this.stagedTargets =
        stays || data.isAutoencoder()
            ? null
            : new StagedRows(device, data.targets(), data.targetWidth(), targets);
  }

  /**
   * The batches of a data set.
   *
   * @param device where they go
   * @param data where they come from
   * @param batchSize rows a batch, 1 to the data set's size
   * @param seed decides the order
   * @return at its first batch; the caller closes it
   * @throws IllegalArgumentException if the batch size does not fit the data set
   */
  public static Batches of(Device device, Dataset data, int batchSize, long seed) {
    Share.check(data, batchSize);
    return device.allOrNothing(
        () -> new Batches(device, data, Share.all(batchSize), 1, seed, false));
  }

  /**
   * The same batches from a copy of the data set in device memory, which takes {@link
   * #residentBytes} beside a batch: for data sets that fit there. Waits until the copy is there.
   *
   * @throws IllegalArgumentException as {@link #of}
   * @throws dev.krongauss.device.DeviceException if the device has no memory for it
   */
  public static Batches resident(Device device, Dataset data, int batchSize, long seed) {
    Share.check(data, batchSize);
    return device.allOrNothing(
        () -> new Batches(device, data, Share.all(batchSize), 1, seed, true));
  }

  /**
   * One rank's part of the same batches, in the same order: of each batch the rows [⌊r N / p⌋, ⌊(r
   * + 1) N / p⌋). Only they go to the device; position and state are those of the whole.
   *
   * @param batchSize N, rows of a batch of all ranks, p at least
   * @param rank r, from 0
   * @param size p, ranks
   * @throws IllegalArgumentException as {@link #of}, or if there is no such rank or no row for one
   */
  public static Batches shard(
      Device device, Dataset data, int batchSize, long seed, int rank, int size) {
    Share.check(data, batchSize);
    Share share = Share.of(batchSize, rank, size);
    return device.allOrNothing(() -> new Batches(device, data, share, 1, seed, false));
  }

  /** Bytes of device memory that {@link #resident} takes for a data set, beside a batch. */
  public static long residentBytes(Dataset data) {
    return ResidentRows.bytes(data);
  }

  /**
   * The same for a loss whose datapoints are several rows ({@link LossFunction#stack}): rows 0 to m
   * − 1 of the data set are the first datapoint, and so on; datapoints are permuted, their rows
   * stay together and in order.
   *
   * @param stack m, at least 1
   * @param batchSize rows a batch, a multiple of m
   * @throws IllegalArgumentException as {@link #of}, or if the rows of the data set or the batch
   *     are no multiple of m
   */
  public static Batches ofStacks(Device device, Dataset data, int stack, int batchSize, long seed) {
    Check.that(
        stack >= 1
            && batchSize >= 1
            && batchSize <= data.size()
            && batchSize % stack == 0
            && data.size() % stack == 0,
        "batches of %,d rows of data set %s with %,d rows, in datapoints of %,d rows; both are multiples of the"
            + " last one, and a batch has at most all rows",
        batchSize,
        data.name(),
        data.size(),
        stack);
    return device.allOrNothing(
        () -> new Batches(device, data, Share.all(batchSize), stack, seed, false));
  }

  /**
   * The order of a data set's rows in an epoch, for those who hand it to another program: batch b
   * of the epoch has the rows at [b N, (b + 1) N).
   *
   * @param rows of the data set, at least 1
   * @param seed as given to {@link #of}
   * @param epoch from 0
   * @return the numbers 0 to rows − 1
   */
  public static int[] permutation(int rows, long seed, long epoch) {
    return EpochOrder.permutation(rows, seed, epoch);
  }

  /**
   * Puts the next batch into device memory and returns without waiting for the copy.
   *
   * @return valid until this is called again
   * @throws IllegalStateException after {@link #close()}, or within a capture of the device's
   *     stream, which would send the same rows at each launch
   */
  public Batch next() {
    if (closed) {
      throw new IllegalStateException("the batches of " + data.name() + " are closed");
    }
    if (stream.capturing()) {
      throw new IllegalStateException(
          "a batch of "
              + data.name()
              + " within a capture would have the same rows at each launch; call next() before the"
              + " graph is launched");
    }
    long epoch = position / batchesPerEpoch();
    int firstRow = (int) (position % batchesPerEpoch()) * batchSize + share.first();
    if (resident == null) {
      int[] permutation = order.of(epoch);
      stagedInputs.send(permutation, firstRow, inputs, stream);
      if (stagedTargets != null) {
        stagedTargets.send(permutation, firstRow, targets, stream);
      }
    } else {
      keepOrder(epoch);
      resident.send(epoch, firstRow);
      keepOrder(epoch + 1); // behind this batch, so that the device has work meanwhile
    }
    position++;
    return batch;
  }

  /**
   * Endless: every call of {@code next} is {@link #next()} of this object.
   *
   * @return an iterator that shares this object's position
   */
  @Override
  public Iterator<Batch> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public Batch next() {
        return Batches.this.next();
      }
    };
  }

  /**
   * Number of whole batches an epoch.
   *
   * @return at least 1
   */
  public int batchesPerEpoch() {
    return data.size() / batchSize;
  }

  /**
   * Rows of every batch, those of all ranks.
   *
   * @return as given to {@link #of}
   */
  public int batchSize() {
    return batchSize;
  }

  /**
   * Number of batches before the next one.
   *
   * @return 0 at first
   */
  public long position() {
    return position;
  }

  /**
   * Goes to any place in the row of batches, as a resumed run needs it.
   *
   * @param newPosition batches before the next one, at least 0
   * @throws IllegalArgumentException if it is negative
   */
  public void seek(long newPosition) {
    Check.that(newPosition >= 0, "cannot go to batch %d; give 0 or more", newPosition);
    position = newPosition;
  }

  /** The place in the row of batches; data, batch size and seed must be the same. */
  @Override
  public void exchange(State state) {
    state.same("data", "%s, %08x".formatted(data, data.checksum()));
    state.same("batchSize", Integer.toString(batchSize));
    state.same("seed", Long.toString(seed));
    if (stack > 1) {
      state.same("stack", Integer.toString(stack));
    }
    position = state.count("position", position);
  }

  /** Frees the device and pinned memory, after the copies in flight. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (resident != null) {
      resident.close();
    } else {
      stagedInputs.close();
    }
    if (stagedTargets != null) {
      stagedTargets.close();
    }
    arena.close();
  }

  private void keepOrder(long epoch) {
    if (!resident.has(epoch)) {
      resident.put(epoch, order.of(epoch));
    }
  }
}
