package dev.krongauss.kernel;

import dev.krongauss.kernel.argument.PositionSet;

/** A batch of datapoints with positions, some of them padding, as kernels and references see it. */
final class PositionInputs {
  /** Who counts. */
  enum Padding {
    NONE,
    LENGTHS,
    MASK,
    WEIGHTS
  }

  private static final int POSITION = 4; // the domain of philox.cuh
  private static final int BATCHES = 5;
  private static final int AHEAD = 2;
  private static final int USE = 3;

  final int N;
  final int T;
  final int group;
  final double[][] v;
  final PositionSet set;

  PositionInputs(Trial trial, int N, int T, int group, Padding padding) {
    this.N = N;
    this.T = T;
    this.group = group;
    v = new double[N][T];
    int[] lengths = new int[N];
    float[] mask = new float[N * T];
    for (int n = 0; n < N; n++) {
      lengths[n] = n % 5 == 3 ? 0 : 1 + trial.random().nextInt(T);
      for (int t = 0; t < T; t++) {
        v[n][t] =
            switch (padding) {
              case NONE -> 1;
              case LENGTHS -> t < lengths[n] ? 1 : 0;
              case MASK -> (n + t) % 3 == 0 ? 0 : 1;
              case WEIGHTS -> (n + t) % 3 == 0 ? 0 : (float) (2 * trial.random().nextDouble());
            };
        mask[n * T + t] = (float) v[n][t];
      }
    }
    boolean byLengths = padding == Padding.LENGTHS;
    boolean byMask = padding == Padding.MASK || padding == Padding.WEIGHTS;
    set =
        new PositionSet(
            N,
            T,
            byMask ? trial.ints(bits(mask)).pointer() : 0,
            byLengths ? trial.ints(lengths).pointer() : 0,
            byMask || byLengths ? trial.ints(bits((float) Z(), (float) V())).pointer() : 0,
            trial.ints(BATCHES, 0).pointer(),
            group,
            AHEAD,
            USE);
  }

  private static int[] bits(float... values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  /** The sum of the weights. */
  double Z() {
    double sum = 0;
    for (int n = 0; n < N; n++) {
      sum += weights(n);
    }
    return sum;
  }

  /** Datapoints with any weight. */
  double V() {
    int count = 0;
    for (int n = 0; n < N; n++) {
      count += weights(n) > 0 ? 1 : 0;
    }
    return count;
  }

  double weights(int n) {
    double sum = 0;
    for (int t = 0; t < T; t++) {
      sum += v[n][t];
    }
    return sum;
  }

  double weight(int row) {
    return v[row / T][row % T];
  }

  /** Members of a group, of {@code members} in all. */
  int size(int g, int members) {
    return Math.min(group, members - g * group);
  }

  /** The member of a group that is drawn. */
  int drawn(int g, int members) {
    int size = size(g, members);
    if (size == 1) {
      return g * group;
    }
    int word = PhiloxReference.words(new int[] {g, BATCHES - AHEAD, USE, POSITION}, 0)[0];
    return g * group + (int) (Integer.toUnsignedLong(word) * size >>> 32);
  }

  /** √(weight / D), times D where asked for. */
  static double share(double weight, double D, boolean times) {
    return weight == 0 ? 0 : Math.sqrt(weight / D) * (times ? D : 1);
  }
}
