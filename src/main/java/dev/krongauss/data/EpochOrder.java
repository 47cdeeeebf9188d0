package dev.krongauss.data;

/** The order of a data set's rows in each epoch, from the seed and the epoch's number alone. */
final class EpochOrder {
  private final int[] permutation;
  private final int[] datapoints; // the same where each is a row
  private final SplitMix random = SplitMix.of(0, 0);
  private final int stack;
  private final long seed;
  private long permuted = -1;

  /**
   * @param rows of the data set
   * @param stack rows that stay together, a divisor of their number
   */
  EpochOrder(int rows, int stack, long seed) {
    this.permutation = new int[rows];
    this.datapoints = stack == 1 ? permutation : new int[rows / stack];
    this.stack = stack;
    this.seed = seed;
  }

  /** Of the data set. */
  int rows() {
    return permutation.length;
  }

  /** That of an epoch, from 0; the array is this object's own, until the next call. */
  int[] of(long epoch) {
    if (epoch != permuted) {
      random.begin(seed, epoch);
      permute(datapoints, random);
      for (int i = 0; i < permutation.length && stack > 1; i++) {
        permutation[i] = datapoints[i / stack] * stack + i % stack;
      }
      permuted = epoch;
    }
    return permutation;
  }

  static int[] permutation(int rows, long seed, long epoch) {
    int[] permutation = new int[rows];
    permute(permutation, SplitMix.of(seed, epoch));
    return permutation;
  }

  /** Fisher and Yates, from the epoch's own random numbers. */
  private static void permute(int[] permutation, SplitMix random) {
    for (int i = 0; i < permutation.length; i++) {
      int j = random.nextInt(i + 1);
      permutation[i] = permutation[j];
      permutation[j] = i;
    }
  }
}
