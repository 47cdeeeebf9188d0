package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Comparisons in processes of their own that a test kills, and what they leave. */
final class KillableRun {
  private final Path output;
  private final List<String> options;

  /**
   * @param output where their words go
   * @param options of the comparison
   */
  KillableRun(Path output, List<String> options) {
    this.output = output;
    this.options = options;
  }

  Process start(Path out) throws IOException {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of("--out", out.toString()));
    return process(arguments);
  }

  Process resume(Path run) throws IOException {
    return process(List.of("--resume", run.toString()));
  }

  private Process process(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Compare.class.getName());
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .start();
  }

  /** Its exit code. */
  int finish(Process process) throws Exception {
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    if (process.exitValue() != 0) {
      System.err.println(Files.readString(output));
    }
    return process.exitValue();
  }

  /** Waits until a table has so many rows, and kills the process as the system would. */
  static void kill(Process process, Path table, int rows) throws Exception {
    while (process.isAlive() && rows(table) < rows) {
      Thread.sleep(1);
    }
    assertThat(process.isAlive()).as("alive after %d rows of %s", rows, table).isTrue();
    process.destroyForcibly().waitFor();
  }

  private static long rows(Path table) throws IOException {
    if (!Files.exists(table)) {
      return 0;
    }
    try (var lines = Files.lines(table)) {
      return lines.count() - 1;
    }
  }

  /** The rows without one column, the seconds, which no two runs share; all where it is -1. */
  static List<String> values(Path csv, int without) throws IOException {
    List<String> rows = new ArrayList<>();
    for (String line : Files.readAllLines(csv)) {
      List<String> cells = new ArrayList<>(List.of(line.split(",")));
      if (without >= 0) {
        cells.remove(without);
      }
      rows.add(String.join(",", cells));
    }
    return rows;
  }

  /** Names and bytes of the final weights and models; no checkpoint is left beside them. */
  static List<String> weights(Path run) throws IOException {
    try (var files = Files.list(run.resolve(RunFolder.CHECKPOINTS))) {
      List<String> weights = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        weights.add(file.getFileName() + " " + Arrays.hashCode(Files.readAllBytes(file)));
      }
      return weights;
    }
  }
}
