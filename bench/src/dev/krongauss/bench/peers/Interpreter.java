package dev.krongauss.bench.peers;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A Python that imports what a peer needs.
 *
 * @param command as it is started
 * @param environment variables beside this process's own, for example PYTHONPATH
 * @param facts what it answered: {@code executable, python, torch, cuda, gpu, backpack}, and where
 *     they were asked for {@code jax, kfacJax}
 */
public record Interpreter(
    String command, Map<String, String> environment, Map<String, Object> facts) {
  /** Names the interpreter that is tried first. */
  public static final String VARIABLE = "KRONGAUSS_PYTHON";

  private static final long PATIENCE_SECONDS = 120;

  /** Where images for containers have theirs, which the PATH of a bare shell may not name. */
  private static final List<String> OFTEN =
      List.of("/usr/local/bin/python3", "/opt/conda/bin/python3", "/opt/venv/bin/python3");

  /** Prints one line of JSON; what is missing ends it with an error whose last line says so. */
  private static final String QUESTION =
      """
      import json, platform, sys
      import torch
      facts = {"executable": sys.executable, "python": platform.python_version(), "torch": torch.__version__,
               "cuda": torch.version.cuda, "gpu": torch.cuda.is_available(), "backpack": None}
      if "gpu" in sys.argv and not facts["gpu"]:
          sys.exit("torch %s sees no GPU" % torch.__version__)
      if "muon" in sys.argv and not hasattr(torch.optim, "Muon"):
          sys.exit("torch %s has no torch.optim.Muon, which 2.9 has" % torch.__version__)
      if "kfac_jax" in sys.argv:
          import jax, kfac_jax
          facts.update(jax=jax.__version__, kfacJax=kfac_jax.__version__)
          if "gpu" in sys.argv and jax.default_backend() != "gpu":
              sys.exit("jax %s sees no GPU" % jax.__version__)
      if "backpack" in sys.argv:
          import backpack, backpack.extensions
          facts["backpack"] = getattr(backpack, "__file__", None)
      print(json.dumps(facts))
      """;

  /** What an interpreter must have. */
  public enum Need {
    /** torch, on any device. */
    TORCH,
    /** torch that sees a GPU. */
    GPU,
    /** torch and BackPACK. */
    BACKPACK("and BackPACK (package backpack-for-pytorch)", "BackPACK's"),
    /** A torch that has Muon. */
    MUON("2.9 or newer", null),
    /** torch, jax and kfac_jax. */
    KFAC_JAX("and jax and kfac_jax (packages jax and kfac-jax)", "kfac-jax's");

    private final String more;
    private final String folder;

    Need() {
      this(null, null);
    }

    Need(String more, String folder) {
      this.more = more;
      this.folder = folder;
    }
  }

  /**
   * What was tried.
   *
   * @param found null if nothing was
   * @param tried each interpreter and its answer, or why it does not do
   * @param needs what was looked for
   */
  public record Search(Interpreter found, List<String> tried, Set<Need> needs) {
    /**
     * The interpreter.
     *
     * @throws PeerException if there is none, with every one that was tried
     */
    public Interpreter orThrow() {
      if (found == null) {
        throw new PeerException(reason());
      }
      return found;
    }

    /** Why there is none, and what helps. */
    public String reason() {
      StringBuilder what =
          new StringBuilder(needs.contains(Need.GPU) ? "a torch that sees a GPU" : "torch");
      StringBuilder where = new StringBuilder(VARIABLE);
      for (Need need : Need.values()) {
        if (needs.contains(need) && need.more != null) {
          what.append(' ').append(need.more);
        }
        if (needs.contains(need) && need.folder != null) {
          where.append(", or ").append(need.folder).append(" folder in PYTHONPATH");
        }
      }
      return "no Python was found with %s; name one in %s. Tried: %s"
          .formatted(what, where, String.join("; ", tried));
    }

    /** For a result. */
    public Map<String, Object> asMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("interpreter", found == null ? null : found.command);
      map.put("tried", tried);
      map.put("facts", found == null ? Map.of() : found.facts);
      return map;
    }
  }

  /**
   * The first of the {@link #candidates}: the one that {@link #VARIABLE} names, {@code python3},
   * {@code python}, {@code /usr/bin/python3} and those of container images, that has what a peer
   * needs on the CPU. Importing torch takes seconds.
   */
  public static Search find(PeerKind kind) {
    return find(kind.needs(), Map.of());
  }

  /**
   * The same with other needs.
   *
   * @param environment variables beside this process's own, for question and run
   */
  public static Search find(Set<Need> needs, Map<String, String> environment) {
    return find(needs, environment, candidates(), PATIENCE_SECONDS * candidates().size());
  }

  /**
   * The same within a time.
   *
   * @param seconds for all that are asked together
   */
  public static Search find(Set<Need> needs, Map<String, String> environment, double seconds) {
    return find(needs, environment, candidates(), seconds);
  }

  /** The commands that are tried, in their order; some may not be there. */
  public static Set<String> candidates() {
    Set<String> candidates = new LinkedHashSet<>();
    String own = System.getenv(VARIABLE);
    if (own != null && !own.isBlank()) {
      candidates.add(own);
    }
    candidates.addAll(List.of("python3", "python", "/usr/bin/python3"));
    OFTEN.stream().filter(file -> Files.isExecutable(Path.of(file))).forEach(candidates::add);
    return candidates;
  }

  static Search find(
      Set<Need> needs, Map<String, String> environment, Set<String> candidates, double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    List<String> tried = new ArrayList<>();
    for (String each : candidates) {
      double left = (end - System.nanoTime()) / 1e9;
      if (left <= 0) {
        tried.add(each + ": not asked, the time for all was over");
        continue;
      }
      try {
        String answer = ask(each, needs, environment, Math.min(left, PATIENCE_SECONDS));
        if (answer.startsWith("{")) {
          Interpreter found = new Interpreter(each, environment, JSON.std.mapFrom(answer));
          tried.add(each + ": taken, torch " + found.facts.get("torch"));
          return new Search(found, tried, needs);
        }
        tried.add(each + ": " + answer);
        if (Thread.currentThread().isInterrupted()) {
          break;
        }
      } catch (IOException e) {
        tried.add(each + ": cannot be started: " + e.getMessage());
      }
    }
    return new Search(null, tried, needs);
  }

  /** The last line that it prints: JSON, or what went wrong. */
  private static String ask(
      String command, Set<Need> needs, Map<String, String> environment, double seconds)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(command, "-c", QUESTION));
    needs.forEach(need -> line.add(need.name().toLowerCase(Locale.ROOT)));
    Path output = Files.createTempFile("krongauss-python", ".txt");
    Process process = null;
    try {
      ProcessBuilder builder =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(Path.of("/dev/null").toFile());
      builder.environment().putAll(environment);
      process = builder.start();
      if (!process.waitFor((long) (1e3 * seconds), TimeUnit.MILLISECONDS)) {
        return "no answer within %.0f s".formatted(seconds);
      }
      List<String> lines =
          Files.readString(output, StandardCharsets.UTF_8)
              .lines()
              .filter(each -> !each.isBlank())
              .toList();
      String last = lines.isEmpty() ? "it printed nothing" : lines.get(lines.size() - 1);
      return process.exitValue() == 0 ? last : last.replaceFirst("^\\{", "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    } finally {
      if (process != null) {
        process.destroyForcibly(); // one that did not answer, or whose answer nobody waits for
      }
      Files.delete(output);
    }
  }
}
