package dev.krongauss.data;

/**
 * SplitMix64, written out so that the same seed gives the same numbers on every JDK.
 *
 * <p>Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the
 * mixing constants are Stafford's "Mix13". Not safe for use by several threads at once.
 */
final class SplitMix {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
  private static final double UNIT = 0x1p-53;

  private long state;

  private SplitMix() {}

  /**
   * The generator number {@code stream} of a seed. Streams are independent of each other, so item i
   * of a data set can be made without making the items before it, in any order and by any thread.
   */
  static SplitMix of(long seed, long stream) {
    SplitMix random = new SplitMix();
    random.begin(seed, stream);
    return random;
  }

  /** Goes to the first number of another generator. */
  void begin(long seed, long stream) {
    state = mix(mix(seed + GOLDEN_GAMMA) + stream * GOLDEN_GAMMA);
  }

  long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Uniform in [low, high). */
  double uniform(double low, double high) {
    return low + (high - low) * ((nextLong() >>> 11) * UNIT);
  }

  /** Uniform in 0..bound-1, without bias (Lemire's multiplication with rejection). */
  int nextInt(int bound) {
    long threshold = (1L << 32) % bound;
    long product;
    do {
      product = (nextLong() >>> 32) * bound;
    } while ((product & 0xffffffffL) < threshold);
    return (int) (product >>> 32);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
