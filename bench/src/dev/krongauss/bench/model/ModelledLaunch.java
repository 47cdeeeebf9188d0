package dev.krongauss.bench.model;

import dev.krongauss.optim.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A launch of an update as {@code bench/results/model.md} has it.
 *
 * @param chain microseconds of its longest chain, which fewer rows or layers do not shorten
 * @param microseconds by its slowest limit
 */
record ModelledLaunch(Phase phase, String kernel, double chain, double microseconds) {
  private static final int CELLS = 15;

  /** By what ranks share a launch out. */
  enum Sharing {
    ROWS,
    LAYERS,
    NOT
  }

  /**
   * The launches of a table of the page.
   *
   * @param title of the table, as {@code h200, kfra}
   * @throws IOException if the page cannot be read, or has no such table
   */
  static List<ModelledLaunch> read(Path page, String title) throws IOException {
    List<ModelledLaunch> launches = new ArrayList<>();
    boolean there = false;
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("#")) {
        there = line.equals("### " + title);
      }
      List<String> cells = List.of(line.split(" *\\| *"));
      if (there && cells.size() == CELLS + 1 && cells.get(3).startsWith("`")) {
        launches.add(
            new ModelledLaunch(
                Phase.valueOf(cells.get(2).toUpperCase(Locale.ROOT)),
                cells.get(3).replace("`", ""),
                Double.parseDouble(cells.get(13)),
                Double.parseDouble(cells.get(14))));
      }
    }
    if (launches.isEmpty()) {
      throw new IOException(page + " has no table '" + title + "'; write it with bench/model");
    }
    return launches;
  }

  Sharing sharing() {
    boolean pass = kernel.startsWith("chain_f32__forward") || kernel.startsWith("loss_");
    return switch (phase) {
      case FORWARD, LOSS, BACKWARD -> Sharing.ROWS;
      case FACTORS -> kernel.startsWith("gram_") || pass ? Sharing.ROWS : Sharing.NOT;
      case REDUCTION -> pass ? Sharing.ROWS : Sharing.NOT;
      case FACTORISE -> kernel.startsWith("cholesky_") ? Sharing.LAYERS : Sharing.NOT;
      case SOLVE -> kernel.startsWith("solve_") ? Sharing.LAYERS : Sharing.NOT;
      default -> Sharing.NOT;
    };
  }

  /** How often in an update. */
  double frequency() {
    return switch (phase) {
      case FACTORS, FACTORISE -> 1.0 / Totals.REFRESH_EVERY;
      case REDUCTION -> 1.0 / Totals.REDUCTION_EVERY;
      default -> 1;
    };
  }

  /** The part of the work that the busiest rank has: the largest first, to who has the least. */
  double largestShare(int[] widths, int ranks) {
    double[] load = new double[ranks];
    double[] costs = costs(widths);
    for (double cost : costs) {
      int least = 0;
      for (int r = 1; r < ranks; r++) {
        least = load[r] < load[least] ? r : least;
      }
      load[least] += cost;
    }
    return Arrays.stream(load).max().orElseThrow() / Arrays.stream(costs).sum();
  }

  /** n³ of each factor, or o² i + o i² of each layer; the largest first. */
  private double[] costs(int[] widths) {
    List<Double> costs = new ArrayList<>();
    for (int l = 1; l < widths.length; l++) {
      double o = l == widths.length - 1 ? 1 : widths[l]; // a diagonal at the top
      double i = widths[l - 1] + 1;
      if (phase == Phase.FACTORISE) {
        costs.addAll(List.of(o * o * o, i * i * i));
      } else {
        costs.add(o * widths[l] * i + widths[l] * i * i);
      }
    }
    costs.sort(Comparator.reverseOrder());
    return costs.stream().mapToDouble(c -> c).toArray();
  }
}
