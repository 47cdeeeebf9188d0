package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The products on tensor cores at the ends of FP32's range: never a finite number that is wrong.
 */
final class TensorRangeTest {
  private static final int K = 40;

  /** What rounds to infinity, infinity, and NaN of several kinds. */
  private static final float[] BEYOND = {
    Float.intBitsToFloat(0x7f7ff000),
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN,
    Float.intBitsToFloat(0x7f800001),
    Float.intBitsToFloat(0x7fffffff),
    Float.intBitsToFloat(0xffffffff)
  };

  private final Device device = TestDevice.get();

  /** Row 0 of A B, where A has {@code value} first and then ones, and B one column of {@code b}. */
  private float[] product(Tile tile, float value, float b) {
    try (Arena arena = device.newArena("range")) {
      float[] left = new float[2 * K];
      Arrays.fill(left, 1);
      left[0] = value;
      float[] right = new float[K];
      Arrays.fill(right, b);
      Matrix A = arena.matrix(2, K, "A");
      Matrix B = arena.matrix(K, 1, "B");
      Matrix C = arena.matrix(2, 1, "C");
      A.upload(left, device.stream());
      B.upload(right, device.stream());
      new Matmul(device, TileChoice.always(tile))
          .product(device.stream(), Matmul.Op.N, A, Matmul.Op.N, B, 1, 0, C);
      return C.download(device.stream());
    }
  }

  private static void close(Tile tile, float got, double wanted) {
    assertThat(Math.abs(got - wanted))
        .as("%s gave %s for %s", tile, got, wanted)
        .isLessThanOrEqualTo(
            Wanted.within(wanted, TileBounds.roundings(tile, K), Math.abs(wanted)).bound());
  }

  @ParameterizedTest
  @EnumSource(names = {"TF32X3_64", "TF32X3_128X64", "TF32X3_128"})
  void theGreatestThatStaysFinite(Tile tile) {
    float greatest = Float.intBitsToFloat(0x7f7fefff);
    close(tile, product(tile, greatest, 0.25f)[0], 0.25 * greatest + 0.25 * (K - 1));
    close(tile, product(tile, -greatest, 0x1p-100f)[0], -0x1p-100 * greatest + 0x1p-100 * (K - 1));
  }

  @ParameterizedTest
  @EnumSource(names = {"TF32X3_64", "TF32X3_128X64", "TF32X3_128"})
  void whatRoundsToInfinityOrIsNotFiniteShowsInItsRowAlone(Tile tile) {
    for (float value : BEYOND) {
      float[] c = product(tile, value, 0.5f);
      assertThat(Float.isFinite(c[0])).as("%s: %s times a half is %s", tile, value, c[0]).isFalse();
      close(tile, c[1], 0.5 * K);
    }
  }

  @Test
  void whatIsNotFiniteShowsInTf32Too() {
    for (float value : BEYOND) {
      try (Arena arena = device.newArena("range")) {
        float[] symmetric = new float[K * K];
        Arrays.fill(symmetric, 1);
        symmetric[0] = value;
        float[] right = new float[K];
        Arrays.fill(right, 0.5f);
        Matrix S = arena.matrix(K, K, "S");
        Matrix B = arena.matrix(K, 1, "B");
        Matrix C = arena.matrix(K, 1, "C");
        S.upload(symmetric, device.stream());
        B.upload(right, device.stream());
        new Solve(device, TileChoice.always(Tile.TF32_64)).leftStatistic(device.stream(), S, B, C);
        float[] c = C.download(device.stream());
        assertThat(Float.isFinite(c[0])).as("%s times a half is %s", value, c[0]).isFalse();
        close(Tile.TF32_64, c[1], 0.5 * K);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TF32X3_64", "TF32X3_128X64", "TF32X3_128"})
  void subnormalNumbersCountAsTheyAre(Tile tile) {
    float least = Float.MIN_NORMAL / 8;
    close(tile, product(tile, least, 0x1p120f)[0], 0x1p120 * least + 0x1p120 * (K - 1));
    close(tile, product(tile, -1, least)[0], (K - 2) * (double) least);
    close(tile, product(tile, 0x1p100f, least)[0], 0x1p100 * least + (K - 1) * (double) least);
  }
}
