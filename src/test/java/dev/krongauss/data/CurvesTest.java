package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The generator against the statistics of the design and against itself. */
final class CurvesTest {
  private static final String CACHE = "krongauss.cache";
  private static final Dataset TRAIN = Curves.train(1);

  /** Checksums of the training set of seed 1, by version. */
  private static final Map<Integer, String> PINS = Map.of(1, "b2aaa682");

  @Test
  void hasThePublishedSizes() {
    assertThat(TRAIN.size()).isEqualTo(20_000);
    assertThat(TRAIN.inputWidth()).isEqualTo(784);
    assertThat(TRAIN.isAutoencoder()).isTrue();
    assertThat(Curves.test(1).size()).isEqualTo(10_000);
    TRAIN.requireTargets(0, 1);
  }

  /**
   * The standard error of these means over 20,000 images is about 0.3 % (an image's mean intensity
   * varies by 40 %); three times that is allowed.
   */
  @Test
  void hasTheSpecifiedIntensities() {
    double meanIntensity = Statistics.meanOfRowSums(TRAIN, v -> v) / Curves.WIDTH;
    assertThat(meanIntensity).isCloseTo(0.0354, within(0.01 * 0.0354));
    assertThat(Statistics.meanOfRowSums(TRAIN, v -> v > 0.01 ? 1 : 0))
        .isCloseTo(68.5, within(0.01 * 68.5));
    assertThat(Statistics.meanOfRowSums(TRAIN, v -> v > 0.99 ? 1 : 0))
        .isCloseTo(11.4, within(0.02 * 11.4));
    assertThat(Statistics.entropyFloor(TRAIN)).isCloseTo(23.67, within(0.01 * 23.67));
  }

  @Test
  void eighteenPrincipalComponentsLeaveTheSpecifiedError() {
    double error = PrincipalComponents.fit(TRAIN, 1, 18).squaredError(TRAIN, 1);
    assertThat(error).isCloseTo(5.92, within(0.05));
  }

  @Test
  void imagesDependOnSeedAndIndexOnly() {
    Dataset few = Curves.generate(3, 1);
    assertThat(few.inputs()).isEqualTo(Arrays.copyOf(TRAIN.inputs(), 3 * Curves.WIDTH));
    assertThat(Curves.generate(3, 2).inputs()).isNotEqualTo(few.inputs());
    float[] test = Curves.test(1).inputs();
    assertThat(Arrays.copyOf(test, Curves.WIDTH))
        .isNotEqualTo(Arrays.copyOf(TRAIN.inputs(), Curves.WIDTH));
  }

  /**
   * Old results and kept copies are of a version: who changes a bit raises {@link Curves#VERSION}
   * and adds the new version's checksum here.
   */
  @Test
  void everyBitOfAVersionIsPinned() {
    assertThat(PINS).containsEntry(Curves.VERSION, Statistics.checksum(TRAIN));
  }

  @Test
  void theKeptCopyIsTheSame(@TempDir Path cache) {
    String before = System.getProperty(CACHE);
    System.setProperty(CACHE, cache.toString());
    try {
      for (int i = 0; i < 2; i++) {
        Dataset kept = CachedData.curves(1);
        assertThat(kept).hasToString(TRAIN.toString());
        assertThat(Arrays.equals(kept.inputs(), TRAIN.inputs())).isTrue();
      }
      assertThat(cache.resolve("data/curves-train.v" + Curves.VERSION + ".seed1.f32"))
          .hasSize(96 + 4L * 20_000 * 784);
    } finally {
      if (before == null) {
        System.clearProperty(CACHE);
      } else {
        System.setProperty(CACHE, before);
      }
    }
  }

  @Test
  void refusesACountBelowOne() {
    assertThatThrownBy(() -> Curves.generate(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot generate 0 CURVES images");
  }
}
