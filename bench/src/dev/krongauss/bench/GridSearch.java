package dev.krongauss.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Tries the settings of the {@link Grid} for every first-order method of a comparison. */
final class GridSearch {
  private final Runner runner;
  private final PaperNetwork shape;
  private final CompareOptions options;

  /**
   * @param shape of the grid's networks
   */
  GridSearch(Runner runner, PaperNetwork shape, CompareOptions options) {
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
  List<Grid.Result> run(RunFolder folder, List<Grid.Result> tried) throws IOException {
    List<Grid.Result> results = new ArrayList<>(tried);
    List<OptimizerKind> kinds =
        options.contenders.stream()
            .map(Contender::kind)
            .filter(OptimizerKind::firstOrder)
            .distinct()
            .toList();
    for (OptimizerKind kind : kinds) {
      List<Grid.Setting> settings = new ArrayList<>(Grid.settings(kind));
      settings.removeIf(among(tried));
      tune(kind, settings, folder, results);
    }
    return results;
  }

  private void tune(
      OptimizerKind kind, List<Grid.Setting> settings, RunFolder folder, List<Grid.Result> results)
      throws IOException {
    try (Progress progress = new Progress("grid of " + kind)) {
      double seconds = 0;
      for (int i = 0; i < settings.size(); i++) {
        Grid.Setting setting = settings.get(i);
        Contender contender = setting.contender(options.grid.updates);
        progress.show(i, settings.size(), seconds, contender.label());
        Curve curve =
            runner.run(
                shape,
                contender,
                options.seed,
                new Training(options.grid.updates, Double.POSITIVE_INFINITY),
                c -> {});
        seconds += curve.seconds();
        results.add(
            new Grid.Result(
                setting,
                curve.updates(),
                curve.failure() == null ? curve.finalObjective() : Double.NaN,
                curve.failure()));
        folder.writeGrid(results);
      }
    }
  }

  private static Predicate<Grid.Setting> among(List<Grid.Result> tried) {
    return setting -> tried.stream().anyMatch(result -> result.setting().equals(setting));
  }
}
