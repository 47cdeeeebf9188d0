package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When held-out rows are evaluated. */
final class ScheduleTest {
  @Test
  void everySoManyUpdates() {
    assertThat(due(Schedule.every(4), 10, 1, 100)).containsExactly(4L, 8L);
  }

  /**
   * Updates take 1 s and an evaluation 0.2 s, so four seconds lie between two, once it is known.
   */
  @Test
  void asOftenAsItCostsLittle() {
    assertThat(due(byUpdates(40), 20, 1, 0.2)).containsExactly(1L, 2L, 6L, 10L, 14L, 18L);
  }

  /** An evaluation costs nothing, but two hundred are enough. */
  @Test
  void notMoreThanAPictureShows() {
    List<Long> due = due(byUpdates(4000), 4000, 1, 0);
    assertThat(due).hasSize(200).startsWith(20L, 40L).endsWith(4000L);
  }

  @Test
  void theFirstOneTakesMemoryAndDoesNotCount() {
    Schedule schedule = byUpdates(100);
    Curve curve = new Curve("kfra", 1);
    Curve.Point first = curve.add(1, 1);
    assertThat(schedule.due(first)).isTrue();
    schedule.evaluated(first, 1000);
    Curve.Point second = curve.add(2, 1);
    assertThat(schedule.due(second)).isTrue();
    schedule.evaluated(second, 0.1);
    assertThat(schedule.due(curve.add(3, 1))).isFalse();
    assertThat(schedule.due(curve.add(4, 1))).isTrue();
  }

  @Test
  void itGoesOnBehindWhatIsThere() {
    Curve curve = new Curve("kfra", 1);
    for (int i = 1; i <= 10; i++) {
      curve.add(i, 1);
    }
    double none = Double.NaN;
    curve.add(new HeldOut(10, 10, false, 1, none, none, none, none, none));
    Schedule schedule = byUpdates(2000);
    schedule.from(curve);
    List<Long> due = new ArrayList<>();
    for (int i = 11; i <= 30; i++) {
      Curve.Point point = curve.add(i, 1);
      if (schedule.due(point)) {
        due.add(point.update());
        schedule.evaluated(point, 0);
      }
    }
    assertThat(due).containsExactly(20L, 30L);
  }

  private static Schedule byUpdates(double limit) {
    return Schedule.byCost(point -> point.update() / limit);
  }

  private static List<Long> due(Schedule schedule, int updates, double seconds, double cost) {
    Curve curve = new Curve("kfra", 1);
    List<Long> due = new ArrayList<>();
    for (int i = 1; i <= updates; i++) {
      Curve.Point point = curve.add(seconds * i, 1);
      if (schedule.due(point)) {
        due.add(point.update());
        schedule.evaluated(point, cost);
      }
    }
    return due;
  }
}
