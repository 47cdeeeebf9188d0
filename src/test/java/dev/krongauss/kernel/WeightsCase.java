package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** Weights of datapoints, in scalings of rows and relative to their mean. */
abstract class WeightsCase extends KernelCase {
  private final String operation;

  private WeightsCase(String operation) {
    this.operation = operation;
  }

  static List<KernelCase> all() {
    return List.of(new Scale(false), new Scale(true), new Relative());
  }

  @Override
  public final String name() {
    return "weights/" + operation;
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  /** One in five weights is 0, and one in seven of those left is negative if asked for. */
  private static Host weights(Trial trial, int N, boolean negative) {
    return Host.of(
        N,
        1,
        (i, j) -> i % 5 == 3 ? 0 : negative && i % 7 == 6 ? -1 : 4 * trial.random().nextDouble());
  }

  /** Rows and values; a row of weight 0 holds what is not finite, and comes out as 0. */
  private static final class Scale extends WeightsCase {
    private final boolean root;

    Scale(boolean root) {
      super(root ? "scale-by-root" : "scale");
      this.root = root;
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 1, "K", 1, "d", 1),
          Size.of("N", 257, "K", 1, "d", 1),
          Size.of("N", 9, "K", 1, "d", 31),
          Size.of("N", 17, "K", 3, "d", 32),
          Size.of("N", 8, "K", 2, "d", 33),
          Size.of("N", 6, "K", 1, "d", 1029));
    }

    @Override
    public Work work(Size size) {
      double elements = (double) size.get("N") * size.get("K") * size.get("d");
      return new Work(2 * elements, 16 * elements + 20.0 * size.get("N")); // twice, and values
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      int K = trial.size("K");
      int d = trial.size("d");
      Host w = weights(trial, N, true);
      Host x = trial.random(N * K, d);
      Host values = trial.random(1, N);
      for (int n = 3; n < N; n += 5) {
        values.set(0, n, Float.NaN);
        x.set(n * K, n % d, Float.POSITIVE_INFINITY);
        x.set(n * K + K - 1, 0, Float.NaN);
      }
      Matrix weights = trial.input(w);
      Matrix X = trial.input(x);
      Matrix Y = trial.output(N * K, d);
      Matrix inPlace = trial.inOut(x);
      Matrix scaled = trial.inOut(values);
      Weights kernels = new Weights(trial.device());
      trial.launch(
          s -> {
            kernels.scaleValues(s, weights, scaled.pointer());
            if (root) {
              kernels.scaleByRoot(s, weights, X, Y);
              kernels.scaleByRoot(s, weights, inPlace, inPlace);
            } else {
              kernels.scale(s, weights, X, Y);
              kernels.scale(s, weights, inPlace, inPlace);
            }
          });
      trial.check("Y", Y, (i, j) -> wanted(w.at(i / K, 0), x.at(i, j), root));
      trial.check("values", scaled, (i, n) -> wanted(w.at(n, 0), values.at(0, n), false));
      Host apart = trial.download(Y);
      trial.check("in place", inPlace, (i, j) -> Wanted.exactly(apart.at(i, j)));
    }

    private static Wanted wanted(double w, double x, boolean root) {
      if (w == 0) {
        return Wanted.exactly(0);
      }
      double value = (w < 0 ? Double.NaN : root ? Math.sqrt(w) : w) * x;
      return Double.isNaN(value)
          ? Wanted.exactly(Double.NaN)
          : Wanted.within(value, root ? 2 : 1, Math.abs(value));
    }
  }

  /** w / mean w; and once all weights are 0. */
  private static final class Relative extends WeightsCase {
    Relative() {
      super("relative");
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("N", 1), Size.of("N", 255), Size.of("N", 1025), Size.of("N", 20011));
    }

    @Override
    public Work work(Size size) {
      return new Work(6.0 * size.get("N"), 24.0 * size.get("N")); // three launches
    }

    @Override
    public void run(Trial trial) {
      int N = trial.size("N");
      Host w = weights(trial, N, false);
      Matrix weights = trial.input(w);
      Matrix zeros = trial.input(Host.filled(N, 1, 0));
      Matrix twos = trial.input(Host.filled(N, 1, 2));
      Matrix out = trial.output(1, N);
      Matrix none = trial.output(1, N);
      Matrix ones = trial.output(1, N);
      Weights kernels = new Weights(trial.device());
      trial.launch(
          s -> {
            kernels.relative(s, weights, column(out));
            kernels.relative(s, zeros, column(none));
            kernels.relative(s, twos, column(ones));
          });
      double sum = 0;
      for (int n = 0; n < N; n++) {
        sum += w.at(n, 0);
      }
      double mean = sum / N;
      // four additions in a row, N / 1024 of their sums, trees of 5 and 8; mean and quotient
      double factor = 4 + N / 1024.0 + 13 + 2;
      trial.check(
          "relative", out, (i, n) -> Wanted.within(w.at(n, 0) / mean, factor, w.at(n, 0) / mean));
      trial.check("of zeros", none, (i, n) -> Wanted.exactly(0));
      trial.check("of twos", ones, (i, n) -> Wanted.exactly(1));
    }

    private static Matrix column(Matrix row) {
      return Matrix.wrap(row.pointer(), row.columns(), 1, 1);
    }
  }
}
