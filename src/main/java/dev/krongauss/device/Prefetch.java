package dev.krongauss.device;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Batches that are made by a thread of their own while the device works on those before: the thread
 * fills pinned memory and copies it to the device on a stream of its own, and the stream that uses
 * a batch gets it from there by a copy within the device.
 *
 * <p>There are two places in pinned memory and, beside the batch, one on the device. A pinned place
 * is filled again when its copy is done; the copy waits, on its stream, until the batch before has
 * left the device's place; and the stream that uses batches waits, on the device, for the copy. So
 * filling, copying and the work on a batch go on at once, at the pace of the slowest, and never
 * more than two batches ahead.
 *
 * <p>The thread begins at the first {@link #take}. An exception of the source comes out of the
 * {@code take} of the batch it was for; the one after that tries that batch again. For one thread
 * at a time; several of these may be used at once. The thread waits for copies: a capture of the
 * caller's own has a mode that leaves other threads alone, as those of this library do.
 */
public final class Prefetch implements AutoCloseable {
  private final Device device;
  private final Source source;
  private final Stream copies;
  private final Arena arena;
  private final PinnedRows[] places = new PinnedRows[2];
  private final Runnable[] puts = new Runnable[2]; // from each, on the stream of the last take
  private Stream putOn;
  private final List<Matrix> landing;
  private final List<Matrix> batch;
  private final Event left; // the last batch taken has left the place on the device
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile long generation; // of the order in which batches are taken
  private volatile boolean closed;
  private long next; // batch to be taken, by what was taken before
  private PinnedRows ready; // what its copy is from, once that is enqueued
  private Throwable failure; // of that batch
  private boolean began;

  /** Where rows come from. */
  public interface Source {
    /**
     * Writes a row of a batch. Called by a thread of its own, for one row at a time.
     *
     * @param number of the batch
     * @param row of it, from 0
     * @param to a buffer for each matrix of the batch, with as many floats left as it has columns
     *     of its own; all have to be written
     * @throws Exception any, for the caller of {@link Prefetch#take}
     */
    void fill(long number, int row, List<FloatBuffer> to) throws Exception;

    /** All rows of a batch are written: what is to be done before it may be taken. */
    default void filled(long number) throws Exception {}
  }

  /**
   * Takes memory: pinned twice, and on the device once, what the matrices have.
   *
   * @param name for the thread
   * @param batch matrices that batches are put into, {@code [N][·]}
   * @param widths for each of them its columns, or one less, if the last one is of ones
   * @throws IllegalArgumentException if a matrix of that size is more than 2 GiB
   */
  public Prefetch(
      Device device, String name, List<Matrix> batch, List<Integer> widths, Source source) {
    this.device = device;
    this.source = source;
    this.batch = List.copyOf(batch);
    this.arena = device.newArena("batches on their way");
    this.landing =
        batch.stream().map(m -> arena.matrix(m.rows(), m.columns(), "next batch")).toList();
    this.copies = device.newStream();
    this.left = device.newEvent();
    for (int p = 0; p < places.length; p++) {
      places[p] = new PinnedRows(device, landing, widths);
    }
    this.thread = new Thread(this::work, "krongauss batches of " + name);
    thread.setDaemon(true);
    device.register(this); // last, so that it is closed before its parts are
  }

  /** Bytes of device memory that are taken beside the batch. */
  public long bytes() {
    return arena.bytes();
  }

  /**
   * Has a batch put where it belongs, in the order of the stream; waits for the thread where that
   * has not filled it yet, and not for the device. What follows in the order of numbers is filled
   * ahead; any other number begins there anew.
   *
   * @throws ExecutionException with what the source threw for this batch as its cause
   * @throws IllegalStateException after {@link #close}
   */
  public void take(long number, Stream stream) throws ExecutionException {
    lock.lock();
    try {
      begin(number);
      while (ready == null && failure == null && !closed) {
        changed.awaitUninterruptibly();
      }
      checkOpen();
      if (failure != null) {
        throw new ExecutionException(taken(failure));
      }
      if (stream != putOn) {
        Arrays.setAll(puts, p -> putting(places[p], stream));
        putOn = stream;
      }
      stream.together(puts[ready == places[0] ? 0 : 1]);
      ready = null;
      next = number + 1;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What puts the batch that has come from a pinned place where it belongs; made once. */
  private Runnable putting(PinnedRows place, Stream stream) {
    List<Repeated> calls = new ArrayList<>();
    calls.add(stream.awaiting(place.copied()));
    for (int k = 0; k < batch.size(); k++) {
      calls.add(stream.copying(landing.get(k), batch.get(k)));
    }
    calls.add(left.recording(stream));
    return () -> calls.forEach(Repeated::run);
  }

  private void begin(long number) {
    checkOpen();
    if (!began) {
      began = true;
      next = number;
      thread.start();
    } else if (number != next) {
      generation++;
      next = number;
      ready = null;
      failure = null;
      changed.signalAll();
    }
  }

  private Throwable taken(Throwable thrown) {
    failure = null; // the thread tries again
    changed.signalAll();
    return thrown;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("batches that are closed, or whose device is; make new ones");
    }
  }

  /** The thread's. */
  private void work() {
    int place = 0;
    while (!closed) {
      long order = generation;
      long number = toDo(order);
      while (!closed && order == generation) {
        try {
          if (fill(number, places[place], order) && send(number, places[place], order)) {
            place = 1 - place;
            number++;
          }
        } catch (Throwable thrown) { // also an error of the source's: the caller is to know
          report(number, thrown, order);
        }
      }
    }
  }

  private long toDo(long order) {
    lock.lock();
    try {
      return order == generation ? next : -1;
    } finally {
      lock.unlock();
    }
  }

  /** Gives false where the batch is not wanted any more. */
  private boolean fill(long number, PinnedRows place, long order) throws Exception {
    place.awaitCopy();
    for (int row = 0; row < place.rows(); row++) {
      if (closed || order != generation) {
        return false;
      }
      source.fill(number, row, place.row(row));
      place.checkWritten(row);
    }
    source.filled(number);
    return true;
  }

  private boolean send(long number, PinnedRows place, long order) {
    lock.lock();
    try {
      await(number, order);
      if (closed || order != generation) {
        return false;
      }
      copies.await(left);
      place.send(landing, copies);
      ready = place;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Hands over, and goes on when the caller has seen it. */
  private void report(long number, Throwable thrown, long order) {
    lock.lock();
    try {
      await(number, order);
      if (!closed && order == generation) {
        failure = thrown;
        changed.signalAll();
        while (failure != null && !closed && order == generation) {
          changed.awaitUninterruptibly();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Until the batch before has been taken. */
  private void await(long number, long order) {
    while (number != next && !closed && order == generation) {
      changed.awaitUninterruptibly();
    }
  }

  /**
   * Ends the thread, after the row that it is at, and frees the memory, after the copies in flight.
   * Closing twice does nothing; the device closes this first.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    join();
    if (device.driver().released()) {
      return;
    }
    device.forget(this);
    Closing closing = new Closing();
    device.driver().synchronizeQuietly();
    for (PinnedRows place : places) {
      closing.close(place);
    }
    closing.close(left);
    closing.close(copies);
    closing.close(arena);
    closing.end("batches on their way");
  }

  private void join() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // memory that the thread writes to cannot be freed
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
