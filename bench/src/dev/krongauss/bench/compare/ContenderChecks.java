package dev.krongauss.bench.compare;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.OptimizerKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/** The optimisers that {@link CompareOptions} name, and how they are tuned. */
final class ContenderChecks {
  private final CommandLine command;
  private final CompareOptions options;

  ContenderChecks(CommandLine command, CompareOptions options) {
    this.command = command;
    this.options = options;
  }

  /** Reads and checks them. */
  void all() {
    contenders();
    gridOptions();
  }

  private void contenders() {
    Set<Contender> all = new LinkedHashSet<>();
    for (String text : options.optimizers) {
      Contender named = parsed(text);
      if (options.learningRate != null && named.firstOrder() && !text.contains("rate=")) {
        named = named.withRate(options.learningRate, named.halveEvery());
      }
      for (Contender each : averaged(named)) {
        require(all.add(each), "--optimizers names %s twice; name each setting once", each.label());
      }
    }
    options.contenders = List.copyOf(all);
    require(
        options.learningRate == null || anyFirstOrder(),
        "--learning-rate %s has no effect on %s; leave it out, or add adam, muon, sgd, momentum"
            + " or nesterov to --optimizers",
        options.learningRate,
        options.optimizers);
  }

  private List<Contender> averaged(Contender named) {
    if (named.firstOrder() || options.averages == Averages.ON) {
      return List.of(named);
    }
    List<Contender> both = new ArrayList<>();
    if (options.averages == Averages.BOTH) {
      both.add(named.withAverage(true));
    }
    both.add(named.withAverage(false));
    return both;
  }

  private Contender parsed(String text) {
    return Contender.parse(command, text);
  }

  private void gridOptions() {
    GridOptions grid = options.grid;
    require(
        !grid.on || options.contenders.stream().allMatch(ContenderChecks::hasGrid),
        "--grid tunes muon with scale=spectral only; leave scale=rms out, or run it without --grid"
            + " at several rates");
    require(
        !grid.on || anyFirstOrder(),
        "--grid tunes first-order methods, but %s has none; leave it out, or add adam",
        options.optimizers);
    for (String option : Arrays.asList("--grid-updates", "--grid-scale", "--grid-best")) {
      require(grid.on || !given(option), "%s has no effect without --grid", option);
    }
    require(
        !grid.on || grid.updates >= Curve.WINDOW,
        "--grid-updates %s: settings are ranked by the mean of the last %s; give at least so many",
        grid.updates,
        Curve.WINDOW);
    int settings = Grid.settings(OptimizerKind.ADAM).size();
    require(
        grid.best >= 1 && grid.best <= settings,
        "--grid-best %s: the grid has %s settings; give 1 to %s",
        grid.best,
        settings,
        settings);
  }

  private static boolean hasGrid(Contender contender) {
    return contender.scale() == Contender.of(contender.kind()).scale();
  }

  private boolean anyFirstOrder() {
    return options.contenders.stream().anyMatch(Contender::firstOrder);
  }

  private boolean given(String option) {
    return command.getParseResult().hasMatchedOption(option);
  }

  private void require(boolean ok, String format, Object... values) {
    Commands.require(command, ok, format, values);
  }
}
