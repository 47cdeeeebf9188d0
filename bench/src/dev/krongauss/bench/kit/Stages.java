package dev.krongauss.bench.kit;

import dev.krongauss.bench.kernels.KernelBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The stages that go through items with workers: tests, sanitize, bench. */
final class Stages {
  private static final String WORKER = Worker.class.getName();
  private static final long TEST_SECONDS = 90;
  private static final long BENCH_SECONDS = 90;
  private static final List<String> TOOLS =
      List.of("memcheck", "racecheck", "synccheck", "initcheck");

  private final Settings settings;

  Stages(Settings settings) {
    this.settings = settings;
  }

  /** Kernel cases and Java tests; true if all passed. */
  boolean tests() throws IOException {
    Report report = new Report(settings, "tests");
    Groups groups = new Groups(report.rows());
    Optional<String> early =
        new WorkerRun(
                settings.java("tests", List.of(), List.of(), WORKER),
                Items.Mode.TESTS,
                false,
                settings.prefixes(),
                TEST_SECONDS,
                Deadline.in(settings.limitSeconds()),
                new Counting(report, groups, "", null))
            .run();
    return finish(report, groups, early);
  }

  /** The small kernel cases under compute-sanitizer, or under SoftCUDA's own checks. */
  boolean sanitize() throws IOException {
    Report report = new Report(settings, "sanitize");
    if (settings.software()) {
      report.put("tool", "SoftCUDA's checks: memory, init, race, barrier, leak");
      Groups groups = new Groups(report.rows());
      Optional<String> early =
          small(
              report,
              groups,
              "",
              List.of(),
              List.of("-Dkrongauss.softcuda.check=all"),
              null,
              Deadline.in(settings.limitSeconds()));
      return finish(report, groups, early);
    }
    Optional<Path> sanitizer = sanitizer();
    if (sanitizer.isEmpty()) {
      report.skip("compute-sanitizer is not on the PATH, in /usr/local/cuda*/bin or in /opt");
      return true;
    }
    report.put("tool", sanitizer.get().toString());
    Groups groups = new Groups(report.rows());
    Deadline end = Deadline.in(settings.limitSeconds());
    List<String> early = new ArrayList<>();
    for (int i = 0; i < TOOLS.size(); i++) {
      String tool = TOOLS.get(i);
      Path log = settings.work().resolve("sanitize-" + tool + ".txt");
      List<String> prefix =
          List.of(
              sanitizer.get().toString(),
              "--tool",
              tool,
              "--log-file",
              log.toString(),
              "--print-limit",
              "20");
      Files.deleteIfExists(log);
      double share = end.secondsLeft() / (double) (TOOLS.size() - i);
      small(report, groups, tool + " ", prefix, List.of(), log, Deadline.in(share))
          .ifPresent(reason -> early.add(tool + ": " + reason));
    }
    return finish(
        report, groups, early.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", early)));
  }

  private Optional<String> small(
      Report report,
      Groups groups,
      String prefix,
      List<String> command,
      List<String> properties,
      Path findings,
      Deadline deadline)
      throws IOException {
    return new WorkerRun(
            settings.java("sanitize", command, properties, WORKER),
            Items.Mode.SANITIZE,
            true,
            settings.prefixes(),
            TEST_SECONDS,
            deadline,
            new Counting(report, groups, prefix, findings))
        .run();
  }

  /** The kernel cases, timed. */
  boolean bench() throws IOException {
    Report report = new Report(settings, "bench");
    Timing timing = new Timing(report);
    Optional<String> early =
        new WorkerRun(
                settings.java("bench", List.of(), List.of(), WORKER),
                Items.Mode.BENCH,
                settings.software(),
                settings.prefixes(),
                BENCH_SECONDS,
                Deadline.in(settings.limitSeconds()),
                timing)
            .run();
    report.end(early.orElse(null), timing.table());
    System.out.print(timing.table());
    return early.isEmpty() && timing.failures.isEmpty();
  }

  private static boolean finish(Report report, Groups groups, Optional<String> early)
      throws IOException {
    report.end(early.orElse(null), groups.table());
    System.out.print(groups.table());
    return early.isEmpty() && groups.bad() == 0;
  }

  private static Optional<Path> sanitizer() throws IOException {
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

  /** Counts tests, and what a sanitizer's log says more after each. */
  private static final class Counting implements WorkerRun.Observer {
    private final Report report;
    private final Groups groups;
    private final String prefix;
    private final Path log;
    private int logLines;

    Counting(Report report, Groups groups, String prefix, Path log) {
      this.report = report;
      this.groups = groups;
      this.prefix = prefix;
      this.log = log;
    }

    @Override
    public void facts(Map<String, Object> facts) {
      report.put("device", facts);
    }

    @Override
    public void done(Map<String, Object> result) throws IOException {
      groups.add(prefix + result.get("group"), result, findings());
      report.write(groups.table());
    }

    @Override
    public void crashed(String group, String name, String reason) throws IOException {
      String found = findings();
      groups.crash(prefix + group, name, found.isEmpty() ? reason : reason + "\n" + found);
      report.write(groups.table());
    }

    /** New lines of the log that are more than its frame. */
    private String findings() throws IOException {
      if (log == null || !Files.isRegularFile(log)) {
        return "";
      }
      List<String> lines = Files.readAllLines(log);
      List<String> news = lines.subList(Math.min(logLines, lines.size()), lines.size());
      logLines = lines.size();
      return news.stream()
          .filter(line -> line.startsWith("========="))
          .map(line -> line.substring("=========".length()).strip())
          .filter(line -> !line.isEmpty())
          .filter(line -> !line.matches("COMPUTE-SANITIZER|.*SUMMARY:.*|Target application.*"))
          .limit(40)
          .collect(Collectors.joining("\n"));
    }
  }

  /** Collects the rows of the benchmark. */
  private static final class Timing implements WorkerRun.Observer {
    private final Report report;
    private final List<String> failures = new ArrayList<>();
    private boolean software;

    Timing(Report report) {
      this.report = report;
      report.put("failures", failures);
    }

    @Override
    public void facts(Map<String, Object> facts) {
      report.put("device", facts);
      software = facts.get("software").equals(true);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void done(Map<String, Object> result) throws IOException {
      if (result.get("results") instanceof List<?> rows) {
        rows.forEach(row -> report.rows().add((Map<String, Object>) row));
      } else {
        failures.add(result.get("name") + ": " + result.get("failure"));
      }
      report.write(table());
    }

    @Override
    public void crashed(String group, String name, String reason) throws IOException {
      failures.add(name + ": CRASHED: " + reason);
      report.write(table());
    }

    String table() {
      StringBuilder text = new StringBuilder(KernelBench.heading(software)).append('\n');
      report.rows().forEach(row -> text.append(KernelBench.line(row)).append('\n'));
      text.append(KernelBench.explanation()).append('\n');
      failures.forEach(f -> text.append('\n').append(f).append('\n'));
      return text.toString();
    }
  }
}
