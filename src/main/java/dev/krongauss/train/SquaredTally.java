package dev.krongauss.train;

import java.util.ArrayList;
import java.util.List;

/** Squared errors of each target. */
final class SquaredTally extends Tally {
  private final double[] squares;
  private final double[] spread;

  /**
   * @param spread what {@link #spread} gives, which does not change
   */
  SquaredTally(TargetRows targets, double[] spread) {
    super(targets);
    this.spread = spread;
    this.squares = new double[targets.outputs()];
  }

  /** Σ w (t − mean)² of each target, in two passes; 0 exactly where a target is constant. */
  static double[] spread(TargetRows targets) {
    double[] spread = new double[targets.outputs()];
    for (int i = 0; i < spread.length; i++) {
      double weights = 0;
      double sum = 0;
      boolean constant = true;
      for (int n = 0; n < targets.size(); n++) {
        weights += targets.weight(n);
        sum += targets.weight(n) * targets.target(n, i);
        constant &= targets.target(n, i) == targets.target(0, i);
      }
      for (int n = 0; n < targets.size() && !constant; n++) {
        double difference = targets.target(n, i) - sum / weights;
        spread[i] += targets.weight(n) * difference * difference;
      }
    }
    return spread;
  }

  @Override
  boolean needsOutputs() {
    return true;
  }

  @Override
  void add(int row, double weight, float[] h, int at) {
    if (weight == 0) {
      return; // also where it is not finite
    }
    for (int i = 0; i < squares.length; i++) {
      double error = h[at + i] - targets().target(row, i);
      squares[i] += weight * error * error;
    }
  }

  @Override
  Scores scores(double objective, double logLoss, long datapoints, double weights) {
    List<Scores.Target> each = new ArrayList<>();
    double all = 0;
    double sum = 0;
    int varying = 0;
    for (int i = 0; i < squares.length; i++) {
      double r2 = spread[i] > 0 ? 1 - squares[i] / spread[i] : Double.NaN;
      each.add(new Scores.Target(Math.sqrt(squares[i] / weights), r2));
      all += squares[i];
      if (spread[i] > 0) {
        sum += r2;
        varying++;
      }
    }
    double none = Double.NaN;
    double rmse = Math.sqrt(all / (weights * squares.length));
    return new Scores(objective, datapoints, rmse, sum / varying, none, none, none, each);
  }
}
