package dev.krongauss.bench.analyse;

import dev.krongauss.curvature.CurvatureBlocks;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.Arrays;
import org.ejml.simple.SimpleMatrix;

/** Symmetric matrices of the device on the host. */
final class Symmetric {
  /** Eigenvalues below this share of the largest are the rounding errors of single precision. */
  static final double NOISE = 1e-5;

  private Symmetric() {}

  /** Exact curvature at the subject's batch. */
  static CurvatureBlocks blocks(Subject subject) {
    return new CurvatureBlocks(
        subject.network, subject.loss, subject.h(), subject.targets(), subject.s);
  }

  static SimpleMatrix matrix(Matrix A, Stream s) {
    float[] values = A.download(s);
    SimpleMatrix result = new SimpleMatrix(A.rows(), A.columns());
    for (int i = 0; i < A.rows(); i++) {
      for (int j = 0; j < A.columns(); j++) {
        result.set(i, j, values[i * A.columns() + j]);
      }
    }
    return result;
  }

  /** Ascending. */
  static double[] eigenvalues(SimpleMatrix A) {
    double[] values =
        A.eig().getEigenvalues().stream().mapToDouble(complex -> complex.real).toArray();
    Arrays.sort(values);
    return values;
  }

  static int rank(Matrix A, Stream s) {
    return rank(matrix(A, s), NOISE);
  }

  /** Eigenvalues above {@code noise} times the largest. */
  static int rank(SimpleMatrix A, double noise) {
    double[] values = eigenvalues(A);
    double largest = values[values.length - 1];
    return (int) Arrays.stream(values).filter(v -> v > noise * largest).count();
  }
}
