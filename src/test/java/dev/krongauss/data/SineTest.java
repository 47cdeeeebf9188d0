package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The generated function against its formula in 50 digits, and its rows against themselves. */
final class SineTest {
  private static final MathContext DIGITS = new MathContext(50);
  private static final BigDecimal PI =
      new BigDecimal("3.14159265358979323846264338327950288419716939937510");
  private static final int TERMS = 60;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, Sine.MOST_INPUTS})
  void isTheFormulaToTwelveDigits(int inputs) {
    Dataset rows = Sine.train(inputs, 200, 7);
    for (int n = 0; n < rows.size(); n++) {
      float[] x = Arrays.copyOfRange(rows.inputs(), n * inputs, (n + 1) * inputs);
      double exact = exact(x);
      assertThat(Sine.value(x)).as("%s", Arrays.toString(x)).isCloseTo(exact, within(1e-12));
      assertThat(rows.targets()[n]).isEqualTo((float) Sine.value(x));
    }
  }

  @Test
  void isExactAtTheEnds() {
    for (float[] x : new float[][] {{-1, -1}, {1, -1}, {0, 1}, {-0.5f, 1}, {0, 0, 0}}) {
      assertThat(Sine.value(x)).as("%s", Arrays.toString(x)).isCloseTo(exact(x), within(1e-12));
    }
  }

  /**
   * Five standard errors: with 40,000 rows 1/200 for the mean; squares have a deviation of at most
   * 2, as the fourth moment of a sum is below that of one term, 9/4, or of a normal, 3.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void hasMeanZeroAndVarianceOne(int inputs) {
    float[] y = Sine.train(inputs, 40_000, 3).targets();
    double mean = 0;
    double square = 0;
    for (float value : y) {
      mean += value / y.length;
      square += (double) value * value / y.length;
    }
    assertThat(mean).isCloseTo(0, within(5 / 200.0));
    assertThat(square).isCloseTo(1, within(5 * 2 / 200.0));
  }

  @Test
  void rowsDependOnSeedAndIndexOnly() {
    Dataset many = Sine.train(3, 100, 1);
    Dataset few = Sine.train(3, 4, 1);
    assertThat(few.inputs()).isEqualTo(Arrays.copyOf(many.inputs(), 4 * 3));
    assertThat(few.targets()).isEqualTo(Arrays.copyOf(many.targets(), 4));
    assertThat(Sine.train(3, 4, 2).inputs()).isNotEqualTo(few.inputs());
    assertThat(Sine.test(3, 4, 1).inputs())
        .isEqualTo(Arrays.copyOf(Sine.test(3, 100, 1).inputs(), 4 * 3));
  }

  @Test
  void noRowToJudgeByIsTrainedOn() {
    float[] train = Sine.train(1, 3000, 1).inputs();
    float[] test = Sine.test(1, 3000, 1).inputs();
    long same = 0;
    for (int i = 0; i < train.length; i++) {
      same += train[i] == test[i] ? 1 : 0;
    }
    assertThat(same).isZero();
    assertThat(many(train)).isBetween(-1f, 1f);
    assertThat(many(test)).isBetween(-1f, 1f);
  }

  /** The value of the largest size. */
  private static float many(float[] values) {
    float most = 0;
    for (float value : values) {
      most = Math.abs(value) > Math.abs(most) ? value : most;
    }
    return most;
  }

  @Test
  void refusesWhatIsNotDefined() {
    assertThatThrownBy(() -> Sine.train(0, 5, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 inputs is not defined here; give 1 to 16 inputs");
    assertThatThrownBy(() -> Sine.value(new float[17])).hasMessageContaining("17 inputs");
    assertThatThrownBy(() -> Sine.test(2, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot generate 0 rows of 2 inputs; give a count from 1 to");
  }

  private static double exact(float[] x) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int j = 0; j < x.length; j++) {
      BigDecimal own = PI.multiply(new BigDecimal(x[j]));
      BigDecimal next = PI.multiply(new BigDecimal(x[(j + 1) % x.length]));
      BigDecimal half = next.divide(BigDecimal.valueOf(2), DIGITS);
      sum = sum.add(series(own, 1).multiply(series(half, 0)), DIGITS);
    }
    BigDecimal root = BigDecimal.valueOf(x.length).sqrt(DIGITS);
    return sum.multiply(BigDecimal.valueOf(2)).divide(root, DIGITS).doubleValue();
  }

  /** Taylor's series of the sine, whose first power is 1, or of the cosine: 0. */
  private static BigDecimal series(BigDecimal x, int first) {
    BigDecimal term = first == 1 ? x : BigDecimal.ONE;
    BigDecimal sum = term;
    for (int k = first + 2; k < TERMS; k += 2) {
      BigDecimal below = BigDecimal.valueOf((long) k * (k - 1));
      term = term.multiply(x).multiply(x).divide(below, DIGITS).negate();
      sum = sum.add(term, DIGITS);
    }
    return sum;
  }
}
