package dev.krongauss.model;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/**
 * A loss E(h, t) of one datapoint, as a function of the network's output h (logits for
 * cross-entropies).
 */
public interface LossFunction {
  String name();

  /** K: columns of the square root C_L of a datapoint's Hessian. */
  int rank(int outputs);

  /**
   * Columns of the targets' matrix that belong to {@code outputs} outputs; the default is as many.
   */
  default int targets(int outputs) {
    return outputs;
  }

  /** Whether targets can be sampled from the model, which KFAC needs. */
  boolean canSample();

  /** The loss' operations on a device. */
  OnDevice on(Device device);

  /**
   * Operations on device memory; each enqueues work and returns. N is the number of rows of {@code
   * h}.
   */
  interface OnDevice {
    /**
     * Whether what the operations enqueue may be captured in a graph and replayed. False, the
     * default, if one of them waits for the device, allocates after its first call, or computes on
     * the host.
     */
    default boolean capturable() {
      return false;
    }

    /**
     * @param h output {@code [N][d]}
     * @param t targets {@code [N][d]}
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
     * ∂E/∂h at targets drawn from the model, {@code [N][d]}.
     *
     * @param stepPointer device address of the int that, with the seed, names the random numbers
     * @throws UnsupportedOperationException if {@link LossFunction#canSample()} is false
     */
    void sampledGradient(Matrix h, long seed, long stepPointer, Matrix gradient, Stream stream);

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

    /** vᵀ (∂²E/∂h²) v of each datapoint into N floats at {@code perDatapoint}; {@code v [N][d]}. */
    void hessianProduct(Matrix h, Matrix t, Matrix v, long perDatapoint, Stream stream);
  }
}
