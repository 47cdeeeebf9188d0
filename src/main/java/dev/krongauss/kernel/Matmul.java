package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.aligned;
import static dev.krongauss.kernel.tile.Tiles.alignedOrNull;
import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.whole;
import static dev.krongauss.kernel.tile.Tiles.withoutBias;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.kernel.tuning.Variants;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Matrix products with an epilogue ({@code kernels/matmul.cu}, on tensor cores {@code
 * kernels/matmul_tensor.cu}; which of them, {@link TileChoice} decides).
 *
 * <p>No output may overlap an input. Only the columns of an output's view are written.
 */
public final class Matmul {
  /** How a factor of a product is taken. */
  public enum Op {
    /** As it is. */
    N,
    /** Transposed. */
    T
  }

  private final TileChoice choice;
  private final Map<String, Variants> kernels = new HashMap<>();

  /**
   * Loads the kernels.
   *
   * @throws IllegalArgumentException if {@code krongauss.tile} or {@code krongauss.curvature} has
   *     an unknown value
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Matmul(Device device) {
    this(device, new TileChoice(device));
  }

  /**
   * Loads the kernels for tiles that are chosen elsewhere; for passes of one tile and tests, no
   * API.
   */
  public Matmul(Device device, TileChoice choice) {
    this.choice = choice;
    load(device, choice.all(), "nn", "nt", "tn", "forward", "lowrank", "tangent");
    load(device, choice.allRecursions(), "recursion");
    load(device, Set.of(Tile.FFMA), "tt");
  }

  /**
   * C = alpha op(A) op(B) + beta C.
   *
   * @param A op(A) is [M][K]
   * @param B op(B) is [K][N]
   * @param beta if 0, C is not read
   * @param C [M][N]
   * @throws IllegalArgumentException if the shapes do not fit or C is A or B
   */
  public void product(
      Stream s, Op opA, Matrix A, Op opB, Matrix B, float alpha, float beta, Matrix C) {
    int M = opA == Op.N ? A.rows() : A.columns();
    int K = opA == Op.N ? A.columns() : A.rows();
    int N = opB == Op.N ? B.columns() : B.rows();
    Check.shape(B, opB == Op.N ? K : N, opB == Op.N ? N : K, "B");
    Check.shape(C, M, N, "C");
    distinct(C, A, "C", "A");
    distinct(C, B, "C", "B");
    boolean bothTransposed = opA == Op.T && opB == Op.T; // only there for completeness
    Variants kernel = kernels.get((opA.name() + opB.name()).toLowerCase(Locale.ROOT));
    Tile tile = bothTransposed ? Tile.FFMA : choice.of(kernel, M, N, K);
    Launch launch = tiled(kernel, tile, s, M, N);
    operand(launch, A);
    operand(launch, B);
    operand(launch, C);
    launch.i32(M).i32(N).i32(K).f32(alpha).f32(beta).launch();
  }

  /**
   * A layer: h = input Wᵀ, output = f(h), derivative = f'(h).
   *
   * @param input [N][i+1], last column 1
   * @param W [o][i+1], last column the bias
   * @param slope of the leaky ReLU; else ignored
   * @param output [N][o], or [N][o+1] of which the last column is left alone
   * @param derivative [N][o], or null if it is not wanted
   * @throws IllegalArgumentException if the shapes do not fit or an output is an input
   */
  public void forward(
      Stream s, Matrix input, Matrix W, Transfer f, float slope, Matrix output, Matrix derivative) {
    int N = input.rows();
    int o = W.rows();
    Check.shape(W, o, input.columns(), "W");
    Matrix a = Epilogue.outputs(output, N, o);
    if (derivative != null) {
      Check.shape(derivative, N, o, "derivative");
      distinct(derivative, output, "derivative", "output");
    }
    distinct(output, input, "output", "input");
    Launch launch = tiled("forward", s, N, o, input.columns());
    operand(launch, input);
    operand(launch, W);
    result(launch, a);
    factor(launch, derivative);
    launch
        .i32(whole(o, aligned(a) && alignedOrNull(derivative)))
        .i32(N)
        .i32(o)
        .i32(input.columns())
        .i32(f.code())
        .f32(slope)
        .launch();
  }

  /**
   * The gradient one layer back: out = derivative ∘ (gradient W).
   *
   * @param gradient [N][o]
   * @param W [o][i+1], the bias column is left out, or [o][i]
   * @param derivative [N][i], f' of the layer below
   * @param out [N][i]
   * @throws IllegalArgumentException if the shapes do not fit or {@code out} is an input
   */
  public void backward(Stream s, Matrix gradient, Matrix W, Matrix derivative, Matrix out) {
    lowrank(s, gradient, W, derivative, 1, out);
  }

  /**
   * The square root of the curvature one layer back: out row nK+k = derivative row n ∘ (C row nK+k
   * times W).
   *
   * @param C [nK][o]
   * @param W [o][i+1], the bias column is left out, or [o][i]
   * @param derivative [n][i], f' of the layer below
   * @param K rows a datapoint
   * @param out [nK][i]
   * @throws IllegalArgumentException if the shapes do not fit or {@code out} is an input
   */
  public void lowrank(Stream s, Matrix C, Matrix W, Matrix derivative, int K, Matrix out) {
    Check.that(K >= 1, "rank K is %d but must be at least 1", K);
    int rows = C.rows();
    int o = C.columns();
    int i = derivative.columns();
    Check.that(
        rows == (long) derivative.rows() * K,
        "C has %d rows but %d datapoints with %d rows each make %d",
        rows,
        derivative.rows(),
        K,
        (long) derivative.rows() * K);
    Matrix weights = withoutBias(W, o, i);
    Check.shape(out, rows, i, "out");
    distinct(out, C, "out", "C");
    distinct(out, derivative, "out", "derivative");
    Launch launch = tiled("lowrank", s, rows, i, o);
    operand(launch, C);
    operand(launch, weights);
    factor(launch, derivative);
    result(launch, out);
    launch
        .i32(whole(i, aligned(derivative) && aligned(out)))
        .i32(rows)
        .i32(o)
        .i32(i)
        .i32(K)
        .launch();
  }

  /**
   * The averaged curvature one layer back (KFRA): G = (Wᵀ P) ∘ S, of which the lower half is
   * computed and mirrored.
   *
   * @param P [o][i], the layer above's G times W
   * @param W [o][i+1], the bias column is left out, or [o][i]
   * @param S [i][i], 1/N Σ b bᵀ, lower triangle
   * @param G [i][i], both halves are written
   * @throws IllegalArgumentException if the shapes do not fit or G is an input
   */
  public void recursion(Stream s, Matrix P, Matrix W, Matrix S, Matrix G) {
    int o = P.rows();
    int i = P.columns();
    Matrix weights = withoutBias(W, o, i);
    Check.shape(S, i, i, "S");
    Check.shape(G, i, i, "G");
    distinct(G, P, "G", "P");
    distinct(G, S, "G", "S");
    Variants kernel = kernels.get("recursion");
    Launch launch = tiled(kernel, choice.recursion(kernel, i, i, o), s, i, i);
    operand(launch, weights);
    operand(launch, P);
    factor(launch, S);
    result(launch, G);
    launch.i32(whole(i, aligned(S) && aligned(G))).i32(i).i32(o).launch();
  }

  /**
   * Forward-mode derivative of a layer along the direction D: tangentOut = derivative ∘ (input Dᵀ +
   * tangentIn Wᵀ).
   *
   * @param input [N][i+1], last column 1
   * @param D [o][i+1], the change of W
   * @param tangentIn [N][i], or null where the input does not depend on the weights
   * @param W [o][i+1], the bias column is left out, or [o][i]
   * @param derivative [N][o], or null for the identity
   * @param tangentOut [N][o]
   * @throws IllegalArgumentException if the shapes do not fit or {@code tangentOut} is an input
   */
  public void tangent(
      Stream s,
      Matrix input,
      Matrix D,
      Matrix tangentIn,
      Matrix W,
      Matrix derivative,
      Matrix tangentOut) {
    int N = input.rows();
    int i = input.columns() - 1;
    int o = D.rows();
    Check.shape(D, o, i + 1, "D");
    Matrix weights = withoutBias(W, o, i);
    Check.shape(tangentOut, N, o, "tangentOut");
    if (tangentIn != null) {
      Check.shape(tangentIn, N, i, "tangentIn");
      distinct(tangentOut, tangentIn, "tangentOut", "tangentIn");
    }
    if (derivative != null) {
      Check.shape(derivative, N, o, "derivative");
      distinct(tangentOut, derivative, "tangentOut", "derivative");
    }
    Launch launch = tiled("tangent", s, N, o, i);
    operand(launch, input);
    operand(launch, D);
    if (tangentIn == null) {
      launch.pointer(0).i32(0).i32(0);
    } else {
      operand(launch, tangentIn);
    }
    operand(launch, weights);
    factor(launch, derivative);
    result(launch, tangentOut);
    launch
        .i32(whole(o, alignedOrNull(derivative) && aligned(tangentOut)))
        .i32(N)
        .i32(o)
        .i32(i)
        .launch();
  }

  private void load(Device device, Set<Tile> tiles, String... names) {
    for (String name : names) {
      kernels.put(name, new Variants(device, tiles, tile -> named(name, tile)));
    }
  }

  private static Variants.Name named(String name, Tile tile) {
    String file = tile.onTensorCores() ? "matmul_tensor" : "matmul";
    return new Variants.Name(file, "matmul_f32__" + name + tile.suffix());
  }

  private Launch tiled(String name, Stream s, int rows, int columns, int inner) {
    Variants kernel = kernels.get(name);
    return tiled(kernel, choice.of(kernel, rows, columns, inner), s, rows, columns);
  }

  private static Launch tiled(Variants kernel, Tile tile, Stream s, int rows, int columns) {
    return kernel.on(s, tile).grid(tile.across(columns), tile.down(rows), 1);
  }

  /** Pointer, stride and how much of a row goes by fours. */
  private static void operand(Launch launch, Matrix matrix) {
    launch.matrix(matrix).i32(matrix.stride()).i32(whole(matrix));
  }

  private static void result(Launch launch, Matrix matrix) {
    launch.matrix(matrix).i32(matrix.stride());
  }

  /** Pointer and stride of a matrix that may be missing. */
  private static void factor(Launch launch, Matrix matrix) {
    if (matrix == null) {
      launch.pointer(0).i32(0);
    } else {
      result(launch, matrix);
    }
  }
}
