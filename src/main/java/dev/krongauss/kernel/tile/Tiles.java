package dev.krongauss.kernel.tile;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;

/**
 * What the launchers of the tiled kernels share: the geometry of {@code kernels/tile.cuh}.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class Tiles {
  /** Rows and columns of a tile. */
  public static final int TILE = 64;

  /** Threads of a block that works on one tile. */
  public static final int THREADS = 256;

  /** Rows of a block of the row-wise kernels: a warp a row. */
  public static final int ROWS = 8;

  /** Columns of a block of the row-wise kernels. */
  public static final int CHUNK = 1024;

  private Tiles() {}

  /** ⌈count / unit⌉. */
  public static int up(int count, int unit) {
    return (int) (((long) count + unit - 1) / unit);
  }

  /** Tiles of {@link #TILE} that {@code count} rows or columns take. */
  public static int tiles(int count) {
    return up(count, TILE);
  }

  /** Tiles of a lower triangle of {@code side} tiles a side. */
  public static long lower(int side) {
    return (long) side * (side + 1) / 2;
  }

  /** True if every row starts at a multiple of 16 bytes, so that four floats go in one access. */
  public static boolean aligned(Matrix matrix) {
    return matrix.pointer() % 16 == 0 && matrix.stride() % 4 == 0;
  }

  /** True if there is no such matrix or it is aligned. */
  public static boolean alignedOrNull(Matrix matrix) {
    return matrix == null || aligned(matrix);
  }

  /** How many of the first {@code length} elements of a row go by fours. */
  public static int whole(int length, boolean aligned) {
    return aligned ? length & ~3 : 0;
  }

  /** How many leading elements of each of the matrix's rows go by fours. */
  public static int whole(Matrix matrix) {
    return whole(matrix.columns(), aligned(matrix));
  }

  /** A square matrix; gives its size. */
  public static int square(Matrix matrix, String name) {
    Check.that(
        matrix.rows() == matrix.columns(),
        "%s is [%d][%d] but must be square",
        name,
        matrix.rows(),
        matrix.columns());
    return matrix.rows();
  }

  /**
   * Whether a matrix [1][n] stands for the diagonal of a diagonal one; of one element both are the
   * same.
   */
  public static boolean diagonal(Matrix S) {
    return S.rows() == 1 && S.columns() > 1;
  }

  /** Size n of a square matrix [n][n], or of a diagonal one, given as its diagonal [1][n]. */
  public static int squareOrDiagonal(Matrix S, String name) {
    Check.that(
        S.rows() == S.columns() || S.rows() == 1,
        "%s is [%d][%d] but must be square, or the diagonal [1][n] of a diagonal matrix",
        name,
        S.rows(),
        S.columns());
    return S.columns();
  }

  /** The stride by which a kernel knows a diagonal: 0; else that of the matrix. */
  public static int strideOf(Matrix S) {
    return diagonal(S) ? 0 : S.stride();
  }

  /** The weights without their bias column, whether or not the caller's view has it. */
  public static Matrix withoutBias(Matrix W, int o, int i) {
    Check.that(
        W.rows() == o && (W.columns() == i || W.columns() == i + 1),
        "W is [%d][%d] but must be [%d][%d], or [%d][%d] with the bias as its last column",
        W.rows(),
        W.columns(),
        o,
        i,
        o,
        i + 1);
    return W.columns(i);
  }

  /** An output may be an input, but then row for row. Null matrices do not object. */
  public static void rowForRow(Matrix output, Matrix input, String outputName, String inputName) {
    Check.that(
        output == null
            || input == null
            || output.pointer() != input.pointer()
            || output.stride() == input.stride()
            || output.rows() == 1,
        "%s is %s in place but its stride is %d and %s's is %d",
        outputName,
        inputName,
        output == null ? 0 : output.stride(),
        inputName,
        input == null ? 0 : input.stride());
  }

  /** An output must not be one of the inputs. */
  public static void distinct(Matrix output, Matrix input, String outputName, String inputName) {
    Check.that(
        input == null || output.pointer() != input.pointer(),
        "%s and %s are the same memory at 0x%x; the result needs a matrix of its own",
        outputName,
        inputName,
        output.pointer());
  }
}
