package dev.krongauss.net;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The predictors of a network: those that callers have taken, and a pool for {@link
 * Network#predict}, of as many as there were calls at the same time, up to the number of
 * processors. Safe from any thread; closing waits for predictions under way.
 */
final class Predictions implements AutoCloseable {
  /**
   * Bytes that the widest layer of a chunk takes: what a processor's cache holds, or fills a GPU.
   */
  private static final long SOFTWARE_BYTES = 8L << 20;

  private static final long GPU_BYTES = 32L << 20;
  private static final int LEAST_ROWS = 32;
  private static final int MOST_ROWS = 8192;

  private final Operations operations;
  private final List<Activation> activations;
  private final List<Matrix> weights;
  private final int chunk;
  private final int mostIdle = Runtime.getRuntime().availableProcessors();
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Deque<Predictor> idle = new ArrayDeque<>();
  private final Set<Predictor> open = new HashSet<>();
  private boolean closed;

  /**
   * @param activations f_1 … f_L
   * @param weights W_1 … W_L, which the network owns
   */
  Predictions(Operations operations, List<Activation> activations, List<Matrix> weights) {
    this(
        operations,
        activations,
        weights,
        chunk(weights, operations.device().isSoftware() ? SOFTWARE_BYTES : GPU_BYTES));
  }

  /**
   * With chunks of a size of its own, for measurements.
   *
   * @param chunk rows
   */
  Predictions(
      Operations operations, List<Activation> activations, List<Matrix> weights, int chunk) {
    this.operations = operations;
    this.activations = activations;
    this.weights = weights;
    this.chunk = chunk;
  }

  /** Rows with which the widest of ā_0 … h_L takes at most {@code budget} bytes; 32 to 8192. */
  static int chunk(List<Matrix> weights, long budget) {
    long widest = 0;
    for (Matrix W : weights) {
      widest = Math.max(widest, Math.max(W.columns(), W.rows() + 1));
    }
    long rows = budget / (Float.BYTES * (long) Matrix.paddedStride((int) widest));
    return (int) Math.max(LEAST_ROWS, Math.min(MOST_ROWS, rows / LEAST_ROWS * LEAST_ROWS));
  }

  /** A predictor of the caller's. */
  Predictor take() {
    Device device = operations.device();
    Predictor[] made = new Predictor[1];
    whileOpen(
        () -> {
          made[0] =
              device.allOrNothing(
                  () -> new Predictor(this, operations, activations, weights, chunk));
          synchronized (open) {
            open.add(made[0]);
          }
        });
    return made[0];
  }

  /** See {@link Network#predict}. */
  void predict(float[] rows, int n, float[] results) {
    PredictionRows.check(rows, n, inputs(), results.length, outputs());
    Predictor predictor = borrow();
    try {
      predictor.predictChecked(rows, n, results);
    } catch (RuntimeException | Error e) {
      closeFailed(predictor, e);
      throw e;
    }
    giveBack(predictor);
  }

  /** d_0. */
  int inputs() {
    return weights.get(0).columns() - 1;
  }

  /** d_L. */
  int outputs() {
    return weights.get(weights.size() - 1).rows();
  }

  /**
   * Does work that uses the weights.
   *
   * @throws IllegalStateException if the network is closed
   */
  void whileOpen(Runnable work) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the network is closed; build another one");
      }
      work.run();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** A predictor was closed. */
  void forget(Predictor predictor) {
    synchronized (open) {
      open.remove(predictor);
    }
  }

  private Predictor borrow() {
    synchronized (idle) {
      if (!idle.isEmpty()) {
        return idle.pop();
      }
    }
    return take();
  }

  /** The last one used is the next: its memory is warm. */
  private void giveBack(Predictor predictor) {
    synchronized (idle) {
      if (idle.size() < mostIdle) {
        idle.push(predictor);
        return;
      }
    }
    predictor.close();
  }

  /** One whose work has failed is not kept. */
  private static void closeFailed(Predictor predictor, Throwable cause) {
    try {
      predictor.close();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  /** Closes all predictors, after what they are at. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      List<Predictor> all;
      synchronized (open) {
        all = new ArrayList<>(open);
      }
      all.forEach(Predictor::close);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
