package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Device;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.Chip;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.kernel.tuning.Variants;
import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chip that choices are made for: the device's, or one by name. */
final class ChipTest {
  @AfterEach
  void forget() {
    System.clearProperty("krongauss.chip");
  }

  @Test
  void isTheDevicesUnlessNamed() {
    Device device = TestDevice.get();
    Chip own = new Chip(device.computeCapability(), device.multiprocessors(), device.isSoftware());
    assertThat(Chip.of(device)).isEqualTo(own);
    System.setProperty("krongauss.chip", "90:132");
    assertThat(Chip.of(device)).isEqualTo(new Chip(90, 132, false));
  }

  /** 216 tiles of 128 x 64: one wave of an A100, which holds two on each of 108; two of 107. */
  @Test
  void tilesAreThoseOfTheNamedChip() {
    System.setProperty("krongauss.chip", "80:108");
    assertThat(chosen(216)).isEqualTo(Tile.TF32X3_128X64);
    System.setProperty("krongauss.chip", "80:107");
    assertThat(chosen(216)).isEqualTo(Tile.TF32X3_64);
    System.setProperty("krongauss.chip", "89:128");
    assertThat(chosen(1000)).isEqualTo(Tile.FFMA);
  }

  private static Tile chosen(long tall) {
    TileChoice choice = new TileChoice(TestDevice.get());
    Variants kernel =
        new Variants(
            TestDevice.get(),
            choice.all(),
            tile -> new Variants.Name("gradient", "gradient_f32" + tile.variant()));
    return choice.of(kernel, tile -> tall * 128 * 64 / (tile.rows() * tile.columns()), 1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"h100", "90", "90:0", "90:132:1", ""})
  void anotherFormIsRefused(String value) {
    System.setProperty("krongauss.chip", value);
    assertThatThrownBy(() -> Chip.of(TestDevice.get()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("krongauss.chip is '" + value + "'")
        .hasMessageContaining("90:132");
  }
}
