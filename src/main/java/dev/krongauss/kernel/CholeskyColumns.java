package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.TILE;
import static dev.krongauss.kernel.tile.Tiles.aligned;
import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.square;
import static dev.krongauss.kernel.tile.Tiles.tiles;
import static dev.krongauss.kernel.tile.Tiles.up;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.tile.Tiles;

/**
 * Damps, factorises and inverts symmetric positive definite matrices on the device ({@code
 * kernels/cholesky_columns.cu}). Nothing here waits for the device; a matrix that is not positive
 * definite is a result, found in {@code info}.
 */
public final class CholeskyColumns {
  private final Function damp;
  private final Function addDiagonal;
  private final Function diagonal;
  private final Function panel;
  private final Function trailing;
  private final Function invertDiagonal;
  private final Function invertRow;
  private final Function invertBelow;
  private final Function invertSquare;
  private final Epilogue epilogue;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public CholeskyColumns(Device device) {
    damp = device.function("cholesky_columns", "cholesky_columns_f32__damp");
    addDiagonal = device.function("cholesky_columns", "cholesky_columns_f32__add_diagonal");
    diagonal = device.function("cholesky_columns", "cholesky_columns_f32__diagonal");
    panel = device.function("cholesky_columns", "cholesky_columns_f32__panel");
    trailing = device.function("cholesky_columns", "cholesky_columns_f32__trailing");
    invertDiagonal = device.function("cholesky_columns", "cholesky_columns_f32__invert_diagonal");
    invertRow = device.function("cholesky_columns", "cholesky_columns_f32__invert_row");
    invertBelow = device.function("cholesky_columns", "cholesky_columns_f32__invert_below");
    invertSquare = device.function("cholesky_columns", "cholesky_columns_f32__invert_square");
    epilogue = new Epilogue(device);
  }

  /**
   * A = S + damping I, lower triangles; the upper one of A is left alone.
   *
   * @param S [n][n], lower triangle
   * @param dampingPointer one float in device memory
   * @param A [n][n]
   * @throws IllegalArgumentException if the shapes do not fit or A is S
   */
  public void damp(Stream s, Matrix S, long dampingPointer, Matrix A) {
    int n = square(S, "S");
    Check.shape(A, n, n, "A");
    distinct(A, S, "A", "S");
    damp.on(s)
        .grid(up(n, Tiles.ROWS), up(n, Tiles.CHUNK), 1)
        .block(Tiles.THREADS, 1, 1)
        .matrix(S)
        .i32(S.stride())
        .matrix(A)
        .i32(A.stride())
        .i32(n)
        .i32(whole(n, aligned(S) && aligned(A)))
        .pointer(dampingPointer)
        .launch();
  }

  /**
   * A = A + damping I in place.
   *
   * @param A [n][n]
   * @param dampingPointer one float in device memory
   * @throws IllegalArgumentException if A is not square
   */
  public void addDiagonal(Stream s, Matrix A, long dampingPointer) {
    int n = square(A, "A");
    addDiagonal
        .on(s)
        .grid(up(n, Tiles.THREADS), 1, 1)
        .block(Tiles.THREADS, 1, 1)
        .matrix(A)
        .i32(A.stride())
        .i32(n)
        .pointer(dampingPointer)
        .launch();
  }

  /**
   * Replaces the lower triangle of A by L, A = L Lᵀ; the upper one is neither read nor written.
   *
   * <p>If a pivot is not positive and finite the factorisation stops: {@code info} becomes its
   * 1-based column. The columns of the tiles (64) left of it then hold L, the rest of the lower
   * triangle what the elimination had made of A.
   *
   * @param A [n][n], lower triangle
   * @param infoPointer one int in device memory, 0 afterwards if A is positive definite
   * @throws IllegalArgumentException if A is not square
   */
  public void factorise(Stream s, Matrix A, long infoPointer) {
    int n = square(A, "A");
    int whole = whole(A);
    for (int first = 0; first < n; first += TILE) {
      diagonal
          .on(s)
          .block(TILE, 1, 1)
          .matrix(A)
          .i32(A.stride())
          .i32(n)
          .i32(first)
          .pointer(infoPointer)
          .launch();
      int below = tiles(n - first) - 1;
      if (below > 0) {
        panel
            .on(s)
            .grid(below, 1, 1)
            .block(TILE, 1, 1)
            .matrix(A)
            .i32(A.stride())
            .i32(n)
            .i32(first)
            .i32(whole)
            .pointer(infoPointer)
            .launch();
        trailing
            .on(s)
            .grid(below, below, 1)
            .block(Tiles.THREADS, 1, 1)
            .matrix(A)
            .i32(A.stride())
            .i32(n)
            .i32(first)
            .i32(whole)
            .pointer(infoPointer)
            .launch();
      }
    }
  }

  /**
   * X = (L Lᵀ)⁻¹ = L⁻ᵀ L⁻¹.
   *
   * @param L [n][n] lower triangle; with a zero on the diagonal X is not finite
   * @param X [n][n], both halves are written
   * @throws IllegalArgumentException if the shapes do not fit or X is L
   */
  public void invert(Stream s, Matrix L, Matrix X) {
    int n = square(L, "L");
    Check.shape(X, n, n, "X");
    distinct(X, L, "X", "L");
    int tiles = tiles(n);
    invertDiagonal
        .on(s)
        .grid(tiles, 1, 1)
        .block(TILE, 1, 1)
        .matrix(L)
        .i32(L.stride())
        .matrix(X)
        .i32(X.stride())
        .i32(n)
        .launch();
    for (int i = 1; i < tiles; i++) {
      invertRow
          .on(s)
          .grid(i, 1, 1)
          .block(Tiles.THREADS, 1, 1)
          .matrix(L)
          .i32(L.stride())
          .i32(whole(L))
          .matrix(X)
          .i32(X.stride())
          .i32(whole(X))
          .i32(n)
          .i32(i)
          .launch();
    }
    if (tiles > 1) {
      launchInverse(invertBelow, s, X, tiles, tiles);
    }
    launchInverse(invertSquare, s, X, tiles, 1);
    if (tiles > 1) {
      epilogue.mirror(s, X);
    }
  }

  private static void launchInverse(Function function, Stream s, Matrix X, int gridX, int gridY) {
    function
        .on(s)
        .grid(gridX, gridY, 1)
        .block(Tiles.THREADS, 1, 1)
        .matrix(X)
        .i32(X.stride())
        .i32(whole(X))
        .i32(X.rows())
        .launch();
  }
}
