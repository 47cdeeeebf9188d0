package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.Shapes;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.kernel.tuning.Tuning;
import dev.krongauss.testing.TestDevice;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The choice between the plain and the tensor-core tiles. */
final class TileChoiceTest {
  private static TileChoice auto(int capability, int multiprocessors) {
    return new TileChoice(Tuning.of(capability), multiprocessors, Optional.empty(), false);
  }

  @AfterEach
  void forget() {
    System.clearProperty("krongauss.tile");
    System.clearProperty("krongauss.curvature");
  }

  @Test
  void shapeDecides() {
    TileChoice h100 = auto(90, 132);
    assertThat(h100.of(4096, 4096, 4096)).isEqualTo(Tile.TF32X3_128);
    assertThat(h100.of(1000, 1000, 785))
        .isEqualTo(Tile.TF32X3_64); // 64 large tiles leave half idle
    assertThat(h100.of(1000, 1000, 31)).isEqualTo(Tile.FFMA); // a bound above FP32's
    assertThat(h100.of(1000, 1000, 32)).isEqualTo(Tile.TF32X3_64);
    assertThat(h100.small(4096)).isEqualTo(Tile.TF32X3_64);
  }

  @Test
  void deviceDecides() {
    for (int capability : new int[] {80, 90, 100, 103, 110}) {
      assertThat(auto(capability, 128).of(4096, 4096, 4096))
          .as("%d", capability)
          .isEqualTo(Tile.TF32X3_128);
    }
    for (int capability : new int[] {70, 75, 86, 87, 89, 120, 121}) {
      assertThat(auto(capability, 128).of(4096, 4096, 4096))
          .as("%d", capability)
          .isEqualTo(Tile.FFMA);
    }
  }

  @Test
  void theLeastInnerSizeIsWhereTheBoundIsBelowThatOfFp32() {
    int K = Shapes.LEAST_INNER;
    for (; K <= 65_536; K++) {
      assertThat(TileBounds.roundings(Tile.TF32X3_64, K))
          .as("K = %d", K)
          .isLessThanOrEqualTo(K + 2);
    }
  }

  @Test
  void propertiesOverride() {
    System.setProperty("krongauss.tile", "tf32x3_128");
    System.setProperty("krongauss.curvature", "tf32");
    TileChoice asked = new TileChoice(TestDevice.get());
    assertThat(asked.of(1, 1, 1)).isEqualTo(Tile.TF32X3_128);
    assertThat(asked.small(1)).isEqualTo(Tile.TF32X3_64);
    assertThat(asked.statistic(9, 9, 9)).isEqualTo(Tile.TF32_64);
    System.setProperty("krongauss.tile", "tf32");
    assertThatThrownBy(() -> new TileChoice(TestDevice.get()))
        .hasMessageContainingAll("'tf32'", "auto", "tf32x3_64");
    System.clearProperty("krongauss.tile");
    System.setProperty("krongauss.curvature", "half");
    assertThatThrownBy(() -> new TileChoice(TestDevice.get()))
        .hasMessageContainingAll("'half'", "fp32 or tf32");
  }
}
