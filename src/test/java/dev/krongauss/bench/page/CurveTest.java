package dev.krongauss.bench.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** What is told of the updates of one run. */
final class CurveTest {
  @Test
  void tellsWhenAnObjectiveWasReached() {
    Curve curve = new Curve("adam", 1);
    for (int i = 1; i <= 20; i++) {
      curve.add(i, i <= 10 ? 1 : 0);
    }
    assertThat(curve.firstAt(1).update()).as("of ten whole updates").isEqualTo(10);
    assertThat(curve.firstAt(0.75).seconds()).isEqualTo(13);
    assertThat(curve.firstAt(-1)).isNull();
  }

  @Test
  void keepsLastAndBest() {
    Curve curve = new Curve("adam", 1);
    assertThat(curve.finalObjective()).isNaN();
    assertThat(curve.millisecondsPerUpdate()).isNaN();
    for (int i = 1; i <= 12; i++) {
      curve.add(0.5 * i, i <= 11 ? 12 - i : 100);
    }
    // The last ten: 9, 8, ..., 1 and 100; the best ten: 10, 9, ..., 1.
    assertThat(curve.finalObjective()).isCloseTo(14.5, within(1e-12));
    assertThat(curve.bestObjective()).isCloseTo(5.5, within(1e-12));
    assertThat(curve.seconds()).isEqualTo(6);
    assertThat(curve.millisecondsPerUpdate()).isEqualTo(500);
  }

  @Test
  void theBestOnHeldOutRowsIsOfLastOrAveragedWeights() {
    Curve curve = new Curve("kfra", 1);
    assertThat(curve.bestHeldOut()).isEmpty();
    curve.add(judged(5, false, Double.NaN));
    assertThat(curve.bestHeldOut()).as("no number").isEmpty();
    curve.add(judged(10, false, 3));
    curve.add(judged(10, true, 2));
    assertThat(curve.evaluationsSinceBest()).isZero();
    curve.add(judged(20, false, 2));
    curve.add(judged(20, true, 2.5));
    assertThat(curve.evaluationsSinceBest()).as("one update, not two rows").isEqualTo(1);
    assertThat(curve.bestHeldOut()).get().isEqualTo(judged(10, true, 2));
    curve.add(judged(30, false, Double.NaN));
    assertThat(curve.evaluationsSinceBest()).isEqualTo(2);
    curve.add(judged(40, false, 9));
    curve.add(judged(40, true, 1));
    assertThat(curve.evaluationsSinceBest()).as("the second row is better").isZero();
    assertThat(curve.firstHeldOutAt(2.5)).get().isEqualTo(judged(10, true, 2));
    assertThat(curve.firstHeldOutAt(0.5)).isEmpty();
  }

  private static HeldOut judged(long update, boolean averaged, double objective) {
    double none = Double.NaN;
    return new HeldOut(update, 0.1 * update, averaged, objective, none, none, none, none, none);
  }
}
