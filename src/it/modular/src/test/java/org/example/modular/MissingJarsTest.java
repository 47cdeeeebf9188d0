package org.example.modular;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What works, and what is said, where SoftCUDA's jar or OpenBLAS' is left out. */
final class MissingJarsTest {
  private static final String MAIN = "org.example.modular.Trainer";
  private static final String MODULE = "org.example.modular/" + MAIN;
  private static final String NATIVES = "-natives-linux-x86_64.jar";
  private static final String ARTEFACT = "dev.krongauss:krongauss:0.1.0:natives-linux-x86_64";

  @TempDir Path folder;

  @Test
  void withoutSoftwareAndGpuTheArtefactIsNamed() throws IOException {
    assumeFalse(
        Files.exists(Path.of("/dev/nvidiactl")) || Files.exists(Path.of("/dev/dxg")),
        "a GPU serves without SoftCUDA");
    Program auto = Program.ofThisJdk().without(MissingJarsTest::natives);
    contains(
        auto.onClassPath(MAIN),
        false,
        ARTEFACT,
        "no GPU is usable (krongauss.device=auto)",
        "libcuda.so.1: cannot open",
        "nvidia-smi");
    contains(
        auto.onModulePath(MODULE), false, ARTEFACT, "no GPU is usable (krongauss.device=auto)");
    contains(
        auto.option("-Dkrongauss.device=software").onClassPath(MAIN),
        false,
        ARTEFACT,
        "libcuda.so.1 of SoftCUDA is on neither");
  }

  /**
   * SoftCUDA's driver in the place of the system's: found as one, and nothing else of ours native.
   */
  @Test
  void withoutSoftwareADriverServes() throws IOException {
    Path jar = Path.of("target/lib/krongauss-0.1.0" + NATIVES);
    unpack(jar, "libcuda.so.1", "libsoftcuda_kernels.so");
    Program.Result result =
        Program.ofThisJdk()
            .without(MissingJarsTest::natives)
            .environment("LD_LIBRARY_PATH", folder.toString())
            .onClassPath(MAIN);
    contains(
        result,
        true,
        "the CUDA driver answers: devices=1",
        "asked in this process: " + ARTEFACT + " is missing",
        "trained");
  }

  @Test
  void withoutOpenBlasTheKernelsServe() throws IOException {
    Program program =
        Program.ofThisJdk()
            .without(name -> name.startsWith("openblas-"))
            .option("-Dkrongauss.device=software");
    contains(program.onClassPath(MAIN), true, "no cuBLAS", "org.bytedeco:openblas", "trained");
  }

  private static boolean natives(String name) {
    return name.startsWith("krongauss-") && name.endsWith(NATIVES);
  }

  private static void contains(Program.Result result, boolean works, String... parts) {
    if (works) {
      assertEquals(0, result.status(), result.output());
    } else {
      assertNotEquals(0, result.status(), result.output());
    }
    for (String part : parts) {
      assertTrue(result.output().contains(part), part + " is missing in:\n" + result.output());
    }
  }

  private void unpack(Path jar, String... files) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (String file : files) {
        ZipEntry entry = zip.getEntry("dev/krongauss/native/linux-x86_64/" + file);
        try (InputStream in = zip.getInputStream(entry)) {
          Files.copy(in, folder.resolve(file));
        }
      }
    }
  }
}
