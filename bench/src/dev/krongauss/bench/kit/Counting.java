package dev.krongauss.bench.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts tests, and what a sanitizer's log says more after each. */
final class Counting implements WorkerRun.Observer {
  private final Report report;
  private final Groups groups;
  private final String prefix;
  private final Path log;
  private final boolean folded;
  private int logLines;

  Counting(Report report, Groups groups, String prefix, Path log, boolean folded) {
    this.report = report;
    this.groups = groups;
    this.prefix = prefix;
    this.log = log;
    this.folded = folded;
  }

  /** All cases; in a session a line a kernel's file. */
  String table() {
    return folded ? groups.folded() : groups.table();
  }

  String prefix() {
    return prefix;
  }

  @Override
  public void facts(Map<String, Object> facts) {
    report.put("device", facts);
  }

  @Override
  public void done(Map<String, Object> result) throws IOException {
    groups.add(prefix + result.get("group"), result, findings());
    report.write(table());
  }

  @Override
  public void crashed(String group, String name, String reason) throws IOException {
    String found = findings();
    groups.crash(prefix + group, name, found.isEmpty() ? reason : reason + "\n" + found);
    report.write(table());
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
