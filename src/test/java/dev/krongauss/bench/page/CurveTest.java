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
}
