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
   * Rows of the part of a batch of {@code N}: a sixteenth, at least 64, rounded up to a multiple of
   * 8, so that each eighth of the batch gives as many; all rows of up to 64.
   *
   * @throws IllegalArgumentException if N is not positive
   */
  public static int rows(int N) {
    Check.that(N >= 1, "a part of a batch of %d rows", N);
    int each = each(N);
    return each == 0 ? N : PARTS * each;
  }

  /** Rows of each eighth; 0 where the whole batch is the part. */
  private static int each(int N) {
    int n = Math.min(N, Math.max(N / SHARE, LEAST));
    return n == N ? 0 : Tiles.up(n, PARTS);
  }

  /**
   * Row j of {@code to} is the part's row j mod n, n = {@link #rows}(N), bit by bit: the first n/8
   * rows of each eighth of the batch, which begins at row ⌊e N / 8⌋. One launch for up to 32
   * matrices.
   *
   * @param N rows of the batch
   * @param from matrices {@code [N][d]}, each with a d of its own
   * @param to as many matrices {@code [copies · n][d]}, each with a number of copies of its own
   * @throws IllegalArgumentException if the shapes do not fit or two matrices are the same memory
   */
  public void take(Stream s, int N, List<Matrix> from, List<Matrix> to) {
    int n = rows(N);
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
        new ElementGroups(List.of(to, from), (launch, first) -> launch.i32(N).i32(n).i32(each(N))));
  }
}
