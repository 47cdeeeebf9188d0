package dev.krongauss.bench.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.bench.model.ModelPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels as measured beside the page of the model. */
final class ModelledKernelsTest {
  private static final Path PAGE = Path.of("bench/results/model.md");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "NVIDIA H200, h200",
    "NVIDIA H100 80GB HBM3, h100",
    "NVIDIA A100-SXM4-80GB, a100",
    "NVIDIA GeForce RTX 4090, rtx4090"
  })
  void aDeviceIsKnownByItsName(String device, String gpu) throws IOException {
    assertThat(ModelPage.read(PAGE).gpu(device)).contains(gpu);
  }

  @Test
  void thePageHasBothMethodsOnEachGpu() throws IOException {
    ModelPage page = ModelPage.read(PAGE);
    for (String gpu : List.of("h200", "h100", "a100", "rtx4090")) {
      assertThat(page.kernel(gpu, "kfra", "loss", "loss_evaluate_f32__bernoulli", 1))
          .as(gpu)
          .isPresent();
      assertThat(page.kernel(gpu, "adam", "update", "adam_f32", 1)).as(gpu).isPresent();
      assertThat(page.kernel(gpu, "adam", "update", "adam_f32", 2)).as(gpu).isEmpty();
    }
  }

  @Test
  void measuredStandsBesideModelled() throws IOException {
    ModelPage page = page("2.0");
    Map<String, Object> row = row("adam_f32");
    String table =
        new ModelledKernels(Optional.of(page), "NVIDIA H100 80GB HBM3").table(List.of(row));
    assertThat(table).contains("model.md for h100, not a measurement");
    assertThat(line(table, "adam_f32")).containsSubsequence("5.0", "2.0", "2.50", "DRAM");
    assertThat(row).containsEntry("modelledMicroseconds", 2.0);
  }

  @Test
  void whatTheModelDoesNotHaveIsSaid() throws IOException {
    List<Map<String, Object>> rows = List.of(row("other_f32"));
    String table =
        new ModelledKernels(Optional.of(page("2.0")), "NVIDIA H100 80GB HBM3").table(rows);
    assertThat(line(table, "other_f32").split(" +")).endsWith("-", "-", "-");
    assertThat(new ModelledKernels(Optional.of(page("2.0")), "NVIDIA T4").table(rows))
        .contains("does not have NVIDIA T4");
    assertThat(new ModelledKernels(Optional.empty(), "SoftCUDA").table(rows))
        .contains("the network is not that of model.md");
    assertThat(new ModelledKernels(Optional.empty(), "SoftCUDA").table(List.of())).isEmpty();
  }

  @Test
  void aPageWithoutTablesIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("model.md"), "# Nothing\n");
    assertThatThrownBy(() -> ModelPage.read(file)).hasMessageContaining("bench/model");
  }

  private ModelPage page(String microseconds) throws IOException {
    return ModelPage.read(
        Files.writeString(
            folder.resolve("model.md"),
            "### h100, adam\n\n| 9 | update | `adam_f32` | 542 x 256 | 5 | 1 | 0 | 0 | 0 | 0 | 0"
                + " | 0 | 1.0 | "
                + microseconds
                + " | DRAM |\n"));
  }

  private static Map<String, Object> row(String kernel) {
    return new HashMap<>(
        Map.of(
            "optimizer",
            "adam",
            "phase",
            "update",
            "kernel",
            kernel,
            "occurrence",
            1,
            "share",
            1.0,
            "medianMicroseconds",
            5.0));
  }

  private static String line(String table, String kernel) {
    return table.lines().filter(l -> l.contains(kernel)).findFirst().orElseThrow().strip();
  }
}
