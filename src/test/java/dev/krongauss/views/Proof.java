package dev.krongauss.views;

import dev.krongauss.kernel.Trial;

/** How it is shown that an operation keeps to the columns of its views. */
sealed interface Proof {
  /**
   * A case of {@code KernelCases} whose name starts so runs it in every layout, against a
   * reference.
   */
  record Kernel(String prefix) implements Proof {}

  /** It is run here, in every layout, and must do what it does in our own. */
  record Run(Body body, double tolerance) implements Proof {}

  /** It writes no matrix's memory, because. */
  record WritesNothing(String because) implements Proof {}

  /**
   * Runs an operation on the device's stream, once or a few times: operands come from the trial,
   * which checks all memory afterwards.
   */
  @FunctionalInterface
  interface Body {
    void run(Trial t) throws Exception;
  }
}
