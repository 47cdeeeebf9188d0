package dev.krongauss.bench.kit;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.compare.Compare;
import dev.krongauss.bench.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Trains the paper's network with this project's optimisers, by bench/compare in processes. */
final class OurTraining {
  /** What a process needs beside its training. */
  private static final double START_SECONDS = 25;

  private static final double SESSION_START_SECONDS = 12;
  private static final double MOST_SECONDS = 100;
  private static final double SESSION_SECONDS = 12;
  private static final double SOFTWARE_SECONDS = 8;
  private static final double SOFTWARE_SESSION_SECONDS = 3;

  private final KitSettings settings;

  OurTraining(KitSettings settings) {
    this.settings = settings;
  }

  /** The data sets that the kit can train on, what says most last. */
  List<String> data() {
    return Files.isDirectory(settings.home().resolve("data/mnist"))
        ? List.of("curves", "mnist")
        : List.of("curves");
  }

  /** KFRA against Adam on each data set, in a session on the last one alone. */
  Outcome compare() throws IOException {
    Report report = new Report(settings, "compare");
    Deadline deadline = Deadline.in(settings.limitSeconds());
    List<String> data = data();
    if (!data.contains("mnist")) {
      report.put("mnist", "SKIPPED: not carried (make --with-data)");
      System.out.println("compare: MNIST is SKIPPED, the kit carries no data");
    }
    if (settings.session()) {
      data = data.subList(data.size() - 1, data.size());
    }
    Outcome outcome = Outcome.of(true);
    int left = 2 * data.size();
    for (String each : data) {
      for (String optimizer : List.of("kfra", "adam")) {
        double share = deadline.secondsLeft() / (double) left--;
        outcome = outcome.and(train(report, each, optimizer, share));
        report.write(TrainingRows.table(report));
      }
    }
    report.end(outcome, TrainingRows.table(report));
    System.out.print(TrainingRows.table(report));
    return outcome;
  }

  /** Seconds of training, so that with its start a process ends within its share. */
  double seconds(double share) {
    double wanted = settings.session() ? SESSION_SECONDS : MOST_SECONDS;
    if (settings.software()) {
      wanted = settings.session() ? SOFTWARE_SESSION_SECONDS : SOFTWARE_SECONDS;
    }
    if (settings.seconds() != null) {
      wanted = settings.seconds();
    }
    double start = settings.session() ? SESSION_START_SECONDS : START_SECONDS;
    return Math.max(1, Math.min(wanted, share - start));
  }

  /**
   * One optimiser; its row is added to the report.
   *
   * @param share seconds after which it is stopped
   */
  Outcome train(Report report, String data, String optimizer, double share) throws IOException {
    Path out = settings.work().resolve("training-" + data + "-" + optimizer.replace(':', '-'));
    Files.deleteIfExists(out.resolve("metrics.csv"));
    List<String> arguments = new ArrayList<>(problem(data));
    arguments.addAll(
        List.of(
            "--optimizers",
            optimizer,
            "--seconds",
            Double.toString(seconds(share)),
            "--device",
            settings.device(),
            "--no-costs",
            "--no-pictures",
            "--force",
            "--out",
            out.toString()));
    try (Child child =
        settings
            .java("compare", List.of(), List.of(), Compare.class.getName())
            .start(arguments.toArray(String[]::new))) {
      Integer status = drain(child, Math.max(1, share));
      Path config = out.resolve("config.json");
      if (Files.isRegularFile(config)) {
        Map<String, Object> map = JSON.std.mapFrom(Files.readString(config));
        report.put("device", map.get("deviceFacts"));
        report.put("network", map.get("layers"));
      }
      String failure = null;
      if (status == null || status != 0) {
        failure =
            (status == null ? "stopped: its time was over" : "exit status " + status)
                + child.logTail();
      }
      return Outcome.of(
          TrainingRows.row(
              report, data, optimizer, TrainingRows.read(out.resolve("metrics.csv")), failure));
    }
  }

  /** The paper's network and batch on a GPU; something small on SoftCUDA. */
  List<String> problem(String data) {
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

  /** Logs what the process prints and waits for it; null if it had to be stopped. */
  static Integer drain(Child child, double seconds) {
    Thread reader =
        new Thread(() -> child.process().inputReader().lines().forEach(child::log), "output");
    reader.setDaemon(true);
    reader.setUncaughtExceptionHandler((thread, e) -> child.log("reading stopped: " + e));
    reader.start();
    return child.waitFor((long) Math.ceil(seconds));
  }
}
