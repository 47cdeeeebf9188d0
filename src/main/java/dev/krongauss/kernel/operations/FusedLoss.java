package dev.krongauss.kernel.operations;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Coefficients;
import dev.krongauss.kernel.argument.LossMean;

/**
 * Operations of a loss whose launches take what follows them along: an update then has two or three
 * nodes fewer. The built-in losses' are, those of others need not be.
 */
public interface FusedLoss {
  /**
   * Values and gradients of the N rows, the mean of the values, and what else is asked for, in one
   * launch.
   *
   * @param h outputs {@code [N][d]}
   * @param t targets {@code [N][m]}
   * @param gradient ∂E/∂h {@code [N][d]}, null if not wanted
   * @param perDatapoint device address of N floats
   */
  void evaluate(
      Matrix h, Matrix t, Matrix gradient, long perDatapoint, LossMean mean, Stream stream);

  /**
   * C_ij = 1/n Σ V_iᵀ H V_j, H the loss' Hessian at each of the n rows of h, and the decision on
   * the update, in one launch; only where the loss says that it {@code fuses}. No targets: H is the
   * same for all.
   *
   * @param h {@code [n][d]}
   * @param V {@code [L · n][d]}, chunk j those of direction j
   * @param arrived device address of an int, 0 before the first use and after each
   * @param decision its C is {@code [L][L]}, written whole
   */
  void decide(Matrix h, Matrix V, long arrived, Coefficients.Decision decision, Stream stream);
}
