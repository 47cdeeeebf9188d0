package dev.krongauss.bench.peers;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An evaluation of a peer on held-out rows, a row of its CSV; NaN for what its loss does not have.
 *
 * @param optimizer its name
 * @param seed of the problem
 * @param update after which it was made
 * @param seconds of training until then, evaluations not counted
 * @param objective mean loss of a held-out row
 * @param rmse over all targets
 * @param r2 mean of the targets that are not constant
 * @param logLoss mean loss of a row, its outputs summed
 * @param accuracy share that is right
 * @param auc area under the ROC curve, the mean over outputs or classes
 */
public record PeerEvaluation(
    String optimizer,
    long seed,
    long update,
    double seconds,
    double objective,
    double rmse,
    double r2,
    double logLoss,
    double accuracy,
    double auc) {
  /** Reads a row. */
  public static PeerEvaluation of(NamedCsvRecord record) {
    return new PeerEvaluation(
        record.getField("optimizer"),
        Long.parseLong(record.getField("seed")),
        Long.parseLong(record.getField("update")),
        number(record, "seconds"),
        number(record, "objective"),
        number(record, "rmse"),
        number(record, "r2"),
        number(record, "log_loss"),
        number(record, "accuracy"),
        number(record, "auc"));
  }

  private static double number(NamedCsvRecord record, String column) {
    String text = record.getField(column);
    return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
  }

  /**
   * All rows of a file; none if it is not there. What follows the last line's end was being written
   * when the process was stopped, and is left out.
   */
  static List<PeerEvaluation> read(Path file) throws IOException {
    List<PeerEvaluation> rows = new ArrayList<>();
    if (Files.exists(file)) {
      String text = Files.readString(file);
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(whole)) {
        reader.forEach(record -> rows.add(of(record)));
      }
    }
    return rows;
  }
}
