package dev.krongauss.bench.kit;

import dev.krongauss.bench.peers.Interpreter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a session says of the machine beside what its device says itself. */
final class MachineFacts {
  private static final String GPU =
      "name,driver_version,clocks.sm,clocks.max.sm,clocks.mem,clocks.max.mem,temperature.gpu,"
          + "power.draw,power.limit,memory.total,memory.used,utilization.gpu";

  /** Not known to every version, and a name that is not known is refused with all others. */
  private static final String MORE =
      ",pstate,clocks_event_reasons.active,persistence_mode,compute_mode,ecc.mode.current,"
          + "mig.mode.current";

  private MachineFacts() {}

  /**
   * Everything that could be found out within a time; what is not to be had is null.
   *
   * @param seconds for the Pythons, whose torch takes long to import; all else is asked briefly
   */
  static Map<String, Object> find(KitSettings settings, double seconds) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("gpus", gpus());
    map.put("cudaByNvidiaSmi", cuda());
    map.put("nvcc", program("nvcc", "release"));
    map.put("computeSanitizer", Stages.sanitizer().map(Path::toString).orElse(null));
    map.put("compiler", first(Tool.lines("cc", "--version")));
    map.put("libc", first(Tool.lines("getconf", "GNU_LIBC_VERSION")));
    map.put("processors", Runtime.getRuntime().availableProcessors());
    map.put("processorsOfTheMachine", count("/proc/cpuinfo", "processor"));
    map.put("memory", line("/proc/meminfo", "MemTotal"));
    map.put("memoryAvailable", line("/proc/meminfo", "MemAvailable"));
    map.put("memoryLimit", line("/sys/fs/cgroup/memory.max", ""));
    map.put("processorLimit", line("/sys/fs/cgroup/cpu.max", ""));
    if (!settings.software()) {
      map.put("libraries", Libraries.find(settings.home()).asMap());
    }
    Interpreter.Search python = PeersStage.python(settings.software(), seconds);
    map.put("python", python.asMap());
    return map;
  }

  /** Clocks, temperature, power and the like of each GPU, by name; none without nvidia-smi. */
  static List<Map<String, String>> gpus() throws IOException {
    List<Map<String, String>> all = gpus(GPU + MORE);
    return all.isEmpty() ? gpus(GPU) : all;
  }

  private static List<Map<String, String>> gpus(String fields) throws IOException {
    List<Map<String, String>> gpus = new ArrayList<>();
    String[] names = fields.split(",");
    for (String line : Tool.lines("nvidia-smi", "--query-gpu=" + fields, "--format=csv,noheader")) {
      String[] values = line.split(", *", -1);
      if (values.length == names.length) {
        Map<String, String> gpu = new LinkedHashMap<>();
        for (int k = 0; k < names.length; k++) {
          gpu.put(names[k], values[k].strip());
        }
        gpus.add(gpu);
      }
    }
    return gpus;
  }

  /** The lines that a reader wants first. */
  static String table(Map<String, Object> facts) {
    StringBuilder text = new StringBuilder();
    if (facts.get("gpus") instanceof List<?> gpus && !gpus.isEmpty()) {
      gpus.forEach(gpu -> text.append("GPU: ").append(gpu).append('\n'));
    } else {
      text.append("GPU: nvidia-smi says nothing\n");
    }
    for (String key :
        List.of("nvcc", "computeSanitizer", "compiler", "libc", "processors", "memory")) {
      Object found = facts.get(key);
      text.append(key).append(": ").append(found == null ? "not found" : found).append('\n');
    }
    if (facts.get("libraries") instanceof Map<?, ?> libraries) {
      libraries.forEach(
          (name, where) -> {
            if (where instanceof String) {
              text.append(name).append(": ").append(where).append('\n');
            }
          });
    }
    if (facts.get("python") instanceof Map<?, ?> python) {
      boolean none = python.get("facts") instanceof Map<?, ?> of && of.isEmpty();
      text.append("python with torch: ")
          .append(none ? "not found" : python.get("facts"))
          .append('\n');
    }
    return text.toString();
  }

  private static String cuda() throws IOException {
    return Tool.lines("nvidia-smi").stream()
        .filter(line -> line.contains("CUDA Version"))
        .map(line -> line.replace("|", " ").strip())
        .findFirst()
        .orElse(null);
  }

  /** What a program of the PATH or of a CUDA toolkit says of its version, with its path. */
  private static String program(String name, String mark) throws IOException {
    List<String> places = new ArrayList<>(List.of(name));
    if (Files.isDirectory(Path.of("/usr/local"))) {
      try (Stream<Path> entries = Files.list(Path.of("/usr/local"))) {
        entries
            .filter(e -> e.getFileName().toString().startsWith("cuda"))
            .sorted()
            .forEach(e -> places.add(e.resolve("bin").resolve(name).toString()));
      }
    }
    for (String place : places) {
      Optional<String> said =
          Tool.lines(place, "--version").stream().filter(line -> line.contains(mark)).findFirst();
      if (said.isPresent()) {
        return place + ": " + said.get().strip();
      }
    }
    return null;
  }

  private static String first(List<String> lines) {
    return lines.isEmpty() ? null : lines.get(0).strip();
  }

  private static long count(String file, String begin) throws IOException {
    return lines(file).filter(line -> line.startsWith(begin)).count();
  }

  private static String line(String file, String begin) throws IOException {
    return lines(file)
        .filter(line -> line.startsWith(begin))
        .findFirst()
        .map(line -> line.substring(begin.length()).replaceFirst("^:", "").strip())
        .orElse(null);
  }

  private static Stream<String> lines(String file) throws IOException {
    Path path = Path.of(file);
    return Files.isReadable(path)
        ? Files.readAllLines(path, StandardCharsets.ISO_8859_1).stream()
        : Stream.of();
  }
}
