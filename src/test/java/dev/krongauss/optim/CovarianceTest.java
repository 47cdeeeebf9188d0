package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;

/** Covariance of fitted weights against the formulas of linear regression and a dense inverse. */
final class CovarianceTest {
  @Test
  void ofALinearModelIsThatOfRegression() {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.IDENTITY, 300, 51, 3, 2);
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer =
            GaussNewton.exact().lambda(1e-6).build(problem.network(), problem.loss())) {
      optimizer.step(problem.batch());
      Covariance covariance = optimizer.covariance(problem.batch());
      double[][] X = new double[300][];
      for (int n = 0; n < X.length; n++) {
        X[n] = new double[] {problem.X()[n][0], problem.X()[n][1], problem.X()[n][2], 1};
      }
      double[][] inverse = Algebra.inverse(Algebra.multiply(Algebra.transpose(X), X));
      double bound = 300 * 0x1p-24 * Algebra.condition(Algebra.multiply(Algebra.transpose(X), X));
      assertThat(covariance.size()).isEqualTo(8);
      for (int i = 0; i < 8; i++) {
        double[] row = covariance.row(i);
        assertThat(covariance.variances()[i]).isCloseTo(row[i], within(1e-12 * row[i]));
        for (int j = 0; j < 8; j++) {
          double wanted = i / 4 == j / 4 ? inverse[i % 4][j % 4] : 0;
          assertThat(row[j]).isCloseTo(wanted, within(bound * inverse[i % 4][i % 4]));
        }
      }
      double squares =
          2 * 300 * problem.reference().loss(problem.X(), problem.T(), ReferenceLoss.SQUARED);
      assertThat(covariance.residualVariance())
          .isCloseTo(squares / (600 - 8), within(1e-5 * squares / 592));
      try (DeviceBatch other =
          DeviceBatch.of(
              TestDevice.get(), new double[][] {{0.5, -1, 2}, {0, 0, 0}}, new double[2][2])) {
        double[] predicted = covariance.predictions(other);
        double[] x = {0.5, -1, 2, 1};
        double[] Ax = Algebra.multiply(inverse, x);
        double wanted = x[0] * Ax[0] + x[1] * Ax[1] + x[2] * Ax[2] + x[3] * Ax[3];
        assertThat(predicted).hasSize(4);
        assertThat(predicted[0]).isCloseTo(wanted, within(bound * wanted));
        assertThat(predicted[1]).isCloseTo(wanted, within(bound * wanted));
        assertThat(predicted[2]).isCloseTo(inverse[3][3], within(bound * inverse[3][3]));
      }
    }
  }

  @Test
  void ofANetworkIsTheInverseOfItsMatrix() {
    double eta = 1e-2;
    Setup setup = new Setup(ReferenceLoss.BERNOULLI, Unit.TANH, 50, 52, 3, 4, 2);
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer =
            GaussNewton.exact().l2(eta).build(problem.network(), problem.loss())) {
      DenseStep dense = DenseStep.of(problem.reference(), problem, eta);
      double[][] A = Algebra.combine(50, dense.C(), 50 * eta, Algebra.identity(dense.g().length));
      double[][] inverse = Algebra.inverse(A);
      double bound = setup.path() * 0x1p-24 * Algebra.condition(A);
      double[] variances = optimizer.covariance(problem.batch()).variances();
      for (int i = 0; i < variances.length; i++) {
        assertThat(variances[i]).isCloseTo(inverse[i][i], within(bound * inverse[i][i]));
      }
    }
  }

  @Test
  void aBatchThatDoesNotDetermineTheWeightsIsRefused() {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 5, 53, 3, 4, 1);
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        ExactGaussNewton optimizer = GaussNewton.exact().build(problem.network(), problem.loss())) {
      assertThatThrownBy(() -> optimizer.covariance(problem.batch()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not determine the weights")
          .hasMessageContaining("more data, fewer units, or an L2 term");
    }
  }
}
