package dev.krongauss.bench.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All that matters on a machine that is rented for minutes: parts one after the other within one
 * limit, which a {@link Budget} shares out. What a part does not take goes to those after it; what
 * has no time is left out by name.
 */
final class Session {
  /** After which an item counts as hanging. */
  static final long ITEM_SECONDS = 20;

  /** Result files, with {@code table.txt}: no more than these. */
  static final List<String> FILES =
      List.of("session", "tests", "bench", "phases", "compare", "peers", "sanitize");

  /** For the end of the last process and the last file. */
  private static final double RESERVE_SECONDS = 8;

  /** Does a part within so many seconds. */
  @FunctionalInterface
  interface Body {
    Outcome run(double seconds) throws IOException;
  }

  /**
   * A part.
   *
   * @param needed whether the others make no sense where it is not whole
   */
  record Part(Budget.Claim claim, boolean needed, Body body) {
    static Part of(String name, double planned, double least, Body body) {
      return new Part(new Budget.Claim(name, planned, least), false, body);
    }

    static Part needed(String name, double planned, double least, Body body) {
      return new Part(new Budget.Claim(name, planned, least), true, body);
    }
  }

  private final KitSettings settings;
  private final Report report;
  private final List<Part> parts;
  private Map<String, Object> machine = Map.of();

  /** The parts of a rented machine's session. */
  Session(KitSettings settings) throws IOException {
    this.settings = settings;
    clear();
    this.report = new Report(settings, "session");
    this.parts = parts();
  }

  /** With parts of a test. */
  Session(KitSettings settings, List<Part> parts) throws IOException {
    this.settings = settings;
    clear();
    this.report = new Report(settings, "session");
    this.parts = parts;
  }

  private List<Part> parts() {
    return List.of(
        Part.of("machine", 20, 5, this::machine),
        Part.needed("device", 15, 12, s -> new DeviceProbe(settings.within(s), report).probe()),
        Part.of("tests", 65, 10, s -> new Stages(settings.within(s)).tests()),
        Part.of("bench", 70, 10, s -> new Stages(settings.within(s)).bench()),
        Part.of("phases", 45, 20, s -> new PhasesStage(settings.within(s)).phases()),
        Part.of("compare", 30, 30, s -> new OurTraining(settings.within(s)).compare()),
        Part.of("peers", 50, 40, s -> new PeersStage(settings.within(s)).peers()),
        Part.of("sanitize", 45, 20, s -> new Stages(settings.within(s)).sanitize()));
  }

  /**
   * Runs the parts.
   *
   * @param before seconds of the limit that are over already
   * @return whether nothing was found wrong
   */
  @SuppressWarnings("try") // the watchdog watches until it is closed
  boolean run(double before) throws IOException {
    double seconds = settings.limitSeconds() - before;
    Budget budget =
        new Budget(
            Math.max(0, seconds - RESERVE_SECONDS),
            System::nanoTime,
            parts.stream().map(Part::claim).toList());
    boolean good = true;
    try (Watchdog watchdog = new Watchdog(seconds)) {
      report.write(table());
      String missing = null;
      for (Part part : parts) {
        Outcome outcome = run(part, budget, missing);
        good &= !outcome.failed();
        if (part.needed() && (outcome.failed() || outcome.skipped() != null)) {
          missing = "it needs the " + part.claim().name() + ", which was not found to work";
          good = false;
        }
        report.write(table());
      }
      report.put("gpusAtTheEnd", MachineFacts.gpus());
      report.end(Outcome.of(good), table());
    }
    System.out.print("---- session\n" + table());
    return good;
  }

  private Outcome run(Part part, Budget budget, String missing) throws IOException {
    String name = part.claim().name();
    double granted = budget.grant(name);
    double left = budget.left();
    Outcome outcome;
    if (missing != null) {
      outcome = Outcome.skipped(missing);
    } else if (granted == 0) {
      outcome =
          Outcome.skipped(
              "no time: it needs %.0f s and %.0f s are left for all"
                  .formatted(part.claim().least(), left));
    } else {
      System.out.printf(Locale.ROOT, "---- %s, at most %.0f s%n", name, granted);
      outcome = attempt(part, granted);
    }
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", name);
    row.put("plannedSeconds", part.claim().least() + part.claim().planned());
    row.put("grantedSeconds", rounded(granted));
    row.put("usedSeconds", rounded(left - budget.left()));
    row.put("failed", outcome.failed());
    row.put("outcome", outcome.text());
    row.put("leftOut", outcome.leftOut());
    report.rows().add(row);
    return outcome;
  }

  /** A part that throws is a result; the others still run. */
  private static Outcome attempt(Part part, double granted) {
    try {
      return part.body().run(granted);
    } catch (IOException | RuntimeException e) {
      return Outcome.broken(Items.text(e));
    }
  }

  private Outcome machine(double seconds) throws IOException {
    machine = MachineFacts.find(settings, seconds * 0.8);
    report.put("facts", machine);
    System.out.print(MachineFacts.table(machine));
    return Outcome.of(true);
  }

  /** What an earlier session left would look like this one's. */
  private void clear() throws IOException {
    for (String each : FILES) {
      Files.deleteIfExists(settings.results().resolve(each + ".json"));
    }
    Files.deleteIfExists(settings.results().resolve(Report.TABLE));
  }

  private String table() {
    StringBuilder text = new StringBuilder();
    text.append("%-10s %8s %8s %8s  %s%n".formatted("part", "planned", "granted", "used", ""));
    List<String> names = new ArrayList<>();
    for (Map<String, Object> row : report.rows()) {
      names.add(row.get("name").toString());
      text.append(
          String.format(
              Locale.ROOT,
              "%-10s %8.0f %8.0f %8.1f  %s%n",
              row.get("name"),
              row.get("plannedSeconds"),
              row.get("grantedSeconds"),
              row.get("usedSeconds"),
              row.get("outcome")));
      List<?> leftOut = (List<?>) row.get("leftOut");
      if (!leftOut.isEmpty()) {
        text.append("           left out, no time: ")
            .append(String.join(", ", leftOut.stream().map(Object::toString).toList()))
            .append('\n');
      }
    }
    parts.stream()
        .map(part -> part.claim().name())
        .filter(name -> !names.contains(name))
        .forEach(name -> text.append("%-10s to come%n".formatted(name)));
    if (report.get("log") instanceof List<?> lines) {
      lines.forEach(line -> text.append(line).append('\n'));
    }
    return text.append(machine.isEmpty() ? "" : MachineFacts.table(machine)).toString();
  }

  private static double rounded(double seconds) {
    return Math.round(10 * seconds) / 10.0;
  }
}
