package dev.krongauss.bench.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code bench/results/model.md} says of each kernel of an update of the full autoencoder at
 * batches of 1000, to be held beside a measurement.
 */
public final class ModelPage {
  private static final int CELLS = 15;
  private static final int PHASE = 1;
  private static final int KERNEL = 2;
  private static final int MICROSECONDS = 13;
  private static final int LIMIT = 14;

  private final Map<String, Map<String, Modelled>> tables = new HashMap<>();

  private ModelPage() {}

  /**
   * A kernel by the model.
   *
   * @param microseconds by the slowest limit, without the gap to the next kernel
   * @param limit which one that is
   */
  public record Modelled(double microseconds, String limit) {}

  /**
   * Reads the page.
   *
   * @throws IOException if it cannot be read, or has no table of kernels
   */
  public static ModelPage read(Path file) throws IOException {
    ModelPage page = new ModelPage();
    Map<String, Modelled> table = new HashMap<>();
    Map<String, Integer> occurrences = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("#")) {
        table = new HashMap<>();
        occurrences = new HashMap<>();
        page.tables.put(line.replaceFirst("^#+ ", ""), table);
      }
      List<String> cells = cells(line);
      if (cells.size() == CELLS && cells.get(KERNEL).startsWith("`")) {
        String kernel = cells.get(PHASE) + " " + cells.get(KERNEL).replace("`", "");
        int occurrence = occurrences.merge(kernel, 1, Integer::sum);
        table.put(
            kernel + " " + occurrence,
            new Modelled(Double.parseDouble(cells.get(MICROSECONDS)), cells.get(LIMIT)));
      }
    }
    page.tables.values().removeIf(Map::isEmpty);
    if (page.tables.isEmpty()) {
      throw new IOException(file + " has no table of kernels; write it with bench/model");
    }
    return page;
  }

  private static List<String> cells(String line) {
    return line.startsWith("| ") && line.endsWith(" |")
        ? Arrays.asList(line.substring(2, line.length() - 2).split(" *\\| *", -1))
        : List.of();
  }

  /**
   * The GPU of the page that a device is.
   *
   * @param device its name as its driver gives it, such as NVIDIA H200
   * @return as {@code --gpu} has it; empty for another one
   */
  public Optional<String> gpu(String device) {
    String name = device.toLowerCase(Locale.ROOT).replace(" ", "");
    return Arrays.stream(ModelledGpu.values())
        .map(ModelledGpu::option)
        .filter(name::contains)
        .findFirst();
  }

  /**
   * A kernel of an update.
   *
   * @param gpu as {@code --gpu} has it
   * @param method as {@code --method} has it
   * @param phase of the update, in small letters
   * @param kernel name of its function
   * @param occurrence the how-manieth of that name in the phase, from 1
   * @return empty where the page does not have it
   */
  public Optional<Modelled> kernel(
      String gpu, String method, String phase, String kernel, int occurrence) {
    Map<String, Modelled> table = tables.getOrDefault(gpu + ", " + method, Map.of());
    return Optional.ofNullable(table.get(phase + " " + kernel + " " + occurrence));
  }
}
