package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** The outputs' gradients as square roots times residuals. */
abstract class RootSpaceCase extends KernelCase {
  private final String variant;

  private RootSpaceCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    return List.of(new Split(), new SplitSoftmax(), new SplitPairs());
  }

  @Override
  public String name() {
    return "root_space/" + variant;
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "K", 1, "d", 1),
        Size.of("N", 7, "K", 1, "d", 3),
        Size.of("N", 9, "K", 2, "d", 31),
        Size.of("N", 17, "K", 3, "d", 32),
        Size.of("N", 16, "K", 5, "d", 33),
        Size.of("N", 3, "K", 7, "d", 128),
        Size.of("N", 2, "K", 32, "d", 131),
        Size.of("N", 3, "K", 33, "d", 64),
        Size.of("N", 2, "K", 70, "d", 301));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double N = size.get("N");
    double K = size.get("K");
    double d = size.get("d");
    return new Work(2 * N * K * d * K, 4 * N * (K * d + 2 * d + K));
  }

  private static long scratch(Trial t) {
    int K = t.size("K");
    return RootSpace.needsScratch(K) ? t.ints(new int[t.size("N") * K * K]).pointer() : 0;
  }

  private static double[] combined(Host c, Host y, int K, int n, int j) {
    double sum = 0;
    double absolute = 0;
    for (int k = 0; k < K; k++) {
      sum += y.at(k, n) * c.at(n * K + k, j);
      absolute += Math.abs(y.at(k, n) * c.at(n * K + k, j));
    }
    return new double[] {sum, absolute};
  }

  private static double[] inner(Host a, int i, Host b, int j) {
    double sum = 0;
    double absolute = 0;
    for (int k = 0; k < a.columns(); k++) {
      sum += a.at(i, k) * b.at(j, k);
      absolute += Math.abs(a.at(i, k) * b.at(j, k));
    }
    return new double[] {sum, absolute};
  }

  /** Least squares: the rest is what z leaves, and orthogonal to the roots. */
  private static final class Split extends RootSpaceCase {
    /** A column is left out whose part beside the others is √1e-5 of it or less. */
    private static final double DEPENDENT = Math.sqrt(1e-5);

    Split() {
      super("split");
    }

    @Override
    public void run(Trial t) {
      int N = t.size("N");
      int K = t.size("K");
      Host c = t.random(N * K, t.size("d"));
      Host g = t.random(N, t.size("d"));
      Matrix C = t.input(c);
      Matrix G = t.input(g);
      Matrix z = t.output(K, N);
      Matrix rest = t.output(N, t.size("d"));
      long scratch = scratch(t);
      RootSpace kernel = new RootSpace(t.device());
      t.launch(s -> kernel.split(s, C, G, z, rest, scratch));
      Host found = t.download(z);
      Host left = t.download(rest);
      t.check(
          "g - S z",
          rest,
          (n, j) -> {
            double[] sum = combined(c, found, K, n, j);
            double norm = Math.sqrt(inner(g, n, g, n)[0]);
            double scale = (K + 2) * (Math.abs(g.at(n, j)) + sum[1]) + 65 * norm;
            return Wanted.within(g.at(n, j) - sum[0], 1, scale);
          });
      t.check(
          "S' rest over |c| |g|",
          Host.of(
              K,
              N,
              (k, n) -> (float) (inner(c, n * K + k, left, n)[0] / lengths(c, n * K + k, g, n))),
          (k, n) -> new Wanted(0, DEPENDENT));
    }

    private static double lengths(Host c, int i, Host g, int n) {
      return Math.sqrt(inner(c, i, c, i)[0] * inner(g, n, g, n)[0]);
    }
  }

  /**
   * The softmax: p − t is in the range of its root, which is singular, so that nothing is left; p
   * is at least e^−2 / d.
   */
  private static final class SplitSoftmax extends RootSpaceCase {
    SplitSoftmax() {
      super("split-softmax");
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 5, "K", 2, "d", 2),
          Size.of("N", 9, "K", 3, "d", 3),
          Size.of("N", 2, "K", 10, "d", 10),
          Size.of("N", 3, "K", 50, "d", 50));
    }

    @Override
    public void run(Trial t) {
      int N = t.size("N");
      int K = t.size("K");
      Host p = probabilities(t.random(N, K));
      Host c =
          Host.of(
              N * K,
              K,
              (r, j) -> {
                double root = Math.sqrt(p.at(r / K, r % K));
                return (float) ((j == r % K ? root : 0) - p.at(r / K, j) * root);
              });
      Host g = Host.of(N, K, (n, j) -> (float) (p.at(n, j) - (j == n % K ? 1 : 0)));
      Matrix C = t.input(c);
      Matrix G = t.input(g);
      Matrix z = t.output(K, N);
      Matrix rest = t.output(N, K);
      long scratch = scratch(t);
      RootSpace kernel = new RootSpace(t.device());
      t.launch(s -> kernel.split(s, C, G, z, rest, scratch));
      t.check("rest", rest, (n, j) -> Wanted.exactly(0));
      Host found = t.download(z);
      t.check(
          "z along the root of p, over |z|",
          Host.of(1, N, (i, n) -> alongRoot(p, found, n)),
          (i, n) -> Wanted.within(0, 64 * K, 1));
    }

    private static double alongRoot(Host p, Host z, int n) {
      double sum = 0;
      double squares = 0;
      for (int k = 0; k < z.rows(); k++) {
        sum += Math.sqrt(p.at(n, k)) * z.at(k, n);
        squares += z.at(k, n) * z.at(k, n);
      }
      return sum / Math.sqrt(squares);
    }

    private static Host probabilities(Host h) {
      return Host.of(
          h.rows(),
          h.columns(),
          (n, j) -> {
            double sum = 0;
            for (int k = 0; k < h.columns(); k++) {
              sum += Math.exp(h.at(n, k));
            }
            return (float) (Math.exp(h.at(n, j)) / sum);
          });
    }
  }

  /**
   * Roots in pairs that nearly agree, so that S' S has a condition of 2^14 or so. The correction
   * leaves four roundings: of both differences g − S z, whose sums hold one root of a pair at a
   * time, of z, and of S' rest; without it the error is tens of times as large.
   */
  private static final class SplitPairs extends RootSpaceCase {
    /** How far the second of a pair is from the first: their pivots are far from being left out. */
    private static final double APART = 0x1p-6;

    SplitPairs() {
      super("split-pairs");
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 9, "K", 2, "d", 33),
          Size.of("N", 5, "K", 6, "d", 64),
          Size.of("N", 3, "K", 34, "d", 131));
    }

    @Override
    public void run(Trial t) {
      int N = t.size("N");
      int K = t.size("K");
      int d = t.size("d");
      Host values = t.random(N * K, d, -1, 1);
      Host c =
          Host.of(
              N * K,
              d,
              (r, j) ->
                  r % 2 == 0 ? values.at(r, j) : values.at(r - 1, j) + APART * values.at(r, j));
      Host g = t.random(N, d, -1, 1);
      Matrix C = t.input(c);
      Matrix G = t.input(g);
      Matrix z = t.output(K, N);
      Matrix rest = t.output(N, d);
      long scratch = scratch(t);
      RootSpace kernel = new RootSpace(t.device());
      t.launch(s -> kernel.split(s, C, G, z, rest, scratch));
      Host found = t.download(z);
      double[][] beside = new double[N][];
      double[] scale = new double[N];
      for (int n = 0; n < N; n++) {
        beside[n] = beside(c, g, K, n);
        scale[n] = K * length(g, n);
        for (int k = 0; k < K; k++) {
          scale[n] += Math.abs(found.at(k, n)) * length(c, n * K + k);
        }
      }
      t.check("what least squares leave", rest, (n, j) -> Wanted.within(beside[n][j], 4, scale[n]));
    }

    /** The part of g_n that is orthogonal to the roots: Gram and Schmidt twice, in double. */
    private static double[] beside(Host c, Host g, int K, int n) {
      double[][] rows = new double[K + 1][];
      for (int k = 0; k <= K; k++) {
        double[] row = new double[c.columns()];
        for (int j = 0; j < row.length; j++) {
          row[j] = k < K ? c.at(n * K + k, j) : g.at(n, j);
        }
        for (int m = 0; m < 2 * k; m++) {
          double[] q = rows[m % k];
          double along = inner(q, row) / inner(q, q);
          for (int j = 0; j < row.length; j++) {
            row[j] -= along * q[j];
          }
        }
        rows[k] = row;
      }
      return rows[K];
    }

    private static double inner(double[] x, double[] y) {
      double sum = 0;
      for (int j = 0; j < x.length; j++) {
        sum += x[j] * y[j];
      }
      return sum;
    }

    private static double length(Host rows, int i) {
      return Math.sqrt(RootSpaceCase.inner(rows, i, rows, i)[0]);
    }
  }
}
