package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Loss.Kind;
import java.util.List;

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
        new SoftmaxMeanHessian());
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
      double value = r.root(k) * ((j == k ? 1 : 0) - r.mean(j));
      // on the diagonal 1 - p cancels: its error is relative to 1, and enters C Cᵀ squared
      double magnitude = r.root(k) * (j == k ? 1 : r.mean(j));
      return Wanted.within(value, 3 * r.rootFactor(k) + r.meanFactor(j) + 3, magnitude);
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
      double value =
          (i == j ? r.weight(i) : 0) - (kind == Kind.SOFTMAX ? r.mean(i) * r.mean(j) : 0);
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

  /** G += diag(mean P), everything else untouched. */
  private static final class SoftmaxMeanHessian extends LossHessianCase {
    SoftmaxMeanHessian() {
      super("add-mean", Kind.SOFTMAX);
    }

    @Override
    public List<Size> sizes() {
      return meanSizes();
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      int d = trial.size("d");
      Host p = trial.random(rows, d, 0, 1);
      Host before = trial.random(d, d);
      Matrix P = trial.input(p);
      Matrix G = trial.inOut(before);
      Loss loss = new Loss(trial.device());
      trial.launch(s -> loss.addMeanDiagonal(s, P, G));
      trial.check(
          "G", G, (i, j) -> i == j ? mean(p, j, before.at(j, j)) : Wanted.exactly(before.at(i, j)));
    }

    private static Wanted mean(Host p, int j, double before) {
      double sum = 0;
      for (int n = 0; n < p.rows(); n++) {
        sum += p.at(n, j);
      }
      double value = before + sum / p.rows();
      return Wanted.within(value, 1, columnFactor(p.rows()) * sum / p.rows() + Math.abs(value));
    }
  }
}
