package dev.krongauss.bench.ranks;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import java.util.Arrays;
import java.util.Locale;

/**
 * What it costs to cut batches into chunks: KFRA on the full autoencoder of CURVES, whole batches
 * and batches in chunks in turns, as processor time of an update. A plain update and one that
 * refreshes are told apart.
 *
 * <p>{@code KRONGAUSS_BLAS_THREADS=1 bench/run dev.krongauss.bench.ranks.ChunkCost [TURNS [ROWS
 * [CHUNKS]]]}: with one thread, as a rank has, so that passes take all rows at once.
 */
public final class ChunkCost {
  private ChunkCost() {}

  public static void main(String[] arguments) {
    int turns = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int N = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1000;
    int chunks = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 8;
    Dataset data = Curves.generate(Math.max(2000, N), 1);
    try (Device device = Device.open();
        Batches batches = Batches.of(device, data, N, 1);
        TimedTraining whole = new TimedTraining(device, batches, 1, null);
        TimedTraining cut = new TimedTraining(device, batches, chunks, null)) {
      whole.turn();
      cut.turn(); // captures
      double[][] ratios = new double[3][turns];
      for (int k = 0; k < turns; k++) {
        double[] a = whole.turn();
        double[] b = cut.turn();
        for (int i = 0; i < 3; i++) {
          ratios[i][k] = b[i] / a[i];
        }
        System.out.printf(
            Locale.ROOT,
            "turn %d: whole %.0f ms plain, %.0f ms refreshing; in %d chunks %.0f and %.0f%n",
            k + 1,
            a[0],
            a[1],
            chunks,
            b[0],
            b[1]);
      }
      System.out.printf(
          Locale.ROOT,
          "processor time in %d chunks / whole, median of %d turns: plain %.3f, refreshing %.3f, an"
              + " update of the mean %.3f%n",
          chunks,
          turns,
          median(ratios[0]),
          median(ratios[1]),
          median(ratios[2]));
    }
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
