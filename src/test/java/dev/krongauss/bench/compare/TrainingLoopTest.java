package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.bench.run.SummaryTable;
import dev.krongauss.device.DeviceException;
import dev.krongauss.optim.DivergenceException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When an optimiser stops, and what its clock counts. */
final class TrainingLoopTest {
  private static final Limits ONE_SECOND = new Limits(Long.MAX_VALUE, 1);

  private final Curve curve = new Curve("kfra", 1);
  private final List<String> events = new ArrayList<>();
  private long launched;
  private long deviceTime;
  private long now;

  /** Takes so long from when the one before is done; failures are of the device. */
  private final class Update implements Launched {
    private final long number = ++launched;
    private final long nanoseconds;
    private final boolean atOnce;
    private RuntimeException failure;

    Update(long nanoseconds, boolean atOnce) {
      this.nanoseconds = nanoseconds;
      this.atOnce = atOnce;
      events.add("launch " + number);
    }

    @Override
    public double loss() {
      events.add("read " + number);
      deviceTime = Math.max(deviceTime, now) + nanoseconds;
      now = deviceTime;
      if (failure != null) {
        throw failure;
      }
      return 10 * number;
    }

    @Override
    public boolean readAtOnce() {
      return atOnce;
    }
  }

  private Launched update(long milliseconds) {
    return new Update(1_000_000 * milliseconds, false);
  }

  @Test
  void stopsAfterTheUpdatesAskedFor() {
    List<Curve.Point> seen = new ArrayList<>();
    TrainingLoop.ofUpdates(3).run(() -> update(1), curve, seen::add);
    assertThat(seen).isEqualTo(curve.points()).hasSize(3);
    assertThat(seen.get(2).update()).isEqualTo(3);
    assertThat(seen.get(2).objective()).isEqualTo(30);
    assertThat(curve.failure()).isNull();
    assertThat(events)
        .containsExactly("launch 1", "launch 2", "read 1", "launch 3", "read 2", "read 3");
  }

  @Test
  void whatTheNextUpdateDependsOnIsReadAtOnce() {
    TrainingLoop.ofUpdates(4).run(() -> new Update(1, launched == 1), curve, point -> {});
    assertThat(events)
        .containsExactly(
            "launch 1", "launch 2", "read 1", "read 2", "launch 3", "launch 4", "read 3", "read 4");
  }

  /** Every second update by its number; and one for which it is time behind the third. */
  @Test
  void nothingRunsWhereTheNetworkIsLookedAt() {
    TrainingLoop.ofUpdates(6)
        .run(
            () -> update(1),
            curve,
            new Follower() {
              @Override
              public void point(Curve.Point point) {
                events.add("point " + point.update());
              }

              @Override
              public boolean looksBehind(long update) {
                return update == 2;
              }

              @Override
              public boolean due(Curve.Point point) {
                return point.update() == 3;
              }

              @Override
              public void look(Curve.Point point) {
                events.add("look " + point.update());
              }

              @Override
              public boolean goOn() {
                events.add("go on?");
                return curve.updates() < 4;
              }
            });
    assertThat(events)
        .containsExactly(
            "go on?",
            "launch 1",
            "launch 2",
            "read 1",
            "point 1",
            "read 2",
            "point 2",
            "look 2",
            "go on?",
            "launch 3",
            "launch 4",
            "read 3",
            "point 3",
            "read 4",
            "point 4",
            "look 4",
            "go on?");
  }

  /** The clock runs while an update does: what is done meanwhile is on it, looking is not. */
  @Test
  void stopsAfterTheSecondsAskedForAndCountsTrainingOnly() {
    TrainingLoop loop = new TrainingLoop(ONE_SECOND, () -> now);
    loop.run(
        () -> update(400),
        curve,
        new Follower() {
          @Override
          public void point(Curve.Point point) {}

          @Override
          public boolean looksBehind(long update) {
            return true;
          }

          @Override
          public void look(Curve.Point point) {
            now += 5_000_000_000L;
          }
        });
    assertThat(curve.updates()).isEqualTo(3);
    assertThat(curve.seconds()).isCloseTo(1.2, within(1e-9));
  }

  /** As many updates as if each was waited for: none is begun behind the limit. */
  @Test
  void noUpdateIsBegunBehindTheLimit() {
    new TrainingLoop(ONE_SECOND, () -> now).run(() -> update(150), curve, point -> {});
    assertThat(curve.updates()).isEqualTo(7);
    assertThat(launched).isEqualTo(7);
    assertThat(curve.seconds()).isCloseTo(1.05, within(1e-9));
  }

  @Test
  void writingIsOnTheClockWhereAnUpdateRuns() {
    new TrainingLoop(new Limits(3, 100), () -> now)
        .run(() -> update(400), curve, point -> now += 100_000_000);
    // The first two rows are written while an update runs, the last one behind all.
    assertThat(curve.seconds()).isCloseTo(1.4, within(1e-9));
  }

  @Test
  void aDivergenceEndsTheOptimiserAndIsSaid() {
    TrainingLoop.ofUpdates(10)
        .run(
            () -> {
              if (launched == 2) {
                throw new DivergenceException("50 updates in a row were rejected");
              }
              return update(1);
            },
            curve,
            point -> {});
    assertThat(curve.updates()).as("the one that was not read yet among them").isEqualTo(2);
    assertThat(curve.failure()).isEqualTo("after 2 updates: 50 updates in a row were rejected");
    assertThat(SummaryTable.text(List.of(curve))).contains("kfra (seed 1) stopped after 2 updates");
  }

  @Test
  void aFailureOfTheDeviceEndsItAtTheUpdateItWasIn() {
    TrainingLoop.ofUpdates(10)
        .run(
            () -> {
              Update next = new Update(1, false);
              next.failure = launched == 3 ? new DeviceException("an illegal address") : null;
              return next;
            },
            curve,
            point -> {});
    assertThat(curve.updates()).isEqualTo(2);
    assertThat(curve.failure()).isEqualTo("after 2 updates: an illegal address");
  }

  @Test
  void goesOnWhereACurveEnds() {
    curve.add(0.4, 1);
    curve.add(0.8, 1);
    new TrainingLoop(ONE_SECOND, () -> now).run(() -> update(150), curve, point -> {});
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
                          if (launched == 1) {
                            throw new IllegalStateException("bug");
                          }
                          return update(1);
                        },
                        curve,
                        point -> {}))
        .hasMessage("bug");
    assertThat(curve.updates()).isEqualTo(1);
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
