package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A checkpoint from when a diagonal G was kept whole goes on in a layer that keeps its diagonal.
 */
final class FormerDiagonalTest {
  private static final int INPUTS = 4;
  private static final int UNITS = 66;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final SplittableRandom random = new SplittableRandom(3);
  private final double[][] a = Problem.random(9, INPUTS, random);
  private final double[][] gradient = Problem.random(UNITS, INPUTS, random);

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void theDiagonalIsTaken(Operations.Mode mode) throws IOException {
    Path file = folder.resolve("former.safetensors");
    try (Arena arena = device.newArena("former diagonal");
        Preconditioner whole = on(mode).layer(INPUTS, UNITS).build();
        Preconditioner diagonal = on(mode).diagonalLayer(INPUTS, UNITS).build()) {
      save(whole, arena, 0, file);
      load(diagonal, file);
      float[] wanted = whole.factors().G(0).download(s);
      float[] got = diagonal.factors().G(0).download(s);
      for (int i = 0; i < UNITS; i++) {
        assertThat(got[i]).isEqualTo(wanted[i * UNITS + i]);
      }
      // Their inverses are the same numbers, and so are the directions but for sums of zeros.
      float[] expected = direction(whole, arena);
      float[] direction = direction(diagonal, arena);
      for (int k = 0; k < expected.length; k++) {
        assertThat(direction[k])
            .isCloseTo(expected[k], within(1e-6f + Math.abs(expected[k]) * 1e-5f));
      }
      diagonal.refresh(s);
      assertThat(diagonal.failure(s)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aMatrixThatIsNotDiagonalDoesNotFit(Operations.Mode mode) throws IOException {
    Path file = folder.resolve("former.safetensors");
    try (Arena arena = device.newArena("former diagonal");
        Preconditioner whole = on(mode).layer(INPUTS, UNITS).build();
        Preconditioner diagonal = on(mode).diagonalLayer(INPUTS, UNITS).build()) {
      save(whole, arena, 0.01, file);
      assertThatThrownBy(() -> load(diagonal, file))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("F32[66][66]")
          .hasMessageContaining("F32[1][66]");
      assertThat(diagonal.factors().G(0).download(s)).containsOnly(0f);
      assertThat(diagonal.factors().ready(0, s)).isFalse();
    }
  }

  private Preconditioner.Builder on(Operations.Mode mode) {
    return Preconditioner.on(device).operations(mode).gamma(0.125);
  }

  private void save(Preconditioner whole, Arena arena, double beside, Path file)
      throws IOException {
    double[][] G = new double[UNITS][UNITS];
    for (int i = 0; i < UNITS; i++) {
      G[i][i] = 1 + i / 8.0;
    }
    G[UNITS - 1][0] = beside;
    whole.accumulateCurvature(
        0, DeviceBatch.foreign(arena, device, a), DeviceBatch.foreign(arena, device, G), s);
    whole.refresh(s);
    Checkpoint.save(file, s, Map.of("preconditioner", whole));
  }

  private void load(Preconditioner diagonal, Path file) throws IOException {
    Checkpoint.load(file, s, Map.of("preconditioner", diagonal));
  }

  private float[] direction(Preconditioner preconditioner, Arena arena) {
    Matrix direction = arena.matrix(UNITS, INPUTS, "direction");
    preconditioner.apply(0, DeviceBatch.foreign(arena, device, gradient), direction, s);
    return direction.download(s);
  }
}
