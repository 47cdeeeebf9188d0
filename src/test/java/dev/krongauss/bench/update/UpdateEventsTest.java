package dev.krongauss.bench.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Device;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an update costs by events, of a tiny network. */
final class UpdateEventsTest {
  private static final double SCALE = 0.02;

  @Test
  void phasesAndWholeUpdatesOfKfra() {
    List<Map<String, Object>> rows = measure("kfra");
    assertThat(parts(rows))
        .containsExactly(
            "batch",
            "forward",
            "loss",
            "backward",
            "factors",
            "factorise",
            "solve",
            "rescale",
            "update",
            "reduction",
            "update, call by call",
            "update, replayed",
            "update, in a row, by the clock");
    double sum = 0;
    double whole = 0;
    for (Map<String, Object> row : rows) {
      assertThat((double) row.get("leastMicroseconds")).isPositive();
      assertThat((double) row.get("ninetiethMicroseconds"))
          .isGreaterThanOrEqualTo((double) row.get("medianMicroseconds"));
      String part = row.get("part").toString();
      double share = (double) row.get("share");
      switch (part) {
        case "factors", "factorise" -> assertThat(share).as(part).isBetween(0.1, 0.2);
        case "reduction" -> assertThat(share).isEqualTo(0.1);
        default -> assertThat(share).as(part).isEqualTo(1);
      }
      if (!part.contains(",")) {
        sum += (double) row.get("share") * (double) row.get("leastMicroseconds");
      } else if (part.endsWith("call by call")) {
        whole = (double) row.get("medianMicroseconds");
      }
    }
    // Each mark is the end of one phase and the begin of the next: all lie in the update.
    assertThat(whole).isGreaterThanOrEqualTo(0.99 * sum);
  }

  /** Every kernel of an update once, in its phase, and some in refreshes only. */
  @Test
  void kernelsOneByOne() {
    try (UpdateEvents events = new UpdateEvents(TestDevice.get(), "kfra", SCALE, 8)) {
      events.measure(0);
      List<Map<String, Object>> rows = events.kernels(0);
      assertThat(rows.get(0)).containsEntry("phase", "forward").containsEntry("share", 1.0);
      assertThat(rows)
          .filteredOn("kernel", "stacked_gram_f32__decide_bernoulli")
          .singleElement()
          .satisfies(row -> assertThat(row).containsEntry("phase", "rescale"));
      assertThat(rows)
          .filteredOn(row -> row.get("phase").equals("reduction"))
          .isNotEmpty()
          .allSatisfy(row -> assertThat((double) row.get("share")).isEqualTo(0.1));
      assertThat(
              rows.stream()
                  .map(
                      row ->
                          row.get("phase") + " " + row.get("kernel") + " " + row.get("occurrence")))
          .doesNotHaveDuplicates();
      assertThat(rows)
          .allSatisfy(row -> assertThat((double) row.get("medianMicroseconds")).isNotNegative());
    }
  }

  @Test
  void adamHasFewPhases() {
    assertThat(parts(measure("adam")))
        .startsWith("batch", "forward", "loss", "backward", "update", "update, call by call")
        .hasSize(8);
  }

  @Test
  void nothingIsLeft() {
    Device device = TestDevice.get();
    measure("adam"); // images and libraries
    long before = device.allocatedBytes();
    measure("adam");
    assertThat(device.allocatedBytes()).isLessThanOrEqualTo(before);
  }

  @Test
  void kindsAreWeightedAsTheyOccur() {
    Spread spread = Spread.ofKinds(List.of(1.0, 10.0, 2.0, 30.0), List.of(15, 23, 15, 15));
    assertThat(spread.samples()).isEqualTo(4);
    assertThat(spread.median()).isEqualTo(0.75 * 2 + 0.25 * 10);
    assertThat(spread.least()).isEqualTo(0.75 * 1 + 0.25 * 10);
  }

  private static List<Map<String, Object>> measure(String optimizer) {
    try (UpdateEvents events = new UpdateEvents(TestDevice.get(), optimizer, SCALE, 7)) {
      return events.measure(0);
    }
  }

  private static List<String> parts(List<Map<String, Object>> rows) {
    List<String> parts = new ArrayList<>();
    rows.forEach(row -> parts.add(row.get("part").toString()));
    return parts;
  }
}
