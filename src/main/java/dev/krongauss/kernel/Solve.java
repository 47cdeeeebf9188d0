package dev.krongauss.kernel;

import static dev.krongauss.kernel.Tiles.distinct;
import static dev.krongauss.kernel.Tiles.square;
import static dev.krongauss.kernel.Tiles.tiles;
import static dev.krongauss.kernel.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/**
 * Products with a symmetric matrix, an inverse factor, from either side ({@code kernels/solve.cu}).
 */
public final class Solve {
  private final Function left;
  private final Function right;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Solve(Device device) {
    left = device.function("solve", "solve_f32__left");
    right = device.function("solve", "solve_f32__right");
  }

  /**
   * C = alpha S B.
   *
   * @param S [n][n] symmetric, lower triangle
   * @param B [n][m]
   * @param C [n][m]
   * @throws IllegalArgumentException if the shapes do not fit or C is an input
   */
  public void left(Stream s, Matrix S, Matrix B, float alpha, Matrix C) {
    int n = square(S, "S");
    int m = B.columns();
    Check.shape(B, n, m, "B");
    launch(left, s, S, B, C, n, m, alpha);
  }

  /**
   * C = alpha B S.
   *
   * @param B [m][n]
   * @param S [n][n] symmetric, lower triangle
   * @param C [m][n]
   * @throws IllegalArgumentException if the shapes do not fit or C is an input
   */
  public void right(Stream s, Matrix B, Matrix S, float alpha, Matrix C) {
    int n = square(S, "S");
    int m = B.rows();
    Check.shape(B, m, n, "B");
    launch(right, s, B, S, C, m, n, alpha);
  }

  private static void launch(
      Function function,
      Stream s,
      Matrix first,
      Matrix second,
      Matrix C,
      int rows,
      int columns,
      float alpha) {
    Check.shape(C, rows, columns, "C");
    distinct(C, first, "C", "the left factor");
    distinct(C, second, "C", "the right factor");
    Launch launch = function.on(s).grid(tiles(columns), tiles(rows), 1).block(Tiles.THREADS, 1, 1);
    launch.matrix(first).i32(first.stride()).i32(whole(first));
    launch.matrix(second).i32(second.stride()).i32(whole(second));
    launch.matrix(C).i32(C.stride()).i32(whole(C));
    launch.i32(rows).i32(columns).f32(alpha).launch();
  }
}
