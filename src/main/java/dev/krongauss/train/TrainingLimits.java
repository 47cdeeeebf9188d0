package dev.krongauss.train;

import dev.krongauss.device.Check;
import java.util.Optional;

/**
 * When a training ends.
 *
 * @param updates 0 for any number
 * @param epochs 0 for any number
 * @param seconds infinite for any time
 * @param patience evaluations in a row without a better one; 0 for any number
 */
record TrainingLimits(long updates, long epochs, double seconds, int patience) {
  static final TrainingLimits NONE = new TrainingLimits(0, 0, Double.POSITIVE_INFINITY, 0);

  TrainingLimits withUpdates(long count) {
    Check.that(count >= 1, "a training of %,d updates; at least 1 is needed", count);
    return new TrainingLimits(count, epochs, seconds, patience);
  }

  TrainingLimits withEpochs(long count) {
    Check.that(count >= 1, "a training of %,d epochs; at least 1 is needed", count);
    return new TrainingLimits(updates, count, seconds, patience);
  }

  TrainingLimits withSeconds(double time) {
    Check.that(
        time > 0 && Double.isFinite(time),
        "a training of %s seconds; the time must be positive and finite",
        time);
    return new TrainingLimits(updates, epochs, time, patience);
  }

  TrainingLimits withPatience(int evaluations) {
    Check.that(
        evaluations >= 1,
        "a patience of %,d evaluations; at least 1 is needed, or leave it out",
        evaluations);
    return new TrainingLimits(updates, epochs, seconds, evaluations);
  }

  /** Whether a training ends at all. */
  boolean any() {
    return !equals(NONE);
  }

  /** The first limit, in the order of the endings, that is reached. */
  Optional<Training.Ending> reached(
      long made, int batchesPerEpoch, double time, int withoutABetterOne) {
    if (updates > 0 && made >= updates) {
      return Optional.of(Training.Ending.UPDATES);
    }
    if (epochs > 0 && made / batchesPerEpoch >= epochs) {
      return Optional.of(Training.Ending.EPOCHS);
    }
    if (time >= seconds) {
      return Optional.of(Training.Ending.SECONDS);
    }
    return patience > 0 && withoutABetterOne >= patience
        ? Optional.of(Training.Ending.PATIENCE)
        : Optional.empty();
  }
}
