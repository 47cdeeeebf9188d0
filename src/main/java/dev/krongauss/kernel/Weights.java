package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * Weights of datapoints ({@code kernels/weights.cu}). A datapoint of weight 0 is absent: 0 comes
 * out for it whatever goes in. A negative weight gives NaN.
 */
public final class Weights {
  private final Function scale;
  private final Function scaleValues;
  private final Function relative;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Weights(Device device) {
    scale = device.function("weights", "weights_scale_f32");
    scaleValues = device.function("weights", "weights_scale_f32__values");
    relative = device.function("weights", "weights_relative_f32");
  }

  /**
   * Y row n K + k = w_n X row n K + k.
   *
   * @param w [N][1]
   * @param X [N K][d]
   * @param Y [N K][d], may be X with X's stride
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void scale(Stream s, Matrix w, Matrix X, Matrix Y) {
    scale(s, w, X, Y, false);
  }

  /**
   * Y row n K + k = √w_n X row n K + k; otherwise as {@link #scale(Stream, Matrix, Matrix,
   * Matrix)}.
   *
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void scaleByRoot(Stream s, Matrix w, Matrix X, Matrix Y) {
    scale(s, w, X, Y, true);
  }

  private void scale(Stream s, Matrix w, Matrix X, Matrix Y, boolean root) {
    int N = w.rows();
    Check.shape(w, N, 1, "weights");
    Check.that(
        X.rows() % N == 0,
        "%d weights for %d rows; each weight needs as many rows as the others",
        N,
        X.rows());
    Check.shape(Y, X.rows(), X.columns(), "Y");
    Tiles.rowForRow(Y, X, "Y", "X");
    Elements.grid(scale.on(s), X)
        .matrix(w)
        .i32(w.stride())
        .matrix(X)
        .i32(X.stride())
        .matrix(Y)
        .i32(Y.stride())
        .i32(X.rows())
        .i32(X.columns())
        .i32(Elements.whole(X, Y))
        .i32(X.rows() / N)
        .i32(root ? 1 : 0)
        .launch();
  }

  /**
   * values_n *= w_n.
   *
   * @param w [N][1]
   * @param values device address of N floats
   * @throws IllegalArgumentException if w has more than one column or the address is missing
   */
  public void scaleValues(Stream s, Matrix w, long values) {
    Check.shape(w, w.rows(), 1, "weights");
    Elements.address(values, "the values");
    scaleValues
        .on(s)
        .grid(Tiles.up(w.rows(), Elements.THREADS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(w)
        .i32(w.stride())
        .pointer(values)
        .i32(w.rows())
        .launch();
  }

  /**
   * out_n = w_n / mean(w), or 0 for all if all weights are 0.
   *
   * @param w [N][1]
   * @param out [N][1] with stride 1, not w
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void relative(Stream s, Matrix w, Matrix out) {
    Check.shape(w, w.rows(), 1, "weights");
    Check.shape(out, w.rows(), 1, "relative weights");
    Check.that(out.stride() == 1, "relative weights lie side by side, not %d apart", out.stride());
    Tiles.distinct(out, w, "relative weights", "weights");
    relative
        .on(s)
        .grid(1, 1, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(w)
        .i32(w.stride())
        .matrix(out)
        .i32(w.rows())
        .launch();
  }
}
