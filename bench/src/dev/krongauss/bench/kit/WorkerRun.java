package dev.krongauss.bench.kit;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.process.Child;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs workers until all items are done or the time is over. A worker that crashes or hangs costs
 * the item it was at; the next one begins behind it.
 */
final class WorkerRun {
  /** The first item waits for the JVM, the driver and the images. */
  private static final long START_SECONDS = 180;

  private static final int MAX_RESTARTS = 40;

  private final Child.Builder worker;
  private final Items.Mode mode;
  private final String sizes;
  private final String prefixes;
  private final long itemSeconds;
  private final Deadline deadline;
  private final Observer observer;
  private int total = -1; // not told yet
  private List<?> groups = List.of();
  private int next;
  private String current;
  private long currentSince;
  private String group;

  /**
   * @param worker the process, without the worker's own arguments
   * @param prefixes beginnings of names, joined by commas
   * @param itemSeconds after which an item counts as hanging
   */
  WorkerRun(
      Child.Builder worker,
      Items.Mode mode,
      boolean tiny,
      String prefixes,
      long itemSeconds,
      Deadline deadline,
      Observer observer) {
    this.worker = worker;
    this.mode = mode;
    this.sizes = tiny ? "tiny" : "whole";
    this.prefixes = prefixes;
    this.itemSeconds = itemSeconds;
    this.deadline = deadline;
    this.observer = observer;
  }

  /** Told of everything as it comes. */
  interface Observer {
    /** Facts of the device, from every worker. */
    void facts(Map<String, Object> facts);

    /** An item is done: {@code group, name, seconds} and {@code results} or {@code failure}. */
    void done(Map<String, Object> result) throws IOException;

    /** The worker ended within an item. */
    void crashed(String group, String name, String reason) throws IOException;
  }

  /**
   * @return why it ended early, if it did
   */
  Optional<String> run() throws IOException {
    for (int starts = 0; starts < MAX_RESTARTS; starts++) {
      int before = next;
      boolean first = starts == 0;
      Optional<String> end = once();
      if (total == 0) {
        return Optional.of("no name begins with " + prefixes.replace(",", " or "));
      }
      if (next >= total && total > 0) {
        return Optional.empty(); // however late, and whatever became of the worker after it
      }
      if (deadline.passed()) {
        return Optional.of(
            "the time was over after %d of %d items%s"
                .formatted(next, Math.max(0, total), interrupted()));
      }
      if (current == null && next == before) {
        return Optional.of(
            (first ? "the worker did not come to its first item" : "the worker did not start again")
                + end.map(e -> ": " + e).orElse(""));
      }
    }
    return Optional.of("given up after %d crashes".formatted(MAX_RESTARTS));
  }

  /** What an early end left out: the groups that items were not come to of, and how many. */
  List<String> leftOut() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    groups.stream().skip(next).forEach(group -> counts.merge(group.toString(), 1, Integer::sum));
    return counts.entrySet().stream()
        .map(e -> e.getValue() == 1 ? e.getKey() : e.getKey() + " x " + e.getValue())
        .toList();
  }

  private String interrupted() {
    return current == null
        ? ""
        : ", within %s, which had run %.0f s"
            .formatted(current, (System.nanoTime() - currentSince) / 1e9);
  }

  /** What became of the stage, whose results are the observer's: good or not. */
  Outcome outcome(Optional<String> early, boolean good) {
    if (early.isEmpty()) {
      return Outcome.of(good);
    }
    return deadline.passed() && total > 0
        ? Outcome.cut(good, early.get(), leftOut())
        : Outcome.broken(early.get());
  }

  /** One worker; what went wrong, if anything. */
  private Optional<String> once() throws IOException {
    current = null;
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    try (Child child =
        worker.start(
            mode.name().toLowerCase(Locale.ROOT), Integer.toString(next), sizes, prefixes)) {
      Thread reader = new Thread(() -> read(child, lines), "worker output");
      reader.setDaemon(true);
      reader.start();
      long limit = START_SECONDS;
      while (true) {
        String line = poll(lines, Math.min(limit, deadline.secondsLeft()));
        if (line == null) {
          child.kill();
          String reason =
              deadline.passed()
                  ? "the time was over"
                  : "no answer within " + limit + " s: hanging, stopped";
          return ended(reason, child);
        }
        if (line.isEmpty()) {
          int status = child.waitFor();
          return status == 0 || status == Worker.BROKEN && current == null
              ? Optional.empty()
              : ended("the worker ended with status " + status, child);
        }
        handle(JSON.std.mapFrom(line));
        limit = current == null ? START_SECONDS : itemSeconds;
      }
    }
  }

  private Optional<String> ended(String reason, Child child) throws IOException {
    String whole = reason + child.logTail();
    // What the stage's end interrupted is no failure, and the report says that it is not complete.
    if (current != null && !deadline.passed()) {
      next++;
      observer.crashed(group, current, whole);
    }
    return Optional.of(whole);
  }

  private void handle(Map<String, Object> message) throws IOException {
    switch (message.remove("event").toString()) {
      case "total" -> {
        total = ((Number) message.get("count")).intValue();
        groups = message.get("groups") instanceof List<?> list ? list : List.of();
      }
      case "facts" -> observer.facts(message);
      case "start" -> {
        group = message.get("group").toString();
        current = message.get("name").toString();
        currentSince = System.nanoTime();
      }
      case "done" -> {
        next = ((Number) message.get("index")).intValue() + 1;
        current = null;
        observer.done(message);
      }
      default -> throw new IllegalStateException("unknown message of a worker: " + message);
    }
  }

  /** Lines for us without their mark; an empty one at the end. */
  private static void read(Child child, BlockingQueue<String> lines) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(child.process().getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        int mark = line.indexOf(Worker.MARK);
        if (mark >= 0) {
          lines.add(line.substring(mark + Worker.MARK.length()));
        } else {
          child.log(line);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // The process was killed; its end is told by the empty line.
    } finally {
      lines.add("");
    }
  }

  private static String poll(BlockingQueue<String> lines, long seconds) {
    try {
      return lines.poll(Math.max(1, seconds), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
