package dev.krongauss.dist;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.ForeignLibrary;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether MPI is given device addresses: where it says that it takes those of CUDA, and the device
 * is a GPU; or as the user says. By what a library says so is no matter of its interface: MPICH and
 * Open MPI have functions of their own, MPI 4.1 and the standard interface the kinds of memory that
 * a communicator takes.
 */
final class MpiCuda {
  /** {@code auto}, {@code on} or {@code off}. */
  static final String PROPERTY = "krongauss.mpi.cuda";

  private static final Logger LOG = LoggerFactory.getLogger(MpiCuda.class);
  private static final String KINDS = "mpi_memory_alloc_kinds";
  private static final int KINDS_BYTES = 1024;

  private final String wanted;
  private final boolean says;
  private Device asked;

  private MpiCuda(String wanted, boolean says) {
    this.wanted = wanted;
    this.says = says;
  }

  /**
   * What the user wants.
   *
   * @throws IllegalArgumentException if that is none of the three
   */
  static String wanted() {
    String wanted = System.getProperty(PROPERTY, "auto");
    Check.that(
        List.of("auto", "on", "off").contains(wanted),
        "%s is '%s'; it must be auto, on or off",
        PROPERTY,
        wanted);
    return wanted;
  }

  /** Of a library that has been initialised: Open MPI 5 knows it only then. */
  static MpiCuda of(MpiCalls calls) {
    return new MpiCuda(wanted(), says(calls));
  }

  private static boolean says(MpiCalls calls) {
    ForeignLibrary library = calls.library();
    return library.has("MPIX_Query_cuda_support")
            && library.function("MPIX_Query_cuda_support").call() == 1
        || library.has("MPI_Info_get_string") // of MPI 4.0
            && isCudaAmong(calls.infoOfWorld(KINDS, KINDS_BYTES));
  }

  /** A list as "mpi,system,cuda:device"; a kind without a restrictor is all of it. */
  static boolean isCudaAmong(String kinds) {
    return Arrays.stream(kinds.split(","))
        .map(String::strip)
        .anyMatch(kind -> kind.equals("cuda") || kind.equals("cuda:device"));
  }

  /** Whether memory of this device is named to MPI; the first answer is logged. */
  boolean takes(Device device) {
    boolean takes = wanted.equals("on") || wanted.equals("auto") && says && !device.isSoftware();
    if (asked != device) {
      asked = device;
      if (takes && !says && !device.isSoftware()) {
        LOG.warn(
            "MPI is given device addresses by {}=on and says that it does not take them: it may"
                + " read them as the host's, which ends the process",
            PROPERTY);
      }
      LOG.info("device memory goes {}", takes ? "to MPI by its address" : "through host memory");
    }
    return takes;
  }
}
