package dev.krongauss.bench.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.krongauss.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench/precision}, which plays another GPU, in a JVM of its own. */
final class PrecisionTest {
  @TempDir private Path folder;

  /** The step lengths behind a run come from its checkpoint, whose batches have the run's seed. */
  @Test
  void trainsFromAnySeed() throws IOException {
    Path rows = folder.resolve("rows.csv");
    ChildJvm.Result result =
        new ChildJvm()
            .option("-XX:TieredStopAtLevel=1")
            .run(
                Precision.class,
                ("--scale 0.02 --batch 32 --updates 10 --mma worst --variants fp32,solves"
                        + " --seeds 2 --out "
                        + rows)
                    .split(" "));
    assertThat(result.status()).as(result.output()).isZero();
    List<String> lines = Files.readAllLines(rows);
    assertThat(lines).hasSize(3);
    double fp32 = objective(lines.get(1), "curves,worst,0.02,32,10,2,fp32,");
    double solves = objective(lines.get(2), "curves,worst,0.02,32,10,2,solves,");
    assertThat(solves).isNotEqualTo(fp32).isCloseTo(fp32, withPercentage(5));
    assertThat(result.output()).contains("| curves | worst | 0.02 | 32 | 10 | 2 |");
  }

  private static double objective(String line, String key) {
    assertThat(line).startsWith(key);
    return Double.parseDouble(line.substring(key.length()).split(",")[0]);
  }
}
