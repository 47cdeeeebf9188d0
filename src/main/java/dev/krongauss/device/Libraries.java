package dev.krongauss.device;

import java.util.Optional;

/** CUDA's libraries on a device, each where it loads. */
final class Libraries {
  private final Optional<Blas> blas;
  private final Optional<Solver> solver;

  Libraries(Device device) {
    blas = Blas.open(device);
    solver = Solver.open(device);
  }

  Optional<Blas> blas() {
    return blas;
  }

  Optional<Solver> solver() {
    return solver;
  }

  /** Which there are, and why others are not there. */
  String description() {
    return (blas.isPresent()
            ? "cuBLAS " + blas.get().version()
            : "no cuBLAS (" + Blas.missing() + ")")
        + ", "
        + (solver.isPresent() ? "cuSOLVER" : "no cuSOLVER (" + Solver.missing() + ")");
  }

  void close(Closing closing) {
    solver.ifPresent(closing::close);
    blas.ifPresent(closing::close);
  }
}
