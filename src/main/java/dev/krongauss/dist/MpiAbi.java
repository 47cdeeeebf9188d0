package dev.krongauss.dist;

import dev.krongauss.device.ForeignFunction;
import dev.krongauss.device.ForeignFunction.Type;
import dev.krongauss.device.ForeignLibrary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What differs between the binary interfaces of MPI: whether a handle is a number or the address of
 * a symbol, and which. Everything else that {@link MpiCalls} uses is the same in all.
 *
 * <p>Sources: {@code mpi.h} of MPICH 4.0.2 (its interface has been fixed since 3.1 and is that of
 * Intel MPI and MVAPICH, too), {@code mpi.h} of Open MPI 4.1.4 and 5.0, and {@code mpi_abi.h} of
 * MPICH 5.0.2 for the standard interface of MPI 5.0, which is that of the MPI Forum's mpi-abi-stubs
 * since October 2025: before, the numbers of two error handlers were the other way round there.
 */
enum MpiAbi {
  OPEN_MPI("Open MPI", List.of("Open MPI"), 1, 2),
  MPICH("MPICH", List.of("MPICH", "Intel(R) MPI", "MVAPICH", "CRAY"), 1, 2),
  /** A library that has it says in its version whose it is. */
  STANDARD("the standard ABI of MPI 5.0", List.of(), 1024, 2048);

  /** What the handles of the other two are called in Open MPI's library. */
  private static final String OPEN_MPI_WORLD = "ompi_mpi_comm_world";

  private static final int STANDARD_MAJOR = 1;

  private final String title;
  private final List<String> saysOfItself;
  private final int funneled;
  private final int serialized;

  MpiAbi(String title, List<String> saysOfItself, int funneled, int serialized) {
    this.title = title;
    this.saysOfItself = saysOfItself;
    this.funneled = funneled;
    this.serialized = serialized;
  }

  /**
   * The interface of a library, held against what it says of itself.
   *
   * @param version what {@code MPI_Get_library_version} gave
   * @throws CollectiveException if it is none of these
   */
  static MpiAbi of(ForeignLibrary library, String version) {
    MpiAbi abi = byName(library);
    abi.wrong(library, version)
        .ifPresent(
            why -> {
              throw new CollectiveException(
                  library
                      + " is not called: "
                      + why
                      + "; it says of itself \""
                      + firstLine(version)
                      + "\". Known are Open MPI 4 to 6, MPICH 4, 5 and libraries with its interface,"
                      + " and libmpi_abi.so; name one of these with -Dkrongauss.mpi");
            });
    return abi;
  }

  private static MpiAbi byName(ForeignLibrary library) {
    if (library.name().contains("mpi_abi")) {
      return STANDARD;
    }
    return library.has(OPEN_MPI_WORLD) ? OPEN_MPI : MPICH;
  }

  private Optional<String> wrong(ForeignLibrary library, String version) {
    if (this == STANDARD) {
      return standardVersion(library);
    }
    String text = version.toLowerCase(Locale.ROOT);
    return saysOfItself.stream().anyMatch(name -> text.contains(name.toLowerCase(Locale.ROOT)))
        ? Optional.empty()
        : Optional.of("its symbols are those of " + title + ", its version is not");
  }

  private static Optional<String> standardVersion(ForeignLibrary library) {
    if (!library.has("MPI_Abi_get_version")) {
      return Optional.of("it has no MPI_Abi_get_version, which MPI 5.0 asks for");
    }
    ForeignFunction version = library.function("MPI_Abi_get_version", Type.WORD, Type.WORD);
    ByteBuffer numbers = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    long address = ForeignLibrary.addressOf(numbers);
    version.call(address, address + 8);
    return numbers.getInt(0) == STANDARD_MAJOR
        ? Optional.empty()
        : Optional.of(
            "its interface is version "
                + numbers.getInt(0)
                + "."
                + numbers.getInt(8)
                + ", and 1.x is known");
  }

  static String firstLine(String version) {
    return version.strip().lines().findFirst().orElse("").replaceAll("\\s+", " ");
  }

  /** MPI_COMM_WORLD. */
  long world(ForeignLibrary library) {
    return handle(library, OPEN_MPI_WORLD, 0x44000000, 0x101);
  }

  /** MPI_BYTE. */
  long bytes(ForeignLibrary library) {
    return handle(library, "ompi_mpi_byte", 0x4c00010d, 0x247);
  }

  /** MPI_FLOAT. */
  long floats(ForeignLibrary library) {
    return handle(library, "ompi_mpi_float", 0x4c00040a, 0x210);
  }

  /** MPI_SUM. */
  long sum(ForeignLibrary library) {
    return handle(library, "ompi_mpi_op_sum", 0x58000003, 0x21);
  }

  /** MPI_ERRORS_RETURN. */
  long errorsReturn(ForeignLibrary library) {
    return handle(library, "ompi_mpi_errors_return", 0x54000001, 0x143);
  }

  private long handle(ForeignLibrary library, String openMpi, long mpich, long standard) {
    return switch (this) {
      case OPEN_MPI -> library.address(openMpi);
      case MPICH -> mpich;
      case STANDARD -> standard;
    };
  }

  /** MPI_THREAD_FUNNELED. */
  int funneled() {
    return funneled;
  }

  /** MPI_THREAD_SERIALIZED. */
  int serialized() {
    return serialized;
  }

  @Override
  public String toString() {
    return title;
  }
}
