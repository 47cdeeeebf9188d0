package dev.krongauss.bench.inspect;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.precondition.Preconditioner;
import java.util.List;

/**
 * Iterative refinement, Δ ← Δ + P(g + (G + γ/ω I) Δ (Q + ωγ I)), P being the preconditioner with
 * its minus sign and the residual in double. Training applies explicit inverses in single
 * precision, which is as good as the batch deserves; a comparison wants Δ as exactly as Q, G and g
 * define it. What is left is the rounding of these, magnified by up to κ(Q) κ(G).
 */
final class Refinement {
  private static final int STEPS = 3;

  private final Preconditioner preconditioner;
  private final Device device;
  private final Stream s;

  Refinement(Preconditioner preconditioner, Device device) {
    this.preconditioner = preconditioner;
    this.device = device;
    this.s = device.stream();
  }

  /**
   * Improves Δ; waits.
   *
   * @param gradients g of each layer
   * @param delta Δ = P g of each layer, improved in place
   */
  void improve(List<Matrix> gradients, List<Matrix> delta, double gamma) {
    try (Arena arena = device.newArena("refinement")) {
      for (int l = 0; l < delta.size(); l++) {
        improve(arena, l, gradients.get(l), delta.get(l), gamma);
      }
    }
  }

  private void improve(Arena arena, int layer, Matrix gradient, Matrix delta, double gamma) {
    Factors factors = preconditioner.factors();
    double[][] Q = symmetric(factors.Q(layer));
    double[][] G = symmetric(factors.G(layer));
    double omega = omega(Q, G);
    damp(Q, omega * gamma);
    damp(G, gamma / omega);
    double[][] g = rows(gradient);
    double[][] sum = rows(delta);
    Matrix residual = arena.matrix(delta.rows(), delta.columns(), "residual");
    Matrix correction = arena.matrix(delta.rows(), delta.columns(), "correction");
    for (int step = 0; step < STEPS; step++) {
      residual.upload(plus(g, product(product(G, sum), Q)), s);
      preconditioner.apply(layer, residual, correction, s);
      add(rows(correction), sum);
    }
    delta.upload(plus(sum, new double[sum.length][sum[0].length]), s);
  }

  private static double[][] product(double[][] A, double[][] B) {
    double[][] C = new double[A.length][B[0].length];
    for (int i = 0; i < A.length; i++) {
      for (int k = 0; k < B.length; k++) {
        for (int j = 0; j < B[0].length; j++) {
          C[i][j] += A[i][k] * B[k][j];
        }
      }
    }
    return C;
  }

  /** √ of the ratio of the factors' mean eigenvalues; 1 where one of them is 0. */
  private static double omega(double[][] Q, double[][] G) {
    double ratio = trace(Q) / Q.length / (trace(G) / G.length);
    return ratio > 0 && ratio < Double.POSITIVE_INFINITY ? Math.sqrt(ratio) : 1;
  }

  private static double trace(double[][] S) {
    double sum = 0;
    for (int i = 0; i < S.length; i++) {
      sum += S[i][i];
    }
    return sum;
  }

  private static void damp(double[][] S, double damping) {
    for (int i = 0; i < S.length; i++) {
      S[i][i] += damping;
    }
  }

  private static void add(double[][] A, double[][] to) {
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A[i].length; j++) {
        to[i][j] += A[i][j];
      }
    }
  }

  /** A + B in compact rows of floats. */
  private static float[] plus(double[][] A, double[][] B) {
    float[] values = new float[A.length * A[0].length];
    for (int i = 0; i < A.length; i++) {
      for (int j = 0; j < A[i].length; j++) {
        values[i * A[i].length + j] = (float) (A[i][j] + B[i][j]);
      }
    }
    return values;
  }

  /** Both halves of a matrix whose lower one is valid. */
  private double[][] symmetric(Matrix matrix) {
    double[][] rows = rows(matrix);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < i; j++) {
        rows[j][i] = rows[i][j];
      }
    }
    return rows;
  }

  private double[][] rows(Matrix matrix) {
    float[] values = matrix.download(s);
    double[][] rows = new double[matrix.rows()][matrix.columns()];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = values[i * matrix.columns() + j];
      }
    }
    return rows;
  }
}
