package dev.krongauss.bench.ranks;

import com.sun.management.OperatingSystemMXBean;
import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.dist.Collective;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.GaussNewtonSetters;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.precondition.LayerOwners;
import java.lang.management.ManagementFactory;

/** KFRA on the full autoencoder of CURVES, of which the processor time is taken. */
final class TimedTraining implements AutoCloseable {
  static final int[] WIDTHS = {784, 400, 200, 100, 50, 25, 6, 25, 50, 100, 200, 400, 784};
  static final int REFRESH_EVERY = 5;

  private final Device device;
  private final Batches batches;
  private final Network network;
  private final Optimizer kfra;
  private final Collective ranks;
  private final long builtBytes;
  private long plainBytes;
  private long plainWaits;
  private long refreshBytes;
  private long refreshWaits;

  /**
   * @param ranks null for one alone
   */
  TimedTraining(Device device, Batches batches, int chunks, Collective ranks) {
    this(device, batches, chunks, ranks, false);
  }

  /**
   * @param shard whether each rank keeps the factors of its own layers alone
   */
  TimedTraining(Device device, Batches batches, int chunks, Collective ranks, boolean shard) {
    this.device = device;
    this.batches = batches;
    this.ranks = ranks;
    Network.Builder builder = Network.input(WIDTHS[0]);
    for (int l = 1; l < WIDTHS.length; l++) {
      boolean last = l == WIDTHS.length - 1;
      builder.dense(WIDTHS[l], last ? Activation.IDENTITY : Activation.TANH);
    }
    network = builder.build(device, 1);
    GaussNewtonSetters<?> setters =
        GaussNewton.kfra().refreshEvery(REFRESH_EVERY).adaptLambda(false).chunks(chunks);
    if (ranks != null) {
      setters.ranks(ranks);
    }
    if (shard) {
      setters.shard();
    }
    long before = device.allocatedBytes();
    kfra = setters.build(network, Loss.bernoulli());
    builtBytes = device.allocatedBytes() - before;
  }

  /**
   * Milliseconds of processor time of this process: of a plain update, of one that refreshes, and
   * of the mean of a period.
   */
  double[] turn() {
    double refreshing = 0;
    double plain = 0;
    for (int k = 0; k < REFRESH_EVERY; k++) {
      var batch = batches.next();
      device.synchronize();
      long bytes = ranks == null ? 0 : ranks.sentBytes();
      long waits = ranks == null ? 0 : ranks.waits();
      long begin = processorTime();
      kfra.step(batch);
      device.synchronize();
      double milliseconds = (processorTime() - begin) / 1e6;
      if (ranks != null) {
        bytes = ranks.sentBytes() - bytes;
        waits = ranks.waits() - waits;
      }
      if (k == 0) {
        refreshing = milliseconds;
        refreshBytes = bytes;
        refreshWaits = waits;
      } else {
        plain += milliseconds / (REFRESH_EVERY - 1);
        plainBytes = bytes;
        plainWaits = waits;
      }
    }
    double mean = (refreshing + (REFRESH_EVERY - 1) * plain) / REFRESH_EVERY;
    return new double[] {plain, refreshing, mean};
  }

  /** Bytes that this rank has sent in the last update without a refresh, and in that with one. */
  double[] bytes() {
    return new double[] {plainBytes, refreshBytes};
  }

  /** Who has the layers where the state is sharded. */
  LayerOwners owners() {
    return Volumes.owners(ranks, WIDTHS, REFRESH_EVERY);
  }

  /** Device memory of the optimiser, before its first batch. */
  long builtBytes() {
    return builtBytes;
  }

  /** How often the collective has waited on the host in these updates. */
  long[] waits() {
    return new long[] {plainWaits, refreshWaits};
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
