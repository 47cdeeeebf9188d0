package dev.krongauss.net;

import dev.krongauss.device.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Compiles the CUDA source of a user's loss to PTX; the last few texts are remembered. */
final class CudaSource {
  private static final String HEADER = "custom_loss.cuh";
  private static final List<String> HEADERS = List.of(HEADER, "philox.cuh");
  private static final List<String> OPTIONS =
      List.of("-ptx", "-arch=compute_80", "-std=c++17", "-O3", "-I.", "-include", HEADER);

  /** PTX by source: enough for the losses of a program, a bound for a search over sources. */
  private static final int REMEMBERED = 32;

  private static final Map<String, String> COMPILED =
      new LinkedHashMap<>(REMEMBERED, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  private CudaSource() {}

  /**
   * The PTX of a source.
   *
   * @param beside folder for what the source includes, or null
   * @throws IllegalArgumentException if the compiler refuses the source, with what it says
   * @throws DeviceException if there is no compiler; the message has the command
   */
  static String compile(String name, String source, Path beside) {
    String key = beside + "\n" + source;
    String known = remembered(key, null);
    return known != null ? known : remembered(key, compile(name, source, beside, compilers()));
  }

  /** The PTX that is remembered of a source: what it was given, or null. */
  private static String remembered(String key, String compiled) {
    synchronized (COMPILED) {
      if (compiled != null) {
        COMPILED.put(key, compiled);
      }
      return COMPILED.get(key);
    }
  }

  /** The same, not remembered, with the first of these compilers that runs. */
  static String compile(String name, String source, Path beside, List<String> compilers) {
    Optional<String> nvcc = compilers.stream().filter(CudaSource::runs).findFirst();
    if (nvcc.isEmpty()) {
      throw new DeviceException(
          "loss '"
              + name
              + "' is CUDA source, and there is no nvcc (looked for "
              + String.join(", ", compilers)
              + "). Compile it where there is one:\n  nvcc "
              + String.join(" ", OPTIONS)
              + " loss.cu -o loss.ptx\nbeside "
              + String.join(" and ", HEADERS)
              + " (in the jar under dev/krongauss/kernels), and give the result to CudaLoss' ptx(Path)");
    }
    try {
      Path folder = Files.createTempDirectory("krongauss-loss");
      try {
        return compile(name, source, beside, nvcc.get(), folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "compiling loss '" + name + "' in a temporary folder failed", e);
    }
  }

  /** Where {@code kernels/build} looks, too. */
  static List<String> compilers() {
    String named = Optional.ofNullable(System.getenv("NVCC")).orElse("");
    return named.isEmpty() ? List.of("nvcc", "/usr/local/cuda/bin/nvcc") : List.of(named);
  }

  private static String compile(String name, String source, Path beside, String nvcc, Path folder)
      throws IOException {
    for (String header : HEADERS) {
      try (InputStream in =
          CudaSource.class.getResourceAsStream("/dev/krongauss/kernels/" + header)) {
        if (in == null) {
          throw new DeviceException(
              "resource dev/krongauss/kernels/"
                  + header
                  + " is not on the class path; build it with mvn process-resources");
        }
        Files.write(folder.resolve(header), in.readAllBytes());
      }
    }
    Files.writeString(folder.resolve("loss.cu"), source);
    List<String> command = new ArrayList<>(List.of(nvcc));
    command.addAll(OPTIONS);
    if (beside != null) {
      command.addAll(List.of("-I", beside.toString()));
    }
    command.addAll(List.of("loss.cu", "-o", "loss.ptx"));
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    int status = wait(process);
    if (status != 0) {
      throw new IllegalArgumentException(
          "nvcc refuses the source of loss '"
              + name
              + "' (exit "
              + status
              + "; "
              + HEADER
              + " has the signatures):\n"
              + Files.readString(folder.resolve("log"), StandardCharsets.UTF_8).strip());
    }
    return Files.readString(folder.resolve("loss.ptx"));
  }

  private static boolean runs(String command) {
    try {
      Process process =
          new ProcessBuilder(command, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return wait(process) == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }

  private static int wait(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new DeviceException("interrupted while nvcc was running", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
