package dev.krongauss.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.bench.RunException;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read out of a folder that a kill has left. */
final class RecordedRunTest {
  @TempDir private Path folder;

  @Test
  void aFolderWithoutARunIsSaid() {
    assertThatThrownBy(() -> RecordedRun.read(folder))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("there is no run in it (no config.json)");
  }

  @Test
  void finishedRunsAreKeptAndStoppedOnesAreCutToTheirCheckpoint() throws IOException {
    run("kfra", 3);
    RecordedRun recorded = RecordedRun.read(folder);
    assertThat(recorded.finished()).singleElement().extracting(Curve::label).isEqualTo("adam");
    assertThat(recorded.finished().get(0).failure()).isEqualTo("after 2 updates: lost");
    assertThat(recorded.summary())
        .containsExactly(
            new SummaryRow(
                "adam",
                1,
                2,
                0.2,
                100,
                Double.NaN,
                Double.NaN,
                "after 2 updates: lost",
                Double.NaN,
                Double.NaN));
    List<Curve> stopped = recorded.stopped();
    assertThat(stopped).singleElement().extracting(Curve::label).isEqualTo("kfra");
    assertThat(stopped.get(0).points().stream().map(Curve.Point::objective))
        .containsExactly(5.5, 4.5, 3.5);
    try (RunFolder again = RunFolder.reopen(folder, RunLock.of(folder), stopped)) {
      again.write(stopped.get(0), stopped.get(0).add(9, 0.5));
    }
    assertThat(Files.readString(folder.resolve(RunFolder.METRICS)))
        .endsWith("kfra,1,3,0.300000,3.5,4.5\nkfra,1,4,9.000000,0.5,3.5\n");
  }

  @Test
  void aSummaryFromBeforeWeightsWereEvaluatedIsRead() throws IOException {
    run("kfra", 3);
    Path summary = folder.resolve(RunFolder.SUMMARY);
    String now = Files.readString(summary);
    assertThat(now).contains(",failure,evaluated,averaged\n").endsWith(",NaN,NaN\n");
    List<SummaryRow> rows = RecordedRun.read(folder).summary();
    Files.writeString(summary, now.replace(",evaluated,averaged", "").replace(",NaN,NaN\n", "\n"));
    assertThat(Files.readString(summary)).endsWith("after 2 updates: lost\n");
    assertThat(RecordedRun.read(folder).summary()).isEqualTo(rows);
  }

  @Test
  void whatWeightsCameToIsReadBack() throws IOException {
    run("kfra", 3);
    Curve adam = new Curve("adam", 1);
    adam.add(0.1, 9);
    adam.evaluated(8.5, 8.25);
    try (RunFolder again = RunFolder.reopen(folder, RunLock.of(folder), List.of())) {
      again.writeSummary(List.of(adam));
    }
    SummaryRow row = RecordedRun.read(folder).summary().get(0);
    assertThat(row.evaluated()).isEqualTo(8.5);
    assertThat(row.averaged()).isEqualTo(8.25);
    Curve finished = RecordedRun.read(folder).finished().get(0);
    assertThat(finished.evaluated()).isEqualTo(8.5);
    assertThat(finished.averaged()).isEqualTo(8.25);
  }

  @Test
  void evaluationsAreCutToThoseOfTheCheckpoint() throws IOException {
    run("kfra", 3);
    assertThat(RecordedRun.read(folder).finished().get(0).heldOut())
        .containsExactly(judged(2, Double.NaN));
    assertThat(RecordedRun.read(folder).stopped().get(0).heldOut())
        .containsExactly(judged(1, 8), judged(2, 7));
    Path table = folder.resolve(RunFolder.EVALUATION);
    assertThat(Files.readString(table))
        .startsWith(
            "optimizer,seed,update,seconds,objective,rmse,r2,log_loss,accuracy,auc,weights\n")
        .contains("kfra,1,2,0.200000,7.0,,,7.0,0.5,,average\n");
    Files.writeString(
        table, Files.readString(table).replace("kfra,1,2,0.200000,7.0,,,7.0,0.5,,average\n", ""));
    Files.writeString(table, Files.readString(table).replaceFirst("kfra,1,4.*\n", ""));
    RecordedRun recorded = RecordedRun.read(folder);
    assertThatThrownBy(recorded::stopped)
        .isInstanceOf(RunException.class)
        .hasMessageContaining("has 2 evaluations, but evaluation.csv only 1 rows of kfra");
  }

  /** Runs from before rows were held out have no such table, and their checkpoints no number. */
  @Test
  void withoutATableOfEvaluationsThereAreNone() throws IOException {
    run("kfac", 3);
    Files.delete(folder.resolve(RunFolder.EVALUATION));
    assertThat(RecordedRun.read(folder).finished().get(0).heldOut()).isEmpty();
  }

  private static HeldOut judged(long update, double objective) {
    double none = Double.NaN;
    return new HeldOut(
        update, 0.1 * update, update % 2 == 0, objective, none, none, objective, 0.5, none);
  }

  private static void judge(RunFolder run, Curve curve, HeldOut judged) {
    curve.add(judged);
    run.write(curve, judged);
  }

  @Test
  void aTableThatLacksRowsOfACheckpointIsNotGoneOnWith() throws IOException {
    run("kfra", 7);
    RecordedRun recorded = RecordedRun.read(folder);
    assertThatThrownBy(recorded::stopped)
        .isInstanceOf(RunException.class)
        .hasMessageContaining("has 7 updates, but metrics.csv only 4 rows of kfra");
  }

  @Test
  void aRunThatFailedBeforeItsFirstUpdateIsFinished() throws IOException {
    run("kfra", 3);
    Path summary = folder.resolve(RunFolder.SUMMARY);
    Files.writeString(
        summary,
        Files.readString(summary) + "torch-adam,1,0,0.0,NaN,NaN,NaN,exit status 1,NaN,NaN\n");
    assertThat(RecordedRun.read(folder).finished())
        .extracting(Curve::label)
        .containsExactly("adam", "torch-adam");
  }

  @Test
  void aRunOfAnOlderVersionIsSaid() throws IOException {
    Files.writeString(folder.resolve(RunFolder.CONFIG), "{}");
    Files.writeString(
        folder.resolve(RunFolder.METRICS),
        "optimizer,update,seconds,objective,sliding_mean\nadam,1,0.1,9.0,9.0\n");
    assertThatThrownBy(() -> RecordedRun.read(folder))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("has no column seed");
    Files.delete(folder.resolve(RunFolder.METRICS));
    RecordedRun recorded = RecordedRun.read(folder);
    assertThatThrownBy(() -> RunConfig.arguments(recorded))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("could not go on");
  }

  @Test
  void aDamagedCheckpointSaysTheWayOut() throws IOException {
    run("kfra", 3);
    Path checkpoint = RunFolder.checkpoint(folder, new Curve("kfra", 1), "safetensors");
    Files.write(checkpoint, new byte[] {1, 2, 3});
    RecordedRun recorded = RecordedRun.read(folder);
    assertThatThrownBy(recorded::stopped)
        .isInstanceOf(RunException.class)
        .hasMessageContaining("is cut short")
        .hasMessageContaining("delete " + checkpoint + " to start that run anew");
  }

  @Test
  void withoutACheckpointARunBeginsAnew() throws IOException {
    run("kfac", 1);
    assertThat(RecordedRun.read(folder).stopped()).isEmpty();
  }

  /** One finished run; another of four whole rows and a half one. */
  private void run(String checkpointed, long updates) throws IOException {
    Curve adam = new Curve("adam", 1);
    Curve kfra = new Curve("kfra", 1);
    try (RunFolder run = RunFolder.create(folder)) {
      run.write(adam, adam.add(0.1, 9));
      run.write(adam, adam.add(0.2, Double.NaN));
      judge(run, adam, judged(2, Double.NaN));
      adam.failed("after 2 updates: lost");
      run.writeSummary(List.of(adam));
      for (int i = 1; i <= 4; i++) {
        run.write(kfra, kfra.add(0.1 * i, 6.5 - i));
      }
      judge(run, kfra, judged(1, 8));
      judge(run, kfra, judged(2, 7));
      judge(run, kfra, judged(4, 6));
      Checkpoint.save(
          run.checkpoint(new Curve(checkpointed, 1)),
          TestDevice.get().stream(),
          Map.of(
              RecordedRun.RUN,
              state -> {
                state.same(RecordedRun.UPDATES, Long.toString(updates));
                state.same(RecordedRun.EVALUATIONS, "2", "0");
              }));
    }
    Files.writeString(folder.resolve(RunFolder.CONFIG), "{}");
    Path metrics = folder.resolve(RunFolder.METRICS);
    Files.writeString(metrics, Files.readString(metrics) + "kfra,1,5,0.50");
  }
}
