package dev.krongauss.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.Optional;

/** The CUDA compiler, looked for where {@code kernels/build} looks. */
public final class Nvcc {
  private Nvcc() {}

  /** Skips the test where there is no nvcc: {@code what} says what is not shown then. */
  public static void assume(String what) {
    assume(isThere(), "NO NVCC: not shown " + what + " (native/setup installs it)");
  }

  /** Skips the test unless a condition holds, and says why: Maven's own report does not. */
  public static void assume(boolean holds, String reason) {
    if (!holds) {
      System.err.println(reason);
    }
    assumeTrue(holds, reason);
  }

  /** Whether nvcc runs: the one that NVCC names, else that of PATH or of /usr/local/cuda/bin. */
  public static boolean isThere() {
    String named = Optional.ofNullable(System.getenv("NVCC")).orElse("");
    return named.isEmpty() ? runs("nvcc") || runs("/usr/local/cuda/bin/nvcc") : runs(named);
  }

  private static boolean runs(String command) {
    try {
      Process process =
          new ProcessBuilder(command, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // no such program
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
