package dev.krongauss.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Kernels of memory.cu and numbers.cu, compiled by nvcc 13 for compute_80 (numbers.cu with
 * -use_fast_math), whose PTX has what the project's own kernels have not.
 */
final class CompiledKernelsTest {
  private final Device device = TestDevice.get();
  private final Arena arena = device.newArena("compiled kernels");

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void aBlockMeetsAtABarrierInSharedMemory() {
    int n = 96;
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = i * i;
    }
    Buffer y = arena.floats(n, "y");
    launch(
        "memory",
        "reverse_through_barrier",
        n,
        l -> l.pointer(y.pointer()).pointer(upload(x).pointer()).i32(n));
    float[] got = y.downloadFloats(n, device.stream());
    for (int i = 0; i < n; i++) {
      assertThat(got[i]).as("y[%d]", i).isEqualTo(x[n - 1 - i]);
    }
  }

  @Test
  void aBarrierInSharedMemoryHasManyPhases() {
    int rounds = 7;
    int threads = 160;
    Buffer y = arena.floats(rounds, "y");
    launch("memory", "rounds_by_parity", threads, l -> l.pointer(y.pointer()).i32(rounds));
    int[] got = y.downloadInts(rounds, device.stream());
    for (int i = 0; i < rounds; i++) {
      assertThat(got[i]).as("arrivals after round %d", i).isEqualTo(threads * (i + 1));
    }
  }

  @Test
  void cachePoliciesChangeNoValue() {
    float[] x = {1, -2, 0.5f, 1e30f};
    Buffer y = arena.floats(x.length, "y");
    launch(
        "memory",
        "with_policy",
        x.length,
        l -> l.pointer(y.pointer()).pointer(upload(x).pointer()));
    assertThat(y.downloadFloats(x.length, device.stream())).containsExactly(2, -4, 1, 2e30f);
  }

  @Test
  void anAsynchronousCopyEndsAtABarrier() {
    int threads = 64;
    float[] x = new float[4 * threads];
    for (int i = 0; i < x.length; i++) {
      x[i] = 3 * i + 1;
    }
    Buffer y = arena.floats(x.length, "y");
    launch(
        "memory",
        "copies_to_barrier",
        threads,
        l -> l.pointer(y.pointer()).pointer(upload(x).pointer()));
    float[] got = y.downloadFloats(x.length, device.stream());
    for (int i = 0; i < x.length; i++) {
      assertThat(got[i]).as("y[%d]", i).isEqualTo(x[4 * (threads - 1 - i / 4) + i % 4]);
    }
  }

  @Test
  void halvesAreAddedAtomically() {
    Buffer pair = ints(0);
    Buffer one = ints(0);
    launch("memory", "half_sums", 100, l -> l.pointer(pair.pointer()).pointer(one.pointer()));
    int both = pair.downloadInts(1, device.stream())[0];
    assertThat(half(both)).isEqualTo(100);
    assertThat(half(both >>> 16)).isEqualTo(50);
    assertThat(one.downloadInts(1, device.stream())[0])
        .as("25 as f16, and nothing above")
        .isEqualTo(0x4e40);
  }

  @Test
  void fastMathFlushesOnTheWayToDouble() {
    float[] x = {1, -7.5f, 1e-40f, 3e38f};
    Buffer y = arena.floats(x.length, "y");
    launch(
        "numbers",
        "through_double",
        32,
        l -> l.pointer(y.pointer()).pointer(upload(x).pointer()).i32(x.length));
    float[] got = y.downloadFloats(x.length, device.stream());
    assertThat(got).containsExactly((float) (1 / 3.0), -2.5f, 0, (float) (3e38f / 3.0));
  }

  @Test
  void fieldsOfBits() {
    int[] x = {0, 5, 30, 40, 31};
    Buffer y = arena.floats(2 * x.length, "y");
    launch(
        "numbers",
        "fields",
        32,
        l -> l.pointer(y.pointer()).pointer(ints(x).pointer()).i32(x.length));
    int[] got = y.downloadInts(2 * x.length, device.stream());
    assertThat(got).containsExactly(0xf, 0, 0x1e0, 5, 0xc0000000, -2, 0, 8, 0x80000000, -1);
  }

  @Test
  void tensorCoresMultiplyBytes() {
    SplittableRandom random = new SplittableRandom(5);
    byte[] a = new byte[16 * 32];
    byte[] b = new byte[8 * 32];
    random.nextBytes(a);
    random.nextBytes(b);
    Buffer c = arena.floats(16 * 8, "c");
    launch(
        "numbers",
        "multiply_bytes",
        32,
        l ->
            l.pointer(c.pointer())
                .pointer(ints(words(a)).pointer())
                .pointer(ints(words(b)).pointer()));
    int[] got = c.downloadInts(16 * 8, device.stream());
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        int sum = 0;
        for (int k = 0; k < 32; k++) {
          sum += a[32 * i + k] * b[32 * j + k];
        }
        assertThat(got[8 * i + j]).as("C[%d][%d]", i, j).isEqualTo(sum);
      }
    }
  }

  @Test
  void tensorCoresMultiplyDoubles() {
    SplittableRandom random = new SplittableRandom(6);
    double[] a = random.doubles(32).toArray();
    double[] b = random.doubles(32).toArray();
    Buffer c = arena.floats(2 * 64, "c");
    launch(
        "numbers",
        "multiply_doubles",
        32,
        l ->
            l.pointer(c.pointer())
                .pointer(ints(words(a)).pointer())
                .pointer(ints(words(b)).pointer()));
    int[] got = c.downloadInts(2 * 64, device.stream());
    for (int i = 0; i < 64; i++) {
      double sum = 0;
      for (int k = 0; k < 4; k++) {
        sum += a[4 * (i / 8) + k] * b[4 * (i % 8) + k];
      }
      long bits = got[2 * i] & 0xffffffffL | (long) got[2 * i + 1] << 32;
      // Five roundings of sums below 4.
      assertThat(Double.longBitsToDouble(bits))
          .as("C[%d]", i)
          .isCloseTo(sum, within(5 * 4 * 0x1p-53));
    }
  }

  private void launch(String file, String kernel, int threads, Consumer<Launch> arguments) {
    Function function = device.userFunction(file + ".ptx", text(file), kernel);
    var launch = function.on(device.stream()).grid(1, 1, 1).block(threads, 1, 1);
    arguments.accept(launch);
    launch.launch();
    device.stream().synchronize();
  }

  private static String text(String file) {
    try (InputStream in = CompiledKernelsTest.class.getResourceAsStream(file + ".ptx")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Buffer upload(float[] x) {
    Buffer b = arena.floats(x.length, "x");
    b.upload(x, device.stream());
    return b;
  }

  private Buffer ints(int... x) {
    Buffer b = arena.floats(x.length, "x");
    b.uploadInts(x, device.stream());
    return b;
  }

  private static int[] words(byte[] bytes) {
    int[] words = new int[bytes.length / 4];
    for (int i = 0; i < bytes.length; i++) {
      words[i / 4] |= (bytes[i] & 0xff) << (8 * (i % 4));
    }
    return words;
  }

  private static int[] words(double[] values) {
    int[] words = new int[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      long bits = Double.doubleToRawLongBits(values[i]);
      words[2 * i] = (int) bits;
      words[2 * i + 1] = (int) (bits >>> 32);
    }
    return words;
  }

  /** The integral value of the lower half. */
  private static int half(int bits) {
    return Format.F16
        .decode(bits & 0xffff)
        .integral(Format.Round.NEAREST)
        .integer()
        .intValueExact();
  }
}
