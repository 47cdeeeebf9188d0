package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/** A part of a batch's rows, several copies of it stacked ({@code kernels/subsample.cu}). */
public final class Subsample {
  private static final int LEAST = 64;
  private static final int SHARE = 16;
  private static final int PARTS = 8;
  private static final int WANTED = 2560;
  private static final int MOST_LEAST = 512;

  private final Function subsample;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Subsample(Device device) {
    subsample = device.function("subsample", "subsample_f32");
  }

  /**
   * Rows of the part of a batch of {@code N}, at least 64.
   *
   * @throws IllegalArgumentException if N is not positive
   */
  public static int rows(int N) {
    return rows(N, LEAST);
  }

  /**
   * Rows of the part of a batch of {@code N}: a sixteenth, at least {@code least}, rounded up to a
   * multiple of 8, so that each eighth of the batch gives as many; all rows of up to so many.
   *
   * @throws IllegalArgumentException if N or least is not positive
   */
  public static int rows(int N, int least) {
    Check.that(
        N >= 1 && least >= 1,
        "a part of a batch of %d rows, of at least %d; both are 1 or more",
        N,
        least);
    int n = Math.max(N / SHARE, least);
    return n >= N ? N : Math.min(N, PARTS * Tiles.up(n, PARTS));
  }

  /**
   * Rows for a loss whose curvature is another at each row, of {@code outputs} outputs: where they
   * are few, most rows say little of it (those that a classifier is sure of, nothing), so that
   * there are more, 2560 outputs in all, but 512 rows at most.
   *
   * @throws IllegalArgumentException if outputs is not positive
   */
  public static int leastFor(int outputs) {
    Check.that(outputs >= 1, "%d outputs; at least 1 is needed", outputs);
    return Math.max(LEAST, Math.min(MOST_LEAST, (WANTED - 1) / outputs + 1));
  }

  /**
   * Row j of {@code to} is the part's row j mod n, bit by bit: the first n/8 rows of each eighth of
   * the batch, which begins at row ⌊e N / 8⌋. One launch for up to 32 matrices.
   *
   * @param N rows of the batch
   * @param n rows of the part, as {@link #rows} says
   * @param from matrices {@code [N][d]}, each with a d of its own
   * @param to as many matrices {@code [copies · n][d]}, each with a number of copies of its own
   * @throws IllegalArgumentException if the shapes do not fit or two matrices are the same memory
   */
  public void take(Stream s, int N, int n, List<Matrix> from, List<Matrix> to) {
    Check.that(
        n == N || n >= 1 && n < N && n % PARTS == 0,
        "a part of %d rows of %d; it is the whole or a multiple of %d",
        n,
        N,
        PARTS);
    int each = n == N ? 0 : n / PARTS;
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
    Groups.launch(
        subsample,
        s,
        to.size(),
        new ElementGroups(List.of(to, from), (launch, first) -> launch.i32(N).i32(n).i32(each)));
  }
}
