package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.bench.run.GridResult;
import dev.krongauss.bench.run.GridSetting;
import dev.krongauss.bench.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Tries the settings of the {@link Grid} for every first-order method of a comparison. */
final class GridSearch {
  private final Runner runner;
  private final NetworkShape shape;
  private final CompareOptions options;

  /**
   * @param shape of the grid's networks
   */
  GridSearch(Runner runner, NetworkShape shape, CompareOptions options) {
    this.runner = runner;
    this.shape = shape;
    this.options = options;
  }

  /**
   * Runs what has not been tried yet, writing the table after each setting.
   *
   * @param tried results of before the run was stopped
   * @return all results
   */
  List<GridResult> run(RunFolder folder, List<GridResult> tried) throws IOException {
    List<GridResult> results = new ArrayList<>(tried);
    List<OptimizerKind> kinds =
        options.contenders.stream()
            .map(Contender::kind)
            .filter(OptimizerKind::firstOrder)
            .distinct()
            .toList();
    for (OptimizerKind kind : kinds) {
      List<GridSetting> settings = new ArrayList<>(Grid.settings(kind));
      settings.removeIf(among(tried));
      tune(kind, settings, folder, results);
    }
    return results;
  }

  private void tune(
      OptimizerKind kind, List<GridSetting> settings, RunFolder folder, List<GridResult> results)
      throws IOException {
    try (Progress progress = new Progress("grid of " + kind)) {
      double seconds = 0;
      for (int i = 0; i < settings.size(); i++) {
        GridSetting setting = settings.get(i);
        Contender contender = setting.contender(options.grid.updates);
        progress.show(i, settings.size(), seconds, contender.label());
        Curve curve =
            runner.run(
                shape,
                contender,
                options.seed,
                TrainingLoop.ofUpdates(options.grid.updates),
                c -> {});
        seconds += curve.seconds();
        results.add(
            new GridResult(
                setting,
                curve.updates(),
                curve.failure() == null ? curve.finalObjective() : Double.NaN,
                curve.failure()));
        folder.writeGrid(results);
      }
    }
  }

  private static Predicate<GridSetting> among(List<GridResult> tried) {
    return setting -> tried.stream().anyMatch(result -> result.setting().equals(setting));
  }
}
