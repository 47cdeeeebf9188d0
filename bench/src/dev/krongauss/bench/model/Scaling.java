package dev.krongauss.bench.model;

import dev.krongauss.bench.Commands;
import dev.krongauss.bench.ranks.Volumes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A model of updates on several GPUs, in Markdown: the kernels of {@code bench/results/model.md},
 * what of them ranks share out, and the bytes that they exchange. Nothing is measured.
 *
 * <p>{@code bench/scaling}
 */
public final class Scaling {
  static final String LABEL =
      "A model, from counted kernels, counted bytes and stated bandwidths; nothing is measured.";

  /** The autoencoder of {@code model.md}. */
  static final int[] WIDTHS = {784, 1000, 500, 250, 30, 250, 500, 1000, 784};

  private static final int MOST_RANKS = 64;

  /** Between two launches, as {@code model.md} assumes. */
  private static final double GAP_MICROSECONDS = 1.3;

  /**
   * How ranks reach each other.
   *
   * @param gigabytes a second, one way, for each GPU
   * @param latency microseconds of a message; an assumption
   */
  enum Link {
    /** Fourth generation: 900 GB/s both ways together (NVIDIA H100 and H200 data sheets). */
    NVLINK("NVLink 4", 450, 5),
    /** One port of 400 Gb/s for each GPU (NVIDIA ConnectX-7 data sheet). */
    NETWORK("400 Gb/s", 50, 10);

    private final String title;
    private final double gigabytes;
    private final double latency;

    Link(String title, double gigabytes, double latency) {
      this.title = title;
      this.gigabytes = gigabytes;
      this.latency = latency;
    }

    /** Microseconds of a sum over ranks: the halves there, the halves back. */
    double sum(double bytes, int p) {
      int levels = Integer.numberOfTrailingZeros(p);
      return 2 * bytes * (p - 1) / p / gigabytes / 1e3 + 2 * levels * latency;
    }

    /** Microseconds until all ranks have what each of them sends a part of. */
    double spread(double bytes, int p) {
      return p == 1 ? 0 : bytes * (p - 1) / p / gigabytes / 1e3 + p * latency;
    }
  }

  private final List<ModelledLaunch> launches;
  private final Volumes volumes = Volumes.of(WIDTHS, true);

  Scaling(List<ModelledLaunch> launches) {
    this.launches = launches;
  }

  /** The command. */
  public static void main(String[] arguments) throws IOException {
    Path page = Commands.home().resolve("bench/results/model.md");
    System.out.printf("%s%n", LABEL);
    for (String gpu : List.of("h200", "h100")) {
      Scaling scaling = new Scaling(ModelledLaunch.read(page, gpu + ", kfra"));
      for (Rows rows : Rows.values()) {
        System.out.printf("%n### %s, %s%n%n%s", gpu, rows.title, scaling.table(rows));
      }
    }
  }

  /** How many rows of a batch a rank has. */
  enum Rows {
    /** 1000 in all, as in {@code model.md}. */
    IN_ALL("1000 rows in all", false, 1),
    /** So many each. */
    OF_A_RANK("1000 rows a rank", true, 1),
    /** A large batch. */
    MANY("8000 rows a rank", true, 8);

    private final String title;
    private final boolean each;
    private final double times;

    Rows(String title, boolean each, double times) {
      this.title = title;
      this.each = each;
      this.times = times;
    }

    /** Thousands of rows of one of p ranks. */
    private double of(int p) {
      return each ? times : times / p;
    }
  }

  /** A line for each number of ranks; the speed-up is in rows a second. */
  String table(Rows rows) {
    StringBuilder text = new StringBuilder();
    text.append("| ranks | kernels ms | of it shared out | bytes sent");
    for (Link link : Link.values()) {
      text.append(" | ").append(link.title).append(" ms | speed-up");
    }
    text.append(" |\n|---|---|---|---|---|---|---|---|\n");
    double alone = kernels(1, rows, true) + kernels(1, rows, false);
    for (int p = 1; p <= MOST_RANKS; p *= 2) {
      double kernels = kernels(p, rows, true) + kernels(p, rows, false);
      double bytes = mean(volumes.leastBytes(p, false), volumes.leastBytes(p, true));
      text.append("| ").append(p);
      text.append(format(" | %.3f", kernels / 1e3));
      text.append(format(" | %.3f", kernels(p, rows, true) / 1e3));
      text.append(format(" | %.2f MB", bytes / 1e6));
      for (Link link : Link.values()) {
        double time = kernels + exchanges(link, p);
        text.append(format(" | %.3f", time / 1e3));
        text.append(format(" | %.2f", rows.of(p) * p / rows.of(1) * alone / time));
      }
      text.append(" |\n");
    }
    return text.toString();
  }

  /** Microseconds of a mean update's launches that are shared out, or that are not. */
  private double kernels(int p, Rows rows, boolean shared) {
    double sum = 0;
    for (ModelledLaunch launch : launches) {
      if (shared == (launch.sharing() != ModelledLaunch.Sharing.NOT)) {
        double share =
            switch (launch.sharing()) {
              case ROWS -> rows.of(p);
              case LAYERS -> launch.largestShare(WIDTHS, p);
              case NOT -> 1;
            };
        double time = Math.max(launch.chain(), launch.microseconds() * share) + GAP_MICROSECONDS;
        sum += time * launch.frequency();
      }
    }
    return sum;
  }

  /** Microseconds of a mean update's exchanges, none of them hidden. */
  private double exchanges(Link link, int p) {
    if (p == 1) {
      return 0;
    }
    double plain =
        link.sum(Float.BYTES * (double) volumes.gradient(), p)
            + link.sum(Float.BYTES * (double) volumes.curvature(), p)
            + link.spread(Float.BYTES * (double) volumes.gradient(), p);
    double refresh =
        link.sum(Float.BYTES * (double) volumes.factors(), p)
            + link.spread(Float.BYTES * (double) volumes.inverses(), p);
    return mean(plain, plain + refresh);
  }

  /** Of updates of which every fifth refreshes. */
  private static double mean(double plain, double refreshing) {
    return plain + (refreshing - plain) / Totals.REFRESH_EVERY;
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }
}
