package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison that is killed at random moments and resumed ends as one that was never stopped. */
final class ResumeRunTest {
  private static final List<String> OPTIONS =
      List.of(
          "--optimizers",
          "kfac,adam",
          "--updates",
          "60",
          "--scale",
          "0.02",
          "--batch",
          "40",
          "--grid",
          "--grid-updates",
          "10",
          "--device",
          "software",
          "--checkpoint-seconds",
          "0.05",
          "--no-costs",
          "--no-pictures");
  private static final int SETTINGS = 41;
  private static final int ROWS = 3 * 60;

  /** Rows left when it is killed: those of some milliseconds. */
  private static final int LEFT = 60;

  @TempDir private Path folder;

  @Test
  void killedAndResumedIsNeverStopped() throws Exception {
    Random random = new Random();
    Path whole = folder.resolve("whole");
    assertThat(finish(start("--out", whole))).isZero();
    Path killed = folder.resolve("killed");
    int inGrid = 1 + random.nextInt(SETTINGS - 5);
    int inMetrics = 1 + random.nextInt(ROWS - LEFT);
    kill(start("--out", killed), killed.resolve(RunFolder.GRID), inGrid);
    kill(resume(killed), killed.resolve(RunFolder.METRICS), inMetrics);
    String when = "killed after %d settings and after %d rows".formatted(inGrid, inMetrics);
    assertThat(finish(resume(killed))).as(when).isZero();
    assertThat(values(killed.resolve(RunFolder.METRICS), 3))
        .as(when)
        .isEqualTo(values(whole.resolve(RunFolder.METRICS), 3))
        .hasSize(1 + ROWS);
    assertThat(values(killed.resolve(RunFolder.GRID), -1))
        .isEqualTo(values(whole.resolve(RunFolder.GRID), -1))
        .hasSize(1 + SETTINGS);
    assertThat(weights(killed)).isEqualTo(weights(whole)).hasSize(3);
  }

  /** Waits until a table has so many rows, and kills the process as the system would. */
  private static void kill(Process process, Path table, int rows) throws Exception {
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

  private Process resume(Path run) throws IOException {
    return process(List.of("--resume", run.toString()));
  }

  private Process start(String option, Path out) throws IOException {
    List<String> arguments = new ArrayList<>(OPTIONS);
    arguments.addAll(List.of(option, out.toString()));
    return process(arguments);
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
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("output.txt").toFile()))
        .start();
  }

  private int finish(Process process) throws Exception {
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    if (process.exitValue() != 0) {
      System.err.println(Files.readString(folder.resolve("output.txt")));
    }
    return process.exitValue();
  }

  /** The rows without one column, the seconds, which no two runs share. */
  private static List<String> values(Path csv, int without) throws IOException {
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

  /** Names and bytes of the final weights; no checkpoint is left beside them. */
  private static List<String> weights(Path run) throws IOException {
    try (var files = Files.list(run.resolve(RunFolder.CHECKPOINTS))) {
      List<String> weights = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        weights.add(file.getFileName() + " " + java.util.Arrays.hashCode(Files.readAllBytes(file)));
      }
      return weights;
    }
  }
}
