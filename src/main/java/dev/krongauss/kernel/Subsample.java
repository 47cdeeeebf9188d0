package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Part;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/** A part of a batch's rows, several copies of it stacked ({@code kernels/subsample.cu}). */
public final class Subsample {
  private static final int LEAST = 64;
  private static final int SHARE = 16;
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
    return n >= N ? N : Math.min(N, Part.EIGHTHS * Tiles.up(n, Part.EIGHTHS));
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
   * Copies the part's rows. One launch for up to 32 matrices; {@link LayerMeasures} does it beside
   * work of its own.
   */
  public void take(Stream s, Part part) {
    Groups.launch(subsample, s, part.to().size(), groups(part));
  }

  /** The table of a part and what follows it. */
  static ElementGroups groups(Part part) {
    return new ElementGroups(
        List.of(part.to(), part.from()),
        (launch, first) -> launch.i32(part.N()).i32(part.n()).i32(part.ofEachEighth()));
  }
}
