package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.bench.run.SummaryTable;
import dev.krongauss.optim.DivergenceException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When an optimiser stops, and what its clock counts. */
final class TrainingLoopTest {
  private static final Limits ONE_SECOND = new Limits(Long.MAX_VALUE, 1);

  private final Curve curve = new Curve("kfra", 1);
  private long now;

  @Test
  void stopsAfterTheUpdatesAskedFor() {
    List<Curve.Point> seen = new ArrayList<>();
    TrainingLoop.ofUpdates(3).run(() -> 7, curve, seen::add);
    assertThat(seen).isEqualTo(curve.points()).hasSize(3);
    assertThat(seen.get(2).update()).isEqualTo(3);
    assertThat(curve.failure()).isNull();
  }

  @Test
  void stopsAfterTheSecondsAskedForAndCountsTrainingOnly() {
    TrainingLoop loop = new TrainingLoop(ONE_SECOND, () -> now);
    loop.run(
        () -> {
          now += 400_000_000;
          return 1;
        },
        curve,
        point -> now += 5_000_000_000L); // writing and showing: not on the clock
    assertThat(curve.updates()).isEqualTo(3);
    assertThat(curve.seconds()).isCloseTo(1.2, within(1e-9));
  }

  @Test
  void aDivergenceEndsTheOptimiserAndIsSaid() {
    TrainingLoop.ofUpdates(10)
        .run(
            () -> {
              if (curve.updates() == 2) {
                throw new DivergenceException("50 updates in a row were rejected");
              }
              return 1;
            },
            curve,
            point -> {});
    assertThat(curve.updates()).isEqualTo(2);
    assertThat(curve.failure()).isEqualTo("after 2 updates: 50 updates in a row were rejected");
    assertThat(SummaryTable.text(List.of(curve))).contains("kfra (seed 1) stopped after 2 updates");
  }

  @Test
  void goesOnWhereACurveEnds() {
    curve.add(0.4, 1);
    curve.add(0.8, 1);
    TrainingLoop loop = new TrainingLoop(ONE_SECOND, () -> now);
    loop.run(
        () -> {
          now += 150_000_000;
          return 1;
        },
        curve,
        point -> {});
    assertThat(curve.updates()).isEqualTo(4);
    assertThat(curve.seconds()).isCloseTo(1.1, within(1e-9));
  }

  @Test
  void anErrorOfOursIsNotSwallowed() {
    assertThatThrownBy(
            () ->
                TrainingLoop.ofUpdates(10)
                    .run(
                        () -> {
                          throw new IllegalStateException("bug");
                        },
                        curve,
                        point -> {}))
        .hasMessage("bug");
  }

  @Test
  void progressIsTheNearerLimit() {
    TrainingLoop both = new TrainingLoop(new Limits(10, 4));
    assertThat(both.progress(new Curve.Point(5, 1, 0, 0))).isEqualTo(0.5);
    assertThat(both.progress(new Curve.Point(5, 3, 0, 0))).isEqualTo(0.75);
    assertThat(both.progress(new Curve.Point(10, 9, 0, 0))).isEqualTo(1);
    TrainingLoop updates = TrainingLoop.ofUpdates(10);
    assertThat(updates.progress(new Curve.Point(5, 3, 0, 0))).isEqualTo(0.5);
    assertThat(updates.secondsLeft(new Curve.Point(5, 3, 0, 0))).isEqualTo(3);
    assertThat(both.secondsLeft(new Curve.Point(5, 3, 0, 0))).isEqualTo(1);
  }
}
