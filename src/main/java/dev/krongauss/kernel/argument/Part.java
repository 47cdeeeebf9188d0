package dev.krongauss.kernel.argument;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/**
 * A part of a batch's rows, to be copied: row j of {@code to} is the part's row j mod n, bit by
 * bit. The part is the first n/8 rows of each eighth of the batch, which begins at row ⌊e N / 8⌋.
 *
 * @param N rows of the batch
 * @param n rows of the part: N, or a multiple of 8
 * @param from matrices {@code [N][d]}, each with a d of its own
 * @param to as many matrices {@code [copies · n][d]}, each with a number of copies of its own
 */
public record Part(int N, int n, List<Matrix> from, List<Matrix> to) {
  /** Places of a batch that a part is taken from. */
  public static final int EIGHTHS = 8;

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if the shapes do not fit or two matrices are the same memory
   */
  public Part {
    Check.that(
        n == N || n >= 1 && n < N && n % EIGHTHS == 0,
        "a part of %d rows of %d; it is the whole or a multiple of %d",
        n,
        N,
        EIGHTHS);
    Check.that(from.size() == to.size(), "%d matrices into %d matrices", from.size(), to.size());
    for (int k = 0; k < to.size(); k++) {
      Matrix stack = to.get(k);
      Check.shape(from.get(k), N, stack.columns(), "from[" + k + "]");
      Check.that(
          stack.rows() % n == 0,
          "to[%d] has %d rows; copies of the %d rows taken of %d need a multiple of %d",
          k,
          stack.rows(),
          n,
          N,
          n);
      Tiles.distinct(stack, from.get(k), "to[" + k + "]", "from[" + k + "]");
    }
  }

  /** Rows taken of each eighth; 0 where the part is the whole. */
  public int ofEachEighth() {
    return n == N ? 0 : n / EIGHTHS;
  }
}
