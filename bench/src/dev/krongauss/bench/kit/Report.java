package dev.krongauss.bench.kit;

import dev.krongauss.bench.run.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result of a stage: {@code <stage>.json}, and its part of {@code table.txt}. Both are whole
 * files at any moment, written after every case.
 */
final class Report {
  static final String TABLE = "table.txt";
  private static final String PART = "==== ";

  private final KitSettings settings;
  private final Path results;
  private final String stage;
  private final Map<String, Object> content = new LinkedHashMap<>();
  private final List<Map<String, Object>> rows = new ArrayList<>();
  private final long begin = System.nanoTime();

  Report(KitSettings settings, String stage) throws IOException {
    this.settings = settings;
    this.results = settings.results();
    this.stage = stage;
    content.put("stage", stage);
    content.put("command", settings.command());
    content.put("started", OffsetDateTime.now().format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
    content.put("complete", false);
    content.put("ended", null);
    content.put("seconds", 0);
    content.put("leftOut", List.of());
    content.put("skipped", null);
    content.put("kit", settings.kit());
    content.put("device", null);
    content.put("machine", settings.machine());
    if (settings.software()) {
      content.put("note", "SoftCUDA in place of a GPU: its times say nothing about a GPU");
    } else {
      content.put("libraries", Libraries.find(settings.home()).asMap());
    }
  }

  /** Adds a fact or replaces it. */
  void put(String key, Object value) {
    content.put(key, value);
  }

  /** A fact as it was put; null if it was not. */
  Object get(String key) {
    return content.get(key);
  }

  List<Map<String, Object>> rows() {
    return rows;
  }

  /** The stage cannot be done here, and why; said aloud. */
  Outcome skip(String reason) throws IOException {
    content.put("skipped", reason);
    System.out.println(stage + " SKIPPED: " + reason);
    content.put("complete", true);
    write("SKIPPED: " + reason + "\n");
    return Outcome.skipped(reason);
  }

  /** The stage is over. */
  void end(Outcome outcome, String table) throws IOException {
    content.put("complete", outcome.ended() == null);
    content.put("ended", outcome.ended());
    content.put("leftOut", outcome.leftOut());
    if (outcome.ended() != null) {
      System.out.println(stage + " ended early: " + outcome.ended());
    }
    write(table);
  }

  void write(String table) throws IOException {
    content.put("seconds", (System.nanoTime() - begin) / 1_000_000 / 1e3);
    content.remove("rows");
    content.put("rows", rows);
    replace(stage + ".json", JsonFile.text(content));
    Map<String, String> parts = parts();
    parts.put(stage, head() + table);
    StringBuilder text = new StringBuilder();
    parts.forEach((name, part) -> text.append(PART).append(name).append('\n').append(part));
    replace(TABLE, text.toString());
  }

  private String head() {
    Object device =
        content.get("device") instanceof Map<?, ?> m ? m.get("device") : "no device yet";
    Object kit = content.get("kit") instanceof Map<?, ?> m ? m.get("commit") : null;
    Object early = content.get("ended");
    List<?> leftOut = (List<?>) content.get("leftOut");
    return "%s, commit %s, %s%n%s%n%s"
        .formatted(
            device,
            kit,
            content.get("started"),
            content.get("complete").equals(true)
                ? "complete"
                : "NOT COMPLETE" + (early == null ? "" : ": " + early),
            leftOut.isEmpty()
                ? ""
                : "left out, no time: "
                    + String.join(", ", leftOut.stream().map(Object::toString).toList())
                    + "\n");
  }

  /** The parts of the table that earlier stages wrote. */
  private Map<String, String> parts() throws IOException {
    Map<String, String> parts = new LinkedHashMap<>();
    Path file = results.resolve(TABLE);
    if (Files.isRegularFile(file)) {
      String name = null;
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(PART)) {
          name = line.substring(PART.length());
          parts.put(name, "");
        } else if (name != null) {
          parts.merge(name, line + "\n", String::concat);
        }
      }
    }
    return parts;
  }

  private void replace(String name, String text) throws IOException {
    WholeFile.write(results.resolve(name), settings.work(), text);
  }
}
