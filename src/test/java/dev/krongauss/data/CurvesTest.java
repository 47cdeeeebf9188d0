package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** The generator against the statistics of the design and against itself. */
final class CurvesTest {
  private static final Dataset TRAIN = Curves.train(1);

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

  /** Pins the bytes: a generator that drifts would make old and new results incomparable. */
  @Test
  void theBytesOfSeedOneNeverChange() {
    assertThat(checksum(Curves.generate(100, 1).inputs())).isEqualTo("c3db64a9");
  }

  @Test
  void refusesACountBelowOne() {
    assertThatThrownBy(() -> Curves.generate(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot generate 0 CURVES images");
  }

  static String checksum(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    CRC32 crc = new CRC32();
    crc.update(bytes.array());
    return "%08x".formatted(crc.getValue());
  }
}
