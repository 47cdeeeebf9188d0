package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.run.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
          "--evaluate-every",
          "7",
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
    KillableRun runs = new KillableRun(folder.resolve("output.txt"), OPTIONS);
    Path whole = folder.resolve("whole");
    assertThat(runs.finish(runs.start(whole))).isZero();
    Path killed = folder.resolve("killed");
    int inGrid = 1 + random.nextInt(SETTINGS - 5);
    int inMetrics = 1 + random.nextInt(ROWS - LEFT);
    KillableRun.kill(runs.start(killed), killed.resolve(RunFolder.GRID), inGrid);
    KillableRun.kill(runs.resume(killed), killed.resolve(RunFolder.METRICS), inMetrics);
    String when = "killed after %d settings and after %d rows".formatted(inGrid, inMetrics);
    assertThat(runs.finish(runs.resume(killed))).as(when).isZero();
    for (String table : List.of(RunFolder.METRICS, RunFolder.EVALUATION)) {
      assertThat(KillableRun.values(killed.resolve(table), 3))
          .as(when)
          .isEqualTo(KillableRun.values(whole.resolve(table), 3))
          .hasSizeGreaterThan(3 * 60 / 7);
    }
    assertThat(Files.readAllLines(killed.resolve(RunFolder.METRICS))).hasSize(1 + ROWS);
    assertThat(KillableRun.values(killed.resolve(RunFolder.GRID), -1))
        .isEqualTo(KillableRun.values(whole.resolve(RunFolder.GRID), -1))
        .hasSize(1 + SETTINGS);
    assertThat(KillableRun.weights(killed)).isEqualTo(KillableRun.weights(whole)).hasSize(3 + 3);
  }

  /** The best weights and the patience that is left go through a kill, too. */
  @Test
  void aTablesPatienceAndBestWeightsAreKept() throws Exception {
    Path table = TableFile.noise(folder.resolve("noise.csv"), 400);
    List<String> options = new ArrayList<>(List.of("--data", table.toString()));
    options.addAll(List.of("--optimizers", "kflr,adam:rate=2^-4", "--updates", "3000"));
    options.addAll(List.of("--evaluate-every", "3", "--patience", "60", "--no-costs"));
    options.addAll(List.of("--checkpoint-seconds", "0.03", "--device", "software"));
    KillableRun runs = new KillableRun(folder.resolve("output.txt"), options);
    Path whole = folder.resolve("whole");
    assertThat(runs.finish(runs.start(whole))).isZero();
    Path killed = folder.resolve("killed");
    int all = Files.readAllLines(whole.resolve(RunFolder.METRICS)).size() - 1;
    int rows = 1 + new Random().nextInt(all / 2);
    KillableRun.kill(runs.start(killed), killed.resolve(RunFolder.METRICS), rows);
    assertThat(runs.finish(runs.resume(killed))).as("killed after %d rows", rows).isZero();
    for (String each : List.of(RunFolder.METRICS, RunFolder.EVALUATION)) {
      assertThat(KillableRun.values(killed.resolve(each), 3))
          .as("killed after %d of %d rows", rows, all)
          .isEqualTo(KillableRun.values(whole.resolve(each), 3));
    }
    assertThat(KillableRun.weights(killed)).isEqualTo(KillableRun.weights(whole)).hasSize(4);
  }

  @Test
  void aTableThatWasChangedIsNotGoneOnWith() throws Exception {
    Path table = TableFile.prices(folder.resolve("prices.csv"), 200);
    List<String> options = List.of("--data", table.toString(), "--updates", "2", "--no-costs");
    KillableRun runs = new KillableRun(folder.resolve("output.txt"), options);
    Path run = folder.resolve("run");
    assertThat(runs.finish(runs.start(run))).isZero();
    TableFile.prices(table, 201);
    assertThat(runs.finish(runs.resume(run))).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("output.txt")))
        .contains("has other rows than when the run began");
  }
}
