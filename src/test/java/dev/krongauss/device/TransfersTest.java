package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.testing.DriverOptions;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Copies between the host and the device: there when the call returns, for every stream, and only
 * rows × columns of any view, in one piece or in many.
 */
final class TransfersTest {
  private static final int SEEDS = 20;
  private static final float BETWEEN = -7.5e18f;

  private final Device device = TestDevice.get();

  /**
   * A driver's copy from a Java array may still be on its way when it returns, on a stream that
   * others do not wait for; SoftCUDA lets it end late with a seed.
   */
  @Test
  @SuppressWarnings("try") // the order is there to be closed
  void anUploadIsThereForEveryStream() {
    for (int seed = 1; seed <= SEEDS; seed++) {
      try (DriverOptions order = DriverOptions.seed(device, seed);
          Arena arena = device.newArena("late copies");
          Stream other = device.newStream()) {
        float[] values = {1, 2, 3, 4, 5, 6};
        Buffer floats = arena.floats(6, "floats");
        Buffer ints = arena.ints(6, "ints");
        Matrix rows = arena.matrix(2, 3, "rows");
        Matrix got = arena.matrix(3, 6, "got");
        floats.upload(values, device.stream());
        other.copy(Matrix.wrap(floats.pointer(), 1, 6, 6), got.rows(0, 1));
        ints.uploadInts(bits(values), device.stream());
        other.copy(Matrix.wrap(ints.pointer(), 1, 6, 6), got.rows(1, 1));
        rows.upload(values, device.stream());
        other.copy(rows.rows(0, 1), got.rows(2, 1).columns(3));
        assertThat(got.rows(0, 1).download(other)).as("seed %d", seed).isEqualTo(values);
        assertThat(got.rows(1, 1).download(other)).as("seed %d", seed).isEqualTo(values);
        assertThat(got.rows(2, 1).columns(3).download(other)).containsExactly(1, 2, 3);
      }
    }
  }

  @Test
  @SuppressWarnings("try")
  void newMemoryIsZeroForEveryStream() {
    for (int seed = 1; seed <= SEEDS; seed++) {
      try (DriverOptions order = DriverOptions.seed(device, seed);
          Arena arena = device.newArena("late clearing");
          Stream other = device.newStream()) {
        Matrix got = arena.matrix(1, 5, "got");
        got.upload(new float[] {1, 1, 1, 1, 1}, other);
        other.copy(Matrix.wrap(arena.floats(5, "new").pointer(), 1, 5, 5), got);
        assertThat(got.download(other)).as("seed %d", seed).containsExactly(0, 0, 0, 0, 0);
      }
    }
  }

  /** The driver's copy of memory that overlaps is undefined: rows that were written are read. */
  @Test
  void viewsThatShareElementsAreNotCopiedAndNeighboursAre() {
    Random random = new Random(1);
    int refused = 0;
    int copied = 0;
    try (Arena arena = device.newArena("overlap")) {
      Buffer floats = arena.floats(400, "floats");
      for (int i = 0; i < 3000; i++) {
        int rows = 1 + random.nextInt(5);
        int columns = 1 + random.nextInt(6);
        Matrix from = view(floats, rows, columns, random);
        Matrix to = view(floats, rows, columns, random);
        Set<Long> shared = elements(from);
        shared.retainAll(elements(to));
        if (shared.isEmpty()) {
          device.stream().copy(from, to);
          copied++;
        } else {
          refused++;
          assertThatThrownBy(() -> device.stream().copy(from, to))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("share memory")
              .hasMessageContaining(from.toString());
        }
      }
    }
    assertThat(refused).isGreaterThan(500);
    assertThat(copied).isGreaterThan(500);
  }

  private static Matrix view(Buffer floats, int rows, int columns, Random random) {
    int stride = columns + random.nextInt(12);
    return Matrix.wrap(floats.at(random.nextInt(80)), rows, columns, stride);
  }

  private static Set<Long> elements(Matrix view) {
    Set<Long> addresses = new HashSet<>();
    for (int i = 0; i < view.rows(); i++) {
      for (int j = 0; j < view.columns(); j++) {
        addresses.add(view.pointer() + 4L * (i * view.stride() + j));
      }
    }
    return addresses;
  }

  /** Rows that are longer and shorter than the pinned buffer, and a number of them that is odd. */
  @ParameterizedTest
  @CsvSource({"3, 400001, 400003", "1, 2500000, 2500000", "2, 1100000, 1100032", "100003, 25, 32"})
  void largeMatricesGoInPieces(int rows, int columns, int stride) {
    assertThat(4L * rows * columns).isGreaterThan(Transfers.PIECE_BYTES);
    try (Arena arena = device.newArena("pieces")) {
      int count = Math.multiplyExact(rows, stride);
      Buffer buffer = arena.floats(count, "buffer");
      float[] image = new float[count];
      Arrays.fill(image, BETWEEN);
      buffer.upload(image, device.stream());
      float[] values = new float[rows * columns];
      for (int k = 0; k < values.length; k++) {
        values[k] = k % 16777213;
      }
      Matrix view = Matrix.wrap(buffer.pointer(), rows, columns, stride);
      view.upload(values, device.stream());
      assertThat(Arrays.equals(view.download(device.stream()), values)).isTrue();
      for (int i = 0; i < rows; i++) {
        System.arraycopy(values, i * columns, image, i * stride, columns);
      }
      assertThat(Arrays.equals(buffer.downloadFloats(count, device.stream()), image)).isTrue();
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, k -> Float.floatToRawIntBits(values[k]));
    return bits;
  }
}
