package dev.krongauss.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.bench.RunException;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
              "notes.txt", RunFolder.METRICS, RunFolder.EVALUATION, RunFolder.CHECKPOINTS, ".lock");
    }
  }
}
