package dev.krongauss.bench.ranks;

import com.sun.management.OperatingSystemMXBean;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Curves;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/**
 * What it costs to cut batches into chunks: KFRA on the full autoencoder of CURVES, whole batches
 * and batches in chunks in turns, as processor time of an update. A plain update and one that
 * refreshes are told apart.
 *
 * <p>{@code bench/run dev.krongauss.bench.ranks.ChunkCost [TURNS [ROWS [CHUNKS]]]}
 */
public final class ChunkCost {
  private static final int[] WIDTHS = {784, 400, 200, 100, 50, 25, 6, 25, 50, 100, 200, 400, 784};
  private static final int REFRESH_EVERY = 5;

  private ChunkCost() {}

  public static void main(String[] arguments) {
    int turns = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int N = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1000;
    int chunks = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 8;
    Dataset data = Curves.generate(Math.max(2000, N), 1);
    try (Device device = Device.open();
        Batches batches = Batches.of(device, data, N, 1);
        Side whole = new Side(device, batches, 1);
        Side cut = new Side(device, batches, chunks)) {
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

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** One of the two, with a network of its own. */
  private static final class Side implements AutoCloseable {
    private final Device device;
    private final Batches batches;
    private final Network network;
    private final Optimizer kfra;

    Side(Device device, Batches batches, int chunks) {
      this.device = device;
      this.batches = batches;
      Network.Builder builder = Network.input(WIDTHS[0]);
      for (int l = 1; l < WIDTHS.length; l++) {
        boolean last = l == WIDTHS.length - 1;
        builder.dense(WIDTHS[l], last ? Activation.IDENTITY : Activation.TANH);
      }
      network = builder.build(device, 1);
      kfra =
          GaussNewton.kfra()
              .refreshEvery(REFRESH_EVERY)
              .adaptLambda(false)
              .chunks(chunks)
              .build(network, Loss.bernoulli());
    }

    /** Milliseconds of a plain update, of one that refreshes, and of the mean of a period. */
    double[] turn() {
      double refreshing = 0;
      double plain = 0;
      for (int k = 0; k < REFRESH_EVERY; k++) {
        var batch = batches.next();
        device.synchronize();
        long begin = processorTime();
        kfra.step(batch);
        device.synchronize();
        double milliseconds = (processorTime() - begin) / 1e6;
        if (k == 0) {
          refreshing = milliseconds;
        } else {
          plain += milliseconds / (REFRESH_EVERY - 1);
        }
      }
      double mean = (refreshing + (REFRESH_EVERY - 1) * plain) / REFRESH_EVERY;
      return new double[] {plain, refreshing, mean};
    }

    private static long processorTime() {
      return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
          .getProcessCpuTime();
    }

    @Override
    public void close() {
      kfra.close();
      network.close();
    }
  }
}
