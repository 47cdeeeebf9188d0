package dev.krongauss.device;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the system's CUDA driver answers, asked in a process of its own ({@code native/probe}): once
 * {@code libcuda.so.1} is mapped into this one, its soname wins for good.
 *
 * @param started whether the program could be started; if not, nothing is known of the driver
 * @param answer {@code devices=N …} or {@code error=…}
 */
record Probe(boolean started, String answer) {
  /** The program that asks. */
  static final String PROGRAM = "krongauss-probe";

  private static final int SECONDS = 30;

  /** The driver's kernel module makes one of them: bare metal and containers, and WSL. */
  private static final List<Path> DRIVER_NODES =
      List.of(Path.of("/dev/nvidiactl"), Path.of("/dev/dxg"));

  private static final String NEEDS_A_DRIVER =
      "check that nvidia-smi lists a GPU, which takes NVIDIA's driver of R580 or newer (in a"
          + " container: start it with GPU access)";
  private static final String NEEDS_A_PROCESS =
      "this JVM may not start programs, so a driver was only looked for as /dev/nvidiactl and"
          + " /dev/dxg: allow it to, or make the GPU visible to it";

  /** Asks. */
  static Probe ask(byte[] program) {
    Path folder = Unpacked.folder(Map.of(PROGRAM, program));
    try {
      Process process =
          new ProcessBuilder(folder.resolve(PROGRAM).toString()).redirectErrorStream(true).start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Probe(true, "error=the driver did not answer within " + SECONDS + " s");
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
      return new Probe(true, answer(output, process.exitValue()));
    } catch (IOException e) {
      return new Probe(false, "error=the probe could not be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeviceException("interrupted while probing for a GPU", e);
    }
  }

  /** The loader says things of its own before, such as what it cannot preload. */
  static String answer(String output, int status) {
    return output
        .lines()
        .filter(line -> line.startsWith("devices=") || line.startsWith("error="))
        .findFirst()
        .orElse("error=the probe exited with " + status + (output.isEmpty() ? "" : ": " + output));
  }

  /**
   * The kind of device.
   *
   * @param wanted {@code auto} or {@code cuda}
   * @throws DeviceException if a GPU is wanted and none is usable
   */
  NativeLoader.Choice choice(String wanted) {
    return choice(wanted, DRIVER_NODES.stream().filter(Files::exists).findFirst());
  }

  /**
   * @param node of the driver's in {@code /dev}: what there is to see where no program can be
   *     started
   */
  NativeLoader.Choice choice(String wanted, Optional<Path> node) {
    if (foundDevices()) {
      return new NativeLoader.Choice(false, "the CUDA driver answers: " + answer);
    }
    if (!started && node.isPresent()) {
      return new NativeLoader.Choice(false, node.get() + " is there; " + answer);
    }
    if (wanted.equals("cuda")) {
      throw new DeviceException(
          "krongauss.device=cuda, but no GPU is usable.\n"
              + search()
              + "\n  What to do: "
              + (started ? NEEDS_A_DRIVER : NEEDS_A_PROCESS)
              + ", or leave krongauss.device unset to run on SoftCUDA.");
    }
    return new NativeLoader.Choice(true, "no GPU is usable: " + answer);
  }

  /**
   * The kind of device where SoftCUDA is not there.
   *
   * @param wanted {@code auto} or {@code cuda}
   * @throws DeviceException if no GPU is usable; the message names SoftCUDA's artefact
   */
  NativeLoader.Choice choiceWithoutSoftware(String wanted) {
    if (foundDevices()) {
      return new NativeLoader.Choice(
          false,
          "the CUDA driver answers: "
              + answer
              + " (asked in this process: "
              + NativeFiles.artefact()
              + " is missing)");
    }
    throw new DeviceException(
        "no GPU is usable (krongauss.device="
            + wanted
            + "), and SoftCUDA, which runs without one, is on neither the class path nor the module path.\n"
            + search()
            + "\n"
            + NativeFiles.toDo()
            + " To run on a GPU: "
            + NEEDS_A_DRIVER
            + ".");
  }

  private boolean foundDevices() {
    return answer.startsWith("devices=") && !answer.startsWith("devices=0");
  }

  private String search() {
    return "  looked for libcuda.so.1 (the NVIDIA driver's library)\n"
        + "  in LD_LIBRARY_PATH="
        + System.getenv().getOrDefault("LD_LIBRARY_PATH", "(not set)")
        + ", the loader's cache and its default folders\n"
        + "  result: "
        + answer;
  }
}
