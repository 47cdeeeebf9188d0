package dev.krongauss.bench.update;

import dev.krongauss.optim.Phase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * What an update of one optimiser costs. Times are medians over the updates of each kind
 * (refreshing, with a reduction ratio, plain), the kinds weighted as they occur.
 *
 * @param optimizer its name
 * @param batch datapoints of a batch
 * @param updates that were measured of each sort, replayed and phase by phase
 * @param milliseconds of an update as it is in training, fetching the batch included: replayed from
 *     a graph where it can be
 * @param busyCores processor time of this process during it, by its time; NaN if too little was
 *     measured to tell
 * @param phases those that occur, in their order
 * @param launches nodes of its graph: kernels, copies, fills and library calls; 0 where updates are
 *     not replayed
 * @param uploadedBytes copied from the host to the device
 * @param downloadedBytes copied from the device to the host
 * @param heapBytes allocated on the Java heap by the thread that trains
 * @param deviceBytes device memory of network and optimiser
 * @param peakDeviceBytes the most that they held while they were made and ran
 * @param pinnedBytes pinned host memory of network and optimiser
 */
public record UpdateCost(
    String optimizer,
    int batch,
    int updates,
    double milliseconds,
    double busyCores,
    Map<Phase, PhaseCost> phases,
    double launches,
    double uploadedBytes,
    double downloadedBytes,
    double heapBytes,
    long deviceBytes,
    long peakDeviceBytes,
    long pinnedBytes) {
  private static final double MIB = 1 << 20;

  /**
   * One phase, the device being waited for before and after it.
   *
   * @param share of the updates that have it
   * @param milliseconds of it in an update that has it
   * @param busyCores processor time of this process during it, by its time; NaN if too little was
   *     measured to tell
   */
  public record PhaseCost(double share, double milliseconds, double busyCores) {
    /** Its part of a mean update. */
    public double millisecondsAnUpdate() {
      return share * milliseconds;
    }

    private Map<String, Object> asMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("share_of_updates", share);
      map.put("milliseconds", milliseconds);
      map.put("milliseconds_an_update", millisecondsAnUpdate());
      putKnown(map, "busy_cores", busyCores);
      return map;
    }
  }

  /** Sum of the phases: an update that is enqueued call by call and waits after each phase. */
  public double millisecondsOfPhases() {
    return phases.values().stream().mapToDouble(PhaseCost::millisecondsAnUpdate).sum();
  }

  /** For JSON: numbers, texts, and a map a phase; what is not known is left out. */
  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("optimizer", optimizer);
    map.put("batch", batch);
    map.put("updates", updates);
    map.put("milliseconds", milliseconds);
    putKnown(map, "busy_cores", busyCores);
    Map<String, Object> ofPhases = new LinkedHashMap<>();
    phases.forEach((phase, cost) -> ofPhases.put(phase.toString(), cost.asMap()));
    map.put("phases", ofPhases);
    map.put("milliseconds_of_phases", millisecondsOfPhases());
    map.put("launches", launches);
    map.put("uploaded_bytes", uploadedBytes);
    map.put("downloaded_bytes", downloadedBytes);
    map.put("heap_bytes", heapBytes);
    map.put("device_bytes", deviceBytes);
    map.put("peak_device_bytes", peakDeviceBytes);
    map.put("pinned_bytes", pinnedBytes);
    return map;
  }

  /** A Markdown table of several optimisers. */
  public static String table(List<UpdateCost> costs) {
    StringBuilder text = new StringBuilder();
    List<List<String>> rows = rows(costs);
    for (int r = 0; r < rows.size(); r++) {
      text.append("| ").append(String.join(" | ", rows.get(r))).append(" |\n");
      if (r == 0) {
        text.append("|").append("---|".repeat(rows.get(r).size())).append('\n');
      }
    }
    return text.toString();
  }

  /** Headings, a row a phase that one of the optimisers has, then the rest; a column each. */
  public static List<List<String>> rows(List<UpdateCost> costs) {
    List<List<String>> rows = new ArrayList<>();
    row(rows, "ms an update (busy cores)", costs, UpdateCost::optimizer);
    for (Phase phase : Phase.values()) {
      if (costs.stream().anyMatch(cost -> cost.phases.containsKey(phase))) {
        row(rows, phase.toString(), costs, cost -> cell(cost.phases.get(phase)));
      }
    }
    row(rows, "sum, a phase at a time", costs, cost -> number("%.2f", cost.millisecondsOfPhases()));
    row(
        rows,
        "whole update",
        costs,
        cost -> number("%.2f", cost.milliseconds) + inBrackets(cost.busyCores));
    row(rows, "by the last column's", costs, cost -> ratio(cost, costs));
    row(rows, "launches", costs, cost -> number("%.1f", cost.launches));
    row(rows, "MiB to the device", costs, cost -> number("%.3f", cost.uploadedBytes / MIB));
    row(rows, "KiB of Java heap", costs, cost -> number("%.1f", cost.heapBytes / 1024));
    row(rows, "MiB on the device", costs, cost -> number("%.1f", cost.deviceBytes / MIB));
    row(rows, "at most", costs, cost -> number("%.1f", cost.peakDeviceBytes / MIB));
    return rows;
  }

  private static void putKnown(Map<String, Object> map, String name, double value) {
    if (!Double.isNaN(value)) {
      map.put(name, value);
    }
  }

  private static String cell(PhaseCost cost) {
    return cost == null
        ? ""
        : number("%.2f", cost.millisecondsAnUpdate()) + inBrackets(cost.busyCores());
  }

  private static String inBrackets(double busyCores) {
    return Double.isNaN(busyCores) ? "" : number(" (%.2f)", busyCores);
  }

  private static String ratio(UpdateCost cost, List<UpdateCost> costs) {
    return number("%.2f", cost.milliseconds / costs.get(costs.size() - 1).milliseconds);
  }

  private static void row(
      List<List<String>> rows,
      String head,
      List<UpdateCost> costs,
      Function<UpdateCost, String> cell) {
    List<String> cells = new ArrayList<>(List.of(head));
    costs.forEach(cost -> cells.add(cell.apply(cost)));
    rows.add(cells);
  }

  private static String number(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
