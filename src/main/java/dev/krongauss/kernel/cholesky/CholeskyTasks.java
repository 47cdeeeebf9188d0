package dev.krongauss.kernel.cholesky;

import java.util.Arrays;

/**
 * The order in which {@code cholesky_f32} takes its tasks: by the longest chain of tasks that still
 * hangs on them, over all items. A task's chain is longer than that of any task which reads its
 * tile, so every task comes after those it reads.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class CholeskyTasks {
  /** The kind of a task that computes a tile of L. */
  public static final int FACTOR = 0;

  /** The kind of a task that computes a tile of L⁻¹. */
  public static final int INVERSE = 1;

  /** The kind of a task that computes a tile of L⁻ᵀ L⁻¹. */
  public static final int PRODUCT = 2;

  /** The kind of the one task of a diagonal matrix. */
  public static final int DIAGONAL = 3;

  /** Ints of a task: item, kind, i, j. */
  public static final int INTS = 4;

  // About how long a task takes once its last input is there, in units of one product of tiles.
  private static final int DIAGONAL_TIME = 5;
  private static final int SOLVE_TIME = 2;
  private static final int PRODUCT_TIME = 1;

  private final int[] tasks;
  private final long[] keys;
  private int count;

  private CholeskyTasks(int capacity) {
    tasks = new int[INTS * capacity];
    keys = new long[capacity];
  }

  /** Tiles of the lower triangle of {@code tiles} tile rows. */
  public static int triangle(int tiles) {
    return tiles * (tiles + 1) / 2;
  }

  /**
   * All tasks in order, {@link #INTS} ints each.
   *
   * @param tiles tile rows of every item, 0 of a diagonal one
   */
  public static int[] order(int[] tiles) {
    CholeskyTasks all =
        new CholeskyTasks(Arrays.stream(tiles).map(t -> Math.max(1, 3 * triangle(t))).sum());
    for (int item = 0; item < tiles.length; item++) {
      all.addItem(item, tiles[item]);
    }
    return all.sorted();
  }

  private void addItem(int item, int tiles) {
    if (tiles == 0) {
      add(SOLVE_TIME + PRODUCT_TIME, item, DIAGONAL, 0, 0);
    }
    int[] diagonal = diagonalChains(tiles);
    for (int i = 0; i < tiles; i++) {
      for (int j = 0; j <= i; j++) {
        add(diagonal[i] + (i - j) * SOLVE_TIME, item, FACTOR, i, j);
        add(inverseChain(j), item, INVERSE, i, j);
        add(PRODUCT_TIME, item, PRODUCT, i, j);
      }
    }
  }

  /**
   * The chain from each diagonal tile on: through the tile column below it to the next diagonal
   * ones, or through its row of the inverse.
   */
  private static int[] diagonalChains(int tiles) {
    int[] chain = new int[tiles];
    for (int i = tiles - 1; i >= 0; i--) {
      chain[i] = DIAGONAL_TIME + inverseChain(i);
      for (int r = i + 1; r < tiles; r++) {
        chain[i] = Math.max(chain[i], DIAGONAL_TIME + (r - i) * SOLVE_TIME + chain[r]);
      }
    }
    return chain;
  }

  /** The chain from M_ij on: the tiles left of it, then a product. */
  private static int inverseChain(int j) {
    return (j + 1) * SOLVE_TIME + PRODUCT_TIME;
  }

  private void add(int chain, int... task) {
    System.arraycopy(task, 0, tasks, INTS * count, INTS);
    keys[count] = (long) -chain << 32 | count;
    count++;
  }

  private int[] sorted() {
    Arrays.sort(keys);
    int[] order = new int[tasks.length];
    for (int k = 0; k < count; k++) {
      System.arraycopy(tasks, INTS * (int) keys[k], order, INTS * k, INTS);
    }
    return order;
  }
}
