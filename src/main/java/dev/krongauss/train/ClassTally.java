package dev.krongauss.train;

import java.util.List;

/**
 * Right answers, and scores by which rows are ranked: of each output of its own (Bernoulli), of the
 * probability of a mixture, or of each class against all others (softmax).
 */
final class ClassTally extends Tally {
  /** How outputs become answers and ranks. */
  interface Reading {
    /** Rankings: outputs, classes, or 1. */
    int rankings(int outputs);

    /**
     * Reads the outputs of a row.
     *
     * @param h outputs, the row's from {@code at} on
     * @param logOdds gets those of each ranking
     * @return the share of the row's answers that are right
     */
    double read(TargetRows targets, int row, float[] h, int at, double[] logOdds);
  }

  private final Reading reading;
  private final boolean ranks;
  private final double[] logOdds;
  private final double[][] scores;
  private double right;

  /**
   * @param ranks whether targets are 0 or 1, without which there is no area
   */
  ClassTally(TargetRows targets, Reading reading, boolean ranks, int outputs) {
    super(targets);
    this.reading = reading;
    this.ranks = ranks;
    this.logOdds = new double[reading.rankings(outputs)];
    this.scores = new double[ranks ? logOdds.length : 0][targets.size()];
  }

  @Override
  boolean needsOutputs() {
    return true;
  }

  @Override
  void add(int row, double weight, float[] h, int at) {
    if (weight == 0) {
      return; // also where its outputs are no numbers
    }
    right += weight * reading.read(targets(), row, h, at, logOdds);
    for (int k = 0; k < scores.length; k++) {
      scores[k][row] = logOdds[k];
    }
  }

  @Override
  Scores scores(double objective, double logLoss, long datapoints, double weights) {
    double none = Double.NaN;
    double accuracy = right / weights;
    return new Scores(
        objective, datapoints, none, none, logLoss, accuracy, ranks ? area() : none, List.of());
  }

  /** The mean over the rankings that have both kinds of targets. */
  private double area() {
    double[] weights = targets().weights();
    boolean[] positive = new boolean[weights.length];
    double sum = 0;
    int both = 0;
    for (int k = 0; k < scores.length; k++) {
      double positives = 0;
      double negatives = 0;
      for (int n = 0; n < positive.length; n++) {
        positive[n] = targets().target(n, k) == 1;
        positives += positive[n] ? weights[n] : 0;
        negatives += positive[n] ? 0 : weights[n];
      }
      if (positives > 0 && negatives > 0) {
        sum += RocArea.of(scores[k], positive, weights);
        both++;
      }
    }
    return sum / both;
  }
}
