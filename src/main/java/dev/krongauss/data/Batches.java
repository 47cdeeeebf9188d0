package dev.krongauss.data;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
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
 * <p>The same data set, batch size and seed give the same batches in the same order, whoever takes
 * them; this is what makes optimisers comparable.
 *
 * <p>The first update with a loss checks all targets on the host ({@link Dataset#checkTargets}).
 *
 * <p>A row is copied once on the host, into pinned memory, and once to the device, on the device's
 * own stream: inputs {@code [N][d_0 + 1]} with the last column 1, and targets {@code [N][m]}, m as
 * the loss says, which for an autoencoder are a view of the inputs without that column. All batches
 * share one place in device memory: a batch is valid until the next one is asked for, and work that
 * is enqueued on the device's stream before that still sees the old one. Host memory has two
 * places, so that filling the next batch does not wait for the copy of this one.
 *
 * <p>{@link #resident} keeps the whole data set in device memory instead: the same batches, bit for
 * bit, gathered there as an update's first work, or where their matrices are asked for before; only
 * permutations are sent, one epoch ahead.
 *
 * <p>Owns its device and pinned memory until {@link #close()}. For one thread at a time.
 */
public final class Batches implements Iterable<Batch>, Resumable, AutoCloseable {
  private final RowSource data;
  private final Order order;
  private final Stream stream;
  private final Arena arena;
  private final BatchFeed feed;
  private final Batch batch; // the same each time, with other rows
  private long position;
  private boolean closed;

  /** Where rows are. */
  private enum From {
    HOST,
    DEVICE,
    SOURCE
  }

  private Batches(Device device, RowSource data, Share share, int stack, long seed, From from) {
    this.data = data;
    this.order = new Order(data, share.of(), stack, seed);
    this.stream = device.stream();
    this.arena = device.newArena("batches");
    Matrix x = arena.matrix(share.rows(), data.inputWidth() + 1, "inputs");
    Matrix t =
        data.isAutoencoder()
            ? x.columns(data.inputWidth())
            : arena.matrix(share.rows(), data.targetWidth(), "targets");
    EpochOrder epochs = new EpochOrder(data.size(), stack, seed);
    if (from == From.SOURCE) {
      StreamedRows rows = new StreamedRows(device, data, share, epochs, x, t);
      feed = rows;
      batch = new DeviceBatch(share, x, t, this, rows::checkTargets);
      return;
    }
    Dataset held = (Dataset) data;
    DeviceBatch place = new DeviceBatch(share, x, t, this, held::checkTargets);
    if (from == From.DEVICE) {
      ResidentRows resident = new ResidentRows(device, held, place, epochs, arena);
      feed = resident;
      batch = new GatheredBatch(place, resident);
    } else {
      feed = new SentRows(device, held, share, epochs, x, t);
      batch = place;
    }
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
        () -> new Batches(device, data, Share.all(batchSize), 1, seed, From.HOST));
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
        () -> new Batches(device, data, Share.all(batchSize), 1, seed, From.DEVICE));
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
    return device.allOrNothing(() -> new Batches(device, data, share, 1, seed, From.HOST));
  }

  /**
   * The same batches of rows that a thread reads ahead while the device works on the batch before,
   * and copies on a stream of their own: for data sets that have no room on the device, or none on
   * the heap. They take, beside the batch, another one on the device and two in pinned memory, and
   * of a source that is no {@link Dataset} the targets of three batches on the heap.
   *
   * <p>{@link #next} waits where a batch has not been read yet, and throws a {@link RowException}
   * where that has failed; called again, it tries again. Of a source, every number is checked to be
   * finite as it is read, and targets by the losses in use. {@link #close} waits for the row that
   * is being read.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public static Batches streamed(Device device, RowSource source, int batchSize, long seed) {
    return streamed(device, source, batchSize, seed, 0, 1);
  }

  /**
   * One rank's part of them, as {@link #shard}: only its rows are read.
   *
   * @throws IllegalArgumentException as {@link #shard}
   */
  public static Batches streamed(
      Device device, RowSource source, int batchSize, long seed, int rank, int size) {
    Share.check(source, batchSize);
    Share share = Share.of(batchSize, rank, size);
    return device.allOrNothing(() -> new Batches(device, source, share, 1, seed, From.SOURCE));
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
    Share.checkStacks(data, stack, batchSize);
    return device.allOrNothing(
        () -> new Batches(device, data, Share.all(batchSize), stack, seed, From.HOST));
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
    if (batch.source() == null && stream.capturing()) {
      throw new IllegalStateException(
          "a batch of "
              + data.name()
              + " within a capture would have the same rows at each launch; call next() before the"
              + " graph is launched");
    }
    feed.give(position);
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

  /** Number of whole batches an epoch, at least 1. */
  public int batchesPerEpoch() {
    return data.size() / order.batchSize();
  }

  /**
   * Rows of every batch, those of all ranks.
   *
   * @return as given to {@link #of}
   */
  public int batchSize() {
    return order.batchSize();
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

  /** Its place; data, batch size and seed must be the same. */
  @Override
  public void exchange(State state) {
    order.exchange(state);
    position = state.count("position", position);
  }

  Order order() {
    return order;
  }

  boolean isClosed() {
    return closed;
  }

  /** Frees the device and pinned memory, after the copies in flight. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    feed.close();
    arena.close();
  }
}
