package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Method;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The rule of {@link GaussNewton#auto}. */
final class MethodChoiceTest {
  private static final long BUDGET = 256L << 20;
  private static final int[] AUTOENCODER = {784, 1000, 500, 250, 30, 250, 500, 1000, 784};
  private static final int[] CLASSIFIER = {784, 500, 300, 10};

  @Test
  void fewOutputsTakeKflrAndManyKfra() {
    assertThat(MethodChoice.of(CLASSIFIER, 1000, 10, false, 5, BUDGET).method())
        .isEqualTo(Method.KFLR);
    assertThat(MethodChoice.of(AUTOENCODER, 1000, 784, false, 5, BUDGET).method())
        .isEqualTo(Method.KFRA);
    assertThat(MethodChoice.of(new int[] {7, 3}, 100, 3, false, 1, BUDGET).method())
        .isEqualTo(Method.KFLR);
  }

  @Test
  void theBudgetDecidesToTheByte() {
    long bytes = 2L * 4 * 1000 * 10 * 512; // two sides, rows of 500 floats padded to 512
    assertThat(MethodChoice.of(CLASSIFIER, 1000, 10, false, 5, bytes).method())
        .isEqualTo(Method.KFLR);
    MethodChoice below = MethodChoice.of(CLASSIFIER, 1000, 10, false, 5, bytes - 1);
    assertThat(below.method()).isEqualTo(Method.KFRA);
    assertThat(below.reason())
        .startsWith("kfra: with N = 1000 datapoints of K = 10 columns")
        .contains("39.06 MiB (budget 39.06 MiB)");
  }

  @Test
  void theShareOfOperationsIsCountedLayerByLayer() {
    // 3-4-2, N = 5, K = 2, a refresh every 2nd update.
    double update =
        10 * 5 * (3 * 4 + 4 * 2)
            + (2 * 9 * 4 + 2 * 3 * 16)
            + (2 * 16 * 2 + 2 * 4 * 4)
            + ((5 * 9 + 27 + 64) + (5 * 16 + 64 + 8)) / 2.0;
    double kfra = 2 * 4 * 4 + 2 * 16 + 5 * 16;
    double kflr = 5 * 2 * 16 + 5 * 2 * 4 + 2 * 5 * 2 * 4 * 2;
    assertThat(MethodChoice.share(new int[] {3, 4, 2}, 5, 2, false, 2))
        .isCloseTo((kflr - kfra) / 2 / (update + kfra / 2), Offset.offset(1e-12));
  }

  @Test
  void aDiagonalTopTakesNoProductsNorFactorisationOfItsG() {
    // The same without the terms of the last layer's 2² and 2³.
    double update =
        10 * 5 * (3 * 4 + 4 * 2)
            + (2 * 9 * 4 + 2 * 3 * 16)
            + 2 * 16 * 2
            + ((5 * 9 + 27 + 64) + (5 * 16 + 64)) / 2.0;
    double kfra = 2 * 16 + 5 * 16;
    double kflr = 5 * 2 * 16 + 2 * 5 * 2 * 4 * 2;
    assertThat(MethodChoice.share(new int[] {3, 4, 2}, 5, 2, true, 2))
        .isCloseTo((kflr - kfra) / 2 / (update + kfra / 2), Offset.offset(1e-12));
  }

  @Test
  void halfOfAnUpdateIsTheBound() {
    int largest = 0;
    for (int K = 1; K <= 784; K++) {
      double share = MethodChoice.share(AUTOENCODER, 100, K, false, 5);
      Method method = MethodChoice.of(AUTOENCODER, 100, K, false, 5, Long.MAX_VALUE).method();
      assertThat(method).isEqualTo(share <= 0.5 ? Method.KFLR : Method.KFRA);
      largest = method == Method.KFLR ? K : largest;
    }
    assertThat(largest).isBetween(2, 783);
    assertThat(MethodChoice.share(AUTOENCODER, 100, largest + 1, false, 5)).isGreaterThan(0.5);
  }

  @Test
  void rarerRefreshesMakeKflrCheaper() {
    double often = MethodChoice.share(CLASSIFIER, 1000, 10, false, 1);
    double rarely = MethodChoice.share(CLASSIFIER, 1000, 10, false, 20);
    assertThat(rarely).isPositive().isLessThan(often);
  }

  @Test
  void theFirstBatchDecidesForGood() {
    Setup setup = new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 9, 71, 5, 6, 3);
    long bytes = 2L * 4 * 9 * 3 * 32;
    for (boolean fits : new boolean[] {true, false}) {
      Method wanted = fits ? Method.KFLR : Method.KFRA;
      try (Problem problem = setup.open(Operations.Mode.KERNELS);
          Problem twin = setup.open(Operations.Mode.KERNELS);
          Optimizer auto =
              GaussNewton.auto()
                  .operations(Operations.Mode.KERNELS)
                  .budget(fits ? bytes : bytes - 1)
                  .build(problem.network(), problem.loss());
          GaussNewton direct =
              GaussNewtonTest.builder(wanted)
                  .operations(Operations.Mode.KERNELS)
                  .build(twin.network(), twin.loss());
          DeviceBatch one =
              DeviceBatch.of(
                  TestDevice.get(), Arrays.copyOf(problem.X(), 1), Arrays.copyOf(problem.T(), 1))) {
        assertThat(auto.chosen()).isEmpty();
        assertThat(auto.name()).isEqualTo("auto");
        assertThat(auto.choice()).isEmpty();
        auto.step(problem.batch());
        direct.step(twin.batch());
        assertThat(((GaussNewton) auto.chosen().orElseThrow()).method()).contains(wanted);
        assertThat(auto.name()).isEqualTo(direct.name());
        String reason = auto.choice();
        assertThat(reason)
            .startsWith(auto.name() + ": with N = 9 datapoints of K = 3 columns")
            .contains("; not exact(): 27 residuals of a batch do not determine the 57 weights");
        assertThat(problem.network().weights()).isDeepEqualTo(twin.network().weights());
        auto.step(one); // a batch of one datapoint would fit
        direct.step(one);
        assertThat(((GaussNewton) auto.chosen().orElseThrow()).method()).contains(wanted);
        assertThat(auto.choice()).isEqualTo(reason);
        assertThat(problem.network().weights()).isDeepEqualTo(twin.network().weights());
        assertThat(direct.method()).contains(wanted);
        assertThat(direct.choice()).isEmpty();
      }
    }
  }
}
