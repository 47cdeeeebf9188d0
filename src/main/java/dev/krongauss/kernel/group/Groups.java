package dev.krongauss.kernel.group;

import dev.krongauss.device.Check;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tile.Tiles;

/**
 * One launch for several matrices: fills the table of {@code kernels/groups.cuh}.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class Groups {
  /** Groups of one launch; more take several launches. */
  public static final int MOST = 32;

  private Groups() {}

  /** A kernel that works on groups. */
  public interface Kernel {
    /** Bytes of a group in the table, its first block included, rounded up to 8. */
    int bytes();

    /** Blocks of group {@code g}. */
    long blocks(int g);

    /** Writes the members of group {@code g} behind its first block. */
    void members(Launch launch, int g);

    /** Writes the arguments behind the table, for a launch whose first group is {@code first}. */
    void others(Launch launch, int first);

    /** Groups of one launch; more take several. */
    default int most() {
      return MOST;
    }

    /** Blocks to launch for groups that have {@code blocks}: as many, unless blocks take turns. */
    default long grid(long blocks) {
      return blocks;
    }
  }

  /** Launches {@code function} for the groups 0 … count − 1, with blocks of 256 threads. */
  public static void launch(Function function, Stream s, int count, Kernel kernel) {
    launch(function, Tiles.THREADS, s, count, kernel);
  }

  /** The same with blocks of {@code threads} threads. */
  public static void launch(Function function, int threads, Stream s, int count, Kernel kernel) {
    launch(function, threads, 0, s, count, kernel);
  }

  /** The same with blocks of a tile. */
  public static void launch(Function function, Tile tile, Stream s, int count, Kernel kernel) {
    launch(function, tile.threads(), tile.sharedBytes(), s, count, kernel);
  }

  private static void launch(
      Function function, int threads, int sharedBytes, Stream s, int count, Kernel kernel) {
    Check.that(count > 0, "kernel %s for no matrix at all", function.name());
    for (int first = 0; first < count; first += kernel.most()) {
      int groups = Math.min(kernel.most(), count - first);
      Launch launch = function.on(s).block(threads, 1, 1).shared(sharedBytes);
      long blocks = table(launch, first, groups, kernel);
      kernel.others(launch, first);
      launch.grid(kernel.grid(blocks), 1, 1).launch();
    }
  }

  /**
   * Writes the table of some groups as the next argument, for launches that take several tables.
   *
   * @return blocks of these groups
   */
  public static long table(Launch launch, int first, int groups, Kernel kernel) {
    long all = 0;
    for (int g = first; g < first + groups; g++) {
      all += kernel.blocks(g);
    }
    launch
        .struct(8 + MOST * kernel.bytes())
        .i32(groups)
        .i32(
            all <= Integer.MAX_VALUE
                ? (int) all // no text for what is no error: a launch makes no garbage
                : Check.count(all, "blocks of a launch"));
    long blocks = 0;
    for (int g = first; g < first + groups; g++) {
      launch.align(8).i32(Math.toIntExact(blocks));
      kernel.members(launch, g);
      blocks += kernel.blocks(g);
    }
    launch.end();
    return blocks;
  }
}
