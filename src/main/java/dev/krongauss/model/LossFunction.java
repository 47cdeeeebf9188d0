package dev.krongauss.model;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/**
 * A loss E(h, t) of one datapoint, as a function of the network's output h (logits for
 * cross-entropies).
 */
public interface LossFunction {
  String name();

  /**
   * K: columns of the square root C_L of a datapoint's Hessian; 0 if the loss has none, which KFLR
   * needs.
   */
  int rank(int outputs);

  /**
   * Columns of the targets' matrix that belong to {@code outputs} outputs; the default is as many.
   *
   * @throws IllegalArgumentException if the loss cannot take so many outputs; the optimisers ask
   *     before anything runs
   */
  default int targets(int outputs) {
    return outputs;
  }

  /**
   * Checks target rows on the host. {@code data.Batches} does it once for a whole data set, before
   * the first update with this loss.
   *
   * @param targets {@code [rows][columns]}, compact
   * @param columns as {@link #targets(int)} says
   * @throws IllegalArgumentException if a value cannot be a target: by default one that is not
   *     finite; the message has the row, the value and the way out
   */
  default void checkTargets(float[] targets, int columns) {
    for (int i = 0; i < targets.length; i++) {
      Check.that(
          Float.isFinite(targets[i]),
          "the target in row %d, column %d is %s; every value must be a finite number: remove or"
              + " replace such rows",
          i / columns,
          i % columns,
          targets[i]);
    }
  }

  /**
   * Checks the targets of a batch that lies in device memory: for batches of your own, which no
   * update checks, since that would have to wait for the device, as this does.
   *
   * @throws IllegalArgumentException as {@link #checkTargets}
   */
  default void check(Batch batch, Stream stream) {
    checkTargets(batch.targets().download(stream), batch.targets().columns());
  }

  /**
   * The weights of the datapoints, a column of their targets: a loss w_n E_n with weights w_n ≥ 0.
   * Curvature then takes its averages over the datapoints, Q among them, with these weights.
   *
   * @param t targets {@code [N][targets]}
   * @return a view {@code [N][1]}, or null, the default, for a loss without weights
   */
  default Matrix weights(Matrix t) {
    return null;
  }

  /**
   * m: rows of a batch that are one datapoint; 1 by default. A loss of m > 1 couples the outputs of
   * m rows in a row: batches have a multiple of m rows, and what {@link OnDevice} gives for a row
   * is
   *
   * <ul>
   *   <li>E: that of its datapoint, in each of its m rows, so that means over rows are means over
   *       datapoints;
   *   <li>gradients and products: m times the derivatives of its datapoint's E by the row's
   *       outputs;
   *   <li>{@link OnDevice#squareRoot}: √m times the part of each of its datapoint's K columns that
   *       belongs to the row. Of these columns vᵀ A v is the square of the sum over the rows.
   * </ul>
   *
   * First-order optimisers and {@code GaussNewton.exact()} take such losses; Kronecker factors,
   * whose datapoints are single rows, do not.
   */
  default int stack() {
    return 1;
  }

  /**
   * Whether the Hessian ∂²E/∂h² of each datapoint is diagonal, or the matrix in its place whose
   * square root {@link OnDevice#squareRoot} is: outputs that enter the loss one by one, as in the
   * squared and the Bernoulli loss. The optimisers then keep G of the last layer as its diagonal,
   * from {@link OnDevice#meanHessianDiagonal}. False by default.
   */
  default boolean diagonalHessian() {
    return false;
  }

  /**
   * Whether the Hessian ∂²E/∂h² is the same at every output, but for the weights of datapoints: the
   * squared loss. Of any other loss with few outputs more rows of a batch are asked when it comes
   * to step lengths. False by default.
   */
  default boolean constantHessian() {
    return false;
  }

  /**
   * Whether {@link #on} gives a {@code kernel.operations.FusedLoss}, which takes products with the
   * Hessian along as step lengths are decided on, for so many outputs. False by default.
   */
  default boolean fuses(int outputs) {
    return false;
  }

  /** Whether targets can be sampled from the model, which KFAC needs. */
  boolean canSample();

  /** The loss' operations on a device. */
  OnDevice on(Device device);

  /**
   * Operations on device memory; each enqueues work and returns. N is the number of rows of {@code
   * h}, d that of the outputs, and m = {@code targets(d)}. Who asked for them closes them.
   */
  interface OnDevice extends AutoCloseable {
    /**
     * Frees what the operations hold on the device, memory and kernels; nothing by default. Graphs
     * in which they were captured must not be launched any more.
     */
    @Override
    default void close() {}

    /**
     * Whether what the operations enqueue may be captured in a graph and replayed. False, the
     * default, if one of them waits for the device, allocates after its first call or {@link
     * #reserve}, or computes on the host.
     */
    default boolean capturable() {
      return false;
    }

    /**
     * Takes all memory that calls for batches of up to N datapoints need, so that even the first of
     * them can be captured; nothing by default. Without it the first call takes it, and fails
     * within a capture. May wait for the stream.
     *
     * @param N datapoints
     * @param d outputs
     */
    default void reserve(int N, int d, Stream stream) {}

    /**
     * @param h output {@code [N][d]}
     * @param t targets {@code [N][m]}
     * @param gradient ∂E/∂h {@code [N][d]}, or null if not wanted
     * @param perDatapoint device address of N floats for E
     */
    void evaluate(Matrix h, Matrix t, Matrix gradient, long perDatapoint, Stream stream);

    /**
     * C with Σ_k c_nk c_nkᵀ = ∂²E/∂h² (or its Gauss-Newton part): {@code [N·K][d]}, row n·K + k.
     */
    void squareRoot(Matrix h, Matrix t, Matrix C, Stream stream);

    /**
     * Mean over the datapoints of ∂²E/∂h²: {@code H [d][d]}, lower triangle.
     *
     * @param scratch {@code [N][d]}
     */
    void meanHessian(Matrix h, Matrix t, Matrix scratch, Matrix H, Stream stream);

    /**
     * The diagonal of {@link #meanHessian}'s matrix alone, for a loss that says {@link
     * LossFunction#diagonalHessian}.
     *
     * @param scratch {@code [N][d]}
     * @param diagonal {@code [1][d]}
     * @throws UnsupportedOperationException if the loss does not offer it, which is the default
     */
    default void meanHessianDiagonal(
        Matrix h, Matrix t, Matrix scratch, Matrix diagonal, Stream stream) {
      throw new UnsupportedOperationException(
          getClass().getName()
              + " has no meanHessianDiagonal; a loss that says diagonalHessian() needs it");
    }

    /**
     * ∂E/∂h at targets drawn from the model, {@code [N][d]}. With weights it is √w times that of
     * the unweighted loss, so that its outer products average to w times the Fisher.
     *
     * @param t targets {@code [N][m]}, of which only weights are read
     * @param seed of an optimiser's own choosing; another one every 2³² steps
     * @param stepPointer device address of the int that, with the seed, names the random numbers:
     *     the lower 32 bits of the step
     * @throws UnsupportedOperationException if {@link LossFunction#canSample()} is false
     */
    void sampledGradient(
        Matrix h, Matrix t, long seed, long stepPointer, Matrix gradient, Stream stream);

    /**
     * (∂²E/∂h²) v of each datapoint, or its Gauss-Newton part times v: the matrix whose square root
     * {@link #squareRoot} is. Products with the Gauss-Newton matrix need it.
     *
     * @param v {@code [N][d]}
     * @param product {@code [N][d]}, not v
     * @throws UnsupportedOperationException if the loss does not offer it, which is the default
     */
    default void curvatureVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      throw new UnsupportedOperationException(
          getClass().getName() + " has no curvatureVector; products with curvature need it");
    }

    /**
     * (∂²E/∂h²) v with the literal Hessian, also where that is not positive semidefinite. The
     * default is {@link #curvatureVector}, for losses whose curvature is the Hessian itself.
     *
     * @param v {@code [N][d]}
     * @param product {@code [N][d]}, not v
     */
    default void hessianVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      curvatureVector(h, t, v, product, stream);
    }

    /**
     * A v of each datapoint, where vᵀ A v is what {@link #hessianProduct} gives: the step lengths
     * of layers come from it. The default is {@link #curvatureVector}; a loss that knows only the
     * mean of its curvatures over a batch gives the product with that.
     *
     * @param v {@code [N][d]}
     * @param product {@code [N][d]}, not v
     * @throws UnsupportedOperationException if the loss offers neither
     */
    default void quadraticVector(Matrix h, Matrix t, Matrix v, Matrix product, Stream stream) {
      curvatureVector(h, t, v, product, stream);
    }

    /**
     * vᵀ A v of each datapoint into N floats at {@code perDatapoint}, where A is the matrix that
     * {@link #squareRoot} is a square root of; {@code v [N][d]}.
     */
    void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream);
  }
}
