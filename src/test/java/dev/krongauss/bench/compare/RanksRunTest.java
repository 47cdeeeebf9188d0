package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.MpiLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mpirun -np P bench/compare}: the objectives do not know P. */
final class RanksRunTest {
  private static final int OBJECTIVE = 4;

  @TempDir private Path folder;

  @Test
  void twoRanksHaveTheObjectivesOfOne() throws IOException {
    MpiLauncher launcher = MpiLauncher.assume("that two processes train as one").get(0);
    ChildJvm.Result one = compare(launcher, 1, "one", "--chunks", "8");
    ChildJvm.Result two = compare(launcher, 2, "two", "--chunks", "8");
    assertThat(one.status()).as(one.output()).isZero();
    assertThat(two.status()).as(two.output()).isZero();
    assertThat(objectives("one")).hasSize(2 * 3).isEqualTo(objectives("two"));
    assertThat(two.output().split("run folder: ", -1)).as("said by one rank").hasSize(2);
    ChildJvm.Result whole = compare(launcher, 2, "whole");
    assertThat(whole.status()).isNotZero();
    assertThat(whole.output()).contains("by mpirun of ").contains("give --chunks");
  }

  private ChildJvm.Result compare(MpiLauncher launcher, int ranks, String out, String... more)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of("--optimizers", "kfra,adam", "--updates", "3", "--batch", "32", "--scale"));
    words.addAll(List.of("0.02", "--no-pictures", "--no-costs", "--device", "software"));
    words.addAll(List.of("--out", folder.resolve(out).toString()));
    words.addAll(List.of(more));
    return launcher
        .ranks(ranks)
        .property("krongauss.home", Path.of("").toAbsolutePath())
        .property("krongauss.softcuda.check", "none") // beside the clock of all tests
        .run(Compare.class, words.toArray(String[]::new));
  }

  /** Texts, which are different where a bit is. */
  private List<String> objectives(String out) throws IOException {
    return Files.readAllLines(folder.resolve(out).resolve("metrics.csv")).stream()
        .skip(1)
        .map(line -> line.split(",")[0] + " " + line.split(",")[OBJECTIVE])
        .toList();
  }
}
