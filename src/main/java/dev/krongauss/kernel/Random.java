package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * Random fills by Philox 4x32-10 ({@code kernels/random.cu}).
 *
 * <p>A number is a function of seed, step, row and column (and of the kind of fill), not of stride,
 * size or device: the upper left corner of a larger matrix has the same numbers. Matrices that are
 * to be independent need different seeds or steps.
 */
public final class Random {
  /** 2⁶⁴ over the golden ratio, whose multiples lie far apart. */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final Function uniform;
  private final Function normal;
  private final Function philox;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Random(Device device) {
    uniform = device.function("random", "random_uniform_f32");
    normal = device.function("random", "random_normal_f32");
    philox = device.function("random", "random_philox_u32");
  }

  /**
   * X uniform in (low, high], up to rounding at the ends.
   *
   * @param step 0 to 2⁵³
   * @throws IllegalArgumentException unless low &lt; high and their difference is finite, or for
   *     another step
   */
  public void uniform(Stream s, long seed, long step, Matrix X, float low, float high) {
    float range = high - low;
    Check.that(
        range > 0 && range < Float.POSITIVE_INFINITY,
        "uniform numbers between %s and %s; both must be finite, the first smaller",
        low,
        high);
    fill(uniform, s, seed, step, X, low, range);
  }

  /**
   * X normal with this mean and standard deviation; within 6.77 deviations by construction.
   *
   * @param step 0 to 2⁵³
   * @throws IllegalArgumentException unless the mean is finite and the deviation finite, at least
   *     0, or for another step
   */
  public void normal(Stream s, long seed, long step, Matrix X, float mean, float deviation) {
    Check.that(
        Float.isFinite(mean) && deviation >= 0 && deviation < Float.POSITIVE_INFINITY,
        "normal numbers with mean %s and deviation %s; both must be finite, the deviation >= 0",
        mean,
        deviation);
    fill(normal, s, seed, step, X, mean, deviation);
  }

  /**
   * The raw stream: the four words of philox(counter + (i, 0, 0, 0), key = seed) at out[4 i].
   *
   * @param counter four words
   * @param count number of counters
   * @param out device address of 4 count ints
   * @throws IllegalArgumentException if the counter has not four words or count is not positive
   */
  public void bits(Stream s, long seed, int[] counter, int count, long out) {
    Check.that(counter.length == 4, "a counter has 4 words, not %d", counter.length);
    Check.that(count >= 1, "%d counters", count);
    Elements.address(out, "the words");
    philox
        .on(s)
        .grid(Tiles.up(count, Elements.THREADS), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .pointer(out)
        .i32(count)
        .i32(counter[0])
        .i32(counter[1])
        .i32(counter[2])
        .i32(counter[3])
        .i64(seed)
        .launch();
  }

  /**
   * The seed of a step's random numbers, of which kernels count the steps modulo 2³²: the seed
   * itself for the first 2³². Seeds that differ by less than 2⁴⁰ have none in common, since the
   * multiples 1 to 2²¹ of the constant are farther than that from 0, modulo 2⁶⁴.
   *
   * @param step 0 to 2⁵³
   * @throws IllegalArgumentException for another step
   */
  public static long seedOf(long seed, long step) {
    if (step < 0 || step > Count.MOST) {
      throw Check.failure("step %d of random numbers; 0 to 2^53 have some", step);
    }
    return seed + (step >>> 32) * GOLDEN;
  }

  private static void fill(
      Function kernel, Stream s, long seed, long step, Matrix X, float offset, float scale) {
    Elements.grid(kernel.on(s), X)
        .matrix(X)
        .i32(X.stride())
        .i32(X.rows())
        .i32(X.columns())
        .i32(Elements.whole(X))
        .i64(seedOf(seed, step))
        .i32((int) step)
        .f32(offset)
        .f32(scale)
        .launch();
  }
}
