package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.reference.Algebra;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A batch of positions on both sides: as a preconditioner is told of it, and in double. */
final class PositionBatch {
  /** Who counts. */
  enum Padding {
    NONE,
    LENGTHS,
    MASK,
    WEIGHTS
  }

  final int N;
  final int T;
  final double[][] v;
  final Positions positions;

  PositionBatch(
      Arena arena, Device device, int N, int T, Padding padding, SplittableRandom random) {
    this.N = N;
    this.T = T;
    v = new double[N][T];
    int[] lengths = new int[N];
    float[] mask = new float[N * T];
    for (int n = 0; n < N; n++) {
      lengths[n] = n % 4 == 2 ? 0 : 1 + random.nextInt(T);
      for (int t = 0; t < T; t++) {
        boolean counts = padding == Padding.LENGTHS ? t < lengths[n] : (n + t) % 3 != 0;
        double weight = padding == Padding.WEIGHTS ? (float) (0.5 + random.nextDouble()) : 1;
        v[n][t] = padding == Padding.NONE ? 1 : counts ? weight : 0;
        mask[n * T + t] = (float) v[n][t];
      }
    }
    Stream s = device.stream();
    Positions all = Positions.of(N, T);
    if (padding == Padding.LENGTHS) {
      Buffer buffer = arena.ints(N, "lengths");
      buffer.uploadInts(lengths, s);
      positions = all.lengths(buffer.pointer());
    } else if (padding != Padding.NONE) {
      Buffer buffer = arena.floats(N * (long) T, "mask");
      buffer.upload(mask, s);
      positions = all.mask(buffer.pointer());
    } else {
      positions = all;
    }
  }

  /** The weights of a datapoint. */
  double weights(int n) {
    return Arrays.stream(v[n]).sum();
  }

  /** The positions that count. */
  double Z() {
    double sum = 0;
    for (int n = 0; n < N; n++) {
      sum += weights(n);
    }
    return sum;
  }

  /** The datapoints that have any. */
  double V() {
    double count = 0;
    for (int n = 0; n < N; n++) {
      count += weights(n) > 0 ? 1 : 0;
    }
    return count;
  }

  /** Σ v x xᵀ / D over the rows {@code [N T K]}. */
  double[][] expanded(double[][] X, double D) {
    int K = X.length / (N * T);
    double[][] sum = Algebra.zeros(X[0].length, X[0].length);
    for (int row = 0; row < X.length; row++) {
      double weight = v[row / K / T][row / K % T];
      if (weight > 0) {
        sum = Algebra.combine(1, sum, weight / D, Algebra.outer(X[row], X[row]));
      }
    }
    return sum;
  }

  /** Σ_n y_n y_nᵀ / D with y the sum over positions, or their mean. */
  double[][] reduced(double[][] X, double D, boolean mean) {
    int K = X.length / (N * T);
    double[][] sum = Algebra.zeros(X[0].length, X[0].length);
    for (int n = 0; n < N; n++) {
      for (int k = 0; k < K && weights(n) > 0; k++) {
        double[] y = new double[X[0].length];
        for (int t = 0; t < T; t++) {
          for (int j = 0; j < y.length && v[n][t] > 0; j++) {
            y[j] += v[n][t] * X[(n * T + t) * K + k][j] / (mean ? weights(n) : 1);
          }
        }
        sum = Algebra.combine(1, sum, 1 / D, Algebra.outer(y, y));
      }
    }
    return sum;
  }

  /** Rows of padding become what is not finite. */
  double[][] spoiled(double[][] X) {
    int K = X.length / (N * T);
    double[][] spoiled = new double[X.length][];
    for (int row = 0; row < X.length; row++) {
      spoiled[row] = X[row].clone();
      if (v[row / K / T][row / K % T] == 0) {
        Arrays.fill(spoiled[row], Double.NaN);
      }
    }
    return spoiled;
  }
}
