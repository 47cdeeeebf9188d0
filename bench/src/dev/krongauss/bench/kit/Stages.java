package dev.krongauss.bench.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The stages that go through items with workers: tests, sanitize, bench. */
final class Stages {
  private static final String WORKER = Worker.class.getName();
  private static final long STAGE_ITEM_SECONDS = 90;
  private static final List<String> TOOLS =
      List.of("memcheck", "racecheck", "synccheck", "initcheck");
  private static final List<String> SESSION_TOOLS = List.of("memcheck", "racecheck");

  private final KitSettings settings;

  Stages(KitSettings settings) {
    this.settings = settings;
  }

  /** Kernel cases and Java tests. */
  Outcome tests() throws IOException {
    return settings.session()
        ? tests(Items.Mode.CHECKS, settings.software())
        : tests(Items.Mode.TESTS, false);
  }

  private Outcome tests(Items.Mode mode, boolean tiny) throws IOException {
    Report report = new Report(settings, "tests");
    Groups groups = new Groups(report.rows());
    Counting counting = new Counting(report, groups, "", null, settings.session());
    WorkerRun run =
        new WorkerRun(
            settings.java("tests", List.of(), List.of(), WORKER),
            mode,
            tiny,
            settings.prefixes(),
            itemSeconds(),
            Deadline.in(settings.limitSeconds()),
            counting);
    Optional<String> early = run.run();
    return finish(report, counting.table(), run.outcome(early, groups.bad() == 0));
  }

  /** The kernel cases, timed. */
  Outcome bench() throws IOException {
    Report report = new Report(settings, "bench");
    Timings timings = new Timings(report);
    WorkerRun run =
        new WorkerRun(
            settings.java("bench", List.of(), List.of(), WORKER),
            settings.session() ? Items.Mode.TIMINGS : Items.Mode.BENCH,
            settings.software(),
            settings.prefixes(),
            itemSeconds(),
            Deadline.in(settings.limitSeconds()),
            timings);
    Optional<String> early = run.run();
    return finish(report, timings.table(), run.outcome(early, timings.good()));
  }

  /** The small kernel cases under compute-sanitizer, or under SoftCUDA's own checks. */
  Outcome sanitize() throws IOException {
    Report report = new Report(settings, "sanitize");
    Groups groups = new Groups(report.rows());
    Deadline end = Deadline.in(settings.limitSeconds());
    if (settings.software()) {
      report.put("tool", "SoftCUDA's checks: memory, init, race, barrier, leak");
      List<String> checks = List.of("-Dkrongauss.softcuda.check=all");
      Counting counting = new Counting(report, groups, "", null, false);
      Outcome outcome = small(List.of(), checks, counting, end);
      return finish(report, groups.table(), outcome.and(Outcome.of(groups.bad() == 0)));
    }
    Optional<Path> sanitizer = sanitizer();
    if (sanitizer.isEmpty()) {
      return report.skip(
          "compute-sanitizer is not on the PATH, in /usr/local/cuda*/bin or in /opt");
    }
    report.put("tool", sanitizer.get().toString());
    Outcome outcome = Outcome.of(true);
    List<String> tools = settings.session() ? SESSION_TOOLS : TOOLS;
    for (int i = 0; i < tools.size(); i++) {
      String tool = tools.get(i);
      Path log = settings.work().resolve("sanitize-" + tool + ".txt");
      Files.deleteIfExists(log);
      Deadline share = Deadline.in(end.secondsLeft() / (double) (tools.size() - i));
      Counting counting = new Counting(report, groups, tool + " ", log, false);
      outcome = outcome.and(small(command(sanitizer.get(), tool, log), List.of(), counting, share));
    }
    return finish(report, groups.table(), outcome.and(Outcome.of(groups.bad() == 0)));
  }

  private static List<String> command(Path sanitizer, String tool, Path log) {
    return List.of(
        sanitizer.toString(), "--tool", tool, "--log-file", log.toString(), "--print-limit", "20");
  }

  private Outcome small(
      List<String> command, List<String> properties, Counting counting, Deadline deadline)
      throws IOException {
    WorkerRun run =
        new WorkerRun(
            settings.java("sanitize", command, properties, WORKER),
            settings.session() ? Items.Mode.SAMPLE : Items.Mode.SANITIZE,
            true,
            settings.prefixes(),
            itemSeconds(),
            deadline,
            counting);
    return run.outcome(run.run(), true).named(counting.prefix());
  }

  private long itemSeconds() {
    return settings.session() ? Session.ITEM_SECONDS : STAGE_ITEM_SECONDS;
  }

  private static Outcome finish(Report report, String table, Outcome outcome) throws IOException {
    report.end(outcome, table);
    System.out.print(table);
    return outcome;
  }

  /** Where it is, if it is there. */
  static Optional<Path> sanitizer() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String each : System.getenv().getOrDefault("PATH", "").split(":")) {
      folders.add(Path.of(each));
    }
    for (String root : List.of("/usr/local", "/opt", "/opt/nvidia")) {
      if (Files.isDirectory(Path.of(root))) {
        try (var entries = Files.list(Path.of(root))) {
          entries.sorted().forEach(e -> folders.addAll(List.of(e.resolve("bin"), e)));
        }
      }
    }
    return folders.stream()
        .map(folder -> folder.resolve("compute-sanitizer"))
        .filter(f -> Files.isRegularFile(f) && Files.isExecutable(f))
        .findFirst();
  }
}
