package dev.krongauss.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An {@code mpirun} that is installed.
 *
 * @param command its name
 * @param openMpi whether it is Open MPI's; else MPICH's
 */
public record MpiLauncher(String command, boolean openMpi) {
  /** Names a library that the ranks take instead of the launcher's, as its standard one. */
  private static final String LIBRARY = "krongauss.test.mpi";

  /** Those of Debian by their own names; elsewhere what is called mpirun. */
  public static List<MpiLauncher> all() throws IOException {
    List<MpiLauncher> found = new ArrayList<>();
    for (String command : List.of("mpirun.openmpi", "mpirun.mpich", "mpirun")) {
      if (found.isEmpty() || !command.equals("mpirun")) {
        String version = version(command);
        if (!version.isEmpty()) {
          found.add(new MpiLauncher(command, !version.contains("HYDRA")));
        }
      }
    }
    return found;
  }

  /** All; skips the test, and says so, if there is none. */
  public static List<MpiLauncher> assume(String what) throws IOException {
    List<MpiLauncher> found = all();
    Nvcc.assume(!found.isEmpty(), "NO MPI: not shown " + what + " (native/setup installs it)");
    return found;
  }

  private static String version(String command) throws IOException {
    for (String folder : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(folder, command))) {
        Process process = new ProcessBuilder(command, "--version").start();
        byte[] text = process.getInputStream().readAllBytes();
        return new String(text, StandardCharsets.UTF_8);
      }
    }
    return "";
  }

  /**
   * A JVM a rank, on SoftCUDA. More ranks than processors, and root, are refused by Open MPI unless
   * it is told.
   */
  public ChildJvm ranks(int count) {
    ChildJvm ranks = new ChildJvm();
    if (System.getProperty(LIBRARY) != null) {
      ranks.property("krongauss.mpi", System.getProperty(LIBRARY));
    }
    return ranks
        .under(
            "env",
            "OMPI_ALLOW_RUN_AS_ROOT=1",
            "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
            "OMPI_MCA_rmaps_base_oversubscribe=1",
            "PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe",
            "KRONGAUSS_BLAS_THREADS=1",
            command,
            "-np",
            String.valueOf(count))
        .option("-XX:TieredStopAtLevel=1", "-Xmx384m")
        .property("krongauss.device", "software")
        .property("krongauss.softcuda.check", "all");
  }
}
