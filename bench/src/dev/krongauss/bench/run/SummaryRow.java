package dev.krongauss.bench.run;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.bench.page.Curve;
import java.util.List;
import java.util.Locale;

/**
 * How one run ended: a row of {@code summary.csv}, what the table at the end says, for programs.
 *
 * @param optimizer its label
 * @param seed of weights and batches
 * @param updates made
 * @param seconds of training
 * @param millisecondsPerUpdate NaN without an update
 * @param objective the last mean of ten; NaN without an update, or if it diverged
 * @param best the lowest mean of ten whole updates; NaN with fewer
 * @param failure why it could not go on; null if it came to its end
 */
public record SummaryRow(
    String optimizer,
    long seed,
    long updates,
    double seconds,
    double millisecondsPerUpdate,
    double objective,
    double best,
    String failure) {
  static final List<String> COLUMNS =
      List.of(
          "optimizer",
          "seed",
          "updates",
          "seconds",
          "ms_per_update",
          "objective",
          "best",
          "failure");

  static SummaryRow of(Curve curve) {
    return new SummaryRow(
        curve.label(),
        curve.seed(),
        curve.updates(),
        curve.seconds(),
        curve.millisecondsPerUpdate(),
        curve.finalObjective(),
        curve.bestObjective(),
        curve.failure());
  }

  static SummaryRow of(NamedCsvRecord row) {
    String failure = row.getField("failure");
    return new SummaryRow(
        row.getField("optimizer"),
        Long.parseLong(row.getField("seed")),
        Long.parseLong(row.getField("updates")),
        Double.parseDouble(row.getField("seconds")),
        Double.parseDouble(row.getField("ms_per_update")),
        Double.parseDouble(row.getField("objective")),
        Double.parseDouble(row.getField("best")),
        failure.isEmpty() ? null : failure);
  }

  List<String> record() {
    return List.of(
        optimizer,
        Long.toString(seed),
        Long.toString(updates),
        String.format(Locale.ROOT, "%.6f", seconds),
        String.format(Locale.ROOT, "%.3f", millisecondsPerUpdate),
        Double.toString(objective),
        Double.toString(best),
        failure == null ? "" : failure);
  }
}
