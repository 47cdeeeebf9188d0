package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.bench.run.RunFolder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A comparison on the generated function, run through, and killed and resumed. */
final class SineRunTest {
  private static final List<String> OPTIONS =
      List.of(
          "--data",
          "sine",
          "--sine-rows",
          "300",
          "--hidden",
          "8",
          "--updates",
          "60",
          "--evaluate-every",
          "10",
          "--checkpoint-seconds",
          "0.02",
          "--device",
          "software",
          "--no-costs",
          "--no-pictures");

  @TempDir private Path folder;

  @Test
  void killedAndResumedIsNeverStopped() throws Exception {
    Path output = folder.resolve("output.txt");
    KillableRun runs = new KillableRun(output, OPTIONS);
    Path whole = folder.resolve("whole");
    assertThat(runs.finish(runs.start(whole))).isZero();
    theExactStepFitsBest(whole, Files.readString(output));
    for (int rows : new int[] {7, 90}) { // within the exact step's run, and within KFLR's
      Path killed = folder.resolve("killed" + rows);
      KillableRun.kill(runs.start(killed), killed.resolve(RunFolder.METRICS), rows);
      assertThat(runs.finish(runs.resume(killed))).as("killed after %d rows", rows).isZero();
      for (String each : List.of(RunFolder.METRICS, RunFolder.EVALUATION)) {
        assertThat(KillableRun.values(killed.resolve(each), 3))
            .as("%s, killed after %d rows", each, rows)
            .isEqualTo(KillableRun.values(whole.resolve(each), 3))
            .hasSizeGreaterThan(3 * 60 / 10);
      }
      assertThat(KillableRun.weights(killed)).isEqualTo(KillableRun.weights(whole)).hasSize(6);
    }
  }

  @Test
  void aNetworkThatTheExactStepCannotHoldIsRefusedBeforeAnythingRuns() {
    StringWriter err = new StringWriter();
    String[] wide = {"--data=sine", "--hidden=20000", "--out=" + folder.resolve("wide")};
    int status = Compare.commandLine(wide).setErr(new PrintWriter(err, true)).execute(wide);
    assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString())
        .contains("--optimizers: exact needs 1,444 MiB for 2-20000-1 and batches of 2,000")
        .contains("1,024 are the most; give a smaller --batch");
    assertThat(folder.resolve("wide")).doesNotExist();
  }

  /** 8 tanh units behind two inputs: held-out deviations of 1 come down to some hundredths. */
  private static void theExactStepFitsBest(Path run, String output) throws Exception {
    assertThat(output)
        .contains("held-out", "RMSE", "exact reaches the best held-out objective of kflr")
        .doesNotContain("kfac-jax");
    List<Curve> curves = RecordedRun.read(run).finished();
    assertThat(curves).extracting(Curve::label).containsExactly("exact", "kflr", "adam");
    List<HeldOut> best = curves.stream().map(each -> each.bestHeldOut().orElseThrow()).toList();
    assertThat(best.get(0).rmse()).isLessThan(best.get(1).rmse()).isLessThan(0.1);
    assertThat(best.get(1).rmse()).isLessThan(best.get(2).rmse());
    Map<String, Object> config = JSON.std.mapFrom(Files.readString(run.resolve(RunFolder.CONFIG)));
    assertThat(config)
        .containsEntry("rows", 300)
        .containsEntry("heldOutRows", 300)
        .containsEntry("layers", List.of(2, 8, 1));
    assertThat(config.get("options"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("data", "sine")
        .containsEntry("sine-inputs", 2)
        .containsEntry("sine-rows", 300)
        .containsEntry("batch", 300);
  }
}
