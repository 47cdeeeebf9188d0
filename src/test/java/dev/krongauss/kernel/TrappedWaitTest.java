package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.ChildJvm;
import dev.krongauss.testing.Nvcc;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kernels built with {@code KRONGAUSS_TRAP_WAITS}: a wait for a flag that never comes ends in a
 * trap that says which, and other waits do as ever.
 */
final class TrappedWaitTest {
  /** More looks than a wait of these tests can take. */
  private static final String PATIENT = "100000000";

  /** Soon, but after what waits rightly has come: SoftCUDA runs the others in between. */
  private static final String SOON = "20000";

  @TempDir private Path folder;

  @BeforeEach
  void nvcc() {
    Nvcc.assume("that a wait for a flag that never comes traps");
  }

  @Test
  void waitsThatEndChangeNothing() throws Exception {
    build(PATIENT, Map.of());
    for (String what : List.of("pass", "inverse")) {
      assertThat(run(what, true)).isEqualTo(run(what, false)).startsWith("bits ");
    }
  }

  @Test
  void aWaitInVainNamesWhatNeverCame() throws Exception {
    build(
        SOON,
        Map.of(
            // Tile 4 of link 2, of its second row, is never counted, and the flags of tile (2, 1)
            // of
            // L, the fifth, never set.
            "if (threadIdx.x == 0 && stored) {",
            "if (threadIdx.x == 0 && stored && number != links.item[2].first + 4) {",
            "release(w.flags + kSlabs * tile + part, 2 * shared.attempt);",
            "if (tile != 4) release(w.flags + kSlabs * tile + part, 2 * shared.attempt);"));
    assertThat(run("pass", true))
        .contains(
            "a wait ended in a trap, since what it waits for never came: kernel chain_f32__forward,"
                + " task 3 of link 3 waits until all 3 tiles of part 1 of link 2 are there");
    assertThat(run("inverse", true))
        .containsPattern(
            "kernel cholesky_f32, tile \\(2, \\d\\) of item 0, kind \\d .*, waits for the flag of"
                + " tile 4");
  }

  @Test
  void theSettingIsChecked() throws Exception {
    assertThat(output("ptx", "0")).contains("KRONGAUSS_TRAP_WAITS is '0'", "1 to 999999999");
    assertThat(output("prebuilt", SOON)).contains("--prebuilt with KRONGAUSS_TRAP_WAITS");
  }

  /** What the program prints, with these kernels or those of the jar. */
  private String run(String what, boolean built) throws IOException {
    ChildJvm jvm =
        new ChildJvm()
            .property("krongauss.device", "software")
            .property("krongauss.softcuda.check", "all");
    if (built) {
      jvm.property("krongauss.kernels", folder.resolve("ptx"));
    }
    return jvm.run(TrappedWaitProgram.class, what)
        .output()
        .lines()
        .filter(line -> line.startsWith("bits ") || line.contains("kernel ch"))
        .collect(Collectors.joining("\n"));
  }

  /** Builds both kernels from edited sources, and has them loaded. */
  private void build(String looks, Map<String, String> edits) throws Exception {
    Path sources = sources();
    for (Map.Entry<String, String> edit : edits.entrySet()) {
      int found = 0;
      for (String name : List.of("chain.cuh", "cholesky.cu", "cholesky_work.cuh")) {
        String text = Files.readString(sources.resolve(name));
        found += text.contains(edit.getKey()) ? 1 : 0;
        Files.writeString(sources.resolve(name), text.replace(edit.getKey(), edit.getValue()));
      }
      assertThat(found).as("the text to edit is there: %s", edit.getKey()).isEqualTo(1);
    }
    assertThat(output("ptx", looks)).isEmpty();
  }

  private Path sources() throws IOException {
    Path sources = Files.createDirectories(folder.resolve("kernels"));
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("kernels"), "{*.cu,*.cuh,build,portable.awk}")) {
      for (Path file : files) {
        Path target = sources.resolve(file.getFileName().toString());
        if (!Files.exists(target)) {
          Files.copy(file, target);
        }
      }
    }
    return sources;
  }

  private String output(String mode, String looks) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(sources().resolve("build").toString(), "--" + mode));
    command.add(folder.resolve("ptx").toString());
    if (mode.equals("ptx")) {
      command.addAll(Arrays.asList("chain.cu", "cholesky.cu"));
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KRONGAUSS_TRAP_WAITS", looks);
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    return text;
  }
}
