package dev.krongauss.bench.run;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import java.util.List;
import java.util.Locale;

/** A row of {@code evaluation.csv}: empty fields where the loss has no such value. */
final class EvaluationRow {
  private static final String WEIGHTS = "weights";
  private static final String LAST = "last";
  private static final String AVERAGE = "average";

  static final List<String> COLUMNS =
      List.of(
          "optimizer",
          "seed",
          "update",
          "seconds",
          "objective",
          "rmse",
          "r2",
          "log_loss",
          "accuracy",
          "auc",
          WEIGHTS);

  private EvaluationRow() {}

  static List<String> record(Curve curve, HeldOut judged) {
    return List.of(
        curve.label(),
        Long.toString(curve.seed()),
        Long.toString(judged.update()),
        String.format(Locale.ROOT, "%.6f", judged.seconds()),
        text(judged.objective()),
        text(judged.rmse()),
        text(judged.r2()),
        text(judged.logLoss()),
        text(judged.accuracy()),
        text(judged.auc()),
        judged.averaged() ? AVERAGE : LAST);
  }

  static HeldOut of(NamedCsvRecord row) {
    return new HeldOut(
        Long.parseLong(row.getField("update")),
        Double.parseDouble(row.getField("seconds")),
        row.getField(WEIGHTS).equals(AVERAGE),
        number(row, "objective"),
        number(row, "rmse"),
        number(row, "r2"),
        number(row, "log_loss"),
        number(row, "accuracy"),
        number(row, "auc"));
  }

  private static String text(double value) {
    return Double.isNaN(value) ? "" : Double.toString(value);
  }

  private static double number(NamedCsvRecord row, String column) {
    String text = row.getField(column);
    return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
  }
}
