package dev.krongauss.mutation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A {@link Worker} seen from outside. One that dies or does not answer is replaced by a new one.
 */
final class WorkerProcess implements AutoCloseable {
  private static final int STARTUP_SECONDS = 60;

  private final Path log;
  private final String checks;
  private Process process;
  private Writer requests;
  private BufferedReader answers;

  /**
   * @param log gets what the process writes to standard error
   * @param checks the checks that are on
   */
  WorkerProcess(Path log, String checks) {
    this.log = log;
    this.checks = checks;
  }

  /** Runs cases with the seeds 1 to {@code seeds}; {@link Worker} says the rest. */
  Verdict run(String kernels, int seeds, List<String> cases, int secondsAtMost)
      throws InterruptedException {
    try {
      start();
      requests.write(kernels + "\t1\t" + seeds + "\t" + String.join(" ", cases) + "\n");
      requests.flush();
      String line =
          CompletableFuture.supplyAsync(this::readAnswer)
              .get(STARTUP_SECONDS + secondsAtMost, TimeUnit.SECONDS);
      if (line != null && Verdict.isEncoded(line)) {
        return Verdict.decode(line);
      }
      close(); // it has ended, or the virtual machine writes that it is about to
      return Verdict.broken("its process crashed; see " + log + " and crash-*.log beside it");
    } catch (TimeoutException e) {
      close();
      return Verdict.broken("no answer within " + secondsAtMost + " s");
    } catch (IOException | ExecutionException e) {
      close();
      return Verdict.broken("its process failed: " + e + "; see " + log);
    }
  }

  private void start() throws IOException {
    if (process != null) {
      return;
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(
        List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            // Without the memory check a wild store can end the process.
            "-XX:ErrorFile=" + log.resolveSibling("crash-%p.log"),
            "-XX:-CreateCoredumpOnCrash",
            "-Dkrongauss.device=software",
            "-Dkrongauss.softcuda.check=" + checks,
            "-cp",
            System.getProperty("java.class.path"),
            Worker.class.getName()));
    process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    requests = process.outputWriter(StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private String readAnswer() {
    try {
      return answers.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process = null;
    }
  }
}
