package dev.krongauss.optim;

import java.util.List;

/** The Jacobian of a datapoint from what a forward pass left, in double. */
final class TraceJacobian {
  private TraceJacobian() {}

  /**
   * ∂h_L/∂θ [d_L][P] of datapoint n.
   *
   * @param W weights
   * @param a inputs of each layer [N][d_{l-1} + 1]
   * @param b f'(h) of each layer but the last
   */
  static double[][] of(double[][][] W, List<double[][]> a, List<double[][]> b, int n) {
    double[][] J = new double[W[W.length - 1].length][DenseStep.flat(W).length];
    double[][] above = new double[J.length][J.length];
    for (int o = 0; o < J.length; o++) {
      above[o][o] = 1;
    }
    int end = J[0].length;
    for (int l = W.length - 1; l >= 0; l--) {
      int columns = W[l][0].length;
      int place = end - W[l].length * columns;
      for (int o = 0; o < J.length; o++) {
        for (int p = 0; p < W[l].length * columns; p++) {
          J[o][place + p] = above[o][p / columns] * a.get(l)[n][p % columns];
        }
        double[] below = new double[columns - 1];
        for (int j = 0; l > 0 && j < below.length; j++) {
          for (int i = 0; i < W[l].length; i++) {
            below[j] += above[o][i] * W[l][i][j];
          }
          below[j] *= b.get(l - 1)[n][j];
        }
        above[o] = below;
      }
      end = place;
    }
    return J;
  }
}
