package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.List;

/** Enters batches into dense layers: by their rows, or where a layer is shared by its positions. */
final class BatchStatistics {
  private final List<LayerSpec> layers;
  private final Factors factors;
  private final LayerShapes shapes;
  private final Refreshes refreshes;
  private final PositionStatistics positions;

  /**
   * @param positions null where every layer is applied once
   */
  BatchStatistics(
      List<LayerSpec> layers,
      Factors factors,
      LayerShapes shapes,
      Refreshes refreshes,
      PositionStatistics positions) {
    this.layers = layers;
    this.factors = factors;
    this.shapes = shapes;
    this.refreshes = refreshes;
    this.positions = positions;
  }

  /** See {@link Preconditioner#accumulate}. */
  void enter(int layer, Matrix activations, Matrix squareRoot, Stream s) {
    LayerSpec spec = spec(layer);
    if (!spec.once()) {
      Positions rows = spec.positionsOf(activations.rows());
      positions.accumulate(layer, activations, squareRoot, rows, s);
      return;
    }
    shapes.checkActivations(layer, activations);
    shapes.checkSquareRoot(layer, squareRoot, activations.rows());
    factors.enterActivations(layer, activations, s);
    factors.enterSquareRoot(layer, squareRoot, activations.rows(), s);
  }

  /** See {@link Preconditioner#accumulateCurvature}. */
  void enterCurvature(int layer, Matrix activations, Matrix G, Stream s) {
    spec(layer);
    shapes.checkCurvature(layer, G);
    enterMean(layer, activations, G, s);
  }

  /** See {@link Preconditioner#accumulateCurvatureDiagonal}. */
  void enterDiagonal(int layer, Matrix activations, Matrix diagonal, Stream s) {
    spec(layer);
    shapes.checkDiagonal(layer, diagonal);
    enterMean(layer, activations, diagonal, s);
  }

  private void enterMean(int layer, Matrix activations, Matrix mean, Stream s) {
    LayerSpec spec = layers.get(layer);
    if (!spec.once()) {
      Positions rows = spec.positionsOf(activations.rows());
      positions.accumulateCurvature(layer, activations, mean, rows, s);
      return;
    }
    shapes.checkActivations(layer, activations);
    factors.enterActivations(layer, activations, s);
    factors.enterCurvature(layer, mean, s);
  }

  /** A layer of an open preconditioner. */
  private LayerSpec spec(int layer) {
    refreshes.checkOpen();
    shapes.checkLayer(layer);
    return layers.get(layer);
  }
}
