package dev.krongauss.kernel;


import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Loss.Kind;
import java.util.List;
import java.util.stream.IntStream;

/** The pieces of the output Hessian: square roots and means over the datapoints. */
abstract class LossHessianCase extends LossCase {
  private LossHessianCase(String operation, Kind kind) {
    super(operation, kind);
  }

  static List<KernelCase> all() {
    return List.of(
        new SquareRoot(Kind.SQUARED),
        new SquareRoot(Kind.BERNOULLI),
        new SquareRoot(Kind.SOFTMAX),
        new MeanHessian(Kind.SQUARED),
        new MeanHessian(Kind.BERNOULLI),
        new LaplacianDiagonal());
  }

  /** Each element of C, and the theorem C_n C_nᵀ = H_n. */
  private static final class SquareRoot extends LossHessianCase {
    SquareRoot(Kind kind) {
      super("square-root", kind);
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 1, "d", 1),
          Size.of("N", 5, "d", 3),
          Size.of("N", 4, "d", 10),
          Size.of("N", 2, "d", 31),
          Size.of("N", 1, "d", 64),
          Size.of("N", 2, "d", 65),
          Size.of("N", 1, "d", 129),
          Size.of("N", 1, "d", 1027));
    }

    @Override
    public Work work(Size size) {
      double elements = (double) size.get("N") * size.get("d") * size.get("d");
      return new Work(elements, 4 * elements);
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      int d = trial.size("d");
      Host h = LossInputs.logits(trial, rows, d);
      Matrix logits = trial.input(h);
      Matrix C = trial.output(rows * d, d);
      Loss loss = new Loss(trial.device());
      trial.launch(s -> loss.squareRoot(s, kind, logits, C));
      LossReference[] reference = references(kind, h);
      Host got = trial.download(C);
      trial.check("C", got, (i, j) -> element(reference[i / d], i % d, j));
      if (d <= 31) {
        Host product = Host.of(rows * d, d, (i, j) -> product(got, i / d, i % d, j));
        trial.check("C Cᵀ", product, (i, j) -> hessian(reference[i / d], d, i % d, j));
      }
    }

    private Wanted element(LossReference r, int k, int j) {
      if (kind != Kind.SOFTMAX) {
        return j == k ? Wanted.within(r.root(k), r.rootFactor(k), r.root(k)) : Wanted.exactly(0);
      }
      double value = r.root(k) * (j == k ? r.complement(k) : -r.mean(j));
      double factor = j == k ? r.complementFactor(k) : r.meanFactor(j);
      return Wanted.within(value, r.rootFactor(k) + factor + 2, Math.abs(value));
    }

    private static double product(Host C, int n, int i, int j) {
      int d = C.columns();
      double sum = 0;
      for (int k = 0; k < d; k++) {
        sum += C.at(n * d + k, i) * C.at(n * d + k, j);
      }
      return sum;
    }

    private Wanted hessian(LossReference r, int d, int i, int j) {
      double value = i == j ? r.weight(i) : 0;
      if (kind == Kind.SOFTMAX) {
        value = r.mean(i) * (i == j ? r.complement(i) : -r.mean(j));
      }
      double error = Math.abs(value); // the comparison's own rounding to float
      for (int k = 0; k < d; k++) {
        Wanted a = element(r, k, i);
        Wanted b = element(r, k, j);
        error +=
            (Math.abs(a.value()) * b.bound() + Math.abs(b.value()) * a.bound()) / Wanted.EPSILON;
        error += a.bound() * b.bound() / Wanted.EPSILON;
      }
      return Wanted.within(value, 1, error);
    }
  }

  private static List<Size> meanSizes() {
    return List.of(
        Size.of("N", 1, "d", 1),
        Size.of("N", 31, "d", 3),
        Size.of("N", 32, "d", 31),
        Size.of("N", 33, "d", 32),
        Size.of("N", 100, "d", 33),
        Size.of("N", 1023, "d", 5),
        Size.of("N", 1025, "d", 67),
        Size.of("N", 20011, "d", 2));
  }

  /** 32 rows in turn, sums of those over N / 1024 groups, trees of 2 + 8, and the division. */
  private static double columnFactor(int rows) {
    return 32 + rows / 1024.0 + 13;
  }

  /** G = diag(mean w). */
  private static final class MeanHessian extends LossHessianCase {
    MeanHessian(Kind kind) {
      super("mean-hessian", kind);
    }

    @Override
    public List<Size> sizes() {
      return meanSizes();
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      int d = trial.size("d");
      Host h = LossInputs.logits(trial, rows, d);
      Host f = Host.of(rows, 1, (i, j) -> i % 5 == 3 ? 0 : 4 * trial.random().nextDouble());
      Host absent = h.copy();
      for (int n = 3; n < rows; n += 5) {
        absent.set(n, n % d, Float.NaN); // of weight 0: it must not be seen
      }
      Matrix logits = trial.input(h);
      Matrix weighted = trial.input(absent);
      Matrix weights = trial.input(f);
      Matrix G = trial.output(d, d);
      Matrix ofWeighted = trial.output(d, d);
      Loss loss = new Loss(trial.device());
      trial.launch(
          s -> {
            loss.meanHessianDiagonal(s, kind, logits, null, G);
            loss.meanHessianDiagonal(s, kind, weighted, weights, ofWeighted);
          });
      LossReference[] reference = references(kind, h);
      Host ones = Host.filled(rows, 1, 1);
      trial.check("G", G, (i, j) -> i == j ? mean(reference, ones, j) : Wanted.exactly(0));
      trial.check(
          "weighted G", ofWeighted, (i, j) -> i == j ? mean(reference, f, j) : Wanted.exactly(0));
    }

    private Wanted mean(LossReference[] reference, Host f, int j) {
      int rows = reference.length;
      double sum = 0;
      double error = 0;
      double weights = 0;
      for (int n = 0; n < rows; n++) {
        double term = f.at(n, 0) * reference[n].weight(j);
        sum += term;
        error += term * (reference[n].weightFactor(j) + columnFactor(rows));
        weights += f.at(n, 0);
      }
      // the mean of ones is exact: all partial sums are integers below 2^24
      return kind == Kind.SQUARED && weights == rows
          ? Wanted.exactly(1)
          : Wanted.within(sum / rows, 1, error / rows);
    }
  }

  /** G_jj = −Σ G_jk of the lower triangle, everything else untouched and nothing else read. */
  private static final class LaplacianDiagonal extends LossHessianCase {
    LaplacianDiagonal() {
      super("laplacian-diagonal", Kind.SOFTMAX);
    }

    @Override
    public List<Size> sizes() {
      return IntStream.of(1, 2, 5, 31, 32, 33, 64, 67, 131, 300)
          .mapToObj(d -> Size.of("N", 1, "d", d))
          .toList();
    }

    @Override
    public Work work(Size size) {
      double elements = (double) size.get("d") * size.get("d") / 2;
      return new Work(2 * elements, 4 * elements);
    }

    /** Elements between 1 and e^−80, in one sign, as of confident outputs, or in both. */
    @Override
    public void run(Trial trial) {
      int d = trial.size("d");
      Host before =
          Host.of(
              d,
              d,
              (i, j) -> {
                double sign = trial.positive() || trial.random().nextBoolean() ? -1 : 1;
                return j >= i ? Double.NaN : sign * Math.exp(-80 * trial.random().nextDouble());
              });
      Matrix G = trial.inOut(before);
      Loss loss = new Loss(trial.device());
      trial.launch(s -> loss.laplacianDiagonal(s, G));
      trial.check("G", G, (i, j) -> i == j ? diagonal(before, j) : Wanted.exactly(before.at(i, j)));
    }

    private static Wanted diagonal(Host G, int j) {
      int d = G.columns();
      Reference.Sum sum =
          Reference.Sum.of(
              d, k -> k == j ? 0 : -G.at(Math.max(j, k), Math.min(j, k))); // the lower triangle
      return Wanted.within(sum.value(), d / 32.0 + 11, sum.magnitude());
    }
  }
}
