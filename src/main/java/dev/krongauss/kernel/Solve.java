package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.diagonal;
import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.square;
import static dev.krongauss.kernel.tile.Tiles.squareOrDiagonal;
import static dev.krongauss.kernel.tile.Tiles.strideOf;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.kernel.tuning.Variants;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Products with a symmetric matrix, an inverse factor, from either side ({@code kernels/solve.cu}).
 */
public final class Solve {
  /** Those of a whole S: there is no need of tiles that read their operands less often. */
  private static final Set<Tile> WHOLE = Set.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128X64);

  private static final String STATISTIC = "left statistic";

  private final TileChoice choice;
  private final Map<String, Variants> kernels = new HashMap<>();

  /**
   * Loads the kernels.
   *
   * @throws IllegalArgumentException if {@code krongauss.tile}, {@code krongauss.direction} or
   *     {@code krongauss.curvature} has an unknown value
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
    load(device, choice.allSolves(WHOLE), "left_whole", "right_whole");
    kernels.put(STATISTIC, variants(device, choice.allSmallRecursions(), "left"));
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
    checkLeft(S, B, C);
    launch("left", choice.small(widest(S)), s, new Products(S, B, C, alpha));
  }

  /**
   * The same with matrices S whose two halves are there, as {@link Cholesky} leaves them: fewer
   * instructions, and any tile; with the accuracy of TF32 where that is asked for.
   */
  public void leftWhole(Stream s, List<Matrix> S, List<Matrix> B, float alpha, List<Matrix> C) {
    checkLeft(S, B, C);
    launchWhole("left_whole", s, new Products(S, B, C, alpha), S);
  }

  private static void checkLeft(List<Matrix> S, List<Matrix> B, List<Matrix> C) {
    sameCount(S, B, C);
    for (int l = 0; l < S.size(); l++) {
      int n = squareOrDiagonal(S.get(l), "S");
      Check.shape(B.get(l), n, B.get(l).columns(), "B");
      checkResult(C.get(l), n, B.get(l).columns(), S.get(l), B.get(l));
    }
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
    Products products = new Products(List.of(S), List.of(B), List.of(C), 1);
    launch(STATISTIC, choice.smallRecursion(n), s, products);
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
    checkRight(B, S, C);
    launch("right", choice.small(widest(S)), s, new Products(B, S, C, alpha));
  }

  /** The same with matrices S whose two halves are there, as for {@link #leftWhole}. */
  public void rightWhole(Stream s, List<Matrix> B, List<Matrix> S, float alpha, List<Matrix> C) {
    checkRight(B, S, C);
    launchWhole("right_whole", s, new Products(B, S, C, alpha), S);
  }

  private static void checkRight(List<Matrix> B, List<Matrix> S, List<Matrix> C) {
    sameCount(S, B, C);
    for (int l = 0; l < S.size(); l++) {
      int n = square(S.get(l), "S");
      Check.shape(B.get(l), B.get(l).rows(), n, "B");
      checkResult(C.get(l), B.get(l).rows(), n, S.get(l), B.get(l));
    }
  }

  private void load(Device device, Set<Tile> tiles, String... names) {
    for (String name : names) {
      kernels.put(name, variants(device, tiles, name));
    }
  }

  private static Variants variants(Device device, Set<Tile> tiles, String name) {
    return new Variants(
        device, tiles, tile -> new Variants.Name("solve", "solve_f32__" + name + tile.suffix()));
  }

  /** The layers with the longest sums first: what the last wave waits for is then the shortest. */
  private void launchWhole(String name, Stream s, Products products, List<Matrix> S) {
    List<Integer> order =
        IntStream.range(0, S.size())
            .boxed()
            .sorted(Comparator.comparingInt(l -> diagonal(S.get(l)) ? 0 : -S.get(l).columns()))
            .toList();
    Tile tile = choice.solve(kernels.get(name), products::tiles, widest(S));
    launch(name, tile, s, products.in(order));
  }

  private void launch(String name, Tile tile, Stream s, Products products) {
    Groups.Kernel table = new InTiles(products, tile);
    Groups.launch(kernels.get(name).of(tile), tile, s, products.C().size(), table);
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

  private record Products(List<Matrix> A, List<Matrix> B, List<Matrix> C, float alpha) {
    Products in(List<Integer> order) {
      return new Products(in(order, A), in(order, B), in(order, C), alpha);
    }

    private static List<Matrix> in(List<Integer> order, List<Matrix> matrices) {
      return order.stream().map(matrices::get).toList();
    }

    long tiles(Tile tile) {
      return C.stream().mapToLong(c -> tile.tiles(c.rows(), c.columns())).sum();
    }
  }

  private record InTiles(Products products, Tile tile) implements Groups.Kernel {
    @Override
    public int bytes() {
      return 64;
    }

    @Override
    public long blocks(int l) {
      Matrix c = products.C().get(l);
      return tile.tiles(c.rows(), c.columns());
    }

    @Override
    public void members(Launch launch, int l) {
      Matrix a = products.A().get(l);
      Matrix b = products.B().get(l);
      Matrix c = products.C().get(l);
      launch.i32(c.rows()).i32(c.columns()).i32(whole(a)).matrix(a).matrix(b).matrix(c);
      // of a B with one row, to the right of which S stands, no stride is used
      launch.i32(strideOf(a)).i32(b.stride()).i32(c.stride()).i32(whole(b)).i32(whole(c));
    }

    @Override
    public void others(Launch launch, int first) {
      launch.f32(products.alpha());
    }
  }
}
