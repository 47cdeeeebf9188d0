package dev.krongauss.train;

/** Sums over the rows of a data set, in double, from which {@link Scores} come. */
abstract class Tally {
  private final TargetRows targets;
  private double losses;
  private double weights;
  private long datapoints;

  Tally(TargetRows targets) {
    this.targets = targets;
  }

  /** Whether {@link #add} reads the outputs; they need not be fetched otherwise. */
  abstract boolean needsOutputs();

  /** One row: its outputs are at {@code [at, at + outputs)} of {@code h}. */
  abstract void add(int row, double weight, float[] h, int at);

  /** What comes of the sums. */
  abstract Scores scores(double objective, double logLoss, long datapoints, double weights);

  /**
   * Adds rows.
   *
   * @param first number of the first one in the data set
   * @param h outputs, {@code [rows][outputs]}; empty if they are not needed
   * @param E losses of the rows, weights included
   */
  final void add(int first, float[] h, float[] E) {
    int outputs = h.length / E.length;
    for (int n = 0; n < E.length; n++) {
      double weight = targets.weight(first + n);
      losses += E[n];
      weights += weight;
      datapoints++;
      add(first + n, weight, h, n * outputs);
    }
  }

  /** The scores of all rows added. */
  final Scores scores() {
    return scores(losses / datapoints, losses / weights, datapoints, weights);
  }

  final TargetRows targets() {
    return targets;
  }

  /** The objective alone: for losses that nothing more is known of. */
  static final class Objective extends Tally {
    Objective(TargetRows targets) {
      super(targets);
    }

    @Override
    boolean needsOutputs() {
      return false;
    }

    @Override
    void add(int row, double weight, float[] h, int at) {}

    @Override
    Scores scores(double objective, double logLoss, long datapoints, double weights) {
      return Scores.of(objective, datapoints);
    }
  }
}
