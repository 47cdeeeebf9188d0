package dev.krongauss.testing;

import dev.krongauss.net.ResidualFunction;
import dev.krongauss.net.Residuals;

/**
 * Three residuals of two outputs, nonlinear in them: h₀ + h₁²/4 − t₀, sin h₁ − h₀ t₁ / 2 and h₀ h₁
 * / 2.
 */
public final class Bent implements ResidualFunction {
  /**
   * These and {@link Difference} of two outputs, one after the other, for {@code CudaResiduals}.
   */
  public static final String CUDA =
      """
      __device__ void residuals(const float* h, const float* t, float* r) {
        r[0] = h[0] + h[1] * h[1] / 4 - t[0];
        r[1] = sinf(h[1]) - h[0] * t[1] / 2;
        r[2] = h[0] * h[1] / 2;
        r[3] = h[0] - t[0];
        r[4] = h[1] - t[1];
      }
      __device__ void derivatives(const float* h, const float* t, float (*J)[OUTPUTS]) {
        J[0][0] = 1;
        J[0][1] = h[1] / 2;
        J[1][0] = -t[1] / 2;
        J[1][1] = cosf(h[1]);
        J[2][0] = h[1] / 2;
        J[2][1] = h[0] / 2;
        J[3][0] = 1;
        J[4][1] = 1;
      }
      """;

  @Override
  public String name() {
    return "bent";
  }

  @Override
  public int count(int outputs) {
    return 3;
  }

  @Override
  public void residuals(double[] h, double[] t, double[] r) {
    r[0] = h[0] + h[1] * h[1] / 4 - t[0];
    r[1] = Math.sin(h[1]) - h[0] * t[1] / 2;
    r[2] = h[0] * h[1] / 2;
  }

  @Override
  public void derivatives(double[] h, double[] t, double[][] J) {
    J[0][0] = 1;
    J[0][1] = h[1] / 2;
    J[1][0] = -t[1] / 2;
    J[1][1] = Math.cos(h[1]);
    J[2][0] = h[1] / 2;
    J[2][1] = h[0] / 2;
  }

  /** These with Cauchy's loss, and h − t with Huber's. */
  public static Residuals grouped() {
    return Residuals.groups(
        Residuals.of(new Bent()).weight(0.5).cauchy(2), Residuals.of(new Difference()).huber(0.5));
  }

  /** h − t: the squared loss. */
  public static final class Difference implements ResidualFunction {
    @Override
    public String name() {
      return "difference";
    }

    @Override
    public int count(int outputs) {
      return outputs;
    }

    @Override
    public boolean diagonalHessian() {
      return true;
    }

    @Override
    public void residuals(double[] h, double[] t, double[] r) {
      for (int k = 0; k < r.length; k++) {
        r[k] = h[k] - t[k];
      }
    }

    @Override
    public void derivatives(double[] h, double[] t, double[][] J) {
      for (int k = 0; k < J.length; k++) {
        J[k][k] = 1;
      }
    }
  }
}
