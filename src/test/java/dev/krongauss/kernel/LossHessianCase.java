package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Loss.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code loss_hessian.cu}: products of the output Hessian with vectors, and its mean over the
 * datapoints.
 */
abstract class LossHessianCase extends LossCase {
  private LossHessianCase(String operation, Kind kind) {
    super(operation, kind);
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      cases.add(new Product(kind));
      cases.add(new Vector(kind));
    }
    cases.addAll(
        List.of(new Mean(Kind.SQUARED), new Mean(Kind.BERNOULLI), new LaplacianDiagonal()));
    return cases;
  }

  /** vᵀ H v, also for a v that is the same for all outputs, where softmax gives 0. */
  private static final class Product extends LossHessianCase {
    Product(Kind kind) {
      super("loss_hessian/product", kind);
    }

    /** h and v, twice. */
    @Override
    double bytesOfElement() {
      return 16;
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      int d = trial.size("d");
      Host h = LossInputs.logits(trial, rows, d);
      Host v = trial.random(rows, d);
      Host constant = Host.filled(rows, d, 1000);
      Matrix logits = trial.input(h);
      Matrix direction = trial.input(v);
      Matrix constants = trial.input(constant);
      Matrix products = trial.output(1, rows);
      Matrix ofConstant = trial.output(1, rows);
      LossHessian hessian = new LossHessian(trial.device());
      trial.launch(
          s -> {
            hessian.product(s, kind, logits, direction, products.pointer());
            hessian.product(s, kind, logits, constants, ofConstant.pointer());
          });
      LossReference[] reference = references(kind, h);
      trial.check("vHv", products, (i, n) -> reference[n].hessianProduct(v, n));
      trial.check(
          "vHv of a constant v", ofConstant, (i, n) -> reference[n].hessianProduct(constant, n));
    }
  }

  /** H v, also for a v that is the same for all outputs, where softmax gives 0. */
  private static final class Vector extends LossHessianCase {
    Vector(Kind kind) {
      super("loss_hessian/vector", kind);
    }

    /** h, v and u, twice. */
    @Override
    double bytesOfElement() {
      return 24;
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("N");
      int d = trial.size("d");
      Host h = LossInputs.logits(trial, rows, d);
      Host v = trial.random(rows, d);
      Host constant = Host.filled(rows, d, 1000);
      Matrix logits = trial.input(h);
      Matrix direction = trial.input(v);
      Matrix product = trial.output(rows, d);
      Matrix inPlace = trial.inOut(constant);
      LossHessian hessian = new LossHessian(trial.device());
      trial.launch(
          s -> {
            hessian.vector(s, kind, logits, direction, product);
            hessian.vector(s, kind, logits, inPlace, inPlace);
          });
      LossReference[] reference = references(kind, h);
      Wanted[][] wanted = new Wanted[rows][];
      Wanted[][] ofConstant = new Wanted[rows][];
      for (int n = 0; n < rows; n++) {
        wanted[n] = reference[n].curvatureVector(v, n);
        ofConstant[n] = reference[n].curvatureVector(constant, n);
      }
      trial.check("H v", product, (n, j) -> wanted[n][j]);
      trial.check("H v of a constant v", inPlace, (n, j) -> ofConstant[n][j]);
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
  private static final class Mean extends LossHessianCase {
    Mean(Kind kind) {
      super("loss_hessian/mean", kind);
    }

    /** h four times, and G. */
    @Override
    double bytesOfElement() {
      return 20;
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
      Matrix diagonal = trial.output(1, d);
      Matrix weightedDiagonal = trial.output(1, d);
      LossHessian hessian = new LossHessian(trial.device());
      trial.launch(
          s -> {
            hessian.meanDiagonal(s, kind, logits, null, G);
            hessian.meanDiagonal(s, kind, weighted, weights, ofWeighted);
            hessian.meanDiagonal(s, kind, logits, null, diagonal);
            hessian.meanDiagonal(s, kind, weighted, weights, weightedDiagonal);
          });
      LossReference[] reference = references(kind, h);
      Host ones = Host.filled(rows, 1, 1);
      trial.check("G", G, (i, j) -> i == j ? mean(reference, ones, j) : Wanted.exactly(0));
      trial.check(
          "weighted G", ofWeighted, (i, j) -> i == j ? mean(reference, f, j) : Wanted.exactly(0));
      trial.check("diagonal", diagonal, (i, j) -> mean(reference, ones, j));
      trial.check("weighted diagonal", weightedDiagonal, (i, j) -> mean(reference, f, j));
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
      super("loss_hessian/laplacian-diagonal", Kind.SOFTMAX);
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
      LossHessian hessian = new LossHessian(trial.device());
      trial.launch(s -> hessian.laplacianDiagonal(s, G));
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
