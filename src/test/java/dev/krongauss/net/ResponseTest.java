package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.model.LossFunction;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.HostLoss;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Responses against the definitions, in 40 digits. Bound: one rounding to float, and a few of
 * doubles, which come to less than a second one.
 */
final class ResponseTest {
  private static final double RELATIVE = 0x1p-23;
  private static final MathContext DIGITS = new MathContext(40);

  @Test
  void bernoulliIsTheLogisticFunction() {
    float[] h = {-80, -20, -1e-3f, 0, 0.5f, 17, 80, 1000, -1000};
    float[] p = Response.of(Loss.bernoulli()).of(h, 3, 3);
    for (int i = 0; i < 7; i++) {
      double wanted = sigma(h[i]).doubleValue();
      assertThat((double) p[i]).as("h = %s", h[i]).isCloseTo(wanted, within(RELATIVE * wanted));
    }
    assertThat(p[7]).isEqualTo(1);
    assertThat(p[8]).isEqualTo(0);
  }

  @Test
  void softmaxIsOneOfEachRow() {
    SplittableRandom random = new SplittableRandom(3);
    int n = 50;
    int m = 7;
    float[] h = new float[n * m];
    for (int i = 0; i < h.length; i++) {
      h[i] = (float) (60 * random.nextDouble() - 30) + (i < 3 * m ? 1000 : 0);
    }
    float[] p = Response.named("weighted softmax").of(h, n, m);
    for (int row = 0; row < n; row++) {
      BigDecimal sum = BigDecimal.ZERO;
      for (int k = 0; k < m; k++) {
        sum = sum.add(exp(h[row * m + k] - (double) h[row * m]));
      }
      double total = 0;
      for (int k = 0; k < m; k++) {
        double wanted = exp(h[row * m + k] - (double) h[row * m]).divide(sum, DIGITS).doubleValue();
        assertThat((double) p[row * m + k]).isCloseTo(wanted, within(RELATIVE * wanted));
        total += p[row * m + k];
      }
      assertThat(total).isCloseTo(1, within(m * RELATIVE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixture (outcome)", "mixture (logit)", "weighted mixture (logit)"})
  void aMixtureIsOneProbability(String name) {
    float[] h = {0.3f, -2, 1, -40, 5, -60, 500, -3, 500, -500, 500, -2};
    Response response = Response.named(name);
    float[] p = response.of(h, 4, 3);
    assertThat(response.columns(3)).isEqualTo(1);
    assertThat(p).hasSize(4);
    for (int row = 0; row < 2; row++) {
      double wanted =
          sigma(h[3 * row])
              .multiply(sigma(h[3 * row + 1]))
              .add(sigma(-h[3 * row]).multiply(sigma(h[3 * row + 2])))
              .doubleValue();
      assertThat((double) p[row]).isCloseTo(wanted, within(RELATIVE * wanted));
    }
    assertThat((double) p[2]).isCloseTo(sigma(-3).doubleValue(), within(RELATIVE));
    assertThat((double) p[3]).isCloseTo(sigma(-2).doubleValue(), within(RELATIVE));
  }

  static java.util.stream.Stream<LossFunction> asTheyAre() {
    return java.util.stream.Stream.of(
        Loss.squared(), Loss.weighted(Loss.squared()), new HostLoss(ReferenceLoss.BERNOULLI, 2));
  }

  @ParameterizedTest
  @MethodSource("asTheyAre")
  void othersLeaveTheOutputs(LossFunction loss) {
    float[] h = {1, Float.NaN, -0f, 1e30f};
    assertThat(Response.of(loss).of(h, 2, 2)).isEqualTo(h).isNotSameAs(h);
    assertThat(Response.of(loss).isIdentity()).isTrue();
    assertThat(Response.of(Loss.softmax()).isIdentity()).isFalse();
  }

  /**
   * The results stand at the start of the caller's array, and nothing behind the rows is touched.
   */
  @Test
  void inPlace() {
    float[] h = {0, 0, 0, 0, 9, 9, 7, 7};
    Response.named("mixture (outcome)").apply(h, 2, 3);
    assertThat(h).containsExactly(0.5f, (float) sigma(9).doubleValue(), 0, 0, 9, 9, 7, 7);
    Response.of(Loss.bernoulli()).apply(h, 0, 5);
    assertThat(h[0]).isEqualTo(0.5f);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> Response.named("huber"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("loss 'huber' is not known; this version has [squared, bernoulli,");
    assertThatThrownBy(() -> Response.named("mixture (outcome)").columns(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("4 outputs of a mixture of two binary classifiers");
    assertThatThrownBy(() -> Response.of(Loss.squared()).apply(new float[5], 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 rows of 3 outputs do not lie in an array of 5");
  }

  private static BigDecimal sigma(double h) {
    return BigDecimal.ONE.divide(BigDecimal.ONE.add(exp(-h)), DIGITS);
  }

  /** e^x = (e^(x / 2^16))^(2^16), the inner one by its series. */
  private static BigDecimal exp(double x) {
    MathContext more = new MathContext(60);
    BigDecimal small = new BigDecimal(x).divide(BigDecimal.valueOf(1 << 16), more);
    BigDecimal term = BigDecimal.ONE;
    BigDecimal sum = BigDecimal.ONE;
    for (int k = 1; k < 30; k++) {
      term = term.multiply(small, more).divide(BigDecimal.valueOf(k), more);
      sum = sum.add(term, more);
    }
    return sum.pow(1 << 16, more).round(DIGITS);
  }
}
