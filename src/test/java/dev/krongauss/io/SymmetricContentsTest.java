package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Both halves of a symmetric matrix come into a file, whatever the device has above its diagonal.
 */
final class SymmetricContentsTest {
  private final Device device = TestDevice.get();

  @TempDir private Path folder;

  /** Pieces of a row, a row, some rows, all of them. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 9, 10, 11, 25, 40, 1000})
  void thePartsMirrorTheLowerTriangle(int words) throws IOException {
    int d = 10;
    try (Arena arena = device.newArena("mirror")) {
      Matrix matrix = arena.matrix(d, d, "symmetric");
      float[] values = new float[d * d];
      for (int i = 0; i < d * d; i++) {
        values[i] = i / d >= i % d ? i : -1;
      }
      matrix.upload(values, device.stream());
      List<Float> written = new ArrayList<>();
      new SymmetricContents(matrix, new Parts(words).of(matrix))
          .forEach(
              device.stream(),
              part -> {
                for (float each : part) {
                  written.add(each);
                }
              });
      assertThat(written).hasSize(d * d);
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          float lower = Math.max(i, j) * d + Math.min(i, j);
          assertThat(written.get(i * d + j)).as("element %d %d", i, j).isEqualTo(lower);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void factorsAndInversesAreSymmetricInTheFile(Operations.Mode mode) throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    Path file = folder.resolve("run.safetensors");
    try (Arena arena = device.newArena("symmetric");
        Preconditioner p =
            Preconditioner.on(device).layer(35, 34).gamma(0.1).operations(mode).build()) {
      p.accumulate(
          0,
          DeviceBatch.foreign(arena, device, Problem.random(50, 35, random)),
          DeviceBatch.foreign(arena, device, Problem.random(50, 34, random)),
          device.stream());
      p.refresh(device.stream());
      Checkpoint.save(file, device.stream(), Map.of("p", p));
      float[] lower = p.factors().Q(0).download(device.stream());
      try (TensorFile saved = TensorFile.open(file, "checkpoint")) {
        saved.check();
        for (String name : List.of("p.factors.Q1", "p.inverseQ1", "p.factors.G1", "p.inverseG1")) {
          int d = (int) saved.shape(name)[0];
          float[] values = saved.floats(name);
          for (int i = 0; i < d; i++) {
            for (int j = 0; j < i; j++) {
              assertThat(values[j * d + i]).as("%s %d %d", name, j, i).isEqualTo(values[i * d + j]);
            }
          }
        }
        assertThat(saved.floats("p.factors.Q1")[34 * 35 + 3]).isEqualTo(lower[34 * 35 + 3]);
      }
      Checkpoint.load(file, device.stream(), Map.of("p", p));
      assertThat(p.factors().Q(0).download(device.stream())[3 * 35 + 34])
          .isEqualTo(lower[34 * 35 + 3]);
    }
  }

  @Test
  void halfPrecisionIsReadExactly() {
    short[] bits = {0x3c00, (short) 0xc000, 0x7bff, 0x0400, 0x0001, (short) 0x8000, 0x7c00, 0x3555};
    float[] wanted = {
      1, -2, 65504, 0x1p-14f, 0x1p-24f, -0f, Float.POSITIVE_INFINITY, 0.333251953125f
    };
    for (int i = 0; i < bits.length; i++) {
      assertThat(Elements.half(bits[i])).isEqualTo(wanted[i]);
    }
    assertThat(Elements.half((short) 0x7e00)).isNaN();
  }
}
