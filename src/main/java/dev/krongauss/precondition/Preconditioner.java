package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.diagnose.Diagnosis;
import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import java.util.List;

/**
 * Damped, factorised Kronecker factors of a set of layers: Δ = −(G + γ/ω I)⁻¹ ∇ (Q + ωγ I)⁻¹.
 *
 * <p>For trainers with their own forward and backward pass. Each step they hand over, per layer,
 * the activations that entered it and a square root of its curvature ({@link #accumulate}) or the
 * curvature itself ({@link #accumulateCurvature}); now and then they {@link #refresh}; and they
 * {@link #apply} it to gradients. Matrices are views of the caller's memory, streams the caller's
 * ({@link Device#wrap}); nothing foreign is owned or freed.
 *
 * <p>These calls can be captured in a graph ({@link Stream#capture}, or the caller's own), also the
 * first time: all memory is taken and all kernels are loaded by {@link Builder#build}, and whatever
 * changes from call to call is counted on the device. A graph launched k times leaves what k calls
 * leave, bit for bit. Only {@link #refresh} with cuSOLVER on a GPU cannot be captured. What was
 * only captured is not taken for done: {@link #refresh} or {@link #apply} outside asks and waits.
 *
 * <p>Not safe for concurrent use; calls on different streams need the caller's events between them.
 */
public final class Preconditioner implements Resumable, AutoCloseable {
  private final Device device;
  private final Operations operations;
  private final Arena arena;
  private final Factors factors;
  private final DampedInverses inverses;
  private final LayerShapes shapes;
  private final Refreshes refreshes;
  private final TwoSidedSolve solve;
  private final long gamma;
  private final List<LayerSpec> layers;
  private final Coverage coverage;
  private final BatchStatistics batches;
  private PositionStatistics positions;

  Preconditioner(Device device, PreconditionerOptions options) {
    this.device = device;
    layers = options.layers();
    coverage = options.coverage();
    operations = options.operations(device);
    arena = device.newArena("preconditioner");
    factors = options.factors(arena, operations);
    shapes = new LayerShapes(factors);
    refreshes = new Refreshes(factors, operations);
    Collective ranks = options.sharedOut();
    solve = new TwoSidedSolve(device, arena, operations, factors, shapes, refreshes, ranks);
    inverses = new DampedInverses(device, operations, arena, factors, ranks, options.owners());
    gamma = options.gamma(arena, device);
    PositionStatistics rows = layers.stream().allMatch(LayerSpec::once) ? null : positions();
    batches = new BatchStatistics(layers, factors, shapes, refreshes, rows);
  }

  public static Builder on(Device device) {
    return new Builder(device);
  }

  /** Layers and settings. */
  public static final class Builder extends PreconditionerSetters<Builder> {
    private final Device device;

    private Builder(Device device) {
      this.device = device;
    }

    /**
     * Allocates factors, inverses and scratch, for batches of any size, and loads the kernels: no
     * call allocates afterwards.
     */
    public Preconditioner build() {
      options().checkLayers();
      return device.allOrNothing(() -> new Preconditioner(device, options()));
    }
  }

  public int layers() {
    return factors.layers();
  }

  /** Forgets the averages' past, as after a batch that was not finite. Waits for the device. */
  public void restart() {
    refreshes.checkOpen();
    factors.restart();
  }

  /** The same, enqueued; captured it forgets whenever the graph is launched. */
  public void restart(Stream s) {
    refreshes.checkOpen();
    factors.restart(s);
  }

  /** Whether {@link #refresh} can be captured: not with cuSOLVER on a GPU. */
  public boolean capturesRefresh() {
    return operations.capturesFactorisations();
  }

  /** The moving averages. */
  public Factors factors() {
    return factors;
  }

  /**
   * The dampings that the last refresh may have tried, on the device: infos and γ of each rung, of
   * Q_l at 2 l and G_l at 2 l + 1. The inverses are the first rung's whose infos are all 0.
   */
  public Control.Dampings rungs() {
    return inverses.rungs();
  }

  /**
   * Device address of the traces of the factors as the last {@link #refresh} found them, without
   * damping: floats {@code [2 · layers]}, tr Q_l at 2 l and tr G_l at 2 l + 1; nothing before it,
   * nor after a state was read. The memory is the preconditioner's.
   */
  public long traces() {
    refreshes.checkOpen();
    return inverses.traces();
  }

  /**
   * Prepares refreshes with three values of γ, of which the device chooses one. Allocates the
   * memory of two more preconditioners, and waits.
   *
   * @param candidates factors and bounds of γ, which is where it is for {@link #refresh}
   */
  public DampingCandidates candidates(TraceDamping.Candidates candidates) {
    return new DampingCandidates(
        device, operations, arena, factors, inverses, refreshes, solve, gamma, candidates);
  }

  /**
   * Enters batches of layers at several positions, of embeddings, scales and shifts. Without such a
   * layer the first call takes memory and waits.
   */
  public PositionStatistics positions() {
    refreshes.checkOpen();
    if (positions == null) {
      PositionMoments moments = new PositionMoments(operations, arena, factors, layers);
      positions = new PositionStatistics(layers, moments, refreshes, shapes);
    }
    return positions;
  }

  /** Prepares gradients in the layers' own layouts; takes memory where these differ, and waits. */
  public WeightSolve weights() {
    refreshes.checkOpen();
    return new WeightSolve(this, device, arena, layers);
  }

  /** The layers, their kinds and sizes, and the parameters that are not covered, in words. */
  public String report() {
    return coverage.toString();
  }

  /**
   * Enters a batch of N datapoints.
   *
   * @param layer from 0
   * @param activations ā {@code [N][d_{l-1} + 1]}, last column 1; of a {@link Builder#shared} layer
   *     {@code [N T][d_{l-1} + 1]}
   * @param squareRoot C {@code [N·K][d_l]}, G = 1/N Σ C Cᵀ: for KFAC the sampled gradients (K = 1);
   *     of a shared layer see {@link Positions}
   * @throws IllegalArgumentException for a {@link Builder#diagonalLayer}
   */
  public void accumulate(int layer, Matrix activations, Matrix squareRoot, Stream s) {
    batches.enter(layer, activations, squareRoot, s);
  }

  /**
   * Enters a batch whose mean curvature is known.
   *
   * @param G {@code [d_l]²}, lower triangle read
   * @throws IllegalArgumentException for a {@link Builder#diagonalLayer}
   */
  public void accumulateCurvature(int layer, Matrix activations, Matrix G, Stream s) {
    batches.enterCurvature(layer, activations, G, s);
  }

  /**
   * Enters a batch whose mean curvature is diagonal, into a {@link Builder#diagonalLayer}.
   *
   * @param diagonal of G, {@code [1][d_l]}
   * @throws IllegalArgumentException for a layer that keeps all of G
   */
  public void accumulateCurvatureDiagonal(
      int layer, Matrix activations, Matrix diagonal, Stream s) {
    batches.enterDiagonal(layer, activations, diagonal, s);
  }

  /**
   * Damps and factorises every factor, with γ; where one is not positive definite all of them again
   * with 10 γ, and with 100 γ. The device decides, nothing waits. If all three fail, {@link
   * #failure} (or {@link #rungs}) says so, and that inverse is unusable until the next refresh.
   *
   * @throws IllegalStateException if a layer has not seen a batch, or the stream captures and
   *     {@link #capturesRefresh} is false
   */
  public void refresh(Stream s) {
    refreshes.begin(s);
    inverses.refresh(gamma, s);
    refreshes.end(inverses.gammas(), s);
  }

  /**
   * Writes direction = −(G + γ/ω I)⁻¹ gradient (Q + ωγ I)⁻¹.
   *
   * @param gradient {@code [d_l][d_{l-1} + 1]}
   * @param direction of the same shape, may be the gradient's memory
   * @throws IllegalStateException before the first {@link #refresh}
   */
  public void apply(int layer, Matrix gradient, Matrix direction, Stream s) {
    refreshes.checkOpen();
    shapes.checkLayer(layer);
    solve.run(layer, inverses.G().get(layer), gradient, inverses.Q().get(layer), direction, s);
  }

  /**
   * The same for all layers at once, two launches with this project's kernels.
   *
   * @param gradients of layer 1 … L, {@code [d_l][d_{l-1} + 1]}
   * @param directions of the same shapes, each may be its gradient's memory
   * @throws IllegalStateException before the first {@link #refresh}
   */
  public void apply(List<Matrix> gradients, List<Matrix> directions, Stream s) {
    solve.run(inverses.G(), gradients, inverses.Q(), directions, s);
  }

  /**
   * Which conventions a new trainer's batch breaks: holds each layer's gradient against the mean of
   * δ āᵀ. Copies all matrices to the host, waits, and changes nothing. For shared weights, other
   * arithmetic than FP32, predictions and targets there is {@link Diagnosis#of}.
   *
   * @param activations ā of the layers {@code [N][d_{l-1} + 1]}, as for {@link #accumulate}
   * @param deltas δ {@code [N][d_l]}, ∂E/∂h of each datapoint's own loss, not the square roots
   * @param gradients {@code [d_l][d_{l-1} + 1]} of the mean loss without its L2 term
   * @return what was found; shapes that do not fit are findings
   * @throws IllegalArgumentException if there is not one of each, or a layer is not dense
   */
  public Diagnosis diagnose(
      List<Matrix> activations, List<Matrix> deltas, List<Matrix> gradients, Stream s) {
    refreshes.checkOpen();
    return Exported.diagnose(layers, activations, deltas, gradients, s);
  }

  /**
   * Waits; empty if the last refresh succeeded, else which factor failed, where, with which γ, and
   * what helps; or that there was no refresh.
   */
  public String failure(Stream s) {
    refreshes.checkOpen();
    return refreshes.any(s) ? inverses.failure(s) : refreshes.missing("there was no refresh");
  }

  /**
   * Waits; the rung of the last refresh's inverses: 0 for γ, 1 for 10 γ, 2 for 100 γ, −1 for none.
   */
  public int rung(Stream s) {
    refreshes.checkOpen();
    return inverses.rung(s);
  }

  /** Says that factor {@code k} (2 l: Q, 2 l + 1: G) was not positive definite with γ. */
  public static String describeFailure(int k, int column, double gamma) {
    return FactorFailure.notPositiveDefinite(k, column, gamma);
  }

  /** Factors and inverses; γ is a setting, or the caller's. */
  @Override
  public void exchange(State state) {
    refreshes.checkOpen();
    factors.exchange(state.of("factors"));
    inverses.exchange(state);
    device.synchronize();
    refreshes.exchange(state, inverses.gammas(), device.stream());
  }

  @Override
  public void close() {
    refreshes.close();
    arena.close();
  }

  /** That {@link #apply} is possible. */
  void checkReady(Stream s) {
    refreshes.check(s);
  }
}
