package dev.krongauss.train;

import java.util.Locale;
import java.util.Optional;

/**
 * An evaluation within a {@link Training}.
 *
 * @param update after which it was made
 * @param seconds of training until then, evaluations included
 * @param scores of the weights of that update
 * @param averaged of the averaged weights, where {@link Training.Builder#averagedToo} asks for them
 * @param best whether one of both has the lowest objective so far
 */
public record Held(
    long update, double seconds, Scores scores, Optional<Scores> averaged, boolean best) {

  /** The better of both, by the objective. */
  public Scores better() {
    return averagedIsBetter() ? averaged.orElseThrow() : scores;
  }

  /** Whether the averaged weights have the lower objective. */
  public boolean averagedIsBetter() {
    return averaged.isPresent()
        && (averaged.get().objective() < scores.objective() || Double.isNaN(scores.objective()));
  }

  /** Without a word of whether it was the best. */
  String text() {
    return String.format(
        Locale.ROOT,
        "update %d, %.1f s: %s%s",
        update,
        seconds,
        better(),
        averagedIsBetter() ? " (averaged weights)" : "");
  }

  @Override
  public String toString() {
    return text() + (best ? ", the best so far" : "");
  }
}
