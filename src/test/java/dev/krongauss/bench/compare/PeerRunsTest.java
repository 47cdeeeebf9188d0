package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.bench.peers.PeerKind;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.bench.run.RunFolder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison with peers beside it, and one that lacks what it was asked for. */
final class PeerRunsTest {
  @TempDir private Path folder;

  @Test
  void aPeerIsInTheSameTableAsWhatRanHere() throws Exception {
    Interpreter.Search search = Interpreter.find(PeerKind.TORCH_ADAM);
    if (search.found() == null) {
      System.err.println("SKIPPED: a comparison with PyTorch is not tested: " + search.reason());
    }
    assumeTrue(search.found() != null, search.reason());
    Path out = folder.resolve("run");
    int code =
        Compare.commandLine()
            .execute(
                arguments(out, "--optimizers", "adam", "--peer", "torch-adam", "--updates", "3"));
    assertThat(code).isZero();
    List<String> rows = Files.readAllLines(out.resolve(RunFolder.METRICS));
    assertThat(rows).hasSize(1 + 2 * 3);
    for (int k = 1; k <= 3; k++) {
      double ours = objective(rows.get(k), "adam");
      assertThat(objective(rows.get(k + 3), "torch-adam")).isCloseTo(ours, withinPercentage(1e-3));
    }
    Map<String, Object> config = JSON.std.mapFrom(Files.readString(out.resolve(RunFolder.CONFIG)));
    assertThat(config.get("peers").toString()).contains("seed=1", "torch-adam", "interpreter=");
    assertThat(out.resolve("peers/torch-adam.log")).exists();
    assertThat(out.resolve("peers/rows.f32")).doesNotExist();
  }

  @Test
  void aPeerOnATableJudgesTheSameHeldOutRows() throws Exception {
    Interpreter.Search search = Interpreter.find(PeerKind.TORCH_ADAM);
    if (search.found() == null) {
      System.err.println("SKIPPED: a table with PyTorch is not tested: " + search.reason());
    }
    assumeTrue(search.found() != null, search.reason());
    Path table = TableFile.prices(folder.resolve("prices.csv"), 500);
    Path out = folder.resolve("run");
    assertThat(Compare.commandLine().execute(onTable(table, out, "--peer", "torch-adam"))).isZero();
    List<Curve> curves = RecordedRun.read(out).finished();
    assertThat(curves).extracting(Curve::label).containsExactly("adam", "torch-adam");
    List<HeldOut> ours = curves.get(0).heldOut();
    List<HeldOut> theirs = curves.get(1).heldOut();
    assertThat(theirs).extracting(HeldOut::update).containsExactly(3L, 6L);
    for (int k = 0; k < 2; k++) {
      assertThat(theirs.get(k).objective())
          .isCloseTo(ours.get(k).objective(), withinPercentage(1e-2));
      assertThat(theirs.get(k).rmse()).isCloseTo(ours.get(k).rmse(), withinPercentage(1e-2));
      assertThat(theirs.get(k).r2()).isCloseTo(ours.get(k).r2(), withinPercentage(1));
    }
  }

  @Test
  void aPeerThatCannotTrainIsAWrongOption() throws Exception {
    Path table = TableFile.kinds(folder.resolve("kinds.csv"), 300, "no", "yes");
    Path out = folder.resolve("run");
    StringWriter error = new StringWriter();
    int code =
        Compare.commandLine()
            .setErr(new PrintWriter(error, true))
            .execute(onTable(table, out, "--peer", "torch-adam,kfac-jax"));
    assertThat(code).as(error.toString()).isEqualTo(2);
    assertThat(error.toString()).contains("--peer", "kfac-jax trains autoencoders with tanh");
    assertThat(out).doesNotExist();
  }

  private static String[] onTable(Path table, Path out, String... more) {
    List<String> all = new ArrayList<>(List.of("--data", table.toString(), "--updates", "6"));
    all.addAll(List.of("--evaluate-every", "3", "--optimizers", "adam", "--hidden", "20,10"));
    all.addAll(List.of("--no-costs", "--no-pictures", "--out", out.toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  /** What cannot run is said before the run of before is overwritten. */
  @Test
  void whatIsMissingLosesNothing() throws Exception {
    Path metrics = Files.writeString(folder.resolve(RunFolder.METRICS), "precious");
    StringWriter error = new StringWriter();
    int code =
        Compare.commandLine()
            .setErr(new PrintWriter(error, true))
            .execute(arguments(folder, "--force", "--peer", "torch-adam-graph"));
    assertThat(code).isEqualTo(1);
    assertThat(error.toString()).contains("--peer torch-adam-graph needs a GPU");
    assertThat(metrics).hasContent("precious");
  }

  private static String[] arguments(Path out, String... more) {
    List<String> all =
        new ArrayList<>(List.of("--scale", "0.02", "--batch", "20", "--no-costs", "--no-pictures"));
    all.addAll(List.of("--out", out.toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static double objective(String row, String label) {
    String[] cells = row.split(",");
    assertThat(cells[0]).isEqualTo(label);
    return Double.parseDouble(cells[4]);
  }
}
