package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.Nvcc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kernels/ptx} is what the sources give, and {@code kernels/build} works without nvcc. */
final class PrebuiltTest {
  private static final Path KERNELS = Path.of("kernels").toAbsolutePath();
  private static final Path BUILT = Path.of("target/kernels").toAbsolutePath();

  @TempDir private Path folder;

  private record Result(int status, String output) {}

  /** With nvcc the text, else the hash of the sources. */
  @Test
  void prebuiltPtxIsThatOfTheSources() throws Exception {
    Result result = build(KERNELS, true, "--check", BUILT.toString());
    assertThat(result.status()).as(result.output()).isZero();
  }

  @Test
  void prebuiltPtxNamesNoFolderOfAMachine() throws IOException {
    try (Stream<Path> files = Files.list(KERNELS.resolve("ptx"))) {
      for (Path file : files.toList()) {
        assertThat(Files.readAllLines(file))
            .as(file.toString())
            .filteredOn(line -> line.contains(".file\t"))
            .isNotEmpty()
            .allMatch(line -> line.contains("\"kernels/") || line.contains("\"cuda/"));
      }
    }
  }

  /** nvcc names what is static after the folder of the source and after its own process. */
  @Test
  void anotherFolderGivesTheSamePtx() throws Exception {
    Nvcc.assume("that kernels/build writes the same PTX in every folder");
    Path out = Files.createDirectories(folder.resolve("out"));
    List<String> names = List.of("cholesky", "solve");
    Result result =
        build(copy(), true, "--ptx", out.toString(), names.get(0) + ".cu", names.get(1) + ".cu");
    assertThat(result.status()).as(result.output()).isZero();
    for (String name : names) {
      String file = name + ".ptx";
      assertThat(out.resolve(file)).hasSameTextualContentAs(BUILT.resolve(file));
    }
  }

  @Test
  void withoutNvccThePrebuiltPtxIsUsed() throws Exception {
    Path kernels = copy();
    Path out = Files.createDirectories(folder.resolve("out"));
    Files.writeString(out.resolve("gram.fatbin"), "of an earlier build with nvcc");
    Result result = build(kernels, false, out.toString());
    assertThat(result.status()).as(result.output()).isZero();
    assertThat(result.output()).contains("no nvcc");
    assertThat(out.resolve("gram.ptx")).hasSameBinaryContentAs(KERNELS.resolve("ptx/gram.ptx"));
    assertThat(out.resolve("gram.fatbin")).doesNotExist();
  }

  @Test
  void withoutNvccAChangedSourceIsAnError() throws Exception {
    Path kernels = copy();
    Path header = kernels.resolve("philox.cuh");
    Files.writeString(header, Files.readString(header) + "// changed\n");
    Result result = build(kernels, false, folder.resolve("out").toString());
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.output()).contains("random.cu", "--prebuilt").doesNotContain("gram.cu");
  }

  /** In another folder, so that it also shows that the PTX does not depend on the folder. */
  @Test
  void withNvccAChangedSourceFailsTheCheck() throws Exception {
    Nvcc.assume("that kernels/build --check sees a changed kernel");
    Path kernels = copy();
    Path out = Files.createDirectories(folder.resolve("out"));
    copyFiles(BUILT, out);
    Path source = kernels.resolve("sgd.cu");
    String text = Files.readString(source);
    Files.writeString(source, text + "extern \"C\" __global__ void one(int *p) { *p = 1; }\n");
    Result changed = build(kernels, true, "--check", out.toString());
    assertThat(changed.status()).isEqualTo(1);
    assertThat(changed.output()).contains("sgd.ptx", "--prebuilt").doesNotContain("gram.ptx");
    Files.writeString(source, text);
    Result same = build(kernels, true, "--check", out.toString());
    assertThat(same.status()).as(same.output()).isZero();
  }

  private Path copy() throws IOException {
    Path kernels = Files.createDirectories(folder.resolve("kernels"));
    copyFiles(KERNELS, kernels);
    copyFiles(KERNELS.resolve("ptx"), Files.createDirectories(kernels.resolve("ptx")));
    return kernels;
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private Result build(Path kernels, boolean compiler, String... arguments) throws Exception {
    Path log = folder.resolve("log");
    ProcessBuilder process = new ProcessBuilder(kernels.resolve("build").toString());
    process.command().addAll(List.of(arguments));
    if (!compiler) {
      process.environment().put("NVCC", "none");
    }
    int status = process.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    return new Result(status, Files.readString(log, StandardCharsets.UTF_8));
  }
}
