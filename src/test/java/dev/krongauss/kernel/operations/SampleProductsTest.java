package dev.krongauss.kernel.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library's strips give the matrix, at the edges of strips too. */
final class SampleProductsTest {
  private static final float SCALE = 0.25f;

  /** Entries are sums of at most 17 terms of 1 and less, and floats' rounding of each. */
  @ParameterizedTest
  @CsvSource({"1,1", "127,1", "128,2", "129,1", "129,3", "300,2"})
  void stripsAreTheMatrix(int N, int K) {
    Device device = TestDevice.get();
    Random random = new Random(N);
    float[][] a = {values(random, N * 5), values(random, N * 4)};
    float[][] C = {values(random, N * K * 3), values(random, N * K * 2)};
    int n = N * K;
    float[] M;
    try (Arena arena = device.newArena("strips")) {
      Stream s = device.stream();
      Operations operations = new Operations(device, Operations.Mode.AUTO);
      Matrix matrix = arena.matrix(n, n, "M");
      SampleProducts products = new SampleProducts(operations, arena, N);
      List<Matrix> inputs = List.of(on(arena, a[0], N, 5), on(arena, a[1], N, 4));
      List<Matrix> roots = List.of(on(arena, C[0], n, 3), on(arena, C[1], n, 2));
      products.gram(s, inputs, roots, SCALE, matrix);
      products.gram(s, inputs, roots, SCALE, matrix); // what was there before is not read
      M = matrix.download(s);
    }
    for (int r = 0; r < n; r++) {
      for (int q = 0; q <= r; q++) {
        double sum = 0;
        for (int l = 0; l < 2; l++) {
          int columns = l == 0 ? 3 : 2;
          double root = inner(C[l], columns, r % N * K + r / N, q % N * K + q / N);
          sum += inner(a[l], l == 0 ? 5 : 4, r % N, q % N) * root;
        }
        assertThat((double) M[r * n + q]).as("%d, %d", r, q).isCloseTo(SCALE * sum, within(1e-5));
      }
    }
  }

  private static Matrix on(Arena arena, float[] values, int rows, int columns) {
    Matrix matrix = arena.matrix(rows, columns, "values");
    matrix.upload(values, TestDevice.get().stream());
    return matrix;
  }

  private static float[] values(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  private static double inner(float[] rows, int columns, int i, int j) {
    double sum = 0;
    for (int k = 0; k < columns; k++) {
      sum += (double) rows[i * columns + k] * rows[j * columns + k];
    }
    return sum;
  }
}
