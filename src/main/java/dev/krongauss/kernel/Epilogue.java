package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.aligned;
import static dev.krongauss.kernel.tile.Tiles.alignedOrNull;
import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.square;
import static dev.krongauss.kernel.tile.Tiles.tiles;
import static dev.krongauss.kernel.tile.Tiles.up;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.tile.Tiles;

/**
 * The epilogues of {@link Matmul} for products that a library computed ({@code
 * kernels/epilogue.cu}).
 */
public final class Epilogue {
  private final Function forward;
  private final Function scaleRows;
  private final Function hadamardLower;
  private final Function mirror;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Epilogue(Device device) {
    forward = device.function("epilogue", "epilogue_f32__forward");
    scaleRows = device.function("epilogue", "epilogue_f32__scale_rows");
    hadamardLower = device.function("epilogue", "epilogue_f32__hadamard_lower");
    mirror = device.function("epilogue", "epilogue_f32__mirror");
  }

  /**
   * output = f(h), derivative = f'(h).
   *
   * @param h [N][o]
   * @param slope of the leaky ReLU; else ignored
   * @param output [N][o], or [N][o+1] of which the last column is left alone; may be h's memory
   *     with h's stride
   * @param derivative [N][o], or null if it is not wanted; not h's memory
   * @throws IllegalArgumentException if the shapes do not fit
   */
  public void forward(
      Stream s, Matrix h, Transfer f, float slope, Matrix output, Matrix derivative) {
    int N = h.rows();
    int o = h.columns();
    Matrix a = outputs(output, N, o);
    Tiles.rowForRow(a, h, "output", "h");
    if (derivative != null) {
      Check.shape(derivative, N, o, "derivative");
      distinct(derivative, h, "derivative", "h");
      distinct(derivative, output, "derivative", "output");
    }
    Launch launch = narrow(forward, s, N, o);
    launch.matrix(h).i32(h.stride()).matrix(a).i32(a.stride());
    launch
        .pointer(derivative == null ? 0 : derivative.pointer())
        .i32(derivative == null ? 0 : derivative.stride())
        .i32(N)
        .i32(o)
        .i32(whole(o, aligned(h) && aligned(a) && alignedOrNull(derivative)))
        .i32(f.code())
        .f32(slope)
        .launch();
  }

  /**
   * X row nK+k ∘= derivative row n, in place.
   *
   * @param X [nK][i]
   * @param derivative [n][i]
   * @param K rows a datapoint
   * @throws IllegalArgumentException if the shapes do not fit or both are the same memory
   */
  public void scaleRows(Stream s, Matrix X, Matrix derivative, int K) {
    Check.that(
        K >= 1 && X.rows() == (long) derivative.rows() * K && X.columns() == derivative.columns(),
        "X [%d][%d] is not derivative [%d][%d] with %d rows a datapoint",
        X.rows(),
        X.columns(),
        derivative.rows(),
        derivative.columns(),
        K);
    scale(s, X, derivative, K);
  }

  /**
   * X row c n + m ∘= derivative row m, in place: chunks c of n rows, one below another.
   *
   * @param X [c n][o]
   * @param derivative [n][o]
   * @throws IllegalArgumentException if the shapes do not fit or both are the same memory
   */
  public void scaleChunks(Stream s, Matrix X, Matrix derivative) {
    Check.that(
        X.rows() % derivative.rows() == 0 && X.columns() == derivative.columns(),
        "X [%d][%d] is not made of chunks like derivative [%d][%d]",
        X.rows(),
        X.columns(),
        derivative.rows(),
        derivative.columns());
    scale(s, X, derivative, 1);
  }

  private void scale(Stream s, Matrix X, Matrix derivative, int K) {
    distinct(X, derivative, "X", "derivative");
    narrow(scaleRows, s, X.rows(), X.columns())
        .matrix(X)
        .i32(X.stride())
        .matrix(derivative)
        .i32(derivative.stride())
        .i32(X.rows())
        .i32(X.columns())
        .i32(whole(X.columns(), aligned(X) && aligned(derivative)))
        .i32(K)
        .i32(derivative.rows())
        .launch();
  }

  /**
   * G ∘= S in the lower triangle, in place; the upper triangle of G is left alone.
   *
   * @param G [i][i]
   * @param S [i][i], lower triangle
   * @throws IllegalArgumentException if the shapes do not fit or both are the same memory
   */
  public void hadamardLower(Stream s, Matrix G, Matrix S) {
    int i = square(G, "G");
    Check.shape(S, i, i, "S");
    distinct(G, S, "G", "S");
    rowWise(hadamardLower, s, i, i)
        .matrix(G)
        .i32(G.stride())
        .matrix(S)
        .i32(S.stride())
        .i32(i)
        .i32(whole(i, aligned(G) && aligned(S)))
        .launch();
  }

  /**
   * Copies the lower triangle of a square matrix onto its upper one.
   *
   * @throws IllegalArgumentException if S is not square
   */
  public void mirror(Stream s, Matrix S) {
    int d = square(S, "S");
    mirror
        .on(s)
        .grid(tiles(d), tiles(d), 1)
        .block(Tiles.THREADS, 1, 1)
        .matrix(S)
        .i32(S.stride())
        .i32(d)
        .i32(whole(S))
        .launch();
  }

  /**
   * The columns of a layer's output that a product fills; the homogeneous 1 beside them is not
   * ours.
   */
  static Matrix outputs(Matrix output, int N, int o) {
    Check.that(
        output.rows() == N && (output.columns() == o || output.columns() == o + 1),
        "output is [%d][%d] but must be [%d][%d], or [%d][%d] with the homogeneous 1",
        output.rows(),
        output.columns(),
        N,
        o,
        N,
        o + 1);
    return output.columns(o);
  }

  /** The fewest threads a row of 8, 16 and 32 that reach its columns by fours. */
  private static Launch narrow(Function function, Stream s, int rows, int columns) {
    int lanes = columns <= 32 ? 8 : columns <= 64 ? 16 : 32;
    int together = Tiles.THREADS / lanes;
    return function
        .on(s)
        .grid(up(rows, together), up(columns, Tiles.CHUNK), 1)
        .block(lanes, together, 1);
  }

  private static Launch rowWise(Function function, Stream s, int rows, int columns) {
    return function
        .on(s)
        .grid(up(rows, Tiles.ROWS), up(columns, Tiles.CHUNK), 1)
        .block(Tiles.THREADS, 1, 1);
  }
}
