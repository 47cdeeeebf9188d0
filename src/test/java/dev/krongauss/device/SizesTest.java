package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;

/** Sizes that no int, or no Java array, can hold are refused with their numbers. */
final class SizesTest {
  private static final int MOST = Integer.MAX_VALUE;
  private static final long NOWHERE = 256; // never followed

  private final Device device = TestDevice.get();

  @Test
  void rowsBeyondTheLastIntAreNone() {
    Matrix matrix = Matrix.wrap(NOWHERE, MOST, 1, 1);
    assertThat(matrix.rows(MOST - 2, 2).pointer()).isEqualTo(NOWHERE + 4L * (MOST - 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> matrix.rows(MOST - 1, 2))
        .withMessage("rows 2147483646..2147483647 of a matrix with 2147483647 rows");
  }

  @Test
  void whatNoArrayHoldsIsNotDownloaded() {
    Matrix matrix = Matrix.wrap(NOWHERE, 1 << 16, 1 << 15, 1 << 15);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> matrix.download(device.stream()))
        .withMessageStartingWith("2,147,483,648 floats of Matrix[65536][32768]")
        .withMessageContaining("take some rows");
  }

  @Test
  void aStrideThatNoIntHoldsIsRefused() {
    assertThat(Matrix.paddedStride(MOST - 31)).isEqualTo(MOST - 31);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Matrix.paddedStride(MOST - 30))
        .withMessage("2,147,483,648 floats from row to row of a matrix; 2^31 - 1 are the most");
    try (Arena arena = device.newArena("sizes")) {
      assertThatIllegalArgumentException().isThrownBy(() -> arena.matrix(1, MOST, "row"));
    }
  }
}
