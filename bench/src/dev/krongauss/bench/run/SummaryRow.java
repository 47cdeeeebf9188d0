package dev.krongauss.bench.run;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.bench.page.Curve;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

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
 * @param evaluated mean loss of the last weights on the fixed rows; NaN if not computed
 * @param averaged that of their average; NaN if there is none
 */
public record SummaryRow(
    String optimizer,
    long seed,
    long updates,
    double seconds,
    double millisecondsPerUpdate,
    double objective,
    double best,
    String failure,
    double evaluated,
    double averaged) {
  private static final String EVALUATED = "evaluated";
  private static final String AVERAGED = "averaged";

  /** What every version has written, and reading needs. */
  static final List<String> NEEDED =
      List.of(
          "optimizer",
          "seed",
          "updates",
          "seconds",
          "ms_per_update",
          "objective",
          "best",
          "failure");

  static final List<String> COLUMNS =
      Stream.concat(NEEDED.stream(), Stream.of(EVALUATED, AVERAGED)).toList();

  static SummaryRow of(Curve curve) {
    return new SummaryRow(
        curve.label(),
        curve.seed(),
        curve.updates(),
        curve.seconds(),
        curve.millisecondsPerUpdate(),
        curve.finalObjective(),
        curve.bestObjective(),
        curve.failure(),
        curve.evaluated(),
        curve.averaged());
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
        failure.isEmpty() ? null : failure,
        number(row, EVALUATED),
        number(row, AVERAGED));
  }

  private static double number(NamedCsvRecord row, String column) {
    return row.findField(column).map(Double::parseDouble).orElse(Double.NaN);
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
        failure == null ? "" : failure,
        Double.toString(evaluated),
        Double.toString(averaged));
  }
}
