package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.LayerUpdate;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.StackedGram;
import dev.krongauss.kernel.Subsample;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import java.util.List;

/**
 * One exact step length a layer, beside a {@link Preconditioner}: for trainers with their own
 * forward, backward and forward-mode passes. It is the rule of {@code optim.GaussNewton}.
 *
 * <p>An update is, in this order: {@link #begin}; the caller's forward and backward pass and, now
 * and then, factors and {@link Preconditioner#refresh}; {@link #direction}; the caller's curvature
 * C of these directions on a part of the batch ({@link #rows}, {@link #sample}, {@link #gram});
 * {@link #decide}; {@link #apply}. Every tenth update the caller runs a forward pass with the new
 * weights, and {@link #reduction} adapts λ. The preconditioner takes γ from here, {@code
 * gammaAt(gammaPointer())}, and {@code restartAt(restartPointer())} makes it forget what made an
 * update fail.
 *
 * <p>Every decision is taken on the device: calls enqueue and return. All memory is taken and all
 * kernels are loaded by {@link Builder#build}, so that a whole update can be captured in a graph,
 * also the first. An update that is not finite, or whose factors have no inverse, leaves weights
 * and averages bit for bit as they were, and raises λ.
 *
 * <p>Matrices and device floats are the caller's, streams too ({@link Device#wrap}). Not safe for
 * concurrent use; calls on different streams need the caller's events between them.
 */
public final class LayerSteps implements Resumable, AutoCloseable {
  private final LayerStepsOptions options;
  private final Arena arena;
  private final Buffer block;
  private final Control control;
  private final Reduce reduce;
  private final Subsample subsample;
  private final StackedGram stackedGram;
  private final LayerRule rule;
  private final List<Matrix> D;
  private final List<Matrix> averages;
  private final Matrix C;
  private final Buffer scratch;
  private boolean closed;

  private LayerSteps(Device device, LayerStepsOptions options) {
    this.options = options;
    arena = device.newArena("steps of layers");
    D = List.copyOf(options.matrices(arena, "direction"));
    averages = options.averages() ? options.matrices(arena, "average of W") : List.of();
    C = arena.matrix(D.size(), D.size(), "curvature of the directions");
    block = arena.floats(Control.SLOTS + D.size(), "scalars");
    block.upload(options.scalars(), device.stream());
    rule = new LayerRule(device, arena, D, block.pointer(), options.rules());
    control = new Control(device);
    reduce = new Reduce(device);
    scratch = arena.floats(Reduce.scratchFloats(D), "reduction scratch");
    subsample = new Subsample(device);
    stackedGram = new StackedGram(device);
  }

  /** Starts the description of the layers. */
  public static Builder on(Device device) {
    return new Builder(device);
  }

  /** Layers and settings; the defaults are those of {@code optim.GaussNewton}. */
  public static final class Builder extends LayerStepsSetters<Builder> {
    private final Device device;

    private Builder(Device device) {
      this.device = device;
    }

    /**
     * Allocates all memory and loads the kernels: no call allocates afterwards.
     *
     * @throws IllegalArgumentException if there is no layer, or more than 256
     */
    public LayerSteps build() {
      LayerStepsOptions options = options();
      return device.allOrNothing(() -> new LayerSteps(device, options));
    }
  }

  /**
   * Rows n of the part of a batch of N rows that C is of: a sixteenth, at least 64, rounded up to a
   * multiple of 8; all rows of up to 64.
   *
   * @throws IllegalArgumentException if N is not positive
   */
  public static int rows(int N) {
    return Subsample.rows(N);
  }

  /**
   * The same where the loss' Hessian is another at each row, as of any loss but the squared, and
   * its outputs are few: 2560/outputs rows, 512 at most, where that is more.
   *
   * @param outputs d_L
   * @throws IllegalArgumentException if a number is not positive
   */
  public static int rows(int N, int outputs) {
    return Subsample.rows(N, Subsample.leastFor(outputs));
  }

  /**
   * Gathers the part's rows, the first n/8 of each eighth of the batch: row j of {@code to} is the
   * part's row j mod n.
   *
   * @param N rows of the batch
   * @param from matrices {@code [N][d]}, each with a d of its own
   * @param to as many matrices {@code [copies · n][d]}
   */
  public void sample(int N, List<Matrix> from, List<Matrix> to, Stream s) {
    sample(N, rows(N), from, to, s);
  }

  /**
   * The same of a part of n rows.
   *
   * @param n as {@link #rows(int, int)} says
   */
  public void sample(int N, int n, List<Matrix> from, List<Matrix> to, Stream s) {
    checkOpen();
    subsample.take(s, new Part(N, n, from, to));
  }

  /** Begins an update: counts it, and sets γ = √(λ + η). */
  public void begin(Stream s) {
    checkOpen();
    rule.begin(true, s);
  }

  /**
   * Averages the gradient, g alone in the first updates, and preconditions the average.
   *
   * @param gradients g of the whole batch with ηW, {@code [d_l][d_{l-1} + 1]}; needed until {@link
   *     #apply}
   * @return {@link #directions}
   * @throws IllegalStateException before the preconditioner's first refresh
   */
  public List<Matrix> direction(List<Matrix> gradients, Preconditioner preconditioner, Stream s) {
    checkOpen();
    options.check(gradients, "gradients");
    preconditioner.checkReady(s);
    rule.average(gradients, D, s);
    preconditioner.apply(D, D, s);
    return D;
  }

  /** D_1 … D_L of the last {@link #direction}, shaped like the weights; they belong to this. */
  public List<Matrix> directions() {
    checkOpen();
    return D;
  }

  /**
   * C_ij = ⟨v_i, H v_j⟩ / n from the stacked changes of the outputs, chunk j those of direction j.
   *
   * @param V v_j = J D_j, where D_j moves layer j alone: {@code [L · n][d_L]}
   * @param HV H v_j with the loss' Hessian of each datapoint, {@code [L · n][d_L]}; may be V
   * @return C {@code [L][L]}, which belongs to this, for {@link #decide}
   */
  public Matrix gram(Matrix V, Matrix HV, Stream s) {
    checkOpen();
    stackedGram.gram(s, V, HV, D.size(), C);
    return C;
  }

  /**
   * Decides on the length of each layer's step, and whether the update is accepted.
   *
   * @param weights W, {@code [d_l][d_{l-1} + 1]}
   * @param gradients those of {@link #direction}
   * @param C {@code [L][L]}, E[v_iᵀ H v_j] on a part of the batch; lower triangle read
   * @param loss device address of the mean loss of the batch, one float, without the L2 term
   * @param preconditioner that of {@link #direction}
   * @param refreshed whether it was refreshed since {@link #begin}; {@link LayerReport#nextRefresh}
   *     follows from how far its factors have moved
   */
  public void decide(
      List<Matrix> weights,
      List<Matrix> gradients,
      Matrix C,
      long loss,
      Preconditioner preconditioner,
      boolean refreshed,
      Stream s) {
    checkOpen();
    options.check(weights, "weights");
    options.check(gradients, "gradients");
    Check.shape(C, D.size(), D.size(), "C");
    Check.that(
        preconditioner.layers() == D.size(),
        "a preconditioner of %d layers for %d step lengths; give that of direction",
        preconditioner.layers(),
        D.size());
    s.copy(scalar(loss), scalar(block.at(Control.LOSS)));
    rule.measure(D, gradients, weights, null, s);
    rule.decide(C, preconditioner, refreshed, s);
  }

  /** W_l += x_l D_l and both averages, if the update is accepted; else nothing is written. */
  public void apply(List<Matrix> weights, List<Matrix> gradients, Stream s) {
    checkOpen();
    options.check(weights, "weights");
    options.check(gradients, "gradients");
    Count applied = new Count(block.at(Control.APPLIED), block.at(Control.APPLIED_HIGH));
    LayerUpdate.Iterates iterates =
        averages.isEmpty()
            ? null
            : new LayerUpdate.Iterates(averages, options.averageDecay(), applied);
    rule.apply(weights, D, gradients, iterates, s);
  }

  /**
   * The reduction ratio, which λ follows: the change of the objective over the predicted one.
   *
   * @param weights after {@link #apply}
   * @param newLoss device address of the mean loss of the same batch with them, one float
   */
  public void reduction(List<Matrix> weights, long newLoss, Stream s) {
    checkOpen();
    options.check(weights, "weights");
    s.copy(scalar(newLoss), scalar(block.at(Control.NEW_LOSS)));
    reduce.dot(s, weights, weights, scratch.pointer(), block.at(Control.NEW_NORM2));
    control.reduction(
        s,
        block.pointer(),
        options.l2(),
        options.fall(),
        options.omega(),
        options.leastLambda(),
        options.greatestLambda());
  }

  /** Device address of γ = √(λ + η), for {@link Preconditioner.Builder#gammaAt}. */
  public long gammaPointer() {
    return block.at(Control.GAMMA);
  }

  /** Device address of the rejections in a row, for {@link Preconditioner.Builder#restartAt}. */
  public long restartPointer() {
    return block.at(Control.REJECTED);
  }

  /**
   * The averaged weights, 0 before the first accepted update; they belong to this.
   *
   * @throws IllegalStateException without {@link Builder#averageOfWeights}
   */
  public List<Matrix> averages() {
    checkOpen();
    if (averages.isEmpty()) {
      throw new IllegalStateException("no averages are kept; build with averageOfWeights(0.99)");
    }
    return averages;
  }

  /** What the last update did. Waits for the stream. */
  public LayerReport report(Stream s) {
    checkOpen();
    return new LayerReport(block.downloadInts(Control.SLOTS + D.size(), s));
  }

  /** Scalars, the average of the gradient, the last directions, and the averaged weights. */
  @Override
  public void exchange(State state) {
    checkOpen();
    state.buffer("scalars", block);
    rule.exchange(state, D);
    state.matrices("average", averages);
  }

  @Override
  public void close() {
    closed = true;
    arena.close();
  }

  private static Matrix scalar(long pointer) {
    return Matrix.wrap(pointer, 1, 1, 1);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the steps of layers are closed; build others");
    }
  }
}
