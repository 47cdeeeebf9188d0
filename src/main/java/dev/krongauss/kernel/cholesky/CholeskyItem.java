package dev.krongauss.kernel.cholesky;

import static dev.krongauss.kernel.cholesky.CholeskyTasks.triangle;
import static dev.krongauss.kernel.tile.Tiles.TILE;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/**
 * A matrix with one candidate's result, and where its tiles lie in the workspace of {@code
 * cholesky_f32}: those of L, of L⁻¹, and the diagonal ones of L backwards.
 *
 * <p>Public for the launchers; no part of the API.
 *
 * @param S symmetric [n][n], or the diagonal [1][n] of a diagonal matrix, which has no tiles
 * @param X result of the same shape
 * @param firstTile the first tile of L in the workspace
 */
public record CholeskyItem(Matrix S, Matrix X, int firstTile) {
  /** Floats of a tile in the workspace. */
  public static final int TILE_FLOATS = TILE * TILE;

  /** Ints of an item in the kernel's table. */
  public static final int INTS = 12;

  /** Tile rows. */
  public int tiles() {
    return Tiles.diagonal(S) ? 0 : Tiles.tiles(S.rows());
  }

  /** The first tile of L⁻¹ in the workspace. */
  public int inverse() {
    return firstTile + triangle(tiles());
  }

  /** The first of the diagonal tiles of L backwards. */
  public int backwards() {
    return firstTile + 2 * triangle(tiles());
  }

  /** The first tile that is not this item's. */
  public int end() {
    return backwards() + tiles();
  }

  /** The items in the layout of the kernel's {@code struct Item}. */
  public static int[] table(List<CholeskyItem> items) {
    int[] table = new int[INTS * items.size()];
    for (int k = 0; k < items.size(); k++) {
      CholeskyItem item = items.get(k);
      int[] fields = {
        (int) item.S.pointer(),
        (int) (item.S.pointer() >>> 32),
        (int) item.X.pointer(),
        (int) (item.X.pointer() >>> 32),
        item.S.stride(),
        whole(item.S),
        item.X.stride(),
        whole(item.X),
        item.S.columns(),
        item.firstTile(),
        item.inverse(),
        item.backwards()
      };
      System.arraycopy(fields, 0, table, INTS * k, INTS);
    }
    return table;
  }

  /** L in compact rows [n][n], zeros above the diagonal, out of the downloaded workspace. */
  public float[] unpackedL(float[] workspace) {
    return unpacked(workspace, firstTile, true);
  }

  /** L⁻¹ likewise. */
  public float[] unpackedInverse(float[] workspace) {
    return unpacked(workspace, inverse(), false);
  }

  private float[] unpacked(float[] workspace, int first, boolean diagonalByColumns) {
    int n = S.rows();
    float[] values = new float[n * n];
    for (int r = 0; r < n; r++) {
      for (int c = 0; c <= r; c++) {
        int i = r / TILE;
        int j = c / TILE;
        boolean byColumns = diagonalByColumns && i == j;
        int row = byColumns ? c % TILE : r % TILE;
        int column = byColumns ? r % TILE : c % TILE;
        values[r * n + c] =
            workspace[(first + triangle(i) + j) * TILE_FLOATS + row * TILE + column];
      }
    }
    return values;
  }
}
