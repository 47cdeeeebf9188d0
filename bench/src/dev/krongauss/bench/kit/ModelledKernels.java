package dev.krongauss.bench.kit;

import dev.krongauss.bench.model.ModelPage;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Each kernel of an update as it was measured, beside what {@code bench/model} says of it. */
final class ModelledKernels {
  private static final String LINE = "%-6s %-11s %-44s %5s %10s %10s %7s  %s%n";

  private final Optional<ModelPage> page;
  private final Optional<String> gpu;
  private final String device;

  /**
   * @param page empty where another network is measured than the model's
   * @param device its name
   */
  ModelledKernels(Optional<ModelPage> page, String device) {
    this.page = page;
    this.device = device;
    this.gpu = page.flatMap(p -> p.gpu(device));
  }

  /** Of the rows that are kernels; nothing without any. */
  String table(List<Map<String, Object>> rows) {
    List<Map<String, Object>> kernels =
        rows.stream().filter(row -> row.containsKey("kernel")).toList();
    if (kernels.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "%nkernels, microseconds: measured from event to event, gaps included; modelled: %s%n"
            .formatted(source()));
    text.append(
        LINE.formatted("", "phase", "kernel", "share", "measured", "modelled", "ratio", "limit"));
    kernels.forEach(row -> text.append(line(row)));
    return text.toString();
  }

  private String source() {
    if (page.isEmpty()) {
      return "nothing, the network is not that of model.md";
    }
    return gpu.map(name -> "model.md for " + name + ", not a measurement")
        .orElse("nothing, model.md does not have " + device);
  }

  private String line(Map<String, Object> row) {
    double measured = ((Number) row.get("medianMicroseconds")).doubleValue();
    Optional<ModelPage.Modelled> modelled = modelled(row);
    modelled.ifPresent(m -> row.put("modelledMicroseconds", m.microseconds()));
    return LINE.formatted(
        row.get("optimizer"),
        row.get("phase"),
        row.get("kernel"),
        format("%.2f", ((Number) row.get("share")).doubleValue()),
        format("%.1f", measured),
        modelled.map(m -> format("%.1f", m.microseconds())).orElse("-"),
        modelled
            .filter(m -> m.microseconds() > 0)
            .map(m -> format("%.2f", measured / m.microseconds()))
            .orElse("-"),
        modelled.map(ModelPage.Modelled::limit).orElse("-"));
  }

  private Optional<ModelPage.Modelled> modelled(Map<String, Object> row) {
    return gpu.flatMap(
        name ->
            page.orElseThrow()
                .kernel(
                    name,
                    row.get("optimizer").toString(),
                    row.get("phase").toString(),
                    row.get("kernel").toString(),
                    ((Number) row.get("occurrence")).intValue()));
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }
}
