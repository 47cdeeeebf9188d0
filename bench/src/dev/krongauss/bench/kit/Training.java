package dev.krongauss.bench.kit;

import com.fasterxml.jackson.jr.ob.JSON;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.bench.peers.ExportProblem;
import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.bench.peers.PeerKind;
import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.peers.PeerRow;
import dev.krongauss.bench.peers.PeerRun;
import dev.krongauss.bench.process.Child;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The stages that train: compare, and peers, which does the same in PyTorch. */
final class Training {
  private static final int CURVE_POINTS = 400;
  private static final double START_SECONDS = 25;
  private static final double MOST_SECONDS = 100;
  private static final double SOFTWARE_SECONDS = 8;
  private static final String COMPARE = "dev.krongauss.bench.Compare";

  private final Settings settings;

  Training(Settings settings) {
    this.settings = settings;
  }

  /** KFRA against Adam on CURVES and, if it is there, MNIST; true if none failed. */
  boolean compare() throws IOException {
    Report report = new Report(settings, "compare");
    Deadline deadline = Deadline.in(settings.limitSeconds());
    List<String> data = new ArrayList<>(List.of("curves"));
    if (hasMnist()) {
      data.add("mnist");
    } else {
      report.put("mnist", "SKIPPED: not carried (make --with-data)");
      System.out.println("compare: MNIST is SKIPPED, the kit carries no data");
    }
    boolean good = true;
    int left = 2 * data.size();
    for (String each : data) {
      for (String optimizer : List.of("kfra", "adam")) {
        double seconds = seconds(deadline, left--);
        good &= ours(report, each, optimizer, seconds, deadline);
        report.write(table(report));
      }
    }
    report.end(deadline.passed() ? "the stage's time was over" : null, table(report));
    System.out.print(table(report));
    return good;
  }

  /** Adam here and in PyTorch, the same network, weights and batches, one after the other. */
  boolean peers() throws IOException {
    Report report = new Report(settings, "peers");
    Interpreter.Need need = settings.software() ? Interpreter.Need.TORCH : Interpreter.Need.GPU;
    Interpreter.Search python = Interpreter.find(Set.of(need), Map.of());
    report.put("python", python.asMap());
    if (python.found() == null) {
      report.skip(python.reason());
      return true;
    }
    Deadline deadline = Deadline.in(settings.limitSeconds());
    String data = hasMnist() ? "mnist" : "curves";
    Path problem = settings.work().resolve("problem-" + data);
    try (Child export =
        settings
            .java("peers", List.of(), List.of(), ExportProblem.class.getName())
            .start(exportArguments(data, problem))) {
      Integer status = drain(export, deadline.secondsLeft());
      if (status == null || status != 0) {
        report.end("the problem could not be exported" + export.logTail(), table(report));
        return false;
      }
    }
    boolean good = ours(report, data, "adam", seconds(deadline, 3), deadline);
    report.write(table(report));
    int left = 2;
    for (String name : List.of("torch-adam", "torch-adam-graph")) {
      if (name.endsWith("graph") && settings.software()) {
        report.put(name, "SKIPPED: CUDA graphs need a GPU");
        continue;
      }
      PeerRun run =
          PeerRun.of(PeerKind.TORCH_ADAM, python.orThrow())
              .name(name)
              .scripts(settings.home().resolve("peers"))
              .device(settings.software() ? "cpu" : "cuda")
              .patience(Math.max(1, deadline.secondsLeft()));
      Limits limits = new Limits(Long.MAX_VALUE, seconds(deadline, left--));
      good &= peer(report, run, data, problem, limits);
      report.write(table(report));
    }
    report.end(deadline.passed() ? "the stage's time was over" : null, table(report));
    System.out.print(table(report));
    return good;
  }

  /**
   * Seconds of training, so that what is left of the stage's time is enough for all that follow.
   */
  private double seconds(Deadline deadline, int left) {
    double fair = deadline.secondsLeft() / (double) left - START_SECONDS;
    double wanted =
        settings.seconds() != null
            ? settings.seconds()
            : settings.software() ? SOFTWARE_SECONDS : MOST_SECONDS;
    return Math.max(1, Math.min(wanted, fair));
  }

  /** One optimiser of this project, by bench/compare in a process of its own. */
  private boolean ours(
      Report report, String data, String optimizer, double seconds, Deadline deadline)
      throws IOException {
    Path out = settings.work().resolve("training-" + data + "-" + optimizer);
    List<String> arguments = new ArrayList<>(problem(data));
    arguments.addAll(
        List.of(
            "--optimizers",
            optimizer,
            "--seconds",
            Double.toString(seconds),
            "--device",
            settings.device(),
            "--no-costs",
            "--no-pictures",
            "--force",
            "--out",
            out.toString()));
    try (Child child =
        settings
            .java("compare", List.of(), List.of(), COMPARE)
            .start(arguments.toArray(String[]::new))) {
      Integer status = drain(child, Math.max(1, deadline.secondsLeft()));
      Path config = out.resolve("config.json");
      if (Files.isRegularFile(config)) {
        Map<String, Object> map = JSON.std.mapFrom(Files.readString(config));
        report.put("device", map.get("deviceFacts"));
        report.put("network", map.get("layers"));
      }
      String failure = null;
      if (status == null || status != 0) {
        failure =
            (status == null ? "stopped: the stage's time was over" : "exit status " + status)
                + child.logTail();
      }
      return row(report, data, optimizer, read(out.resolve("metrics.csv")), failure);
    }
  }

  private static boolean peer(Report report, PeerRun run, String data, Path problem, Limits limits)
      throws IOException {
    List<PeerRow> points = new ArrayList<>();
    PeerResult result;
    try {
      result = run.run(problem, limits, points::add);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a peer ran");
    }
    report.put(result.name(), result.facts());
    return row(report, data, result.name(), points, result.failure());
  }

  /** Adds a row with what was measured, also of a process that was stopped; true if none failed. */
  private static boolean row(
      Report report, String data, String name, List<PeerRow> points, String failure) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("data", data);
    row.put("optimizer", name);
    if (!points.isEmpty()) {
      curve(row, points);
    }
    if (failure != null || points.isEmpty()) {
      row.put("failure", failure == null ? "no update was made" : failure);
    }
    report.rows().add(row);
    return !row.containsKey("failure");
  }

  private static List<PeerRow> read(Path csv) throws IOException {
    if (!Files.isRegularFile(csv)) {
      return List.of();
    }
    try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(csv)) {
      return reader.stream().map(PeerRow::of).toList();
    }
  }

  private static void curve(Map<String, Object> row, List<PeerRow> all) {
    PeerRow last = all.get(all.size() - 1);
    row.put("updates", all.size());
    row.put("seconds", last.seconds());
    row.put("millisecondsPerUpdate", 1e3 * last.seconds() / all.size());
    row.put("objective", finite(last.slidingMean()));
    List<List<Object>> points = new ArrayList<>();
    double step = Math.max(1, all.size() / (double) CURVE_POINTS);
    for (double at = 0; at < all.size(); at += step) {
      PeerRow each = all.get((int) at);
      points.add(List.of(each.update(), each.seconds(), finite(each.slidingMean())));
    }
    row.put("curve", Map.of("columns", "update, seconds, sliding_mean", "points", points));
  }

  /** JSON has no NaN. */
  private static Object finite(double value) {
    return Double.isFinite(value) ? value : Double.toString(value);
  }

  private boolean hasMnist() {
    return Files.isDirectory(settings.home().resolve("data/mnist"));
  }

  /** The paper's network and batch on a GPU; something small on SoftCUDA. */
  private List<String> problem(String data) {
    List<String> arguments = new ArrayList<>(List.of("--data", data));
    if (data.equals("mnist")) {
      arguments.addAll(List.of("--data-dir", settings.home().resolve("data").toString()));
    }
    arguments.addAll(
        settings.software()
            ? List.of("--scale", "0.1", "--batch", "200")
            : List.of("--scale", "1", "--batch", "1000"));
    return arguments;
  }

  private String[] exportArguments(String data, Path folder) {
    List<String> arguments = new ArrayList<>(problem(data));
    arguments.addAll(List.of("--out", folder.toString()));
    return arguments.toArray(String[]::new);
  }

  /** Logs what the process prints and waits for it; null if it had to be stopped. */
  private static Integer drain(Child child, double seconds) {
    Thread reader =
        new Thread(() -> child.process().inputReader().lines().forEach(child::log), "output");
    reader.setDaemon(true);
    reader.setUncaughtExceptionHandler((thread, e) -> child.log("reading stopped: " + e));
    reader.start();
    return child.waitFor((long) Math.ceil(seconds));
  }

  private static String table(Report report) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%-8s %-18s %10s %10s %12s %12s%n"
            .formatted("data", "optimizer", "updates", "seconds", "ms/update", "objective"));
    for (Map<String, Object> row : report.rows()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-8s %-18s %10s %10s %12s %12s%n",
              row.get("data"),
              row.get("optimizer"),
              row.getOrDefault("updates", "-"),
              format(row, "seconds", "%.1f"),
              format(row, "millisecondsPerUpdate", "%.3f"),
              format(row, "objective", "%.3f")));
    }
    text.append("objective: mean training loss of the last ten batches\n");
    for (Map<String, Object> row : report.rows()) {
      if (row.containsKey("failure")) {
        text.append(
            "\n%s %s: %s%n".formatted(row.get("data"), row.get("optimizer"), row.get("failure")));
      }
    }
    return text.toString();
  }

  private static String format(Map<String, Object> row, String key, String format) {
    return row.get(key) instanceof Number n
        ? String.format(Locale.ROOT, format, n.doubleValue())
        : String.valueOf(row.getOrDefault(key, "-"));
  }
}
