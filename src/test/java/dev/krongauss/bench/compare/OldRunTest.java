package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run folder from before there was one step length a layer. */
final class OldRunTest {
  @TempDir private Path folder;

  @Test
  void itsKfraIsNotRunByTheNewAlgorithm() throws IOException {
    Path run = folder.resolve("run");
    assertThat(compare("--optimizers", "kfra,adam", "--updates", "3", "--scale", "0.02")).isZero();
    Path config = run.resolve(RunFolder.CONFIG);
    String text = Files.readString(config);
    assertThat(text).containsPattern("\"stepLengths\" *: *\"a layer\",");
    Files.writeString(config, text.replaceFirst("\"stepLengths\" *: *\"a layer\",", ""));
    assertThat(resume().status()).as("all of it has run").isZero();
    Files.delete(run.resolve(RunFolder.SUMMARY));
    ChildJvm.Result refused = resume();
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.output())
        .contains("from before 2026-11-29, when 'kfra' was the paper's algorithm")
        .contains("with 'kfra:paper'")
        .doesNotContain("\tat ");
  }

  private int compare(String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("--batch", "20", "--device", "software", "--no-costs"));
    arguments.addAll(List.of("--no-pictures", "--out", folder.resolve("run").toString()));
    return new ChildJvm().run(Compare.class, arguments.toArray(String[]::new)).status();
  }

  private ChildJvm.Result resume() throws IOException {
    return new ChildJvm().run(Compare.class, "--resume", folder.resolve("run").toString());
  }
}
