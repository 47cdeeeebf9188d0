package dev.krongauss.kernel;

/**
 * Philox 4x32-10 as the paper writes it, and the numbers {@code philox.cuh} makes of it, in double.
 */
final class PhiloxReference {
  static final int UNIFORM = 1;
  static final int NORMAL = 2;
  static final int TARGET = 3;

  private PhiloxReference() {}

  static int[] words(int[] counter, long key) {
    long c0 = Integer.toUnsignedLong(counter[0]);
    long c1 = Integer.toUnsignedLong(counter[1]);
    long c2 = Integer.toUnsignedLong(counter[2]);
    long c3 = Integer.toUnsignedLong(counter[3]);
    long k0 = key & 0xffffffffL;
    long k1 = key >>> 32;
    for (int round = 0; round < 10; round++) {
      long product0 = 0xD2511F53L * c0;
      long product1 = 0xCD9E8D57L * c2;
      long next0 = (product1 >>> 32) ^ c1 ^ k0;
      long next2 = (product0 >>> 32) ^ c3 ^ k1;
      c0 = next0;
      c1 = product1 & 0xffffffffL;
      c2 = next2;
      c3 = product0 & 0xffffffffL;
      k0 = (k0 + 0x9E3779B9L) & 0xffffffffL;
      k1 = (k1 + 0xBB67AE85L) & 0xffffffffL;
    }
    return new int[] {(int) c0, (int) c1, (int) c2, (int) c3};
  }

  /** The four words of columns 4 q .. 4 q + 3 of a row. */
  static int[] quad(int column, int row, int step, int domain, long seed) {
    return words(new int[] {column / 4, row, step, domain}, seed);
  }

  /** The float in (0, 1] exactly as the device makes it: two roundings. */
  static float unit(int bits) {
    return Math.fma((float) Integer.toUnsignedLong(bits), 0x1p-32f, 0x1p-33f);
  }

  static float uniform(int column, int row, int step, int domain, long seed) {
    return unit(quad(column, row, step, domain, seed)[column % 4]);
  }

  /** The standard normal of a column, in double from the same words. */
  static double normal(int column, int row, int step, int domain, long seed) {
    int[] bits = quad(column, row, step, domain, seed);
    int pair = column % 4 / 2 * 2;
    double radius = Math.sqrt(-2 * Math.log(unit(bits[pair])));
    double angle = 2 * Math.PI * unit(bits[pair + 1]);
    return radius * (column % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
  }

  /**
   * Error of the float normal: logf, sqrtf and sincospif to 2 ulp each, relative to the radius,
   * since a cosine near 0 is right relative to its turn only; where the uniform number is 1 - x the
   * logarithm is -x, right relative to itself.
   */
  static double normalError(int column, int row, int step, int domain, long seed) {
    int[] bits = quad(column, row, step, domain, seed);
    double radius = Math.sqrt(-2 * Math.log(unit(bits[column % 4 / 2 * 2])));
    return 10 * Wanted.EPSILON * radius;
  }
}
