package dev.krongauss.train;

import dev.krongauss.data.Dataset;
import dev.krongauss.device.Check;
import dev.krongauss.model.LossFunction;

/** What is known of a data set and a loss before any evaluation: which {@link Tally} to begin. */
final class Scorer {
  private final Family family;
  private final TargetRows targets;
  private final int outputs;
  private final double[] spread;
  private final boolean ranks;

  Scorer(Dataset data, LossFunction loss, int outputs) {
    this.family = Family.of(loss);
    this.targets = TargetRows.of(data, Family.weighted(loss));
    Check.that(
        targets.anyWeight(),
        "data set %s: the weights of all %,d rows are 0, which leaves none to evaluate; give one a"
            + " weight above 0",
        data.name(),
        data.size());
    this.outputs = outputs;
    this.spread = family == Family.SQUARED ? SquaredTally.spread(targets) : new double[0];
    this.ranks = family != Family.SQUARED && family != Family.OWN && targets.binary();
  }

  /** Sums without a row. */
  Tally begin() {
    return switch (family) {
      case SQUARED -> new SquaredTally(targets, spread);
      case BERNOULLI -> new ClassTally(targets, new Readings.Bernoulli(), ranks, outputs);
      case SOFTMAX -> new ClassTally(targets, new Readings.Softmax(), ranks, outputs);
      case MIXTURE -> new ClassTally(targets, new Readings.Mixture(), ranks, outputs);
      case OWN -> new Tally.Objective(targets);
    };
  }
}
