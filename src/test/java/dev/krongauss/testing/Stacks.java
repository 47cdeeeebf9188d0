package dev.krongauss.testing;

import dev.krongauss.net.ResidualFunction;

/** Residuals of several rows of outputs. */
public final class Stacks {
  private Stacks() {}

  /** h − t of every row by itself. */
  public static final class Apart implements ResidualFunction {
    @Override
    public String name() {
      return "apart";
    }

    @Override
    public int count(int outputs) {
      return outputs;
    }

    @Override
    public void residuals(double[] h, double[] t, double[] r) {
      for (int j = 0; j < r.length; j++) {
        r[j] = h[j] - t[j];
      }
    }

    @Override
    public void derivatives(double[] h, double[] t, double[][] J) {
      for (int j = 0; j < J.length; j++) {
        J[j][j] = 1;
      }
    }
  }

  /**
   * Two residuals that couple all outputs of all rows: Σ (j + 1) h_j − t₀, and h₀ h_last − t_last.
   */
  public static final class Coupled implements ResidualFunction {
    @Override
    public String name() {
      return "coupled";
    }

    @Override
    public int count(int outputs) {
      return 2;
    }

    @Override
    public void residuals(double[] h, double[] t, double[] r) {
      int last = h.length - 1;
      for (int j = 0; j <= last; j++) {
        r[0] += (j + 1) * h[j];
      }
      r[0] -= t[0];
      r[1] = h[0] * h[last] - t[t.length - 1];
    }

    @Override
    public void derivatives(double[] h, double[] t, double[][] J) {
      int last = h.length - 1;
      for (int j = 0; j <= last; j++) {
        J[0][j] = j + 1;
      }
      J[1][0] = h[last];
      J[1][last] += h[0];
    }
  }
}
