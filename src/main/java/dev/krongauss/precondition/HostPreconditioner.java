package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Repeated;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import java.util.List;

/**
 * A {@link Preconditioner} for callers whose activations and gradients are on the Java heap or in
 * native memory. What is handed over has been copied when a call returns and may change at once.
 *
 * <p>Values go through page-locked memory, in two places in turn, on a stream of their own: while
 * the device enters one layer's batch, the next one is copied. A shape that comes for the first
 * time, of a layer, N, T and K, is captured in graphs that are kept until {@link #close}; after
 * that a call takes no memory of the device or of the Java heap. Memory that is to be used where it
 * lies is registered instead ({@link Device#register}) and handed to a {@link Preconditioner}.
 *
 * <p>Not safe for concurrent use.
 */
public final class HostPreconditioner implements Resumable, AutoCloseable {
  private final Device device;
  private final Arena arena;
  private final Stream copies;
  private final Stream work;
  private final Preconditioner preconditioner;
  private final List<LayerSpec> layers;
  private final HostBatch[] batches = new HostBatch[2];
  private final HostSolve solve;
  private final Positions[] own;
  private final int rows;
  private Graph refresh;
  private Repeated refreshing;
  private int turn;
  private boolean closed;

  private HostPreconditioner(Device device, Builder builder) {
    this.device = device;
    rows = builder.rows;
    layers = builder.options().layers();
    own = new Positions[layers.size()];
    arena = device.newArena("host preconditioner");
    copies = device.newStream();
    work = device.newStream();
    preconditioner = new Preconditioner(device, builder.options());
    PositionStatistics statistics = preconditioner.positions();
    for (int k = 0; k < batches.length; k++) {
      batches[k] = new HostBatch(device, arena, statistics, layers, copies, work, rows);
    }
    solve = new HostSolve(device, arena, preconditioner.weights(), layers, copies, work);
  }

  /** Starts the description of a preconditioner. */
  public static Builder on(Device device) {
    return new Builder(device);
  }

  /** Layers and settings, those of {@link Preconditioner.Builder} and the size of a batch. */
  public static final class Builder extends PreconditionerSetters<Builder> {
    private final Device device;
    private int rows;

    private Builder(Device device) {
      this.device = device;
    }

    /**
     * The most rows N T K of a batch; two batches of the widest layer fit into the memory taken.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder rows(int most) {
      Check.that(most >= 1, "batches of at most %d rows; give 1 or more", most);
      rows = most;
      return this;
    }

    /**
     * Takes all memory of the device, page-locked memory as large, and loads the kernels.
     *
     * @throws IllegalArgumentException if there is no layer, or {@link #rows} was not said
     */
    public HostPreconditioner build() {
      options().checkLayers();
      Check.that(rows >= 1, "how many rows a batch has at most is not said; call rows(N * T)");
      return device.allOrNothing(() -> new HostPreconditioner(device, this));
    }
  }

  /** The factors, the report and what else can be asked; its streams are not the caller's. */
  public Preconditioner preconditioner() {
    return preconditioner;
  }

  /**
   * Enters a batch into a dense layer; see {@link PositionStatistics#accumulate}.
   *
   * @param activations {@code [N T][d_{l-1} + 1]}, or without the ones where the bias is separate
   * @param squareRoot {@code [N T K][d_l]}
   * @param positions without lengths or mask of the device's
   * @param lengths {@code [N]}, the positions of each datapoint that count, not all of them 0, or
   *     null for all
   * @throws IllegalArgumentException if shapes do not fit, or there are more rows than {@code rows}
   * @throws IllegalStateException if this is closed
   */
  public void accumulate(
      int layer, HostRows activations, HostRows squareRoot, Positions positions, int[] lengths) {
    LayerSpec spec = check(layer, LayerSpec.Kind.DENSE, "accumulate");
    boolean without = spec.bias() == Bias.SEPARATE && activations.columns() == spec.inputs();
    int columns = without ? spec.inputs() : spec.activations();
    HostChecks.rows(activations, positions.rows(), columns, "activations", layer);
    enter(layer, activations, null, squareRoot, positions, lengths);
  }

  /** The same for rows that all count, of the layer's own number of positions. */
  public void accumulate(int layer, HostRows activations, HostRows squareRoot) {
    check(layer, LayerSpec.Kind.DENSE, "accumulate");
    accumulate(layer, activations, squareRoot, own(layer, activations.rows()), null);
  }

  /**
   * Enters a batch into an embedding; see {@link PositionStatistics#embedding}.
   *
   * @param indices {@code [N T]}, the rows looked up, from 0; padded positions have one, too
   * @param squareRoot {@code [N T K][d]}
   * @throws IllegalArgumentException as {@link #accumulate}, or if there is no such row
   * @throws IllegalStateException if this is closed
   */
  public void embedding(
      int layer, int[] indices, HostRows squareRoot, Positions positions, int[] lengths) {
    LayerSpec spec = check(layer, LayerSpec.Kind.EMBEDDING, "embedding");
    HostChecks.within(indices, positions.rows(), 0, spec.units() - 1, "indices");
    enter(layer, null, indices, squareRoot, positions, lengths);
  }

  /**
   * Enters a batch into a scale, with or without a shift; see {@link PositionStatistics#scale}.
   *
   * @param scaled {@code [N T][d]}
   * @param squareRoot {@code [N T K][d]}
   * @throws IllegalArgumentException as {@link #accumulate}
   * @throws IllegalStateException if this is closed
   */
  public void scale(
      int layer, HostRows scaled, HostRows squareRoot, Positions positions, int[] lengths) {
    LayerSpec spec = check(layer, LayerSpec.Kind.SCALE, "scale");
    HostChecks.rows(scaled, positions.rows(), spec.width(), "scaled rows", layer);
    enter(layer, scaled, null, squareRoot, positions, lengths);
  }

  /**
   * Enters a batch into a shift; see {@link PositionStatistics#shift}.
   *
   * @param squareRoot {@code [N T K][d]}
   * @throws IllegalArgumentException as {@link #accumulate}
   * @throws IllegalStateException if this is closed
   */
  public void shift(int layer, HostRows squareRoot, Positions positions, int[] lengths) {
    check(layer, LayerSpec.Kind.SHIFT, "shift");
    enter(layer, null, null, squareRoot, positions, lengths);
  }

  /**
   * Damps and factorises, as {@link Preconditioner#refresh}; does not wait.
   *
   * @throws IllegalStateException if a layer has not seen a batch, or this is closed
   */
  public void refresh() {
    checkOpen();
    if (refreshing == null && preconditioner.capturesRefresh()) {
      refresh = work.capture(() -> preconditioner.refresh(work));
      refreshing = refresh.launching(work);
    }
    if (refreshing == null) {
      preconditioner.refresh(work);
    } else {
      refreshing.run();
    }
  }

  /**
   * Writes the directions of all layers, and waits for them.
   *
   * @param gradients of layer 1 … L, in the layouts of the layers
   * @param directions of the same shapes; each may be its gradient
   * @throws IllegalArgumentException if shapes do not fit, or a direction is a read-only buffer
   * @throws IllegalStateException before the first refresh, or if this is closed
   */
  public void apply(List<HostWeights> gradients, List<HostWeights> directions) {
    checkOpen();
    HostChecks.counts(gradients, directions, layers.size());
    preconditioner.checkReady(work);
    solve.run(device, gradients, directions);
  }

  /** Waits; empty if the last refresh succeeded, as {@link Preconditioner#failure}. */
  public String failure() {
    checkOpen();
    return preconditioner.failure(work);
  }

  /** All that a {@link Preconditioner} has; waits. */
  @Override
  public void exchange(State state) {
    checkOpen();
    preconditioner.exchange(state);
  }

  /** Waits for the work and frees all memory. Closing twice, or after the device, does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!copies.isClosed()) {
      copies.synchronize();
      work.synchronize();
    }
    for (HostBatch batch : batches) {
      batch.close();
    }
    solve.close();
    if (refresh != null) {
      refresh.close();
    }
    preconditioner.close();
    arena.close();
    copies.close();
    work.close();
  }

  private void enter(
      int layer, HostRows a, int[] index, HostRows C, Positions positions, int[] lengths) {
    HostChecks.batch(layer, layers.get(layer), C, positions, lengths);
    HostChecks.fits(layer, C, rows, batches[turn].holds(a, C));
    batches[turn].enter(layer, a, index, C, positions, lengths);
    turn = (turn + 1) % batches.length;
  }

  private Positions own(int layer, int count) {
    if (own[layer] == null || own[layer].rows() != count) {
      own[layer] = layers.get(layer).positionsOf(count);
    }
    return own[layer];
  }

  private LayerSpec check(int layer, LayerSpec.Kind kind, String call) {
    checkOpen();
    return HostChecks.kind(layer, layers, kind, call);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the preconditioner is closed; build another one");
    }
  }
}
