package dev.krongauss.kernel;

import dev.krongauss.device.Stream;

/** Damps, factorises and inverts a fixed set of matrices; see {@link Operations#factorisation}. */
public interface Factorisation {
  /**
   * X[m] = (S[m] + damping[m] I)⁻¹ for every matrix m. Enqueues, waits for nothing.
   *
   * @param damping device address of a float a matrix
   * @param info device address of an int a matrix: 0, or the 1-based column that was not positive
   */
  void run(Stream s, long damping, long info);
}
