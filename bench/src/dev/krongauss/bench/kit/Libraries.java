package dev.krongauss.bench.kit;

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
import java.util.concurrent.TimeUnit;

/**
 * Finds cuBLAS and cuSOLVER on this machine. JCuda 12.6 binds those of CUDA 12; where there are
 * only those of CUDA 13, the kit's forwarding libraries, which have CUDA 12's names, pass the calls
 * on.
 */
final class Libraries {
  private static final List<String> CUDA_12 = List.of("libcublas.so.12", "libcusolver.so.11");
  private static final List<String> CUDA_13 = List.of("libcublas.so.13", "libcusolver.so.12");
  private static final long PATIENCE_SECONDS = 20;

  private final Map<String, String> environment = new LinkedHashMap<>();
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
    String old = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
    List<String> parts = new ArrayList<>(path.stream().map(Path::toString).toList());
    if (!old.isEmpty()) {
      parts.add(old);
    }
    if (!parts.isEmpty()) {
      environment.put("LD_LIBRARY_PATH", String.join(":", parts));
    }
    found.forEach((name, where) -> System.out.println(name + ": " + where));
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
    for (String line : output("ldconfig", "-p")) {
      int arrow = line.indexOf("=> ");
      if (arrow >= 0 && line.contains("libcu")) {
        add(folders, Path.of(line.substring(arrow + 3).trim()).getParent().toString());
      }
    }
    for (String root : List.of("/usr/local", "/opt")) {
      for (Path cuda : list(Path.of(root), "cuda*")) {
        add(folders, cuda.resolve("lib64").toString());
        add(folders, cuda.resolve("targets/x86_64-linux/lib").toString());
      }
    }
    add(folders, "/usr/lib/x86_64-linux-gnu");
    add(folders, "/usr/lib64");
    for (String site : output("python3", "-c", "import sys; print('\\n'.join(sys.path))")) {
      for (Path part : site.isBlank() ? List.<Path>of() : list(Path.of(site, "nvidia"), "*")) {
        add(folders, part.resolve("lib").toString());
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

  /** The lines a command prints; none where it is not there or fails. */
  static List<String> output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      List<String> lines = new String(process.getInputStream().readAllBytes()).lines().toList();
      return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0
          ? lines
          : List.of();
    } catch (IOException e) {
      return List.of(); // a machine without this command has nothing to say
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
