package dev.krongauss.bench.kit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes the GPU kit and runs it as on a bare machine: an empty environment, an empty home, and
 * where user namespaces are allowed also without Maven's repository, the JDKs and {@code target/}.
 *
 * <p>{@code -Dkrongauss.kit=all} runs every stage and packs at full strength.
 */
final class KitTest {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path LIBRARIES = TARGET.resolve("native/lib");
  private static final Path OPENBLAS =
      TARGET.resolve("openblas/org/bytedeco/openblas/linux-x86_64");

  @TempDir private static Path folder;
  @TempDir private Path home;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private String output;
  private Path nvidia;

  @BeforeAll
  static void make() throws Exception {
    List<String> command = new ArrayList<>(List.of("bench/gpu/make", "--no-build"));
    if (!"all".equals(System.getProperty("krongauss.kit"))) {
      command.add("--fast");
    }
    command.addAll(List.of("--out", folder.toString()));
    StringBuilder log = new StringBuilder();
    assertThat(execute(new ProcessBuilder(command), log)).as(log.toString()).isZero();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("kit.tar.xz", "run");
    }
  }

  @Test
  void testsOnABareMachine() throws Exception {
    int status =
        run(
            "--stage",
            "tests",
            "--device",
            "software",
            "--cases",
            "update/acc,dev.krongauss.optim.Q");
    assertThat(status).as(output).isZero();
    Map<String, Object> result = result("tests");
    assertThat(result).containsEntry("complete", true).containsKeys("command", "started", "kit");
    assertThat(map(result, "device")).containsEntry("software", true);
    assertThat(map(result, "kit").get("commit").toString()).isNotEmpty();
    assertThat(names(result)).contains("update/accepted", "dev.krongauss.optim.QuadraticTest");
    assertThat(Files.readString(folder.resolve("results/table.txt")))
        .contains("==== tests", "complete", "update/accepted");
  }

  /** What a rented machine gets, cut short: what there is no time for is said by name. */
  @Test
  void aSessionKeepsItsLimit() throws Exception {
    long begin = System.nanoTime();
    int status = run("--device", "software", "--limit", "60", "--cases", "update/acc");
    assertThat(status).as(output).isZero();
    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(65);
    Map<String, Object> session = result("session");
    assertThat(session)
        .containsEntry("complete", true)
        .containsEntry("command", "run --device software --limit 60 --cases update/acc");
    assertThat(map(session, "device")).containsEntry("software", true);
    assertThat(map(session, "facts")).containsKeys("gpus", "nvcc", "python", "processors");
    assertThat(names(session))
        .containsExactly(
            "machine", "device", "tests", "bench", "phases", "compare", "peers", "sanitize");
    assertThat(folder.resolve("results/tests.json")).as(output).exists();
    assertThat(names(result("tests"))).containsExactly("update/accepted");
    assertThat(result("bench").get("rows").toString()).contains("medianMicroseconds");
    assertThat(output).contains("compare", "SKIPPED: no time", "---- session");
    try (Stream<Path> files = Files.list(folder.resolve("results"))) {
      assertThat(files).hasSizeLessThanOrEqualTo(8);
    }
  }

  /**
   * SoftCUDA as the machine's driver and as the libraries of CUDA 13, whose names JCuda does not
   * know: the kit finds them, and its forwarding libraries pass the calls on.
   */
  @Test
  void aMachineWithCuda13() throws Exception {
    cuda13();
    int status = run("--stage", "tests", "--cases", "update/acc,dev.krongauss.optim.QuadraticTest");
    assertThat(status).as(output).isZero();
    Map<String, Object> result = result("tests");
    assertThat(map(result, "device"))
        .containsEntry("software", false)
        .containsEntry("cublas", 120600)
        .containsEntry("cusolver", true);
    assertThat(map(result, "libraries").get("libcublas.so.12").toString())
        .startsWith("forwarded to ")
        .endsWith("libcublas.so.13");
    assertThat(map(result, "libraries").get("libcusolver.so.11").toString())
        .endsWith("libcusolver.so.12");
  }

  /**
   * What compute-sanitizer writes into its log after a case belongs to that case. The driver is
   * where containers get it, if user namespaces can show such a machine.
   */
  @Test
  void findingsOfASanitizer() throws Exception {
    cuda13();
    if (!isolation().isEmpty()) {
      nvidia = home.resolve("lib");
      environment.remove("LD_LIBRARY_PATH");
    }
    Path tool = home.resolve("compute-sanitizer");
    Files.writeString(
        tool,
        """
        #!/bin/bash
        [ "$1 $3" = "--tool --log-file" ] && [ "$5" = --print-limit ] || exit 9
        echo "========= COMPUTE-SANITIZER" >"$4"
        [ "$2" != racecheck ] || echo "========= Error: Race reported between Write access" >>"$4"
        echo "========= ERROR SUMMARY: 0 errors" >>"$4"
        shift 6
        exec "$@"
        """);
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    environment.put("PATH", home + ":/usr/bin:/bin");
    int status = run("--stage", "sanitize", "--cases", "update/accepted");
    assertThat(status).as(output).isEqualTo(1);
    Map<String, Object> result = result("sanitize");
    assertThat(names(result))
        .containsExactly(
            "memcheck update/accepted",
            "racecheck update/accepted",
            "synccheck update/accepted",
            "initcheck update/accepted");
    List<?> rows = (List<?>) result.get("rows");
    assertThat(((Map<?, ?>) rows.get(0)).get("findings")).isEqualTo(0);
    assertThat(((Map<?, ?>) rows.get(1)).get("failures").toString()).contains("Race reported");
  }

  @Test
  void withoutAGpuItSaysSo() throws Exception {
    int status = run("--stage", "tests", "--cases", "update/acc");
    assertThat(status).as(output).isEqualTo(1);
    assertThat(result("tests").get("ended").toString()).contains("no GPU is usable");
  }

  @Test
  void wrongOptionsAreRefused() throws Exception {
    assertThat(run("--stage", "test")).isEqualTo(2);
    assertThat(run("--stage", "tests", "--device", "tpu")).isEqualTo(2);
  }

  @Test
  @EnabledIfSystemProperty(
      named = "krongauss.kit",
      matches = "all",
      disabledReason = "takes minutes")
  void everyStage() throws Exception {
    int status = run("--stage", "all", "--device", "software", "--seconds", "2");
    assertThat(status).as(output).isZero();
    for (String stage : List.of("tests", "sanitize", "bench", "phases", "compare", "peers")) {
      assertThat(result(stage)).containsEntry("complete", true);
    }
    try (Stream<Path> files = Files.list(folder.resolve("results"))) {
      assertThat(files).hasSizeLessThanOrEqualTo(8);
    }
  }

  @Test
  @EnabledIfSystemProperty(
      named = "krongauss.kit",
      matches = "all",
      disabledReason = "takes minutes")
  void aWholeSession() throws Exception {
    int status = run("--device", "software");
    assertThat(status).as(output).isZero();
    for (Object row : (List<?>) result("session").get("rows")) {
      assertThat(((Map<?, ?>) row).get("outcome").toString()).matches("done|SKIPPED: no Python.*");
    }
    try (Stream<Path> files = Files.list(folder.resolve("results"))) {
      assertThat(files).hasSizeLessThanOrEqualTo(8);
    }
  }

  /**
   * A folder of libraries as a machine with CUDA 13 has them, and kernels that SoftCUDA can read.
   */
  private void cuda13() throws IOException {
    Path libraries = Files.createDirectories(home.resolve("lib"));
    for (Path folder : List.of(LIBRARIES, OPENBLAS)) { // the C++ tests may have put them together
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String name =
              file.getFileName()
                  .toString()
                  .replace("libcublas.so.12", "libcublas.so.13")
                  .replace("libcusolver.so.11", "libcusolver.so.12");
          Files.copy(file, libraries.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    Path kernels = Files.createDirectories(home.resolve("kernels"));
    try (Stream<Path> files = Files.list(TARGET.resolve("classes/dev/krongauss/kernels"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".ptx")).toList()) {
        String name = file.getFileName().toString().replace(".ptx", ".fatbin");
        Files.copy(file, kernels.resolve(name));
      }
    }
    environment.put("LD_LIBRARY_PATH", libraries.toString());
    environment.put("KRONGAUSS_JAVA_OPTIONS", "-Dkrongauss.kernels=" + kernels);
  }

  private int run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(isolation());
    command.addAll(List.of("env", "-i"));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("PATH", "/usr/bin:/bin");
    all.put("HOME", home.toString());
    all.putAll(environment);
    all.forEach((name, value) -> command.add(name + "=" + value));
    command.add(folder.resolve("run").toString());
    command.addAll(List.of(arguments));
    StringBuilder log = new StringBuilder();
    int status = execute(new ProcessBuilder(command), log);
    output = log.toString();
    return status;
  }

  /** Namespaces in which empty folders lie over all that a bare machine does not have. */
  private List<String> isolation() throws Exception {
    if (execute(new ProcessBuilder("unshare", "-rmn", "true"), new StringBuilder()) != 0) {
      System.out.println("KitTest: no user namespaces here, so the JDKs and ~/.m2 stay visible");
      return List.of();
    }
    String hide =
        "for d in \"$HOME/.m2\" /usr/lib/jvm '"
            + TARGET
            + "'; do [ ! -d \"$d\" ] || mount -t tmpfs none \"$d\"; done; ";
    if (nvidia != null) {
      hide +=
          "mount -t tmpfs none /usr/local; mkdir -p /usr/local/nvidia/lib64; mount --bind '"
              + nvidia
              + "' /usr/local/nvidia/lib64; ";
    }
    hide += "exec \"$@\"";
    return List.of("unshare", "-rmn", "bash", "-c", hide, "isolated");
  }

  private static int execute(ProcessBuilder builder, StringBuilder log) throws Exception {
    Process process;
    try {
      process = builder.redirectErrorStream(true).start();
    } catch (IOException e) {
      log.append(e);
      return -1; // no unshare on this machine
    }
    log.append(new String(process.getInputStream().readAllBytes()));
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return process.exitValue();
  }

  private static Map<String, Object> result(String stage) throws IOException {
    return JSON.std.mapFrom(Files.readString(folder.resolve("results/" + stage + ".json")));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> result, String key) {
    return (Map<String, Object>) result.get(key);
  }

  private static List<String> names(Map<String, Object> result) {
    return ((List<?>) result.get("rows"))
        .stream().map(row -> ((Map<?, ?>) row).get("name").toString()).toList();
  }
}
