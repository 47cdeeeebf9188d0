package dev.krongauss.bench.kernels;

import dev.krongauss.device.Device;
import dev.krongauss.kernel.HeldLaunch;
import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.kernel.Size;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Times kernel cases on a device, beside the library calls that do the same. */
public final class KernelBench implements AutoCloseable {
  private static final int BATCH = 1000;

  private final Device device;
  private final Timer timer;
  private final Peak peak;

  /**
   * @param launches at most so many of each measurement
   * @param seconds for each measurement, about
   */
  public KernelBench(Device device, int launches, double seconds) {
    this.device = device;
    timer = new Timer(device, launches, seconds);
    peak = device.isSoftware() ? null : new DeviceFacts(device).peak();
  }

  /**
   * One measurement to make.
   *
   * @param kernel null for all library calls of an update of the autoencoder's factors
   */
  public record Item(KernelCase kernel, Size size) {
    @Override
    public String toString() {
      return kernel == null ? "libraries, autoencoder's factors" : kernel.name() + " " + size;
    }
  }

  /**
   * What is measured: the cases whose names begin with one of {@code prefixes}, all without any.
   *
   * @param tiny small test sizes, for SoftCUDA, instead of those worth timing
   */
  public static List<Item> items(List<String> prefixes, boolean tiny) {
    List<Item> items = new ArrayList<>();
    for (KernelCase c : KernelCases.all()) {
      if (prefixes.isEmpty() || prefixes.stream().anyMatch(c.name()::startsWith)) {
        List<Size> sizes = c.benchSizes();
        if (tiny && !sizes.isEmpty()) {
          sizes = List.of(tiny(c));
        }
        sizes.forEach(size -> items.add(new Item(c, size)));
      }
    }
    if (prefixes.isEmpty() && !tiny) {
      items.add(new Item(null, null));
    }
    return items;
  }

  /** The second smallest, since the smallest is mostly 1 by 1. */
  private static Size tiny(KernelCase c) {
    List<Size> sizes =
        c.sizes().stream()
            .sorted(Comparator.comparingDouble(s -> c.work(s).flops() + c.work(s).bytes()))
            .toList();
    return sizes.get(Math.min(1, sizes.size() - 1));
  }

  /** One row, or several for the libraries; numbers are rounded to what they are worth. */
  public List<Map<String, Object>> measure(Item item) {
    if (item.kernel() == null) {
      return libraries();
    }
    KernelCase c = item.kernel();
    KernelCase.Work work = c.work(item.size());
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("case", c.name());
    row.put("size", item.size().toString());
    row.put("flops", work.flops());
    row.put("bytes", work.bytes());
    Timer.Times times;
    try (HeldLaunch launch = HeldLaunch.open(c, item.size(), device)) {
      times = timer.time(launch::restore, launch::launch);
    }
    put(row, "", times);
    double seconds = times.median() / 1e6;
    row.put("gigabytesPerSecond", round(work.bytes() / seconds / 1e9));
    row.put("teraflops", round(work.flops() / seconds / 1e12));
    if (peak != null) {
      row.put("percentOfRoof", percent(peak.roofSeconds(work.flops(), work.bytes()), seconds));
      row.put(
          "percentOfPlainRoof",
          percent(peak.plainRoofSeconds(work.flops(), work.bytes()), seconds));
    }
    Optional<Rival> found = Rival.of(device, c.name(), item.size());
    if (found.isPresent()) {
      try (Rival rival = found.get()) {
        row.put("library", rival.name());
        Timer.Times theirs = timer.time(rival::restore, rival::launch);
        put(row, "library", theirs);
        row.put("timesLibrary", round(times.median() / theirs.median()));
      }
    }
    return List.of(row);
  }

  private List<Map<String, Object>> libraries() {
    List<Map<String, Object>> rows = new ArrayList<>();
    Optional<Rival> grams = Rival.factorGrams(device, BATCH);
    if (grams.isPresent()) {
      try (Rival rival = grams.get()) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("case", "libraries");
        row.put("size", "the 16 factors of the autoencoder, N = " + BATCH);
        row.put("library", rival.name());
        put(row, "library", timer.time(rival::restore, rival::launch));
        rows.add(row);
      }
    }
    rows.addAll(factors(false));
    return rows;
  }

  /**
   * The damped inverses of all factors of the autoencoder in one launch, beside cuSOLVER's calls
   * for one after the other on the same matrices; {@code largestDifference} of the two results is
   * relative to the largest entry.
   *
   * @param tiny a tenth of the orders, for SoftCUDA
   */
  public List<Map<String, Object>> factors(boolean tiny) {
    return List.of(FactorsBench.measure(device, timer, tiny));
  }

  @Override
  public void close() {
    timer.close();
  }

  static void put(Map<String, Object> row, String prefix, Timer.Times times) {
    row.put(key(prefix, "launches"), times.launches());
    row.put(key(prefix, "medianMicroseconds"), round(times.median()));
    row.put(key(prefix, "leastMicroseconds"), round(times.least()));
    row.put(key(prefix, "ninetiethMicroseconds"), round(times.ninetieth()));
    if (!Double.isNaN(times.hot())) {
      row.put(key(prefix, "hotMicroseconds"), round(times.hot()));
    }
  }

  private static String key(String prefix, String name) {
    return prefix.isEmpty()
        ? name
        : prefix + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  private static double percent(double least, double seconds) {
    return round(100 * least / seconds);
  }

  /** Four digits. */
  static double round(double value) {
    return Double.parseDouble(String.format(Locale.ROOT, "%.4g", value));
  }

  /** The heading of {@link #line}. */
  public static String heading(boolean software) {
    String columns =
        String.format(
            Locale.ROOT,
            "%-38s %-30s %10s %10s %8s %8s %6s  %s",
            "case",
            "size",
            "median us",
            "hot us",
            "GB/s",
            "TFLOP/s",
            "roof",
            "library: us, our time / its time");
    return software
        ? "SoftCUDA executed this on the CPU: its times say nothing about a GPU.\n" + columns
        : columns;
  }

  /** One row of the table. */
  public static String line(Map<String, Object> row) {
    String library =
        row.containsKey("library")
            ? row.get("library")
                + ": "
                + number(row, "libraryMedianMicroseconds", "%.1f")
                + (row.containsKey("timesLibrary")
                    ? ", " + number(row, "timesLibrary", "%.2f")
                    : "")
            : "";
    return String.format(
            Locale.ROOT,
            "%-38s %-30s %10s %10s %8s %8s %6s  %s",
            row.get("case"),
            row.get("size"),
            number(row, "medianMicroseconds", "%.1f"),
            number(row, "hotMicroseconds", "%.1f"),
            number(row, "gigabytesPerSecond", "%.0f"),
            number(row, "teraflops", "%.2f"),
            row.containsKey("percentOfRoof") ? number(row, "percentOfRoof", "%.0f%%") : "-",
            library)
        .stripTrailing();
  }

  /** What the table's columns mean. */
  public static String explanation() {
    return "median: of launches with an empty cache; hot: with the operands in the cache; GB/s: the"
        + " least bytes by the median time;\n"
        + "roof: the least time of that work, at the peak rates of the device, by the median time"
        + " (arithmetic at the better of FP32 and TF32 / 3)";
  }

  private static String number(Map<String, Object> row, String key, String format) {
    return row.get(key) instanceof Number n
        ? String.format(Locale.ROOT, format, n.doubleValue())
        : "-";
  }

  /** Facts of the device for a result's head. */
  public static Map<String, Object> facts(Device device) throws IOException {
    return new DeviceFacts(device).asMap();
  }
}
