package dev.krongauss.model;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/**
 * What a forward pass left behind for one layer: all that curvature needs to know of it. Views,
 * never owners.
 */
public interface LayerTrace {
  /** ā_{l-1}, {@code [N][d_{l-1} + 1]}, last column 1. */
  Matrix input();

  /** W_l, {@code [d_l][d_{l-1} + 1]}, last column the bias. */
  Matrix weights();

  /**
   * b_l = f'(h_l), {@code [N][d_l]}; null for the output layer, whose pre-activations go to the
   * loss.
   */
  Matrix derivative();

  /**
   * Writes f''(h_l); exact Hessians of hidden layers need it, nothing else does. Never called for
   * the output layer.
   *
   * @param out {@code [N][d_l]}
   * @throws UnsupportedOperationException if the layer does not offer it, which is the default
   */
  default void secondDerivative(Matrix out, Stream s) {
    throw new UnsupportedOperationException(
        getClass().getName()
            + " has no secondDerivative; exact Hessians need it, Gauss-Newton matrices do not");
  }
}
