package dev.krongauss.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that this one started; all that it says beside its results goes to a log. */
public final class Child implements AutoCloseable {
  private static final int FIRST_WITH_UNSAFE_WARNING = 24;
  private static final int TAIL_LINES = 25;
  private static final int TAIL_CHARACTERS = 4000;
  private static final long PATIENCE_SECONDS = 10;

  private final Process process;
  private final Path log;
  private final long logStart;

  private Child(Process process, Path log, long logStart) {
    this.process = process;
    this.log = log;
    this.logStart = logStart;
  }

  /** How to start it. */
  public static final class Builder {
    private final List<String> command = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Path log;

    /**
     * A program and its first arguments.
     *
     * @param log is appended to
     */
    public Builder(Path log, List<String> command) {
      this.log = log;
      this.command.addAll(command);
    }

    /** This runtime with this class path, {@code prefix} before it (a tool) and properties. */
    public static Builder java(
        Path log, List<String> prefix, List<String> properties, String mainClass) {
      List<String> command = new ArrayList<>(prefix);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("--enable-native-access=ALL-UNNAMED");
      if (Runtime.version().feature() >= FIRST_WITH_UNSAFE_WARNING) {
        command.add("--sun-misc-unsafe-memory-access=allow");
      }
      command.addAll(properties);
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(mainClass);
      return new Builder(log, command);
    }

    /** More variables of its environment. */
    public Builder environment(Map<String, String> more) {
      environment.putAll(more);
      return this;
    }

    /** Starts it with more arguments; standard output is for the caller. */
    public Child start(String... arguments) throws IOException {
      List<String> whole = new ArrayList<>(command);
      whole.addAll(List.of(arguments));
      Files.createDirectories(log.toAbsolutePath().getParent());
      Files.writeString(
          log,
          "$ "
              + String.join(" ", whole).replace(System.getProperty("java.class.path"), "lib/*")
              + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      long start = Files.size(log);
      ProcessBuilder builder = new ProcessBuilder(whole);
      builder.environment().putAll(environment);
      builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
      return new Child(builder.start(), log, start);
    }
  }

  /** The process itself; its standard output and input are the caller's. */
  public Process process() {
    return process;
  }

  /** Appends a line to the log. */
  public synchronized void log(String line) {
    try {
      Files.writeString(log, line + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + log, e);
    }
  }

  /** What it logged last, behind a line break; empty if nothing. */
  public String logTail() throws IOException {
    String text;
    try (var channel = Files.newByteChannel(log)) {
      channel.position(logStart);
      var bytes = java.nio.ByteBuffer.allocate((int) Math.max(0, channel.size() - logStart));
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        continue;
      }
      text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }
    List<String> lines = text.lines().toList();
    String tail =
        String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    return tail.isEmpty()
        ? ""
        : "\n" + tail.substring(Math.max(0, tail.length() - TAIL_CHARACTERS));
  }

  /** Its exit status. */
  public int waitFor() {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  /** Its exit status, or nothing after so many seconds, when it is stopped. */
  public Integer waitFor(long seconds) {
    try {
      if (process.waitFor(seconds, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill();
    return null;
  }

  /** Stops it and what it started. */
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}
