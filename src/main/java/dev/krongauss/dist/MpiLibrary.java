package dev.krongauss.dist;

import dev.krongauss.device.ForeignLibrary;
import java.util.ArrayList;
import java.util.List;

/** The library of MPI that this process calls. */
final class MpiLibrary {
  /** Names it, as {@code dlopen} takes it. */
  static final String PROPERTY = "krongauss.mpi";

  private MpiLibrary() {}

  /**
   * The one that the user names, else the launcher's, else the first that there is.
   *
   * @throws dev.krongauss.device.DeviceException if none loads
   */
  static ForeignLibrary open() {
    MpiSignals.leaveToJvm();
    String asked = System.getProperty(PROPERTY);
    List<String> names = asked == null ? names() : List.of(asked);
    return ForeignLibrary.open(
        "MPI",
        names,
        "install Open MPI or MPICH (on Debian and Ubuntu: apt-get install openmpi-bin, or mpich),"
            + " or name the library with -D"
            + PROPERTY
            + "=/path/to/libmpi.so");
  }

  /** The launcher's own library first. */
  private static List<String> names() {
    List<String> mpich = List.of("libmpich.so.12", "libmpi.so.12");
    List<String> openMpi = List.of("libmpi.so.40");
    boolean byMpich = System.getenv("PMI_RANK") != null;
    List<String> names = new ArrayList<>(byMpich ? mpich : openMpi);
    names.addAll(List.of("libmpi_abi.so.1", "libmpi_abi.so.0", "libmpi_abi.so"));
    names.addAll(byMpich ? openMpi : mpich);
    return names;
  }
}
