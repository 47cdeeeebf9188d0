package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.square;
import static dev.krongauss.kernel.tile.Tiles.squareOrDiagonal;
import static dev.krongauss.kernel.tile.Tiles.strideOf;
import static dev.krongauss.kernel.tile.Tiles.tiles;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Products with a symmetric matrix, an inverse factor, from either side ({@code kernels/solve.cu}).
 */
public final class Solve {
  private final TileChoice choice;
  private final Map<String, Function> functions = new HashMap<>();

  /**
   * Loads the kernels.
   *
   * @throws IllegalArgumentException if {@code krongauss.tile} or {@code krongauss.curvature} has
   *     an unknown value
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Solve(Device device) {
    this(device, new TileChoice(device));
  }

  /**
   * Loads the kernels for tiles that are chosen elsewhere; for passes of one tile and tests, no
   * API.
   */
  public Solve(Device device, TileChoice choice) {
    this.choice = choice;
    load(device, choice.allSmall(), "left", "right");
    load(device, choice.allSmallStatistics(), "left");
  }

  /**
   * C = alpha S B for every layer; one launch for up to 32 layers.
   *
   * @param S [n][n] symmetric, lower triangle, or the diagonal [1][n] of a diagonal one
   * @param B [n][m]
   * @param C [n][m]
   * @throws IllegalArgumentException if counts or shapes do not fit or a C is an input
   */
  public void left(Stream s, List<Matrix> S, List<Matrix> B, float alpha, List<Matrix> C) {
    sameCount(S, B, C);
    for (int l = 0; l < S.size(); l++) {
      int n = squareOrDiagonal(S.get(l), "S");
      Check.shape(B.get(l), n, B.get(l).columns(), "B");
      checkResult(C.get(l), n, B.get(l).columns(), S.get(l), B.get(l));
    }
    launch("left", choice.small(widest(S)), s, new Products(S, B, C, alpha));
  }

  /**
   * C = S B for one layer and a statistic: with the accuracy of TF32 where that is asked for.
   *
   * @param S [n][n] symmetric, lower triangle, or the diagonal [1][n] of a diagonal one
   * @param B [n][m]
   * @param C [n][m]
   * @throws IllegalArgumentException if shapes do not fit or C is an input
   */
  public void leftStatistic(Stream s, Matrix S, Matrix B, Matrix C) {
    int n = squareOrDiagonal(S, "S");
    Check.shape(B, n, B.columns(), "B");
    checkResult(C, n, B.columns(), S, B);
    launch(
        "left", choice.smallStatistic(n), s, new Products(List.of(S), List.of(B), List.of(C), 1));
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
    launch("right", choice.small(widest(S)), s, new Products(B, S, C, alpha));
  }

  private void load(Device device, Set<Tile> tiles, String... names) {
    for (Tile tile : tiles) {
      for (String name : names) {
        String key = name + tile.suffix();
        functions.put(key, device.function("solve", "solve_f32__" + key));
      }
    }
  }

  private void launch(String name, Tile tile, Stream s, Products products) {
    Function function = functions.get(name + tile.suffix());
    Groups.launch(function, tile.threads(), s, products.C().size(), products);
  }

  private static int widest(List<Matrix> S) {
    return S.stream().mapToInt(Matrix::columns).max().orElse(0);
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
      // of a B with one row, to the right of which S stands, no stride is used
      launch.i32(strideOf(a)).i32(b.stride()).i32(c.stride()).i32(whole(b)).i32(whole(c));
    }

    @Override
    public void others(Launch launch, int first) {
      launch.f32(alpha);
    }
  }
}
