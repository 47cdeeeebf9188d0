package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The library's products in double, on row-major matrices with strides of their own. */
final class BlasDoublesTest {
  private static final int M = 37;
  private static final int N = 21;
  private static final int K = 130;

  private final Map<Long, Buffer> all = new HashMap<>();
  private Device device;
  private Arena arena;
  private Random random;

  @BeforeEach
  void open() {
    device = TestDevice.get();
    assumeTrue(device.blas().isPresent(), "no cuBLAS");
    arena = device.newArena("doubles");
    random = new Random(3);
  }

  @AfterEach
  void close() {
    if (arena != null) {
      arena.close();
    }
  }

  /** K eps of double of terms of at most 1; what lies beside the rows stays. */
  @ParameterizedTest
  @CsvSource({
    "false,false,0",
    "true,false,0",
    "false,true,0",
    "true,true,0",
    "false,true,1",
    "true,false,-2"
  })
  void productsAreThoseOfTheirRows(boolean ta, boolean tb, double beta) {
    double[] a = values((ta ? K : M) * ((ta ? M : K) + 3));
    double[] b = values((tb ? N : K) * ((tb ? K : N) + 2));
    double[] c = values(M * (N + 1));
    Doubles A = new Doubles(put(a), ta ? K : M, ta ? M : K, (ta ? M : K) + 3);
    Doubles B = new Doubles(put(b), tb ? N : K, tb ? K : N, (tb ? K : N) + 2);
    Doubles C = new Doubles(put(c), M, N, N + 1);
    device.blas().orElseThrow().product(device.stream(), ta, A, tb, B, beta, C);
    double[] got = get(C.pointer(), c.length);
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        double sum = beta * c[i * (N + 1) + j];
        for (int k = 0; k < K; k++) {
          double x = ta ? a[k * A.stride() + i] : a[i * A.stride() + k];
          double y = tb ? b[j * B.stride() + k] : b[k * B.stride() + j];
          sum += x * y;
        }
        assertThat(got[i * (N + 1) + j]).as("%d, %d", i, j).isCloseTo(sum, within(K * 2.3e-16));
      }
      assertThat(got[i * (N + 1) + N]).isEqualTo(c[i * (N + 1) + N]);
    }
  }

  /** With factors on the device: 1 and 0 as without, 0 and 1 as if it had not been made. */
  @ParameterizedTest
  @CsvSource({"1,0", "0,1", "0.5,-2"})
  void factorsOnTheDeviceDecide(double factor, double other) {
    double[] a = values(M * K);
    double[] b = values(K * N);
    double[] c = values(M * N);
    double[] e = values(M * N);
    long factors = put(new double[] {factor, other});
    long C = put(c);
    long out = put(e);
    BlasCalls calls = device.blas().orElseThrow().calls();
    Doubles A = Doubles.of(put(factor == 0 ? nothing(a) : a), M, K);
    calls.product(
        device.stream(),
        false,
        A,
        false,
        Doubles.of(put(b), K, N),
        factors,
        factors + 8,
        Doubles.of(C, M, N));
    long slopes = put(factor == 0 ? nothing(c) : c);
    long x = put(a);
    calls.diagonal(device.stream(), M * N - 1, slopes, x, factors, factors + 8, out);
    double[] product = get(C, M * N);
    double[] elements = get(out, M * N);
    for (int i = 0; i < M * N; i++) {
      double sum = other * c[i];
      for (int k = 0; k < K; k++) {
        sum += factor * a[i / N * K + k] * b[k * N + i % N];
      }
      assertThat(product[i]).as("%d", i).isCloseTo(sum, within(K * 2.3e-16));
      double wanted = i < M * N - 1 ? factor * c[i] * a[i] + other * e[i] : e[i];
      assertThat(elements[i]).as("%d", i).isCloseTo(wanted, within(1e-15));
    }
  }

  @Test
  void elementsAreMultiplied() {
    double[] x = values(1000);
    double[] y = values(1000);
    double[] before = values(1000);
    long out = put(before);
    device.blas().orElseThrow().calls().diagonal(device.stream(), 999, put(x), put(y), out);
    double[] got = get(out, 1000);
    for (int i = 0; i < 1000; i++) {
      assertThat(got[i]).isEqualTo(i < 999 ? x[i] * y[i] : before[i]);
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Doubles A = Doubles.of(put(values(6)), 2, 3);
    Blas blas = device.blas().orElseThrow();
    assertThatThrownBy(() -> blas.product(device.stream(), false, A, false, A, 0, A))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows=2, columns=3");
    assertThatThrownBy(() -> new Doubles(12, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a multiple of 8");
  }

  private static double[] nothing(double[] like) {
    double[] values = new double[like.length];
    Arrays.fill(values, Double.NaN);
    return values;
  }

  private double[] values(int count) {
    return random.doubles(count, -1, 1).toArray();
  }

  private long put(double[] values) {
    int[] halves = new int[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      long bits = Double.doubleToRawLongBits(values[i]);
      halves[2 * i] = (int) bits;
      halves[2 * i + 1] = (int) (bits >>> 32);
    }
    Buffer buffer = arena.ints(halves.length, "doubles");
    buffer.uploadInts(halves, device.stream());
    all.put(buffer.pointer(), buffer);
    return buffer.pointer();
  }

  private double[] get(long pointer, int count) {
    int[] halves = all.get(pointer).downloadInts(2 * count, device.stream());
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      long bits = (halves[2 * i] & 0xffffffffL) | (long) halves[2 * i + 1] << 32;
      values[i] = Double.longBitsToDouble(bits);
    }
    return values;
  }
}
