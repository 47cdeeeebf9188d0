package dev.krongauss.bench.kit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks a program of the machine, which may not be there, may fail, and may never answer. */
final class Tool {
  private static final long PATIENCE_SECONDS = 10;

  private Tool() {}

  /** The lines it prints, none where it is not there, fails, or does not end in ten seconds. */
  static List<String> lines(String... command) throws IOException {
    return lines(PATIENCE_SECONDS, command);
  }

  static List<String> lines(double seconds, String... command) throws IOException {
    // A file, since a pipe is only at its end when all that hold it are gone.
    Path output = Files.createTempFile("krongauss-tool", ".txt");
    try {
      return lines(seconds, output, command);
    } finally {
      Files.delete(output);
    }
  }

  private static List<String> lines(double seconds, Path output, String... command)
      throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectOutput(output.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
    } catch (IOException e) {
      return List.of(); // a machine without this program has nothing to say
    }
    try {
      boolean ended = process.waitFor((long) (1e3 * seconds), TimeUnit.MILLISECONDS);
      return ended && process.exitValue() == 0
          ? Files.readString(output, StandardCharsets.ISO_8859_1).lines().toList()
          : List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
