package dev.krongauss.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.data.Dataset;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of outputs on the host, against definitions in double. */
final class TallyTest {
  private static final int N = 97;

  /** Of sums of N terms in double in another order. */
  private static final double BOUND = 4 * N * 0x1p-52;

  private static final Loss.Split LOGIT = Loss.Split.LOGIT;

  static Stream<Arguments> classifiers() {
    return Stream.of(Loss.bernoulli(), Loss.softmax(), Loss.mixture(), Loss.mixture(LOGIT))
        .flatMap(loss -> Stream.of(false, true).map(weighted -> Arguments.of(loss, weighted)));
  }

  /** A third of the rows have others' outputs, so that many are equal; some rows weigh nothing. */
  @ParameterizedTest(name = "{0}, weighted: {1}")
  @MethodSource("classifiers")
  void classesAreCountedAndRanked(LossFunction loss, boolean weighted) {
    SplittableRandom random = new SplittableRandom(41);
    boolean mixture = loss.name().startsWith("mixture");
    boolean softmax = loss.name().equals("softmax");
    double[][] h = values(random, 3, () -> random.nextDouble(-2, 2));
    for (int n = 0; n < N / 3; n++) {
      h[N - 1 - n] = h[n];
    }
    double[][] t = values(random, mixture ? 1 : 3, () -> softmax ? 0 : random.nextInt(2));
    for (int n = 0; n < N && softmax; n++) {
      t[n][random.nextInt(3)] = 1;
    }
    double[] w = weights(random, weighted);
    Scores scores = scores(loss, weighted, h, t, w, 1);
    ReferenceScores wanted = new ReferenceScores(h, t, w);
    double accuracy =
        mixture ? wanted.mixtureRight() : softmax ? wanted.classesRight() : wanted.bitsRight();
    assertThat(scores.accuracy()).isCloseTo(accuracy, within(BOUND));
    double area =
        mixture
            ? wanted.area(wanted::mixture, 0)
            : wanted.meanArea(i -> row -> softmax ? wanted.softmax(row, i) : h[row][i]);
    assertThat(scores.auc()).isCloseTo(area, within(BOUND)).isBetween(0.3, 0.7);
    assertThat(scores.rmse()).isNaN();
    assertThat(scores.targets()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void squaredErrorsAreThoseOfEachTarget(boolean weighted) {
    SplittableRandom random = new SplittableRandom(42);
    double[][] h = values(random, 3, () -> (float) random.nextDouble(-2, 2));
    double[][] t = values(random, 3, () -> (float) random.nextDouble(999, 1001));
    double[] w = weights(random, weighted);
    Arrays.stream(t).forEach(row -> row[1] = 5); // constant
    Scores scores = scores(Loss.squared(), weighted, h, t, w, 1);
    ReferenceScores wanted = new ReferenceScores(h, t, w);
    assertThat(scores.rmse()).isCloseTo(wanted.rmse(), within(BOUND * wanted.rmse()));
    for (int i = 0; i < 3; i++) {
      Scores.Target target = scores.targets().get(i);
      assertThat(target.rmse()).isCloseTo(wanted.rmse(i), within(BOUND * wanted.rmse(i)));
      if (i == 1) {
        assertThat(target.r2()).isNaN();
      } else {
        // The mean of 1000 loses that much of a spread of 1 to rounding, squares twice.
        double slack = BOUND * 1e6 * Math.abs(wanted.r2(i));
        assertThat(target.r2()).isCloseTo(wanted.r2(i), within(slack));
      }
    }
    double mean = (scores.targets().get(0).r2() + scores.targets().get(2).r2()) / 2;
    assertThat(scores.r2()).isEqualTo(mean);
    assertThat(scores.auc()).isNaN();
    assertThat(scores.logLoss()).isNaN();
  }

  @Test
  void errorsGetTheUnitsOfTheTargets() {
    SplittableRandom random = new SplittableRandom(43);
    double[][] h = values(random, 2, random::nextDouble);
    double[][] t = values(random, 2, random::nextDouble);
    Scores scores = scores(Loss.squared(), false, h, t, weights(random, false), 1);
    Scores scaled = scores.in(new double[] {3, 0.5});
    double[][] hUnits = Arrays.stream(h).map(TallyTest::scaled).toArray(double[][]::new);
    double[][] tUnits = Arrays.stream(t).map(TallyTest::scaled).toArray(double[][]::new);
    ReferenceScores wanted = new ReferenceScores(hUnits, tUnits, weights(random, false));
    assertThat(scaled.rmse()).isCloseTo(wanted.rmse(), within(1e-6)); // h and t are floats here
    assertThat(scaled.targets().get(1).rmse()).isCloseTo(wanted.rmse(1), within(1e-6));
    assertThat(scaled.r2()).isEqualTo(scores.r2());
    assertThat(scaled.objective()).isEqualTo(scores.objective());
    assertThatThrownBy(() -> scores.in(new double[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 deviations for the scores of 2 targets");
    assertThatThrownBy(() -> scores.in(new double[] {1, 0})).hasMessageContaining("is 0.0");
  }

  private static double[] scaled(double[] row) {
    return new double[] {3 * row[0], 0.5 * row[1]};
  }

  @Test
  void greyTargetsAndOneClassHaveNoArea() {
    SplittableRandom random = new SplittableRandom(44);
    double[][] h = values(random, 2, () -> random.nextDouble(-1, 1));
    double[][] grey = values(random, 2, random::nextDouble);
    double[] w = weights(random, false);
    Scores scores = scores(Loss.bernoulli(), false, h, grey, w, 1);
    assertThat(scores.auc()).isNaN();
    assertThat(scores.accuracy())
        .isCloseTo(new ReferenceScores(h, grey, w).bitsRight(), within(BOUND));
    double[][] ones = values(random, 2, () -> 1);
    assertThat(scores(Loss.bernoulli(), false, h, ones, w, 1).auc()).isNaN();
    Arrays.stream(ones).limit(3).forEach(row -> row[1] = 0);
    assertThat(scores(Loss.bernoulli(), false, h, ones, w, 1).auc())
        .as("the output with both classes alone")
        .isCloseTo(new ReferenceScores(h, ones, w).area(row -> h[row][1], 1), within(BOUND));
  }

  @Test
  void whatIsNoNumberIsNeverRight() {
    double[][] h = {{Double.NaN, 1}, {2, 1}};
    double[][] t = {{1, 0}, {1, 0}};
    double[] w = {1, 1};
    Scores scores = scores(Loss.softmax(), false, h, t, w, Float.NaN);
    assertThat(scores.accuracy()).isEqualTo(0.5);
    assertThat(scores.objective()).isNaN();
    assertThat(scores(Loss.bernoulli(), false, h, t, w, 1).accuracy()).isEqualTo(0.25);
    assertThat(RocArea.of(new double[] {Double.NaN, 1}, new boolean[] {true, false}, w)).isNaN();
  }

  /** Logits whose probability is 1 in double are ranked still. */
  @Test
  void confidentOutputsAreRanked() {
    double[][] h = {{900, 0, 0}, {800, 0, 0}, {0, 900, 0}, {700, 0, 0}};
    double[][] t = {{1, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    Scores scores = scores(Loss.softmax(), false, h, t, new double[] {1, 1, 1, 1}, 1);
    // Of class 3 the log-odds are -700 in its own row and -900, -800 and -900 in the others.
    assertThat(scores.auc()).isEqualTo(1);
    assertThat(scores.accuracy()).isEqualTo(0.75);
  }

  @Test
  void theTwoZerosAreEqual() {
    double[] w = {1, 1};
    boolean[] positive = {true, false};
    assertThat(RocArea.of(new double[] {0.0, -0.0}, positive, w)).isEqualTo(0.5);
    assertThat(RocArea.of(new double[] {-0.0, 0.0}, positive, w)).isEqualTo(0.5);
  }

  @Test
  void aTextShowsWhatThereIs() {
    Scores scores = new Scores(0.5, 1000, 1, 0.25, Double.NaN, Double.NaN, Double.NaN, List.of());
    assertThat(scores).hasToString("objective 0.500000, RMSE 1.0000, R2 0.25000 on 1,000 rows");
    assertThat(Scores.of(2, 3)).hasToString("objective 2.00000 on 3 rows");
  }

  /** In chunks of 10 rows; every loss of a row is {@code E}. */
  private static Scores scores(
      LossFunction loss, boolean weighted, double[][] h, double[][] t, double[] w, float E) {
    int m = t[0].length + (weighted ? 1 : 0);
    float[] targets = new float[h.length * m];
    float[] losses = new float[h.length];
    for (int n = 0; n < h.length; n++) {
      for (int i = 0; i < m; i++) {
        targets[n * m + i] = (float) (i < t[n].length ? t[n][i] : w[n]);
      }
      losses[n] = (float) (E * w[n]);
    }
    Dataset data = Dataset.supervised("rows", new float[h.length], 1, targets, m);
    LossFunction used = weighted ? Loss.weighted(loss) : loss;
    Tally tally = new Scorer(data, used, h[0].length).begin();
    for (int first = 0; first < h.length; first += 10) {
      int end = Math.min(h.length, first + 10);
      float[] rows = new float[(end - first) * h[0].length];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (float) h[first + i / h[0].length][i % h[0].length];
      }
      tally.add(first, rows, Arrays.copyOfRange(losses, first, end));
    }
    return tally.scores();
  }

  private static double[] weights(SplittableRandom random, boolean weighted) {
    double[] w = new double[N];
    for (int n = 0; n < N; n++) {
      w[n] = weighted ? random.nextInt(4) / 2.0 : 1;
    }
    return w;
  }

  private static double[][] values(SplittableRandom random, int columns, DoubleSupplier value) {
    double[][] values = new double[N][columns];
    for (double[] row : values) {
      Arrays.setAll(row, i -> (float) value.getAsDouble());
    }
    return values;
  }
}
