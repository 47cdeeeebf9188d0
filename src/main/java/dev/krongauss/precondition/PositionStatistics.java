package dev.krongauss.precondition;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.List;

/**
 * Enters batches whose layers are applied at several {@link Positions} of a datapoint, and layers
 * that are no dense ones, into a {@link Preconditioner}, of which this is a part: closed with it,
 * captured and resumed as it is. Calls check all they are given before anything is enqueued, take
 * no memory and do not wait.
 */
public final class PositionStatistics {
  private final List<LayerSpec> layers;
  private final PositionMoments moments;
  private final Refreshes refreshes;
  private final LayerShapes shapes;

  PositionStatistics(
      List<LayerSpec> layers, PositionMoments moments, Refreshes refreshes, LayerShapes shapes) {
    this.layers = layers;
    this.moments = moments;
    this.refreshes = refreshes;
    this.shapes = shapes;
  }

  /**
   * Enters a batch into a dense layer.
   *
   * @param layer from 0
   * @param activations ā {@code [N T][d_{l-1} + 1]}, last column 1; {@code [N T][d_{l-1}]} where
   *     the bias is {@link Bias#SEPARATE} or {@link Bias#NONE}
   * @param squareRoot C {@code [N T K][d_l]}, row (n T + t) K + k, scaled as {@link Positions} says
   * @throws IllegalArgumentException if the shapes do not fit, for another kind of layer, one of
   *     which the diagonal of G is kept, or a K that does not fit into the scratch memory
   * @throws IllegalStateException if the preconditioner is closed
   */
  public void accumulate(
      int layer, Matrix activations, Matrix squareRoot, Positions positions, Stream s) {
    LayerSpec spec = check(layer, LayerSpec.Kind.DENSE, "accumulate");
    checkActivations(layer, spec, activations, positions);
    checkSquareRoot(layer, squareRoot, spec.units(), positions);
    shapes.checkFull(layer);
    moments.begin(positions, s);
    moments.activations(layer, spec, activations, positions, s);
    moments.squareRoot(layer, spec, squareRoot, positions, s);
  }

  /**
   * Enters a batch into a dense layer whose mean curvature is known: activations by their
   * positions, the curvature as it is.
   *
   * @param curvature G {@code [d_l]²}, lower triangle read, or for a {@code diagonalLayer} its
   *     diagonal {@code [1][d_l]}
   * @throws IllegalArgumentException if the shapes do not fit, or for another kind of layer
   * @throws IllegalStateException if the preconditioner is closed
   */
  public void accumulateCurvature(
      int layer, Matrix activations, Matrix curvature, Positions positions, Stream s) {
    LayerSpec spec = check(layer, LayerSpec.Kind.DENSE, "accumulateCurvature");
    checkActivations(layer, spec, activations, positions);
    Check.shape(curvature, spec.diagonal() ? 1 : spec.units(), spec.units(), "curvature");
    moments.begin(positions, s);
    moments.activations(layer, spec, activations, positions, s);
    moments.curvature(layer, curvature, s);
  }

  /**
   * Enters a batch into an embedding. Its rows' factor is diagonal: how often each is looked up.
   *
   * @param indices device address of ints {@code [N][T]}, the rows looked up, from 0; one that does
   *     not exist, where the position counts, makes the factor NaN, which {@link
   *     Preconditioner#failure} reports
   * @param squareRoot C {@code [N T K][d]}, of what was looked up
   * @throws IllegalArgumentException if the shapes do not fit, or for another kind of layer
   * @throws IllegalStateException if the preconditioner is closed
   */
  public void embedding(int layer, long indices, Matrix squareRoot, Positions positions, Stream s) {
    LayerSpec spec = check(layer, LayerSpec.Kind.EMBEDDING, "embedding");
    Check.that(
        indices != 0 && indices % 4 == 0,
        "device address 0x%x of the indices is null or no multiple of 4",
        indices);
    checkSquareRoot(layer, squareRoot, spec.activations(), positions);
    moments.begin(positions, s);
    moments.squareRoot(layer, spec, squareRoot, positions, s);
    moments.lookups(layer, spec, indices, positions, s);
  }

  /**
   * Enters a batch into a scale, or a scale and a shift, as of a layer or batch normalisation: the
   * second moment of the gradients of their 2 d parameters, summed over the positions of each
   * datapoint.
   *
   * @param scaled what the scale multiplies, {@code [N T][d]}: normalised rows
   * @param squareRoot C {@code [N T K][d]}, of what comes out
   * @throws IllegalArgumentException if the shapes do not fit, or for another kind of layer
   * @throws IllegalStateException if the preconditioner is closed
   */
  public void scale(int layer, Matrix scaled, Matrix squareRoot, Positions positions, Stream s) {
    LayerSpec spec = check(layer, LayerSpec.Kind.SCALE, "scale");
    Check.shape(scaled, positions.rows(), spec.width(), "scaled rows of layer " + layer);
    elementwise(layer, spec, scaled, squareRoot, positions, s);
  }

  /**
   * Enters a batch into a shift alone, a bias without weights.
   *
   * @param squareRoot C {@code [N T K][d]}, of what comes out
   * @throws IllegalArgumentException if the shapes do not fit, or for another kind of layer
   * @throws IllegalStateException if the preconditioner is closed
   */
  public void shift(int layer, Matrix squareRoot, Positions positions, Stream s) {
    LayerSpec spec = check(layer, LayerSpec.Kind.SHIFT, "shift");
    elementwise(layer, spec, null, squareRoot, positions, s);
  }

  private void elementwise(
      int layer, LayerSpec spec, Matrix scaled, Matrix C, Positions positions, Stream s) {
    checkSquareRoot(layer, C, spec.width(), positions);
    moments.begin(positions, s);
    moments.elementwise(layer, spec, scaled, C, positions, s);
  }

  private LayerSpec check(int layer, LayerSpec.Kind kind, String call) {
    refreshes.checkOpen();
    shapes.checkLayer(layer);
    LayerSpec spec = layers.get(layer);
    Check.that(
        spec.is(kind),
        "layer %d is %s; %s is for %s",
        layer,
        spec.kind().words(),
        call,
        kind.words());
    return spec;
  }

  private static void checkActivations(int layer, LayerSpec spec, Matrix a, Positions p) {
    boolean without = spec.bias() == Bias.SEPARATE && a.columns() == spec.inputs();
    int columns = without ? spec.inputs() : spec.activations();
    Check.that(
        a.rows() == p.rows() && a.columns() == columns,
        "activations of layer %d are [%d][%d]; %s need [%d][%d]%s",
        layer,
        a.rows(),
        a.columns(),
        p,
        p.rows(),
        spec.activations(),
        spec.bias() == Bias.SEPARATE ? ", or one column less, without the ones" : "");
  }

  private void checkSquareRoot(int layer, Matrix C, int columns, Positions p) {
    Check.that(
        C.columns() == columns && C.rows() % p.rows() == 0,
        "square root %s of layer %d must have %d columns and K rows for each of %s",
        C,
        layer,
        columns,
        p);
    int K = C.rows() / p.rows();
    int most = moments.mostRank(layers.get(layer).widest());
    Check.that(
        K <= most,
        "square root of layer %d has K = %d rows a position; %d fit into the scratch memory: hand over some of"
            + " them, drawn, times the square root of their ratio",
        layer,
        K,
        most);
  }
}
