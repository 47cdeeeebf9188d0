package dev.krongauss.optim;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.JacobianRows;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.model.Model;

/**
 * The covariance of fitted weights, (Σ Jᵀ H J + N η I)⁻¹ of a batch, and what it says of
 * predictions: the linear theory of least squares, or Laplace's approximation for a likelihood. In
 * double on the host, from rows of J in single precision: P²/2 doubles, and N K P² operations.
 *
 * <p>Weights are in the order of the layers, each row by row, biases last in their rows. For the
 * squared loss the covariance is that times {@link #residualVariance}; for a likelihood, as the
 * Bernoulli and the softmax loss are, it is that itself.
 *
 * <p>Source: G. Seber, C. Wild, "Nonlinear Regression", 1989, section 2.1; D. MacKay, "A practical
 * Bayesian framework for backpropagation networks", Neural Computation 1992.
 */
public final class Covariance {
  /** Rows of J that are on their way at once. */
  private static final int ROWS = 256;

  private final Model model;
  private final Operations operations;
  private final double[][] L;
  private final double residualVariance;

  private Covariance(Model model, Operations operations, double[][] L, double residualVariance) {
    this.model = model;
    this.operations = operations;
    this.L = L;
    this.residualVariance = residualVariance;
  }

  /** Of a model at its present weights; waits. */
  static Covariance of(
      Model model, LossFunction loss, Batch batch, double eta, Operations operations) {
    int N = batch.size();
    int d = Losses.outputs(model, loss);
    Losses.check(batch, loss, d);
    int K = loss.rank(d);
    Check.that(K > 0, "loss '%s' gives no square root of its curvature", loss.name());
    int datapoints = N / loss.stack();
    double[][] A = damped(model, datapoints * eta);
    double total = model.device().inContext(() -> accumulate(model, loss, batch, operations, A));
    long freedom = (long) datapoints * K - A.length;
    factorise(A);
    return new Covariance(model, operations, A, freedom > 0 ? 2 * total / freedom : Double.NaN);
  }

  /** The lower triangle of a matrix of the size of the weights, with this diagonal. */
  private static double[][] damped(Model model, double diagonal) {
    int[] widths = ExactMemory.widths(model.parameters());
    double[][] A =
        new double[Check.count(ExactMemory.parameters(widths), "weights of a network")][];
    for (int i = 0; i < A.length; i++) {
      A[i] = new double[i + 1];
      A[i][i] = diagonal;
    }
    return A;
  }

  /** A += Σ Jᵀ H J; gives Σ E. */
  private static double accumulate(
      Model model, LossFunction loss, Batch batch, Operations operations, double[][] A) {
    Stream s = model.device().stream();
    int N = batch.size();
    try (Arena arena = model.device().newArena("covariance");
        LossFunction.OnDevice onDevice = loss.on(model.device())) {
      Matrix h = model.forward(batch, s);
      int K = loss.rank(h.columns());
      Matrix root = arena.matrix(Check.count((long) N * K, "residuals"), h.columns(), "C");
      Buffer losses = arena.floats(N, "losses");
      onDevice.evaluate(h, batch.targets(), null, losses.pointer(), s);
      onDevice.squareRoot(h, batch.targets(), root, s);
      int stack = loss.stack();
      int n = Math.max(1, Math.min(N / stack, ROWS / K));
      JacobianRows rows = new JacobianRows(arena, operations, model, n * K, stack);
      for (int first = 0; first < N / stack; first += n) {
        int count = Math.min(n, N / stack - first);
        Matrix top = root.rows(first * stack * K, count * stack * K);
        addGram(A, 1.0 / stack, rows.of(top, first, count, s).download(s));
      }
      double total = 0;
      for (float value : losses.downloadFloats(N, s)) {
        total += value;
      }
      return total / stack;
    }
  }

  /**
   * 2 Σ E / (N K − P): for the squared loss the estimate of the variance of the targets' noise; NaN
   * where there are no more residuals than weights.
   */
  public double residualVariance() {
    return residualVariance;
  }

  /** Number of weights P. */
  public int size() {
    return L.length;
  }

  /** The variance of each weight, P of them, without {@link #residualVariance}. */
  public double[] variances() {
    double[] variances = new double[size()];
    for (int i = 0; i < variances.length; i++) {
      variances[i] = quadratic(unit(i));
    }
    return variances;
  }

  /** Row i of the covariance, P numbers, without {@link #residualVariance}. */
  public double[] row(int i) {
    double[] x = solveLower(unit(i));
    for (int j = x.length - 1; j >= 0; j--) {
      x[j] /= L[j][j];
      for (int k = 0; k < j; k++) {
        x[k] -= L[j][k] * x[j];
      }
    }
    return x;
  }

  /**
   * The variance of each output of other inputs by that of the weights, without {@link
   * #residualVariance} and without noise of the targets; waits.
   *
   * @param batch of which inputs are looked at
   * @return [N d_L], a datapoint's outputs side by side
   */
  public double[] predictions(Batch batch) {
    int N = batch.size();
    int d = model.parameters().get(model.parameters().size() - 1).rows();
    int n = Math.max(1, Math.min(N, ROWS / d));
    Stream s = model.device().stream();
    double[] variances = new double[Check.count((long) N * d, "outputs")];
    model
        .device()
        .inContext(
            () -> {
              try (Arena arena = model.device().newArena("predictions")) {
                model.forward(batch, s);
                Matrix units = arena.matrix(n * d, d, "units");
                float[] ones = new float[n * d * d];
                for (int i = 0; i < n * d; i++) {
                  ones[i * d + i % d] = 1;
                }
                units.upload(ones, s);
                JacobianRows rows = new JacobianRows(arena, operations, model, n * d, 1);
                for (int first = 0; first < N; first += n) {
                  int count = Math.min(n, N - first);
                  Matrix J = rows.of(units.rows(0, count * d), first, count, s);
                  quadratics(J.download(s), variances, first * d);
                }
              }
            });
    return variances;
  }

  private void quadratics(float[] rows, double[] variances, int place) {
    int P = size();
    for (int r = 0; r < rows.length / P; r++) {
      double[] x = new double[P];
      for (int i = 0; i < P; i++) {
        x[i] = rows[r * P + i];
      }
      variances[place + r] = quadratic(x);
    }
  }

  private double[] unit(int i) {
    double[] x = new double[size()];
    x[i] = 1;
    return x;
  }

  /** xᵀ (L Lᵀ)⁻¹ x; x is used up. */
  private double quadratic(double[] x) {
    double sum = 0;
    for (double value : solveLower(x)) {
      sum += value * value;
    }
    return sum;
  }

  /** L⁻¹ x, in place. */
  private double[] solveLower(double[] x) {
    for (int i = 0; i < x.length; i++) {
      double sum = x[i];
      for (int k = 0; k < i; k++) {
        sum -= L[i][k] * x[k];
      }
      x[i] = sum / L[i][i];
    }
    return x;
  }

  /** A += scale BᵀB, lower triangle. */
  private static void addGram(double[][] A, double scale, float[] B) {
    int P = A.length;
    for (int r = 0; r < B.length; r += P) {
      for (int i = 0; i < P; i++) {
        double b = scale * B[r + i];
        for (int j = 0; b != 0 && j <= i; j++) {
          A[i][j] += b * B[r + j];
        }
      }
    }
  }

  /** A = L Lᵀ, in place; a pivot within the rounding of J's single precision is none. */
  private static void factorise(double[][] A) {
    for (int i = 0; i < A.length; i++) {
      double diagonal = A[i][i];
      for (int j = 0; j <= i; j++) {
        double sum = A[i][j];
        for (int k = 0; k < j; k++) {
          sum -= A[i][k] * A[j][k];
        }
        if (j < i) {
          A[i][j] = sum / A[j][j];
        } else {
          Check.that(
              sum > 0x1p-23 * diagonal,
              "the batch does not determine the weights: weight %d of %d depends on those before it"
                  + " (%.3g of %.3g is left); use more data, fewer units, or an L2 term",
              i,
              A.length,
              sum,
              diagonal);
          A[i][i] = Math.sqrt(sum);
        }
      }
    }
  }
}
