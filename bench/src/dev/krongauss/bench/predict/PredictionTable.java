package dev.krongauss.bench.predict;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.krongauss.net.Response;
import dev.krongauss.table.Task;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Predictions as CSV: a header, and a line a row. */
final class PredictionTable {
  /** Standard deviations to both sides that hold 95 % of a normal distribution. */
  private static final double QUANTILE = 1.959963984540054;

  /** As many as a float tells apart. */
  private static final MathContext DIGITS = new MathContext(9);

  private final TableModel model;
  private final Response response;
  private final CsvWriter csv;

  /**
   * Writes the header.
   *
   * @param out stays the caller's
   */
  PredictionTable(TableModel model, OutputStream out) {
    this.model = model;
    this.response = model.file().response();
    this.csv =
        CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(out, StandardCharsets.UTF_8);
    csv.writeRecord(header());
  }

  private List<String> header() {
    List<String> names = new ArrayList<>();
    if (model.task() != Task.REGRESSION) {
      names.add("prediction");
      model.target(0).valueNames().forEach(name -> names.add("probability " + name));
      return names;
    }
    int targets = model.plan().targets().size();
    for (int k = 0; k < targets; k++) {
      String of = targets == 1 ? "" : " " + model.target(k).name();
      names.add("prediction" + of);
      if (hasInterval()) {
        names.add("low" + of);
        names.add("high" + of);
      }
    }
    return names;
  }

  /**
   * Writes rows.
   *
   * @param outputs of the network {@code [n][outputs]}, left as they are
   */
  void write(float[] outputs, int n) {
    int width = model.plan().outputs();
    float[] responses = response.of(outputs, n, width);
    for (int row = 0; row < n; row++) {
      csv.writeRecord(
          switch (model.task()) {
            case REGRESSION -> values(responses, row * width);
            case BINARY -> binary(outputs[row]);
            case CLASSES -> classes(responses, row * width, width);
          });
    }
  }

  /** Hands on what is still held back. */
  void flush() throws IOException {
    csv.flush();
  }

  /** What the interval is, where there is one. */
  Optional<String> note() {
    if (!hasInterval()) {
      return model.task() == Task.REGRESSION
          ? Optional.of(
              model.residuals().isEmpty()
                  ? "no interval: the model keeps no residual, as no row was held out"
                  : "no interval: the model's residuals are no finite numbers; train it anew")
          : Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "low and high are the prediction -+ %.2f times the root mean square of the residuals of"
                + " rows held out (%s); 95 %% of the rows lie between if errors are normal and alike"
                + " everywhere",
            QUANTILE,
            model.residuals().stream()
                .map(PredictionTable::number)
                .collect(Collectors.joining(", "))));
  }

  private boolean hasInterval() {
    return !model.residuals().isEmpty() && model.residuals().stream().allMatch(Double::isFinite);
  }

  private List<String> values(float[] outputs, int first) {
    List<String> cells = new ArrayList<>();
    for (int k = 0; k < model.plan().targets().size(); k++) {
      double value = model.value(outputs[first + k], k);
      cells.add(number(value));
      if (hasInterval()) {
        double half = QUANTILE * model.residuals().get(k);
        cells.add(number(value - half));
        cells.add(number(value + half));
      }
    }
    return cells;
  }

  /** Of both classes with their own digits: 1 − p would have lost those of a sure one. */
  private List<String> binary(float logit) {
    float[] both = response.of(new float[] {-logit, logit}, 2, 1);
    List<String> classes = model.target(0).categories();
    return List.of(classes.get(logit > 0 ? 1 : 0), number(both[0]), number(both[1]));
  }

  private List<String> classes(float[] probabilities, int first, int width) {
    List<String> cells = new ArrayList<>();
    int best = 0;
    for (int k = 0; k < width; k++) {
      cells.add(number(probabilities[first + k]));
      best = probabilities[first + k] > probabilities[first + best] ? k : best;
    }
    cells.add(0, model.target(0).categories().get(best));
    return cells;
  }

  private static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toString();
  }
}
