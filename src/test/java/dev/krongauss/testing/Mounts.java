package dev.krongauss.testing;

import java.io.IOException;

/** Programs that see other mounts than we do: full, read-only, noexec or empty folders. */
public final class Mounts {
  private Mounts() {}

  /**
   * The start of a command: mounts in a namespace of its own, then runs what follows.
   *
   * @param script mounts what the program is to see, as root of the namespace
   */
  public static String[] seen(String script) {
    return new String[] {
      "unshare", "--map-root-user", "--mount", "sh", "-c", script + " && exec \"$@\"", "sh"
    };
  }

  /** Skips the test, and says so, where this machine does not allow that. */
  public static void assume(String what) throws IOException {
    boolean allowed;
    try {
      ProcessBuilder attempt =
          new ProcessBuilder(
              "unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt");
      allowed = attempt.redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      allowed = false; // no such program
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    Nvcc.assume(allowed, "no mount namespaces here: not shown " + what);
  }
}
