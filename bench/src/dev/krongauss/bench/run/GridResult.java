package dev.krongauss.bench.run;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.krongauss.bench.problem.Contender;
import java.util.List;

/**
 * What a setting of the grid came to.
 *
 * @param updates made
 * @param objective mean of the last ten; NaN if it diverged
 * @param failure why it could not go on; null if it came to its end
 */
public record GridResult(GridSetting setting, long updates, double objective, String failure) {
  static final List<String> COLUMNS =
      List.of("optimizer", "learning_rate", "halve_percent", "updates", "objective", "failure");

  List<String> record() {
    return List.of(
        setting.kind().toString(),
        Contender.number(setting.rate()),
        Double.toString(setting.halvePercent()),
        Long.toString(updates),
        Double.toString(objective),
        failure == null ? "" : failure);
  }

  static GridResult of(NamedCsvRecord row) {
    String text = row.getField("optimizer") + ":rate=" + row.getField("learning_rate");
    Contender contender = Contender.parse(text);
    double halvePercent = Double.parseDouble(row.getField("halve_percent"));
    String failure = row.getField("failure");
    return new GridResult(
        new GridSetting(contender.kind(), contender.rate(), halvePercent),
        Long.parseLong(row.getField("updates")),
        Double.parseDouble(row.getField("objective")),
        failure.isEmpty() ? null : failure);
  }
}
