package dev.krongauss.bench.kit;

import dev.krongauss.bench.peers.Interpreter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds cuBLAS and cuSOLVER on this machine. JCuda 12.6 binds those of CUDA 12; where there are
 * only those of CUDA 13, the kit's forwarding libraries, which have CUDA 12's names, pass the calls
 * on.
 */
final class Libraries {
  private static final List<String> CUDA_12 = List.of("libcublas.so.12", "libcusolver.so.11");
  private static final List<String> CUDA_13 = List.of("libcublas.so.13", "libcusolver.so.12");

  /** Of containers, which the loader does not look at by itself. */
  private static final List<String> EXTRA =
      List.of("/usr/local/nvidia/lib64", "/usr/local/nvidia/lib");

  private static final String DRIVER = "libcuda.so.1";

  private final Map<String, String> environment = new LinkedHashMap<>();
  private final Map<String, String> driverEnvironment = new LinkedHashMap<>();
  private final Map<String, Object> found = new LinkedHashMap<>();
  private final Set<Path> tried = new LinkedHashSet<>();

  private static Libraries cached;

  private Libraries() {}

  /** Looks once. */
  static synchronized Libraries find(Path home) throws IOException {
    if (cached == null) {
      cached = new Libraries();
      cached.look(home);
    }
    return cached;
  }

  /** What a process needs so that JCuda finds them. */
  Map<String, String> environment() {
    return environment;
  }

  /** What a process needs so that the driver alone is found. */
  Map<String, String> driverEnvironment() {
    return driverEnvironment;
  }

  /** For a result: what is bound, and every folder that was looked at. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>(found);
    map.put("lookedAt", tried.stream().map(Path::toString).toList());
    return map;
  }

  private void look(Path home) throws IOException {
    List<Path> folders = folders();
    tried.addAll(folders);
    Set<Path> path = new LinkedHashSet<>();
    driver(folders, path);
    searched(driverEnvironment, path);
    Path forward = home.resolve("native/forward");
    for (int i = 0; i < CUDA_12.size(); i++) {
      String name = CUDA_12.get(i);
      Path twelve = first(folders, name);
      Path thirteen = first(folders, CUDA_13.get(i));
      // The number of cuSOLVER's 11 was CUDA 12's, 12 is CUDA 13's.
      if (twelve != null) {
        found.put(name, twelve.toString());
        path.add(twelve.getParent());
      } else if (thirteen != null && Files.isRegularFile(forward.resolve(name))) {
        found.put(name, "forwarded to " + thirteen);
        environment.put(variable(name), thirteen.toString());
        path.add(forward);
        path.add(thirteen.getParent());
      } else {
        found.put(
            name,
            "not found, nor "
                + CUDA_13.get(i)
                + ": the comparison with it is SKIPPED; give its folder in LD_LIBRARY_PATH");
      }
    }
    searched(environment, path);
    found.forEach((name, where) -> System.out.println(name + ": " + where));
  }

  /** Puts folders before those that the environment names. */
  private static void searched(Map<String, String> environment, Set<Path> folders) {
    List<String> parts = new ArrayList<>(folders.stream().map(Path::toString).toList());
    String old = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
    if (!old.isEmpty()) {
      parts.add(old);
    }
    if (!parts.isEmpty()) {
      environment.put("LD_LIBRARY_PATH", String.join(":", parts));
    }
  }

  /** The driver's library, for a machine whose loader does not know its folder. */
  private void driver(List<Path> folders, Set<Path> path) {
    Path driver = first(folders, DRIVER);
    found.put(DRIVER, driver == null ? "not found" : driver.toString());
    if (driver != null && EXTRA.contains(driver.getParent().toString())) {
      path.add(driver.getParent());
    }
  }

  /** The variable that a forwarding library reads, see bench/gpu/forward. */
  private static String variable(String name) {
    return name.startsWith("libcublas") ? "KRONGAUSS_FORWARD_CUBLAS" : "KRONGAUSS_FORWARD_CUSOLVER";
  }

  private static Path first(List<Path> folders, String name) {
    return folders.stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::isRegularFile)
        .findFirst()
        .orElse(null);
  }

  /** The loader's own, CUDA's, and those that Python packages bring. */
  private static List<Path> folders() throws IOException {
    Set<Path> folders = new LinkedHashSet<>();
    for (String each : System.getenv().getOrDefault("LD_LIBRARY_PATH", "").split(":")) {
      add(folders, each);
    }
    for (String line : Tool.lines("ldconfig", "-p")) {
      int arrow = line.indexOf("=> ");
      if (arrow >= 0 && line.contains("libcu")) {
        add(folders, Path.of(line.substring(arrow + 3).trim()).getParent().toString());
      }
    }
    // Where containers get the machine's driver, and images for them bring CUDA.
    EXTRA.forEach(f -> add(folders, f));
    for (String root : List.of("/usr/local", "/opt")) {
      for (Path cuda : list(Path.of(root), "cuda*")) {
        add(folders, cuda.resolve("lib64").toString());
        add(folders, cuda.resolve("targets/x86_64-linux/lib").toString());
      }
    }
    add(folders, "/usr/lib/x86_64-linux-gnu");
    add(folders, "/usr/lib64");
    for (String python : Interpreter.candidates()) {
      for (String site : Tool.lines(python, "-c", "import sys; print('\\n'.join(sys.path))")) {
        for (Path part : site.isBlank() ? List.<Path>of() : list(Path.of(site, "nvidia"), "*")) {
          add(folders, part.resolve("lib").toString());
        }
      }
    }
    return List.copyOf(folders);
  }

  private static void add(Set<Path> folders, String folder) {
    if (!folder.isEmpty() && Files.isDirectory(Path.of(folder))) {
      folders.add(Path.of(folder).toAbsolutePath().normalize());
    }
  }

  private static List<Path> list(Path folder, String glob) throws IOException {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
        stream.forEach(entries::add);
      }
    }
    entries.sort(null);
    return entries;
  }
}
