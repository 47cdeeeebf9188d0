package dev.krongauss.model;

import dev.krongauss.device.Matrix;

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
}
