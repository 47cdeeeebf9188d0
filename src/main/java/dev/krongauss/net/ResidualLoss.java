package dev.krongauss.net;

import dev.krongauss.net.Residuals.Group;

/** The loss of residuals: E, its gradient Jᵀ W r and the square root Jᵀ W^½ of its curvature. */
final class ResidualLoss implements HostLoss.SquareRoot {
  private final Residuals residuals;

  ResidualLoss(Residuals residuals) {
    this.residuals = residuals;
  }

  @Override
  public String name() {
    return residuals.toString();
  }

  @Override
  public int targets(int outputs) {
    return residuals.targets(outputs);
  }

  @Override
  public int rank(int outputs) {
    return residuals.count(outputs);
  }

  @Override
  public boolean diagonalHessian() {
    return residuals.parts().stream().allMatch(g -> g.function().diagonalHessian());
  }

  @Override
  public void checkTarget(float[] t) {
    residuals.parts().forEach(g -> g.function().checkTarget(t));
  }

  @Override
  public double evaluate(float[] h, float[] t, float[] gradient) {
    double[] outputs = doubles(h);
    double[] targets = doubles(t);
    double[] sum = new double[h.length];
    double value = 0;
    for (Group group : residuals.parts()) {
      double[] r = residuals(group, outputs, targets);
      double[][] J = derivatives(group, outputs, targets, r.length);
      for (int k = 0; k < r.length; k++) {
        value += group.value(r[k]);
        double factor = group.slope(r[k]) * r[k];
        for (int j = 0; j < sum.length; j++) {
          sum[j] += factor * J[k][j];
        }
      }
    }
    for (int j = 0; j < sum.length; j++) {
      gradient[j] = (float) sum[j];
    }
    return value;
  }

  @Override
  public void squareRoot(float[] h, float[] t, float[][] C) {
    double[] outputs = doubles(h);
    double[] targets = doubles(t);
    int row = 0;
    for (Group group : residuals.parts()) {
      double[] r = residuals(group, outputs, targets);
      double[][] J = derivatives(group, outputs, targets, r.length);
      for (int k = 0; k < r.length; k++, row++) {
        double root = Math.sqrt(group.slope(r[k]));
        for (int j = 0; j < h.length; j++) {
          C[row][j] = (float) (root * J[k][j]);
        }
      }
    }
  }

  private static double[] residuals(Group group, double[] h, double[] t) {
    double[] r = new double[group.function().count(h.length)];
    group.function().residuals(h, t, r);
    return r;
  }

  private static double[][] derivatives(Group group, double[] h, double[] t, int K) {
    double[][] J = new double[K][h.length];
    group.function().derivatives(h, t, J);
    return J;
  }

  private static double[] doubles(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i];
    }
    return result;
  }
}
