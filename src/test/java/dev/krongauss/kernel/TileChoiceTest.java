package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.Accuracy;
import dev.krongauss.kernel.tuning.Shapes;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.kernel.tuning.Tuning;
import dev.krongauss.kernel.tuning.Variants;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The choice between the plain and the tensor-core tiles. */
final class TileChoiceTest {
  private static TileChoice auto(int capability, int multiprocessors) {
    return new TileChoice(Tuning.of(capability), multiprocessors, Optional.empty(), Accuracy.FP32);
  }

  @AfterEach
  void forget() {
    System.clearProperty("krongauss.tile");
    System.clearProperty("krongauss.curvature");
    System.clearProperty("krongauss.direction");
  }

  /** Of a kernel with all tiles, of which a multiprocessor holds what the launch bounds promise. */
  private static Tile of(TileChoice choice, int rows, int columns, int inner) {
    return choice.of(kernel(choice), rows, columns, inner);
  }

  private static Variants kernel(TileChoice choice) {
    return new Variants(
        TestDevice.get(),
        choice.all(),
        tile ->
            new Variants.Name(
                tile.onTensorCores() ? "matmul_tensor" : "matmul",
                "matmul_f32__nn" + tile.suffix()));
  }

  @Test
  void shapeDecides() {
    TileChoice h100 = auto(90, 132);
    assertThat(of(h100, 4096, 4096, 4096)).isEqualTo(Tile.TF32X3_128X64);
    // two small ones at once take no longer than a tall one, which hides nothing alone
    assertThat(of(h100, 1000, 1000, 785)).isEqualTo(Tile.TF32X3_64);
    // one wave of 256 tall ones for two of 512
    assertThat(of(h100, 2048, 1024, 785)).isEqualTo(Tile.TF32X3_128X64);
    assertThat(of(h100, 1000, 1000, 31)).isEqualTo(Tile.FFMA); // a bound above FP32's
    assertThat(of(h100, 1000, 1000, 32)).isEqualTo(Tile.TF32X3_64);
    assertThat(h100.small(4096)).isEqualTo(Tile.TF32X3_64);
  }

  @Test
  void deviceDecides() {
    for (int capability : new int[] {80, 90, 100, 103, 110}) {
      assertThat(of(auto(capability, 128), 4096, 4096, 4096))
          .as("%d", capability)
          .isEqualTo(Tile.TF32X3_128X64);
    }
    for (int capability : new int[] {70, 75, 86, 87, 89, 120, 121}) {
      assertThat(of(auto(capability, 128), 4096, 4096, 4096))
          .as("%d", capability)
          .isEqualTo(Tile.FFMA);
    }
  }

  /** The gradient of the autoencoder that the model of an update's time takes. */
  @Test
  void twoWavesOfLargeTilesAreNotTakenForOneAndAHalf() {
    int[] d = {784, 1000, 500, 250, 30, 250, 500, 1000, 784};
    TileChoice.Blocks blocks =
        tile -> {
          long all = 0;
          for (int l = 1; l < d.length; l++) {
            all += tile.tiles(d[l], d[l - 1] + 1);
          }
          return all;
        };
    assertThat(blocks.with(Tile.TF32X3_64)).isEqualTo(744);
    assertThat(blocks.with(Tile.TF32X3_128X64)).isEqualTo(382);
    assertThat(blocks.with(Tile.TF32X3_128)).isEqualTo(196);
    TileChoice h200 = auto(90, 132);
    assertThat(h200.of(kernel(h200), blocks, 1000)).isEqualTo(Tile.TF32X3_64);
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
    assertThat(of(asked, 1, 1, 1)).isEqualTo(Tile.TF32X3_128);
    assertThat(asked.small(1)).isEqualTo(Tile.TF32X3_64);
    assertThat(asked.among(TileChoice.SMALL)).containsExactly(Tile.TF32X3_64);
    assertThat(asked.recursion(kernel(asked), 9, 9, 9)).isEqualTo(Tile.TF32_64);
    System.setProperty("krongauss.tile", "tf32");
    assertThatThrownBy(() -> new TileChoice(TestDevice.get()))
        .hasMessageContainingAll("'tf32'", "auto", "tf32x3_64");
    System.clearProperty("krongauss.tile");
    System.setProperty("krongauss.curvature", "half");
    assertThatThrownBy(() -> new TileChoice(TestDevice.get()))
        .hasMessageContainingAll("'half'", "fp32, recursion, tf32");
    System.clearProperty("krongauss.curvature");
    System.setProperty("krongauss.direction", "solve");
    assertThatThrownBy(() -> new TileChoice(TestDevice.get()))
        .hasMessageContainingAll("krongauss.direction", "'solve'", "fp32, tangents, tf32");
  }

  private static TileChoice purpose(String property, String value, String tile) {
    System.setProperty("krongauss.tile", tile);
    System.setProperty("krongauss.direction", "fp32");
    System.setProperty("krongauss.curvature", "fp32");
    System.setProperty(property, value);
    return new TileChoice(TestDevice.get());
  }

  /** Each value adds one purpose to those of the value before. */
  @Test
  void purposesHaveTheirAccuracy() {
    List<List<Tile>> wanted = new ArrayList<>();
    Tile exact = Tile.TF32X3_64;
    Tile tf32 = Tile.TF32_64;
    wanted.add(tiles(purpose("krongauss.direction", "fp32", "tf32x3_64")));
    wanted.add(tiles(purpose("krongauss.direction", "tangents", "tf32x3_64")));
    wanted.add(tiles(purpose("krongauss.direction", "tf32", "tf32x3_64")));
    wanted.add(tiles(purpose("krongauss.curvature", "recursion", "tf32x3_64")));
    wanted.add(tiles(purpose("krongauss.curvature", "tf32", "tf32x3_64")));
    assertThat(wanted)
        .containsExactly(
            List.of(exact, exact, exact, exact, exact),
            List.of(exact, tf32, exact, exact, exact),
            List.of(exact, tf32, tf32, exact, exact),
            List.of(exact, exact, exact, tf32, exact),
            List.of(exact, exact, exact, tf32, tf32));
  }

  /** The plain units have no second accuracy to be faster by. */
  @Test
  void directionsOnThePlainUnitsAreThoseOfFp32() {
    TileChoice plain = purpose("krongauss.direction", "tf32", "ffma");
    assertThat(plain.smallTangents(64)).isEqualTo(Tile.FFMA);
    assertThat(plain.solve(solves(plain), tile -> 1, 64)).isEqualTo(Tile.FFMA);
  }

  private static Variants solves(TileChoice choice) {
    return new Variants(
        TestDevice.get(),
        choice.allSolves(TileChoice.SMALL),
        tile -> new Variants.Name("solve", "solve_f32__right_whole" + tile.suffix()));
  }

  /** Of all else, tangents, solves, the recursion and Gram matrices. */
  private static List<Tile> tiles(TileChoice choice) {
    List<Tile> tiles =
        List.of(
            choice.small(64),
            choice.smallTangents(64),
            choice.solve(solves(choice), tile -> 1, 64),
            choice.smallRecursion(64),
            choice.smallGram(64));
    assertThat(choice.allSmallTangents()).containsExactly(tiles.get(1));
    assertThat(choice.allSmallRecursions()).containsExactly(tiles.get(3));
    assertThat(choice.allSmallGrams()).containsExactly(tiles.get(4));
    return tiles;
  }
}
