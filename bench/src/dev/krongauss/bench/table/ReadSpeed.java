package dev.krongauss.bench.table;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.krongauss.bench.Commands;
import dev.krongauss.data.Dataset;
import dev.krongauss.table.Tabular;
import dev.krongauss.table.Task;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a CSV file in turns: as training data, and by FastCSV alone. */
@Command(
    name = "bench/run dev.krongauss.bench.table.ReadSpeed",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Reads a CSV file of numbers as training data, and by FastCSV alone (each record, and the"
          + " length of each field), in turns. Prints seconds by the clock and of the processor,"
          + " their ratios, and all bytes that were allocated on the way, which bounds what was"
          + " held, beside the bytes of the floats.",
      ""
    })
final class ReadSpeed implements Callable<Integer> {
  private static final double MEGABYTE = 1e6;
  private static final double NANOS = 1e9;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "CSV with a header; the last column is the target.")
  private Path file;

  @Option(
      names = "--make",
      paramLabel = "MB",
      description = "First writes FILE, which must not exist: so many megabytes of numbers.")
  private int make;

  @Option(
      names = "--columns",
      paramLabel = "N",
      defaultValue = "20",
      description = "Columns of a file that is made. Default: ${DEFAULT-VALUE}.")
  private int columns = 20;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Turns of each; the first is not counted. Default: ${DEFAULT-VALUE}.")
  private int rounds = 5;

  private ReadSpeed() {}

  /**
   * The command.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Commands.configure(new CommandLine(new ReadSpeed()));
  }

  @Override
  public Integer call() throws IOException {
    Commands.require(
        spec.commandLine(), rounds > 0, "--rounds %d: give 1 or more, of which one counts", rounds);
    Commands.require(
        spec.commandLine(),
        columns > 1,
        "--columns %d: give 2 or more, one is the target",
        columns);
    Commands.require(
        spec.commandLine(),
        make == 0 || !Files.exists(file),
        "--make %d: %s is there already; remove it, or leave --make out to read it",
        make,
        file);
    PrintWriter out = spec.commandLine().getOut();
    if (make > 0) {
      write();
    }
    Turn[] ours = new Turn[rounds];
    Turn[] theirs = new Turn[rounds];
    for (int round = 0; round < rounds; round++) {
      theirs[round] = Turn.of(this::fastCsv);
      ours[round] = Turn.of(this::table);
      out.printf(
          Locale.ROOT, "%d: table %s, FastCSV alone %s%n", round, ours[round], theirs[round]);
    }
    double memory = Arrays.stream(ours).mapToDouble(Turn::result).max().orElseThrow();
    double seconds = median(theirs, Turn::seconds) / median(ours, Turn::seconds);
    double processor = median(theirs, Turn::processor) / median(ours, Turn::processor);
    out.printf(
        Locale.ROOT,
        "%s, %.0f MB: %.2f x the speed of FastCSV alone by the clock, %.2f x by processor time;"
            + " allocated %.3f x the floats%n",
        file.getFileName(),
        Files.size(file) / MEGABYTE,
        seconds,
        processor,
        memory);
    out.flush();
    return 0;
  }

  /**
   * One reading.
   *
   * @param seconds by the clock
   * @param processor seconds of all threads, garbage collection among them
   * @param result what it came to
   */
  private record Turn(double seconds, double processor, double result) {
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    static Turn of(Reading reading) throws IOException {
      long processor = SYSTEM.getProcessCpuTime();
      long begin = System.nanoTime();
      double result = reading.read();
      return new Turn(
          (System.nanoTime() - begin) / NANOS,
          (SYSTEM.getProcessCpuTime() - processor) / NANOS,
          result);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.3f s (processor %.3f s)", seconds, processor);
    }
  }

  /** Reads the file in one of the two ways. */
  @FunctionalInterface
  private interface Reading {
    double read() throws IOException;
  }

  /** Bytes allocated on the way, relative to those of the floats that are handed out. */
  private double table() throws IOException {
    long before = allocated();
    Dataset data = Tabular.csv(file).task(Task.REGRESSION).log(line -> {}).read().training();
    long allocated = allocated() - before;
    return allocated / (4.0 * data.inputs().length + 4.0 * data.targets().length);
  }

  /** By all threads that are alive. */
  private static long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(bytes, 0);
    }
    return sum;
  }

  /** Characters of all fields. */
  private double fastCsv() throws IOException {
    long characters = 0;
    try (CsvReader<CsvRecord> reader = CsvReader.builder().ofCsvRecord(file)) {
      for (CsvRecord record : reader) {
        for (int i = 0; i < record.getFieldCount(); i++) {
          characters += record.getField(i).length();
        }
      }
    }
    return characters;
  }

  private void write() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    long rest = make * (long) MEGABYTE;
    try (Writer out = Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW)) {
      for (int c = 0; c < columns; c++) {
        out.write(c == 0 ? "c0" : ",c" + c);
      }
      out.write('\n');
      StringBuilder row = new StringBuilder();
      for (; rest > 0; rest -= row.length()) {
        row.setLength(0);
        for (int c = 0; c < columns; c++) {
          row.append(c == 0 ? "" : ",").append(cell(random, c));
        }
        out.append(row.append('\n'));
      }
    }
  }

  /** By column: small whole numbers, prices, and doubles as Java prints them. */
  private static String cell(SplittableRandom random, int column) {
    return switch (column % 3) {
      case 0 -> Integer.toString(random.nextInt(1000));
      case 1 -> Integer.toString(random.nextInt(-99, 100)) + '.' + (1000 + random.nextInt(9000));
      default -> Double.toString(random.nextDouble());
    };
  }

  /** Of all turns but the first. */
  private static double median(Turn[] turns, ToDoubleFunction<Turn> value) {
    double[] sorted =
        Arrays.stream(turns, Math.min(1, turns.length - 1), turns.length)
            .mapToDouble(value)
            .sorted()
            .toArray();
    return sorted[sorted.length / 2];
  }
}
