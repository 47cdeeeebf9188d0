package dev.krongauss.net;

/**
 * Residuals of your own and their derivatives, of one datapoint and on the host: {@link
 * Residuals#of} makes a loss ½ Σ r_k² of them, groups of them, and robust losses.
 *
 * <p>Compute in double: {@link Residuals#check} holds the derivatives against differences, which
 * float arithmetic is too coarse for. Arrays belong to the caller and are used again for the next
 * datapoint. Numbers that are not finite are allowed as results: the update is then rejected.
 */
public interface ResidualFunction {
  /** Of the residuals, as a group: for reports and messages. */
  String name();

  /**
   * K: residuals of a datapoint for so many outputs, at least 1.
   *
   * @throws IllegalArgumentException if there cannot be so many outputs
   */
  int count(int outputs);

  /**
   * Columns of the targets for so many outputs; by default as many.
   *
   * @throws IllegalArgumentException if there cannot be so many outputs
   */
  default int targets(int outputs) {
    return outputs;
  }

  /**
   * Whether each residual depends on one output alone: the curvature is then diagonal, and kept so.
   * False by default.
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
   * The residuals.
   *
   * @param h output of the network [d]
   * @param t target [targets]
   * @param r [K], all zero before, to be filled
   */
  void residuals(double[] h, double[] t, double[] r);

  /**
   * Their derivatives by the outputs.
   *
   * @param h output of the network [d]
   * @param t target [targets]
   * @param J ∂r_k/∂h_j [K][d], all zero before, to be filled
   */
  void derivatives(double[] h, double[] t, double[][] J);
}
