package dev.krongauss.curvature;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.List;

/**
 * Products of an exact curvature matrix of a batch, of all layers together, with directions in the
 * weights. The matrix itself is never formed: memory grows with N Σ d_l, as that of a forward pass.
 *
 * <p>{@link #at} once after each forward pass, then {@link #apply} any number of times until the
 * next one or until weights change. One stream at a time.
 */
public interface CurvatureProduct extends AutoCloseable {
  /**
   * Takes the model's last forward pass as the point and the batch that the matrix belongs to, and
   * memory where that batch has another size than the last one: then it cannot be captured.
   *
   * @param h output {@code [N][d_L]} of that pass
   * @param t its targets
   * @throws IllegalArgumentException if h is not of the model's shape, or t not what the loss takes
   * @throws UnsupportedOperationException if a layer does not offer what the matrix needs
   */
  void at(Matrix h, Matrix t, Stream s);

  /**
   * product = (matrix + damping I) direction.
   *
   * @param direction Δ_1 … Δ_L, shaped like the parameters {@code [d_l][d_{l-1} + 1]}
   * @param product of the same shapes, none of them one of the directions; overwritten
   * @throws IllegalArgumentException if the shapes do not fit or the damping is not finite
   * @throws IllegalStateException before {@link #at}
   * @throws UnsupportedOperationException if the loss, or a layer, does not offer what is needed
   */
  void apply(List<Matrix> direction, float damping, List<Matrix> product, Stream s);

  /** Frees the memory of the products; the model is the caller's. */
  @Override
  void close();
}
