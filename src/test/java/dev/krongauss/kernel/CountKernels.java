package dev.krongauss.kernel;

import dev.krongauss.device.Device;
import dev.krongauss.mutation.SoftwareOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Counts what the kernels of each {@link KernelCase} do at its largest size, beside the least that
 * the case needs: {@code bench/count}.
 *
 * <p>All numbers are exact and the same on every machine; only the last two columns are an
 * estimate, from peak rates of a GPU.
 */
public final class CountKernels {
  private CountKernels() {}

  /** {@code args}: the beginning of the cases' names, or nothing for all. */
  public static void main(String[] args) throws IOException {
    String prefix = args.length == 0 ? "" : args[0];
    List<KernelCase> cases =
        KernelCases.all().stream().filter(c -> c.name().startsWith(prefix)).toList();
    if (cases.isEmpty()) {
      System.err.println(
          "bench/count: no case begins with '"
              + prefix
              + "'; there are "
              + KernelCases.all().stream().map(KernelCase::name).toList());
      System.exit(2);
    }
    System.out.printf(
        "%-42s %-28s %9s %7s %9s %7s %7s %7s %7s %9s  %s%n",
        "case",
        "size",
        "flops",
        "/ least",
        "moved",
        "/ least",
        "load",
        "store",
        "bank",
        "estimate",
        "limit");
    count(cases, CountKernels::print);
    System.out.println(
        "moved: bytes of the 32-byte sectors of global memory; load, store: the part of them that"
            + " threads asked for;\n"
            + "bank: shared wavefronts lost to conflicts; / least: beside what the case must do"
            + " (other layouts: see the case);\n"
            + "estimate: a lower bound from peak rates for the GPU of krongauss.softcuda.gpu, not a"
            + " measurement.");
  }

  /** Counts the cases one after another on a SoftCUDA of its own; {@code each} gets the results. */
  static void count(List<KernelCase> cases, Consumer<Row> each) throws IOException {
    System.setProperty("krongauss.device", "software");
    // Blocks that wait for others read their flags as often as the others take: one order for all
    // machines.
    System.setProperty("krongauss.softcuda.workers", "1");
    Path file = Files.createTempFile("krongauss-count", ".csv");
    try (Device device = Device.open()) {
      SoftwareOptions options = new SoftwareOptions();
      for (KernelCase c : cases) {
        options.set("count", file.toString());
        options.resetCounters();
        Size size = largest(c);
        KernelTest.execute(new KernelTest.Run(c, size, KernelCase.Variant.MIXED), device);
        options.reportCounters();
        options.resetCounters();
        each.accept(new Row(c, size, Counted.sum(Files.readAllLines(file))));
      }
      options.set("count", "none");
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** What the kernels of a case did at a size. */
  record Row(KernelCase kernel, Size size, Counted counted) {
    /** Bytes moved beside the least, used part of loaded and of stored sectors, bank conflicts. */
    List<String> memory() {
      Counted n = counted;
      return List.of(
          ratio(n.moved, kernel.work(size).bytes()),
          ratio(n.loadUnique, n.loadMoved),
          ratio(n.storeUnique, n.storeMoved),
          ratio(n.wavefronts - n.idealWavefronts, n.wavefronts));
    }
  }

  private static Size largest(KernelCase c) {
    return c.sizes().stream()
        .max(Comparator.comparingDouble(s -> c.work(s).flops() + c.work(s).bytes()))
        .orElseThrow();
  }

  private static void print(Row row) {
    Counted n = row.counted();
    List<String> memory = row.memory();
    System.out.printf(
        Locale.ROOT,
        "%-42s %-28s %9.3g %7s %9.3g %7s %7s %7s %7s %6.1f us  %s%n",
        row.kernel().name(),
        row.size(),
        n.flops,
        ratio(n.flops, row.kernel().work(row.size()).flops()),
        n.moved,
        memory.get(0),
        memory.get(1),
        memory.get(2),
        memory.get(3),
        n.microseconds,
        n.limit);
  }

  private static String ratio(double a, double b) {
    return b == 0 ? "-" : String.format(Locale.ROOT, "%.2f", a / b);
  }

  /** The counters of all kernels of one case. */
  static final class Counted {
    private double flops;
    private double moved;
    private double loadUnique;
    private double loadMoved;
    private double storeUnique;
    private double storeMoved;
    private double wavefronts;
    private double idealWavefronts;
    private double microseconds;
    private String limit = "-";

    /** {@code lines} of the CSV report: the names, then a kernel a line, the slowest first. */
    static Counted sum(List<String> lines) {
      Counted c = new Counted();
      List<String> names = List.of(lines.get(0).split(","));
      for (String line : lines.subList(1, lines.size())) {
        List<String> values = List.of(line.split(","));
        for (String kind : List.of("f32", "f64", "half", "matrix_tf32", "matrix_half")) {
          c.flops += get(names, values, "flops_" + kind);
        }
        c.loadUnique += get(names, values, "load_unique_bytes");
        c.loadMoved += 32 * get(names, values, "load_sectors");
        c.storeUnique += get(names, values, "store_unique_bytes");
        c.storeMoved += 32 * get(names, values, "store_sectors");
        c.wavefronts += get(names, values, "shared_wavefronts");
        c.idealWavefronts += get(names, values, "shared_ideal_wavefronts");
        c.microseconds += get(names, values, "estimated_us");
        if (c.limit.equals("-")) {
          c.limit = values.get(names.indexOf("limit"));
        }
      }
      c.moved = c.loadMoved + c.storeMoved;
      return c;
    }

    private static double get(List<String> names, List<String> values, String name) {
      return Double.parseDouble(values.get(names.indexOf(name)));
    }
  }
}
