package dev.krongauss.net;

import java.util.random.RandomGenerator;

/**
 * A loss of your own, computed on the host, one datapoint after the other: implement {@link
 * SquareRoot} or {@link MeanHessian}, and {@link Loss#onHost} makes a loss function of it.
 *
 * <p>Each call of an operation waits for the device, copies the outputs and targets to the host,
 * computes, and copies the results back. That suits small networks, a first try, and losses that
 * need Java; {@link CudaLoss} has none of these waits.
 *
 * <p>Arrays belong to the caller and are used again for the next datapoint. Numbers that are not
 * finite are allowed as results: the update is then rejected.
 */
public interface HostLoss {
  /** For reports and messages. */
  String name();

  /**
   * Columns of the targets for so many outputs; by default as many.
   *
   * @throws IllegalArgumentException if the loss cannot take so many outputs
   */
  default int targets(int outputs) {
    return outputs;
  }

  /**
   * Whether the curvature of each datapoint is diagonal, as where each output enters the loss by
   * itself: G of the last layer is then kept as its diagonal, and what would stand beside the
   * diagonal is not looked at. False by default.
   */
  default boolean diagonalHessian() {
    return false;
  }

  /**
   * Checks one row of targets; by default nothing more than that it is finite, which the caller has
   * checked.
   *
   * @param t [targets]
   * @throws IllegalArgumentException if this cannot be a target; the caller adds the row's number
   */
  default void checkTarget(float[] t) {}

  /**
   * The loss of a datapoint and its gradient.
   *
   * @param h output of the network [d]
   * @param t target [targets]
   * @param gradient ∂E/∂h [d], to be filled
   * @return E
   */
  double evaluate(float[] h, float[] t, float[] gradient);

  /** A loss with a square root of its curvature: works with KFRA and KFLR, and is exact. */
  interface SquareRoot extends HostLoss {
    /** K: columns of the square root for so many outputs, at least 1. */
    int rank(int outputs);

    /**
     * c_1 … c_K with Σ c_k c_kᵀ = ∂²E/∂h², or a positive semidefinite matrix in its place: its
     * Gauss-Newton part, or the Fisher. Products with the Hessian and Hessian blocks take it for
     * the Hessian: they are exact only where it is.
     *
     * @param h [d]
     * @param t [targets]
     * @param C [K][d], all zero before; row k is c_k
     */
    void squareRoot(float[] h, float[] t, float[][] C);
  }

  /**
   * A loss with only the mean of its curvatures over a batch. KFRA needs no more. KFLR is an error;
   * and the rescaling of a step takes this mean for the curvature of every datapoint, which is an
   * approximation: vᵀ E[H] v stands for vᵀ H_n v.
   */
  interface MeanHessian extends HostLoss {
    /**
     * 1/N Σ_n ∂²E_n/∂h², or the mean of positive semidefinite matrices in their place.
     *
     * @param h [N][d]
     * @param t [N][targets]
     * @param H [d][d], all zero before; its lower triangle is read
     */
    void meanHessian(float[][] h, float[][] t, double[][] H);
  }

  /**
   * A loss whose targets can be drawn from the model, which KFAC needs; beside one of the others.
   */
  interface Sampling extends HostLoss {
    /**
     * Draws a target from the distribution that the output stands for.
     *
     * @param h [d]
     * @param random seeded by the optimiser's seed, the update and the datapoint
     * @param t [targets], to be filled
     */
    void sample(float[] h, RandomGenerator random, float[] t);
  }
}
