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
import java.util.List;

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
   * C = alpha S B for every layer; one launch for up to 32 layers.
   *
   * @param S [n][n] symmetric, lower triangle
   * @param B [n][m]
   * @param C [n][m]
   * @throws IllegalArgumentException if counts or shapes do not fit or a C is an input
   */
  public void left(Stream s, List<Matrix> S, List<Matrix> B, float alpha, List<Matrix> C) {
    sameCount(S, B, C);
    for (int l = 0; l < S.size(); l++) {
      int n = square(S.get(l), "S");
      Check.shape(B.get(l), n, B.get(l).columns(), "B");
      checkResult(C.get(l), n, B.get(l).columns(), S.get(l), B.get(l));
    }
    Groups.launch(left, s, S.size(), new Products(S, B, C, alpha));
  }

  /**
   * C = alpha B S for every layer; one launch for up to 32 layers.
   *
   * @param B [m][n]
   * @param S [n][n] symmetric, lower triangle
   * @param C [m][n]
   * @throws IllegalArgumentException if counts or shapes do not fit or a C is an input
   */
  public void right(Stream s, List<Matrix> B, List<Matrix> S, float alpha, List<Matrix> C) {
    sameCount(S, B, C);
    for (int l = 0; l < S.size(); l++) {
      int n = square(S.get(l), "S");
      Check.shape(B.get(l), B.get(l).rows(), n, "B");
      checkResult(C.get(l), B.get(l).rows(), n, S.get(l), B.get(l));
    }
    Groups.launch(right, s, S.size(), new Products(B, S, C, alpha));
  }

  private static void sameCount(List<Matrix> S, List<Matrix> B, List<Matrix> C) {
    Check.that(
        S.size() == B.size() && S.size() == C.size(),
        "%d symmetric factors, %d other factors and %d results; give one of each a layer",
        S.size(),
        B.size(),
        C.size());
  }

  private static void checkResult(Matrix C, int rows, int columns, Matrix S, Matrix B) {
    Check.shape(C, rows, columns, "C");
    distinct(C, S, "C", "S");
    distinct(C, B, "C", "B");
  }

  private record Products(List<Matrix> A, List<Matrix> B, List<Matrix> C, float alpha)
      implements Groups.Kernel {
    @Override
    public int bytes() {
      return 64;
    }

    @Override
    public long blocks(int l) {
      return (long) tiles(C.get(l).columns()) * tiles(C.get(l).rows());
    }

    @Override
    public void members(Launch launch, int l) {
      Matrix a = A.get(l);
      Matrix b = B.get(l);
      Matrix c = C.get(l);
      launch.i32(c.rows()).i32(c.columns()).i32(whole(a)).matrix(a).matrix(b).matrix(c);
      launch.i32(a.stride()).i32(b.stride()).i32(c.stride()).i32(whole(b)).i32(whole(c));
    }

    @Override
    public void others(Launch launch, int first) {
      launch.f32(alpha);
    }
  }
}
