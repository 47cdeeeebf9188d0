package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import java.util.ArrayList;
import java.util.List;

/**
 * What a forward pass over up to N rows needs, without derivatives: ā_0 … h_L on the device, and
 * two places of pinned memory for rows and results, used in turn.
 */
final class ChunkMemory implements AutoCloseable {
  private static final int PLACES = 2;

  private final int N;
  private final Arena arena;
  private final Passes passes;
  private final List<Activation> activations;
  private final Matrix batch;
  private final List<Matrix> padded = new ArrayList<>();
  private final Matrix h;
  private final Staging[] rowsOf = new Staging[PLACES];
  private final Staging[] resultsOf = new Staging[PLACES];
  private final Event[] fetched = new Event[PLACES];

  /**
   * @param N most rows
   * @param weights W_1 … W_L, for their shapes
   * @param stream gets the 1 columns, and is waited for
   */
  ChunkMemory(
      Operations operations,
      int N,
      List<Activation> activations,
      List<Matrix> weights,
      Stream stream) {
    Device device = operations.device();
    this.N = N;
    this.activations = activations;
    this.arena = device.newArena("prediction");
    this.passes = operations.passes(arena);
    int inputs = weights.get(0).columns() - 1;
    int outputs = weights.get(weights.size() - 1).rows();
    this.batch = Layer.homogeneous(arena, N, inputs, "a0", stream);
    for (int l = 1; l < weights.size(); l++) {
      padded.add(Layer.homogeneous(arena, N, weights.get(l - 1).rows(), "a" + l, stream));
    }
    this.h = arena.matrix(N, outputs, "h");
    for (int p = 0; p < PLACES; p++) {
      rowsOf[p] = device.staging(4L * N * inputs);
      resultsOf[p] = device.staging(4L * N * outputs);
      fetched[p] = device.newEvent();
    }
  }

  /** Most rows. */
  int rows() {
    return N;
  }

  /** All chunks of {@code n} rows, with two of them under way at any time. */
  void all(float[] rows, int n, float[] results, int chunk, List<Matrix> weights, Stream stream) {
    int chunks = (n - 1) / chunk + 1;
    for (int k = 0; k < chunks + PLACES; k++) {
      if (k >= PLACES) {
        int done = (k - PLACES) * chunk;
        take(k % PLACES, results, done, Math.min(chunk, n - done));
      }
      if (k < chunks) {
        int first = k * chunk;
        int count = Math.min(chunk, n - first);
        fill(k % PLACES, rows, first, count);
        compute(k % PLACES, count, weights, stream);
        fetch(k % PLACES, count, stream);
      }
    }
  }

  /** Copies rows to a place that no copy uses. */
  void fill(int place, float[] rows, int first, int count) {
    int inputs = batch.columns() - 1;
    rowsOf[place].floats().put(rows, first * inputs, count * inputs);
  }

  /** Enqueues the copy of a place's rows to the device, and their pass. */
  void compute(int place, int count, List<Matrix> weights, Stream stream) {
    Matrix some = batch.rows(0, count);
    rowsOf[place].copyCompactTo(some.columns(batch.columns() - 1), stream);
    forward(some, weights, stream);
  }

  /** Enqueues the copy of the results to a place. */
  void fetch(int place, int count, Stream stream) {
    resultsOf[place].copyCompactFrom(h.rows(0, count), stream);
    fetched[place].record(stream);
  }

  /** Waits for a place's results and copies them to the caller. */
  void take(int place, float[] results, int first, int count) {
    fetched[place].synchronize();
    resultsOf[place].floats().get(results, first * h.columns(), count * h.columns());
  }

  /**
   * Enqueues a pass.
   *
   * @param inputs ā_0 [n][d_0 + 1]
   * @return h_L [n][d_L]
   */
  Matrix forward(Matrix inputs, List<Matrix> weights, Stream stream) {
    int n = inputs.rows();
    List<Link.Forward> links = new ArrayList<>();
    Matrix below = inputs;
    for (int l = 0; l < weights.size(); l++) {
      Matrix W = weights.get(l);
      boolean last = l == weights.size() - 1;
      Matrix next = last ? h.rows(0, n) : padded.get(l).rows(0, n);
      Activation f = activations.get(l);
      links.add(
          new Link.Forward(
              below, W, f.transfer(), f.slope(), last ? next : next.columns(W.rows()), null));
      below = next;
    }
    passes.forward(stream, links);
    return h.rows(0, n);
  }

  /** Waits for the device. */
  @Override
  public void close() {
    arena.close();
    for (int p = 0; p < PLACES; p++) {
      rowsOf[p].close();
      resultsOf[p].close();
      fetched[p].close();
    }
  }
}
