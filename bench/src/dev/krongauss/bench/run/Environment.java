package dev.krongauss.bench.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where a run was made: project version and commit, Java, operating system, processor. */
public final class Environment {
  private static final Pattern VERSION =
      Pattern.compile("<artifactId>krongauss</artifactId>\\s*<version>([^<]+)</version>");
  private static final List<String> VARIABLES = List.of("KRONGAUSS_", "OPENBLAS_", "OMP_", "CUDA_");

  private final Path home;

  /**
   * Of a process of the project.
   *
   * @param home the project's folder
   */
  public Environment(Path home) {
    this.home = home;
  }

  /**
   * Everything found out; what is not to be had is null.
   *
   * @throws IOException if a file that is there cannot be read
   */
  public Map<String, Object> asMap() throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("krongauss", version());
    map.put("commit", git("rev-parse", "HEAD"));
    String changes = git("status", "--porcelain", "--untracked-files=no");
    map.put("uncommittedChanges", changes == null ? null : !changes.isEmpty());
    map.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
    map.put(
        "os",
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    map.put("processor", processor());
    map.put("processors", Runtime.getRuntime().availableProcessors());
    // The project's own folder is no setting, and a path of the machine says nothing to a reader.
    map.put(
        "jvmArguments",
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> !argument.startsWith("-Dkrongauss.home="))
            .toList());
    Map<String, String> variables = new TreeMap<>(System.getenv());
    variables.keySet().removeIf(name -> VARIABLES.stream().noneMatch(name::startsWith));
    map.put("environment", variables);
    return map;
  }

  private String version() throws IOException {
    Path pom = home.resolve("pom.xml");
    if (!Files.isRegularFile(pom)) {
      return null;
    }
    Matcher matcher = VERSION.matcher(Files.readString(pom));
    return matcher.find() ? matcher.group(1) : null;
  }

  private static String processor() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return null;
    }
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse(null);
    }
  }

  /** What git says, or null where there is no git or no repository. */
  private String git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", home.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
      return process.waitFor() == 0 ? output : null;
    } catch (IOException e) {
      return null; // no git on this machine: the commit stays unknown, which config.json shows
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
