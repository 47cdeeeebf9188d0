package dev.krongauss.bench.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Whether the device works at all: a process opens it, loads an image and checks one launch. */
final class DeviceProbe implements WorkerRun.Observer {
  private static final int MOST_LINES = 8;

  private final KitSettings settings;
  private final Report report;
  private String failure;

  /**
   * @param report gets {@code device} and {@code log}
   */
  DeviceProbe(KitSettings settings, Report report) {
    this.settings = settings;
    this.report = report;
  }

  Outcome probe() throws IOException {
    Path log = settings.work().resolve("device.log");
    Files.deleteIfExists(log);
    WorkerRun run =
        new WorkerRun(
            settings.java("device", List.of(), List.of(), Worker.class.getName()),
            Items.Mode.SMOKE,
            settings.software(),
            "",
            Session.ITEM_SECONDS,
            Deadline.in(settings.limitSeconds()),
            this);
    Outcome outcome = run.outcome(run.run(), true);
    List<String> said = said(log);
    report.put("log", said);
    said.forEach(System.out::println);
    if (failure != null) {
      return Outcome.broken(failure);
    }
    return outcome.ended() == null ? outcome : Outcome.broken(outcome.ended());
  }

  /** What the device layer has logged: which driver, libraries and images are in use. */
  private static List<String> said(Path log) throws IOException {
    return Files.readAllLines(log).stream()
        .filter(line -> line.contains("dev.krongauss.device"))
        .limit(MOST_LINES)
        .toList();
  }

  @Override
  public void facts(Map<String, Object> facts) {
    report.put("device", facts);
  }

  @Override
  public void done(Map<String, Object> result) {
    if (result.containsKey("failure")) {
      failure = result.get("name") + ": " + result.get("failure");
    }
  }

  @Override
  public void crashed(String group, String name, String reason) {
    failure = name + ": CRASHED: " + reason;
  }
}
