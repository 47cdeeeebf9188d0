package dev.krongauss.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program in a JVM of its own, with the class path of the tests. */
public final class ChildJvm {
  private static final long MINUTES = 5;

  private final List<String> options = new ArrayList<>();
  private final List<String> prefix = new ArrayList<>();
  private Path folder = Path.of("");

  /** A result: exit status, and standard output and error together. */
  public record Result(int status, String output) {}

  /** A system property. */
  public ChildJvm property(String name, Object value) {
    options.add("-D" + name + "=" + value);
    return this;
  }

  /** Options of the JVM. */
  public ChildJvm option(String... words) {
    options.addAll(List.of(words));
    return this;
  }

  /** The working folder. */
  public ChildJvm in(Path where) {
    folder = where;
    return this;
  }

  /** A command that runs the JVM, such as {@code env}. */
  public ChildJvm under(String... command) {
    prefix.addAll(List.of(command));
    return this;
  }

  /** Runs a program to its end. */
  public Result run(Class<?> program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), program.getName()));
    command.addAll(List.of(arguments));
    Path log = Files.createTempFile("krongauss-jvm", ".log"); // a pipe would wait for a hung one
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toAbsolutePath().toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
          throw new IOException(
              "no end after " + MINUTES + " minutes: " + command + "\n" + Files.readString(log));
        }
      } finally {
        process.destroyForcibly();
      }
      return new Result(process.exitValue(), Files.readString(log));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted: " + command, e);
    } finally {
      Files.delete(log);
    }
  }

  /** Absolute, since the working folder is another. */
  private static String classPath() {
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> entries = new ArrayList<>();
    for (String entry : classes.split(":")) {
      entries.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(":", entries);
  }
}
