package dev.krongauss.bench.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchKernelsTest {
  @TempDir private Path folder;

  /** Every case with its smallest sizes, so that the benchmark cannot rot. */
  @Test
  void everyCaseIsTimed() {
    List<KernelBench.Item> items = KernelBench.items(List.of(), true);
    assertThat(items).hasSizeGreaterThan(KernelCases.all().size() / 2);
    try (KernelBench bench = new KernelBench(TestDevice.get(), 1, 0)) {
      for (KernelBench.Item item : items) {
        List<Map<String, Object>> rows = bench.measure(item);
        assertThat(rows).as(item.toString()).hasSize(1);
        assertThat(rows.get(0)).containsKeys("case", "medianMicroseconds", "gigabytesPerSecond");
        assertThat(KernelBench.line(rows.get(0))).contains(item.kernel().name());
      }
    }
  }

  /** Products and Gram products have a rival. */
  @Test
  void librariesAreTimedBeside() {
    try (KernelBench bench = new KernelBench(TestDevice.get(), 3, 1)) {
      for (String prefix : List.of("matmul/nn", "gram/fresh")) {
        KernelBench.Item item = KernelBench.items(List.of(prefix), true).get(0);
        assertThat(bench.measure(item).get(0)).containsKeys("library", "timesLibrary");
      }
    }
  }

  /** Our one launch and cuSOLVER's loop compute the same inverses. */
  @Test
  void allFactorsAreTimedBesideTheLibrary() {
    try (KernelBench bench = new KernelBench(TestDevice.get(), 1, 0)) {
      Map<String, Object> row = bench.factors(true).get(0);
      assertThat(row).containsKeys("medianMicroseconds", "library", "timesLibrary");
      // n 2^-24 kappa of either, with n = 100 and kappa < 3
      assertThat((double) row.get("largestDifference")).isBetween(0.0, 2 * 100 * 3 / 16777216.0);
      assertThat(KernelBench.line(row)).contains("cusolverDnSpotrf + cusolverDnSpotri, 16");
    }
  }

  @Test
  void theCommandWritesJsonAndSaysWhatSoftwareTimesAreWorth() throws IOException {
    Path file = folder.resolve("kernels.json");
    int code =
        BenchKernels.commandLine().execute("update", "--launches", "1", "--out", file.toString());
    assertThat(code).isZero();
    Map<String, Object> result = JSON.std.mapFrom(Files.readString(file));
    assertThat(result).containsKeys("command", "started", "device", "environment", "rows");
    if (TestDevice.get().isSoftware()) {
      assertThat(result.get("note").toString()).contains("say nothing about a GPU");
    }
    assertThat((List<?>) result.get("rows")).isNotEmpty();
  }

  @Test
  void wrongOptionsAreRefused() {
    assertThat(BenchKernels.commandLine().execute("no-such-case")).isEqualTo(2);
    assertThat(BenchKernels.commandLine().execute("--launches", "0")).isEqualTo(2);
    assertThat(BenchKernels.commandLine().execute("--device", "tpu")).isEqualTo(2);
  }

  @Test
  void peaksAreFoundByNameAndElseComputed() {
    Peak h100 = Peak.of("NVIDIA H100 80GB HBM3", 132, false, 1.98e9, 2.6e9, 5120);
    assertThat(h100.bytes()).isEqualTo(3.35e12);
    assertThat(Peak.of("NVIDIA H100 PCIe", 114, false, 1.7e9, 1.5e9, 5120).ffma()).isEqualTo(51e12);
    assertThat(Peak.of("NVIDIA A100-SXM4-80GB", 108, true, 1.4e9, 1.5e9, 5120).bytes())
        .isEqualTo(2.039e12);
    Peak unknown = Peak.of("NVIDIA X1", 10, false, 1e9, 1e9, 256);
    assertThat(unknown.source()).contains("unknown device");
    assertThat(unknown.ffma()).isEqualTo(2.56e12);
    assertThat(unknown.bytes()).isEqualTo(64e9);
    // 1 TFLOP with few bytes is bound by arithmetic, 1 TB with few operations by memory.
    assertThat(unknown.roofSeconds(1e12, 1)).isEqualTo(1 / 2.56);
    assertThat(unknown.roofSeconds(1, 64e9)).isEqualTo(1);
  }
}
