package dev.krongauss.optim;

import dev.krongauss.device.Branch;
import dev.krongauss.device.Check;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import java.util.function.Consumer;

/**
 * Where factors and inverses are refreshed: in a captured update on a branch beside the backward
 * pass and the gradient, which read the same traces and write other memory; else on the update's
 * own stream. The branch is joined before the inverses are used, so that nothing is in flight
 * between updates, and the bits are those of one stream.
 *
 * <p>With libraries always on the update's own: cuBLAS has one workspace a handle.
 */
final class RefreshBranch implements AutoCloseable {
  private final Stream main;
  private final Branch branch;

  /**
   * A branch unless {@code -Dkrongauss.overlap=off}, or libraries compute.
   *
   * @throws IllegalArgumentException if that property is neither on nor off
   */
  RefreshBranch(Stream main, Operations operations) {
    String wanted = System.getProperty("krongauss.overlap", "on");
    Check.that(
        wanted.equals("on") || wanted.equals("off"),
        "krongauss.overlap is '%s'; it must be on or off",
        wanted);
    this.main = main;
    boolean kernels = operations.averagesGrams();
    this.branch = wanted.equals("on") && kernels ? new Branch(main.device()) : null;
  }

  /**
   * Enqueues the refresh beside what the update's stream is given until {@link #join}.
   *
   * @return whether that was done; if not, nothing was enqueued
   */
  boolean fork(Consumer<Stream> refresh) {
    boolean beside = branch != null && main.capturing();
    if (beside) {
      branch.fork(main, refresh);
    }
    return beside;
  }

  /** What the update's stream is given from now on follows the refresh of the last fork. */
  void join() {
    branch.join(main);
  }

  @Override
  public void close() {
    if (branch != null) {
      branch.close();
    }
  }
}
