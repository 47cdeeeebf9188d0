package dev.krongauss.bench.ranks;

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

  /** Numbers of a {@link #turn}. */
  static final int NUMBERS = 6;

  /**
   * Milliseconds of processor time of this process: of a plain update, of one that refreshes, and
   * of the mean of a period; then the same three without the compilers of the JVM.
   */
  double[] turn() {
    double[] refreshing = new double[2];
    double[] plain = new double[2];
    for (int k = 0; k < REFRESH_EVERY; k++) {
      var batch = batches.next();
      device.synchronize();
      long bytes = ranks == null ? 0 : ranks.sentBytes();
      long waits = ranks == null ? 0 : ranks.waits();
      ProcessorTime begin = new ProcessorTime();
      kfra.step(batch);
      device.synchronize();
      double[] milliseconds = begin.since();
      if (ranks != null) {
        bytes = ranks.sentBytes() - bytes;
        waits = ranks.waits() - waits;
      }
      if (k == 0) {
        refreshing = milliseconds;
        refreshBytes = bytes;
        refreshWaits = waits;
      } else {
        plain[0] += milliseconds[0] / (REFRESH_EVERY - 1);
        plain[1] += milliseconds[1] / (REFRESH_EVERY - 1);
        plainBytes = bytes;
        plainWaits = waits;
      }
    }
    double[] numbers = new double[NUMBERS];
    for (int i = 0; i < 2; i++) {
      numbers[3 * i] = plain[i];
      numbers[3 * i + 1] = refreshing[i];
      numbers[3 * i + 2] = (refreshing[i] + (REFRESH_EVERY - 1) * plain[i]) / REFRESH_EVERY;
    }
    return numbers;
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

  @Override
  public void close() {
    kfra.close();
    network.close();
  }
}
