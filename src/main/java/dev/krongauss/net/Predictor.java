package dev.krongauss.net;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import java.util.List;

/**
 * Outputs of a network with its present weights, for one thread at a time: a stream, device memory
 * and pinned memory of its own beside those of training. {@link Network#predictor()} makes one,
 * whom its caller closes; {@link Network#predict} keeps some for all threads.
 *
 * <p>Rows go through the network in chunks of {@link #chunk()}, the last one shorter. While a chunk
 * is computed, the next one is copied to pinned memory and the results of the one before come back.
 *
 * <p><b>Which weights.</b> Those after the last update, or other work, that was enqueued on the
 * device's stream before the call, for all rows of it. A call of one chunk reads the network's own
 * weights: its stream waits by an event for that work, and the device's stream waits for the call's
 * products before later updates. A longer call takes a copy of the weights first, in the same way,
 * so that training waits for the copy alone. Updates of the optimisers are whole in this, and so
 * are {@link Network#setWeights} and an exchange with averaged weights, which are the network's for
 * that time: a call from another thread falls before or after one. Weights that are changed
 * otherwise, or on other streams, are the caller's to order; so is loading a checkpoint.
 *
 * <p>Training is not disturbed: neither the memory of the network's passes nor updates that are
 * replayed as graphs. The same rows in a call of the same size give the same bits each time.
 */
public final class Predictor implements AutoCloseable {
  private static final int FEW_ROWS = 64;

  private final Predictions owner;
  private final Device device;
  private final Operations operations;
  private final List<Activation> activations;
  private final List<Matrix> weights;
  private final int inputs;
  private final int outputs;
  private final int chunk;
  private final Stream stream;
  private final Event before;
  private final Event after;
  private ChunkMemory memory;
  private WeightCopy copy;
  private boolean closed;

  /** See {@link Predictions}. */
  Predictor(
      Predictions owner,
      Operations operations,
      List<Activation> activations,
      List<Matrix> weights,
      int chunk) {
    this.owner = owner;
    this.device = operations.device();
    this.operations = operations;
    this.activations = activations;
    this.weights = weights;
    this.inputs = weights.get(0).columns() - 1;
    this.outputs = weights.get(weights.size() - 1).rows();
    this.chunk = chunk;
    this.stream = device.newStream();
    this.before = device.newEvent();
    this.after = device.newEvent();
  }

  /** Rows of a chunk: as many as keep the widest layer within a budget of memory. */
  public int chunk() {
    return chunk;
  }

  /** Where its work is enqueued; it belongs to this predictor. */
  public Stream stream() {
    return stream;
  }

  /**
   * The network's outputs, logits where the loss takes such ({@link Response} makes probabilities
   * of them); waits for them.
   *
   * @param rows {@code [n][d_0]}, compact; may be longer
   * @param n rows, 0 or more
   * @return {@code [n][d_L]}, compact
   * @throws IllegalArgumentException if the array is too short or one of its n rows has a value
   *     that is not finite; nothing was computed then
   * @throws IllegalStateException if the network or this is closed, or the device's stream is being
   *     captured
   * @throws dev.krongauss.device.DeviceException if the device fails or has no memory
   */
  public float[] predict(float[] rows, int n) {
    float[] results = results(n, outputs);
    predict(rows, n, results);
    return results;
  }

  /**
   * The same into the caller's array.
   *
   * @param results {@code [n][d_L]}, compact; may be longer. Where this throws, part of it may have
   *     been written
   */
  public void predict(float[] rows, int n, float[] results) {
    PredictionRows.check(rows, n, inputs, results.length, outputs);
    predictChecked(rows, n, results);
  }

  /** The same for rows that were checked. */
  void predictChecked(float[] rows, int n, float[] results) {
    owner.whileOpen(
        () -> {
          checkOpen();
          if (n > 0) {
            device.inContext(() -> run(rows, n, results));
          }
        });
  }

  /**
   * The outputs of rows that lie on the device; enqueued on {@link #stream()}, not waited for.
   *
   * @param batch ā₀ {@code [n][d_0 + 1]}, last column 1, with n up to {@link #chunk()}; written on
   *     the device's stream before this call, or on {@link #stream()}
   * @return h_L {@code [n][d_L]}, a view valid until the next call of this predictor
   * @throws IllegalArgumentException if the shape does not fit
   * @throws IllegalStateException as for {@link #predict}
   */
  public Matrix forward(Matrix batch) {
    Check.that(
        batch.rows() <= chunk && batch.columns() == inputs + 1,
        "inputs [%d][%d]; a predictor of this network takes [n][%d] with n up to %d",
        batch.rows(),
        batch.columns(),
        inputs + 1,
        chunk);
    Matrix[] result = new Matrix[1];
    owner.whileOpen(
        () -> {
          checkOpen();
          result[0] = device.inContext(() -> forwardInContext(batch));
        });
    return result[0];
  }

  /** Memory for the outputs of n rows; a negative n is complained of later. */
  static float[] results(int n, int outputs) {
    return new float
        [Check.count((long) Math.max(n, 0) * outputs, "outputs at once; give fewer rows")];
  }

  private Matrix forwardInContext(Matrix batch) {
    checkNoCapture();
    ChunkMemory here = memory(batch.rows());
    Matrix[] result = new Matrix[1];
    betweenUpdates(() -> result[0] = here.forward(batch, weights, stream));
    return result[0];
  }

  private void run(float[] rows, int n, float[] results) {
    checkNoCapture();
    ChunkMemory here = memory(n);
    if (n <= chunk) {
      here.fill(0, rows, 0, n);
      betweenUpdates(() -> here.compute(0, n, weights, stream));
      here.fetch(0, n, stream);
      here.take(0, results, 0, n);
      return;
    }
    List<Matrix> kept = weightCopy();
    here.all(rows, n, results, chunk, kept, stream);
  }

  private List<Matrix> weightCopy() {
    if (copy == null) {
      copy = device.allOrNothing(() -> new WeightCopy(device, weights));
    }
    betweenUpdates(() -> copy.take(weights, stream));
    return copy.matrices();
  }

  /**
   * Enqueues work that reads the network's weights behind what was enqueued on the device's stream,
   * and before what will be; no update of an optimiser is enqueued meanwhile.
   */
  private void betweenUpdates(Runnable work) {
    Stream training = device.stream();
    training.alone(
        () -> {
          checkNotCapturing(training);
          before.record(training);
          stream.await(before);
          work.run();
          after.record(stream);
          training.await(after);
        });
  }

  /** Before memory is taken, which a capture does not survive; waits for one of another thread. */
  private void checkNoCapture() {
    Stream training = device.stream();
    training.alone(() -> checkNotCapturing(training));
  }

  private static void checkNotCapturing(Stream training) {
    if (training.capturing()) {
      throw new IllegalStateException(
          "a prediction within a capture of the device's stream, which would have to wait for work"
              + " that does not run yet; predict before the capture or after it");
    }
  }

  /** Memory for so many rows, of two sizes: few, and a chunk. */
  private ChunkMemory memory(int rows) {
    int wanted = Math.min(rows <= FEW_ROWS ? FEW_ROWS : chunk, chunk);
    if (memory != null && memory.rows() >= wanted) {
      return memory;
    }
    free();
    memory =
        device.allOrNothing(
            () -> new ChunkMemory(operations, wanted, activations, weights, stream));
    return memory;
  }

  private void free() {
    if (memory != null) {
      ChunkMemory old = memory;
      memory = null;
      device.stream().alone(old::close); // waits for the device, which no capture allows
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the predictor is closed; take another one of its network");
    }
  }

  /** Frees its memory after its work. Closing twice, or after the network, does nothing. */
  @Override
  public synchronized void close() { // a pool's and the network's may meet
    if (!closed) {
      closed = true;
      owner.forget(this);
      free();
      if (copy != null) {
        device.stream().alone(copy::close);
      }
      before.close();
      after.close();
      stream.close();
    }
  }
}
