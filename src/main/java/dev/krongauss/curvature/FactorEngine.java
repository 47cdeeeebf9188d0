package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Random;
import dev.krongauss.kernel.Weights;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes the factors of a batch from the traces of its forward pass and enters them into the
 * moving averages.
 *
 * <p>Per datapoint (KFLR, KFAC): C_{l-1} = b_{l-1} ∘ (W_lᵀ C_l), G_l = 1/N Σ C Cᵀ; C is never held
 * whole but made and consumed in chunks of datapoints that fit the budget. Averaged (KFRA): Ḡ_{l-1}
 * = (W_lᵀ Ḡ_l W_l) ∘ 1/N Σ b bᵀ. Of a loss with weights, 1/N Σ in Q and in b bᵀ is Σ w_n / Σ w, so
 * that a datapoint of weight 2 is as two. A G_L kept as its diagonal is that of the mean Hessian.
 */
public final class FactorEngine implements AutoCloseable {
  private final Device device;
  private final Operations operations;
  private final Method method;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final boolean expectedTop;
  private final long budgetBytes;
  private final long seed;
  private long seedOfSteps;
  private final Weights weights;
  private Arena arena;
  private int batchSize;
  private SquareRoots squareRoots; // null of KFRA, and before the first batch
  private List<Matrix> curvatures;
  private List<Matrix> products;
  private List<Matrix> moments;
  private boolean diagonalTop;
  private OutputCurvature top;
  private Passes passes;
  private WeightedBatch weighted;

  /**
   * @param budgetBytes memory for two chunks of C
   * @param seed of KFAC's sampled targets
   * @param expectedTop whether KFAC's G_L is the mean Hessian of the loss, and only the layers
   *     below have sampled targets (the paper samples for G_L, too)
   * @throws IllegalArgumentException if KFAC is asked of a loss that cannot sample
   */
  public FactorEngine(
      Device device,
      Operations operations,
      Method method,
      LossFunction loss,
      long budgetBytes,
      long seed,
      boolean expectedTop) {
    checkSampling(method, loss);
    FactorMemory.checkBudget(budgetBytes);
    this.device = device;
    this.operations = operations;
    this.method = method;
    this.lossFunction = loss;
    this.loss = loss.on(device);
    this.budgetBytes = budgetBytes;
    this.seed = seed;
    this.expectedTop = expectedTop;
    this.seedOfSteps = seed;
    this.weights = new Weights(device);
  }

  /**
   * Checks that a method can get from a loss what it starts with.
   *
   * @param outputs d_L
   * @throws IllegalArgumentException if it cannot, or the loss couples rows
   */
  public static void check(Method method, LossFunction loss, int outputs) {
    checkSampling(method, loss);
    Check.that(
        method.start() != Method.Start.SQUARE_ROOT || loss.rank(outputs) > 0,
        "KFLR needs a square root of each datapoint's curvature, which loss '%s' does not give; use"
            + " KFRA, or give the loss one",
        loss.name());
  }

  private static void checkSampling(Method method, LossFunction loss) {
    Losses.checkSingleRows(loss, method.name());
    Check.that(
        method.start() != Method.Start.SAMPLED_GRADIENT || loss.canSample(),
        "KFAC needs targets sampled from the model, which loss '%s' cannot give; use KFLR or KFRA",
        loss.name());
  }

  /** Datapoints of C held at once; known after the first batch. */
  public int chunk() {
    return squareRoots == null ? 0 : squareRoots.most();
  }

  /**
   * Says to which 2³² steps the next batches belong: the device int of {@link #enter} names a step
   * among them. Without a call it is the first ones.
   *
   * @param step from 0
   * @return whether sampled targets come from other random numbers than before, so that what was
   *     captured in a graph is to be captured anew
   */
  public boolean drawsOf(long step) {
    long before = seedOfSteps;
    seedOfSteps = Random.seedOf(seed, step);
    return seedOfSteps != before && method.start() == Method.Start.SAMPLED_GRADIENT;
  }

  /**
   * Enters the batch of the last forward pass into {@code factors}.
   *
   * @param h output [N][d_L]
   * @param t targets [N][m]
   * @param stepPointer device int that names the random numbers of sampled targets, the step's
   *     lower 32 bits
   * @throws IllegalArgumentException if the loss cannot take so many outputs or these targets, the
   *     method does not fit it, or the factors keep a diagonal G_L of a loss that has none
   */
  public void enter(
      List<LayerTrace> traces, Matrix h, Matrix t, long stepPointer, Factors factors, Stream s) {
    Check.shape(t, h.rows(), lossFunction.targets(h.columns()), "targets of the loss");
    if (h.rows() != batchSize || diagonalTop != factors.diagonal(traces.size() - 1)) {
      allocate(traces, h, factors, s);
    }
    List<Matrix> activations = traces.stream().map(LayerTrace::input).toList();
    List<Matrix> derivatives =
        method.route() == Method.Route.AVERAGED
            ? traces.stream().limit(moments.size()).map(LayerTrace::derivative).toList()
            : List.of();
    Matrix datapointWeights = lossFunction.weights(t);
    if (datapointWeights != null) {
      if (weighted == null) {
        weighted = new WeightedBatch(arena, weights, activations, derivatives);
      }
      weighted.enter(datapointWeights, activations, derivatives, s);
      activations = weighted.activations();
      derivatives = weighted.derivatives();
    }
    if (method.route() == Method.Route.AVERAGED) {
      factors.enterActivations(activations, derivatives, moments, s);
      enterAveraged(traces, h, t, factors, s);
    } else {
      factors.enterActivations(activations, List.of(), List.of(), s);
      enterPerDatapoint(traces, h, t, stepPointer, factors, s);
    }
  }

  /** Device memory held for a batch, without the averages; known after the first batch. */
  public long bytes() {
    return arena == null ? 0 : arena.bytes();
  }

  @Override
  public void close() {
    loss.close();
    if (arena != null) {
      arena.close();
    }
  }

  private void enterAveraged(
      List<LayerTrace> traces, Matrix h, Matrix t, Factors factors, Stream s) {
    top.compute(h, t, s);
    List<Link.Recursion> links = new ArrayList<>();
    for (int l = traces.size() - 1; l > 0; l--) {
      links.add(
          new Link.Recursion(
              curvatures.get(l),
              traces.get(l).weights(),
              moments.get(l - 1),
              products.get(l),
              curvatures.get(l - 1)));
    }
    passes.recursion(s, links);
    factors.enterCurvatures(curvatures, s);
  }

  private void enterPerDatapoint(
      List<LayerTrace> traces, Matrix h, Matrix t, long stepPointer, Factors factors, Stream s) {
    int layers = traces.size();
    if (top != null) {
      top.compute(h, t, s);
      layers--;
      factors.enterCurvature(layers, top.G(), s);
    }
    SquareRoots.Taker entry = (l, C, first) -> factors.enterChunk(l, C, batchSize, first, s);
    squareRoots.run(traces, h, t, seedOfSteps, stepPointer, layers, entry, s);
    factors.endChunks(s);
  }

  private void allocate(List<LayerTrace> traces, Matrix h, Factors factors, Stream s) {
    check(method, lossFunction, h.columns());
    if (arena != null) {
      s.synchronize();
      arena.close();
    }
    batchSize = 0; // until there is memory again
    arena = device.newArena("factors of a batch");
    weighted = null;
    diagonalTop = factors.diagonal(traces.size() - 1);
    boolean sampled = method.start() == Method.Start.SAMPLED_GRADIENT;
    boolean averaged = method.route() == Method.Route.AVERAGED;
    boolean expected = averaged || diagonalTop || (expectedTop && sampled);
    top = expected ? new OutputCurvature(arena, lossFunction, loss, h, diagonalTop) : null;
    if (averaged) {
      allocateAveraged(traces);
    } else {
      factors.reserveChunks();
      int[] widths = traces.stream().mapToInt(trace -> trace.weights().rows()).toArray();
      squareRoots =
          new SquareRoots(
              operations, method, lossFunction, loss, widths, arena, h.rows(), budgetBytes);
    }
    batchSize = h.rows();
  }

  private void allocateAveraged(List<LayerTrace> traces) {
    curvatures = new ArrayList<>();
    products = new ArrayList<>();
    moments = new ArrayList<>();
    long floats = traces.stream().mapToLong(FactorEngine::productFloats).max().orElseThrow();
    // Two: while a layer's is written the one above it may still be read, but no other.
    List<Buffer> twice = List.of(arena.floats(floats, "G W"), arena.floats(floats, "G W"));
    passes = operations.passes(arena, traces.stream().mapToInt(t -> t.weights().rows()).toArray());
    for (LayerTrace trace : traces) {
      int l = products.size() + 1;
      int outputs = trace.weights().rows();
      int below = trace.weights().columns() - 1;
      long product = twice.get(l % 2).pointer();
      products.add(Matrix.wrap(product, outputs, below, Matrix.paddedStride(below)));
      if (l < traces.size()) {
        curvatures.add(arena.matrix(outputs, outputs, "batch G" + l));
        moments.add(arena.matrix(outputs, outputs, "moment of b" + l));
      }
    }
    curvatures.add(top.G());
  }

  private static long productFloats(LayerTrace trace) {
    return (long) trace.weights().rows() * Matrix.paddedStride(trace.weights().columns() - 1);
  }
}
