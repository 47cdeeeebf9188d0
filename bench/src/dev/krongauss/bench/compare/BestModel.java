package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.net.ModelFile;
import dev.krongauss.net.Network;
import dev.krongauss.table.Column;
import dev.krongauss.table.ColumnPlan;
import dev.krongauss.table.Tabular;
import dev.krongauss.table.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The model that a run leaves: weights, and what a prediction from a later file needs. */
final class BestModel {
  private final Setup setup;
  private final Network network;
  private final Curve curve;

  BestModel(Setup setup, Network network, Curve curve) {
    this.setup = setup;
    this.network = network;
    this.curve = curve;
  }

  /**
   * Writes the best weights, or the last ones where none were judged; nothing, and says so, where
   * they are no numbers.
   *
   * @throws IOException if the file cannot be written
   */
  void write(Optional<Judge> judge, Path file) throws IOException {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("optimizer", curve.label());
    about.put("seed", Long.toString(curve.seed()));
    about.put("data", setup.rows().training().name());
    Optional<HeldOut> best = curve.bestHeldOut();
    about.put("update", Long.toString(best.map(HeldOut::update).orElse(curve.updates())));
    setup
        .rows()
        .table()
        .map(Tabular::plan)
        .ifPresent(p -> about.put(ModelFile.COLUMNS, p.toJson()));
    if (best.isPresent() && judge.isPresent()) {
      judge.get().takeBest();
      residual(judge.get()).ifPresent(each -> about.put(ModelFile.RESIDUAL, each));
    }
    if (finite()) {
      ModelFile.save(file, network, setup.rows().loss(), about);
    } else {
      System.err.printf(
          "bench/compare: %s, seed %d, leaves no model: its weights are not finite%n",
          curve.label(), curve.seed());
    }
  }

  /** Root mean squared errors of the targets, in their units. */
  private Optional<String> residual(Judge judge) {
    Optional<ColumnPlan> plan = setup.rows().table().map(Tabular::plan);
    if (plan.isEmpty() || plan.get().task() != Task.REGRESSION) {
      return Optional.empty();
    }
    List<Column> targets = plan.get().targets();
    double[] deviations = targets.stream().mapToDouble(Column::deviation).toArray();
    return Optional.of(
        judge.scores().in(deviations).targets().stream()
            .map(target -> Double.toString(target.rmse()))
            .collect(Collectors.joining(",")));
  }

  private boolean finite() {
    return Arrays.stream(network.weights()).allMatch(BestModel::finite);
  }

  private static boolean finite(float[] weights) {
    for (float each : weights) {
      if (!Float.isFinite(each)) {
        return false;
      }
    }
    return true;
  }
}
