package dev.krongauss.kernel.operations;

import dev.krongauss.device.Stream;

/**
 * Damps, factorises and inverts a fixed set of matrices, each with several dampings; see {@link
 * Operations#factorisation} and {@link Operations#ladder}.
 */
public interface Factorisation {
  /**
   * X = (S[m] + damping[c][m] I)⁻¹ for matrices m and dampings c. Enqueues, waits for nothing.
   *
   * @param damping device address of floats {@code [dampings][matrices]}
   * @param info device address of ints {@code [dampings][matrices]}: 0, or the 1-based column that
   *     was not positive
   */
  void run(Stream s, long damping, long info);
}
