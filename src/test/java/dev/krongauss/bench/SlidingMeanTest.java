package dev.krongauss.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The mean of the last ten. */
final class SlidingMeanTest {
  @Test
  void averagesWhatIsThereAndThenTheLastOnes() {
    SlidingMean mean = new SlidingMean(3);
    assertThat(mean.add(6)).isEqualTo(6);
    assertThat(mean.add(2)).isEqualTo(4);
    assertThat(mean.add(1)).isEqualTo(3);
    assertThat(mean.add(0)).isEqualTo(1);
    assertThat(mean.add(-1)).isEqualTo(0);
  }

  @Test
  void forgetsANumberThatIsNone() {
    SlidingMean mean = new SlidingMean(2);
    assertThat(mean.add(Double.NaN)).isNaN();
    assertThat(mean.add(1)).isNaN();
    assertThat(mean.add(3)).isEqualTo(2);
  }

  @Test
  void aCurveTellsWhenAnObjectiveWasReached() {
    Curve curve = new Curve("adam", 1);
    for (int i = 1; i <= 20; i++) {
      curve.add(i, i <= 10 ? 1 : 0);
    }
    assertThat(curve.firstAt(1).update()).as("of ten whole updates").isEqualTo(10);
    assertThat(curve.firstAt(0.75).seconds()).isEqualTo(13);
    assertThat(curve.firstAt(-1)).isNull();
  }

  @Test
  void aCurveKeepsLastAndBest() {
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
}
