package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import java.util.List;

/** The shapes that matrices of each layer must have, as the factors say; layers from 0. */
final class LayerShapes {
  private final Factors factors;

  LayerShapes(Factors factors) {
    this.factors = factors;
  }

  /**
   * @throws IllegalArgumentException if there is no such layer
   */
  void checkLayer(int layer) {
    Check.that(
        layer >= 0 && layer < factors.layers(),
        "layer %d of a preconditioner with layers 0..%d",
        layer,
        factors.layers() - 1);
  }

  /**
   * @param activations to be {@code [N][d_{l-1} + 1]}
   */
  void checkActivations(int layer, Matrix activations) {
    Check.shape(
        activations, activations.rows(), factors.Q(layer).rows(), "activations of layer " + layer);
  }

  /**
   * @param squareRoot to be {@code [N·K][d_l]}
   * @param datapoints N
   */
  void checkSquareRoot(int layer, Matrix squareRoot, int datapoints) {
    int units = factors.G(layer).columns();
    checkFull(layer);
    Check.that(
        squareRoot.columns() == units && squareRoot.rows() % datapoints == 0,
        "square root %s of layer %d must have %d columns and K rows for each of the %d datapoints",
        squareRoot,
        layer,
        units,
        datapoints);
  }

  /**
   * @param G to be {@code [d_l]²}
   */
  void checkCurvature(int layer, Matrix G) {
    int units = factors.G(layer).columns();
    checkFull(layer);
    Check.shape(G, units, units, "curvature of layer " + layer);
  }

  /**
   * @param diagonal to be {@code [1][d_l]}, of a layer that keeps that of G
   */
  void checkDiagonal(int layer, Matrix diagonal) {
    Check.that(
        factors.diagonal(layer),
        "layer %d keeps all of G; call accumulateCurvature, or add it by diagonalLayer",
        layer);
    Check.shape(
        diagonal, 1, factors.G(layer).columns(), "diagonal of the curvature of layer " + layer);
  }

  /** That a layer keeps all of G. */
  void checkFull(int layer) {
    Check.that(
        !factors.diagonal(layer),
        "layer %d keeps the diagonal of G alone; call accumulateCurvatureDiagonal, or add it by layer",
        layer);
  }

  /** Both to be {@code [d_l][d_{l-1} + 1]}. */
  void checkGradient(int layer, Matrix gradient, Matrix direction) {
    int units = factors.G(layer).columns();
    int activations = factors.Q(layer).rows();
    Check.shape(gradient, units, activations, "gradient of layer " + layer);
    Check.shape(direction, units, activations, "direction of layer " + layer);
  }

  /** One of each for every layer. */
  void checkCounts(List<Matrix> gradients, List<Matrix> directions) {
    Check.that(
        gradients.size() == factors.layers() && directions.size() == factors.layers(),
        "%d gradients and %d directions for %d layers",
        gradients.size(),
        directions.size(),
        factors.layers());
  }
}
