package dev.krongauss.bench.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Loss;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Phase;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an update costs, of small networks. */
final class UpdateMeterTest {
  private static final int BATCH = 7;
  private static final int WIDTH = 12;
  private static final int INPUT = 13; // 12 and the column of ones; padding is not copied

  private static List<UpdateCost> costs;
  private static long before;
  private static long held;

  @BeforeAll
  static void measure() {
    Device device = TestDevice.get();
    NetworkShape shape = NetworkShape.autoencoder(WIDTH, 0.01);
    try (Batches batches = Batches.of(device, data(), BATCH, 1)) {
      before = device.allocatedBytes();
      try (UpdateMeter meter = new UpdateMeter(device, batches::next)) {
        meter.add(
            "kfra",
            () -> shape.build(device, 1),
            network -> GaussNewton.kfra().build(network, Loss.bernoulli()));
        meter.add(
            "adam",
            () -> shape.build(device, 1),
            network -> Adam.builder().build(network, Loss.bernoulli()));
        costs = meter.measure(1);
        held = device.allocatedBytes() - before;
      }
    }
  }

  private static Dataset data() {
    float[] values = new float[4 * BATCH * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 37 % 101 / 101f;
    }
    return Dataset.autoencoder("values", values, WIDTH);
  }

  @AfterAll
  static void nothingIsLeft() {
    assertThat(TestDevice.get().allocatedBytes()).isLessThanOrEqualTo(before);
  }

  @Test
  void phasesAreThoseOfTheMethodAsOftenAsTheyOccur() {
    assertThat(costs.get(0).phases().keySet())
        .containsExactly(
            Phase.BATCH,
            Phase.FORWARD,
            Phase.LOSS,
            Phase.BACKWARD,
            Phase.FACTORS,
            Phase.FACTORISE,
            Phase.SOLVE,
            Phase.RESCALE,
            Phase.UPDATE,
            Phase.REDUCTION);
    assertThat(costs.get(1).phases().keySet())
        .containsExactly(Phase.BATCH, Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE);
    costs
        .get(0)
        .phases()
        .forEach(
            (phase, cost) -> {
              switch (phase) {
                case FACTORS, FACTORISE ->
                    assertThat(cost.share()).as(phase.toString()).isBetween(0.1, 0.2);
                case REDUCTION -> assertThat(cost.share()).isEqualTo(0.1);
                default -> assertThat(cost.share()).as(phase.toString()).isEqualTo(1);
              }
            });
  }

  /** Waits and launches are in the sum only; another process may take either's time. */
  @Test
  void theSumOfThePhasesIsAboutTheWholeUpdate() {
    for (UpdateCost cost : costs) {
      assertThat(cost.millisecondsOfPhases() / cost.milliseconds())
          .as(cost.optimizer())
          .isBetween(0.2, 20.0);
    }
  }

  @Test
  void bytesAreCountedExactly() {
    for (UpdateCost cost : costs) {
      assertThat(cost.uploadedBytes()).isEqualTo(4.0 * BATCH * INPUT);
      assertThat(cost.peakDeviceBytes()).isGreaterThanOrEqualTo(cost.deviceBytes());
      assertThat(cost.pinnedBytes()).isPositive();
      assertThat(cost.updates()).isEqualTo(UpdateMeter.CYCLE);
      assertThat(cost.batch()).isEqualTo(BATCH);
    }
    assertThat(costs.stream().mapToLong(UpdateCost::deviceBytes).sum()).isEqualTo(held);
    assertThat(costs.get(0).deviceBytes()).isGreaterThan(costs.get(1).deviceBytes());
  }

  @Test
  void updatesWereReplayed() {
    assertThat(costs.get(1).launches()).isBetween(5.0, 60.0);
    assertThat(costs.get(0).launches()).isGreaterThan(costs.get(1).launches());
  }

  @Test
  void theTableAndTheMapHaveEveryPhase() {
    String table = UpdateCost.table(costs);
    assertThat(table.lines().findFirst()).hasValue("| ms an update (busy cores) | kfra | adam |");
    Map<String, Object> map = costs.get(0).asMap();
    for (Phase phase : costs.get(0).phases().keySet()) {
      assertThat(table).contains("| " + phase + " | ");
      assertThat(map).extractingByKey("phases").asString().contains(phase.toString());
    }
    assertThat((double) map.get("milliseconds_of_phases"))
        .isCloseTo(costs.get(0).millisecondsOfPhases(), within(1e-9));
  }
}
