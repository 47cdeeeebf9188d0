package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** FACES on the real Olivetti images. */
final class FacesTest {
  private static final String FILE = "faces/olivetti-images-idx3-ubyte.gz";

  /** Fitting to every eighth patch moves the error by 0.2 and keeps the test short. */
  private static final int STRIDE = 8;

  private static final int COMPONENTS = 30;

  /** Checksums of the training set of seed 1, by version. */
  private static final Map<Integer, String> PINS = Map.of(1, "9170630c");

  private static Faces faces;
  private static Dataset train;
  private static Dataset validation;
  private static Dataset test;

  @BeforeAll
  static void generate() throws IOException {
    faces = Faces.read(RealData.folderWith(FILE), 1);
    train = faces.train();
    validation = faces.validation();
    test = faces.test();
  }

  @AfterAll
  static void release() {
    faces = null;
    train = null;
    validation = null;
    test = null;
  }

  @Test
  void hasTheSpecifiedSizes() {
    assertThat(train.size()).isEqualTo(103_500);
    assertThat(validation.size()).isEqualTo(20_700);
    assertThat(test.size()).isEqualTo(41_400);
    assertThat(train.inputWidth()).isEqualTo(625);
    assertThat(train.isAutoencoder()).isTrue();
  }

  /** Seeds 1 to 3 give 135.2 to 135.6 (35.553 to 35.558 for the scale). */
  @Test
  void agreesWithThePublishedPrincipalComponents() {
    assertThat(faces.scale()).isCloseTo(35.56, within(0.01));
    Dataset thirtyPeople = everyStride(train, validation);
    double error = PrincipalComponents.fit(thirtyPeople, 1, COMPONENTS).squaredError(test, 1);
    assertThat(error).isCloseTo(135.0, within(0.7));
  }

  @Test
  void isNormalisedOverAllPatches() {
    double sum = 0;
    double squares = 0;
    int rows = 0;
    for (Dataset part : new Dataset[] {train, validation, test}) {
      for (float value : part.inputs()) {
        sum += value;
        squares += (double) value * value;
      }
      rows += part.size();
    }
    double values = (double) rows * Faces.WIDTH;
    assertThat(sum / values).isCloseTo(0, within(1e-6));
    // Mean over pixels of each pixel's variance; pixel means are zero up to a float's rounding.
    assertThat(squares / values).isCloseTo(1, within(1e-5));
  }

  @Test
  void theSameSeedGivesTheSameBytes() {
    assertThat(Arrays.equals(faces.validation().inputs(), validation.inputs())).isTrue();
  }

  /** As in {@link CurvesTest}; {@link FacesFileTest} does it without the real images. */
  @Test
  void everyBitOfAVersionIsPinned() {
    assertThat(PINS).containsEntry(Faces.VERSION, Statistics.checksum(train));
  }

  private static Dataset everyStride(Dataset... parts) {
    int rows = 0;
    for (Dataset part : parts) {
      rows += (part.size() + STRIDE - 1) / STRIDE;
    }
    float[] values = new float[rows * Faces.WIDTH];
    int row = 0;
    for (Dataset part : parts) {
      for (int from = 0; from < part.size(); from += STRIDE, row++) {
        System.arraycopy(part.inputs(), from * Faces.WIDTH, values, row * Faces.WIDTH, Faces.WIDTH);
      }
    }
    return Dataset.autoencoder("every stride-th patch", values, Faces.WIDTH);
  }
}
