package dev.krongauss.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves behind. */
final class RunFolderTest {
  @TempDir Path folder;

  @Test
  void metricsAreOnDiskAsSoonAsTheyAreWritten() throws IOException {
    Curve curve = new Curve("kfra", 7);
    try (RunFolder run = RunFolder.create(folder.resolve("a/b"))) {
      Path metrics = run.file(RunFolder.METRICS);
      assertThat(metrics).hasContent("optimizer,seed,update,seconds,objective,sliding_mean");
      run.write(curve, curve.add(0.25, 3));
      run.write(curve, curve.add(0.5, Double.NaN));
      assertThat(metrics)
          .hasContent(
              """
              optimizer,seed,update,seconds,objective,sliding_mean
              kfra,7,1,0.250000,3.0,3.0
              kfra,7,2,0.500000,NaN,NaN
              """);
    }
  }

  @Test
  void aNewOrEmptyFolderIsFreeAndAnyOtherNeedsForce() throws IOException {
    assertThat(RunFolder.obstacle(folder.resolve("new"), false)).isNull();
    assertThat(RunFolder.obstacle(folder, false)).isNull();
    Path file = Files.writeString(folder.resolve("notes.txt"), "mine");
    assertThat(RunFolder.obstacle(folder, false)).contains("is not empty", "--force");
    assertThat(RunFolder.obstacle(folder, true)).isNull();
    assertThat(RunFolder.obstacle(file, false)).contains("is a file");
    assertThat(RunFolder.obstacle(file, true)).contains("is a file");
  }

  @Test
  void twoRunsNeverWriteOneFolder() throws IOException {
    try (RunFolder run = RunFolder.create(folder)) {
      assertThatThrownBy(() -> RunLock.of(folder))
          .isInstanceOf(RunException.class)
          .hasMessageContaining(run + " is being written by another run");
    }
    RunLock.of(folder).close();
  }

  @Test
  void overwritingRemovesTheOldRunAndNothingElse() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Files.writeString(folder.resolve(RunFolder.PAGE), "old");
    Files.writeString(folder.resolve(Picture.SECONDS.file("svg")), "old");
    RunFolder.create(folder).close();
    try (var entries = Files.list(folder)) {
      assertThat(entries.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "notes.txt", RunFolder.METRICS, RunFolder.CHECKPOINTS, ".lock");
    }
  }

  @Test
  void resultsAreATableTwoPicturesAndOnePage() throws IOException {
    List<Curve> curves = List.of(curve("kfra", 100), curve("adam", 300));
    try (RunFolder run = RunFolder.create(folder)) {
      for (Picture picture : Picture.values()) {
        picture.write(run, "a < b", curves);
      }
      run.writeSummary(curves);
      Page.write(run, results(curves), new Drawing("test"), "a < b", "bench/compare", "device");
    }
    assertThat(folder.resolve(RunFolder.SUMMARY))
        .content()
        .startsWith(
            "optimizer,seed,updates,seconds,ms_per_update,objective,best,failure\nkfra,1,50,");
    for (Picture picture : Picture.values()) {
      assertThat(folder.resolve(picture.file("png"))).isNotEmptyFile();
      assertThat(folder.resolve(picture.file("svg"))).content().contains("<svg");
    }
    String page = Files.readString(folder.resolve(RunFolder.PAGE));
    assertThat(page).contains("a &lt; b", "<td>kfra</td>", "<td>adam</td>").doesNotContain("<?xml");
    assertThat(page.split("<svg", -1)).hasSize(3);
  }

  @Test
  void resultsCanBeWrittenBeforeTheFirstOptimiserEnds() throws IOException {
    try (RunFolder run = RunFolder.create(folder)) {
      Picture.UPDATES.write(run, "t", List.of());
      run.writeSummary(List.of());
      Page.write(run, results(List.of()), new Drawing("test"), "net", "bench/compare", "device");
    }
    assertThat(folder.resolve(RunFolder.PAGE)).content().contains("<table>").doesNotContain("<svg");
    assertThat(folder.resolve(Picture.UPDATES.file("svg"))).doesNotExist();
  }

  @Test
  void aDivergedObjectiveFitsItsColumn() {
    assertThat(SummaryTable.format("%.3f", 65.9)).isEqualTo("65.900");
    assertThat(SummaryTable.format("%.3f", 3.1e33)).isEqualTo("3.10e+33");
    assertThat(SummaryTable.format("%.3f", Double.NaN)).isEqualTo("-");
  }

  @Test
  void anOptimiserThatNeverMadeANumberIsInTheTableButNotInThePicture() throws IOException {
    Curve lost = new Curve("sgd", 1);
    lost.add(1, Double.NaN);
    lost.failed("after 1 updates: diverged");
    try (RunFolder run = RunFolder.create(folder)) {
      Picture.UPDATES.write(run, "t", List.of(lost));
      run.writeSummary(List.of(lost));
      Page.write(
          run, results(List.of(lost)), new Drawing("test"), "net", "bench/compare", "device");
    }
    assertThat(folder.resolve(Picture.UPDATES.file("png"))).doesNotExist();
    assertThat(folder.resolve(RunFolder.SUMMARY)).content().contains("after 1 updates: diverged");
    assertThat(folder.resolve(RunFolder.PAGE))
        .content()
        .contains("sgd (seed 1) stopped after 1 updates");
  }

  private static Results results(List<Curve> curves) {
    CompareOptions options = new CompareOptions();
    options.batch = 100;
    options.scale = 1.0;
    return new Results(
        options,
        PaperNetwork.autoencoder(784, 1),
        false,
        curves,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private static Curve curve(String label, double height) {
    Curve curve = new Curve(label, 1);
    for (int i = 0; i < 50; i++) {
      curve.add(0.1 * (i + 1), 30 + height * Math.exp(-0.1 * i));
    }
    return curve;
  }
}
