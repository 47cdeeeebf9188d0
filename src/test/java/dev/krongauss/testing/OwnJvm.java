package dev.krongauss.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the tests in a JVM of its own: for what happens once in a JVM's life. */
public final class OwnJvm {
  private static final int SECONDS = 120;

  private OwnJvm() {}

  /** How it ended, and all it wrote. */
  public record Result(int status, String output) {}

  /** Options go before the class, for example {@code -Dkrongauss.device=software}. */
  public static Result run(Class<?> main, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    try {
      File log = File.createTempFile("krongauss-jvm", ".log");
      try {
        Process process =
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          return new Result(
              -1, "no end after " + SECONDS + " s:\n" + Files.readString(log.toPath()));
        }
        return new Result(process.exitValue(), Files.readString(log.toPath()));
      } finally {
        Files.delete(log.toPath());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
