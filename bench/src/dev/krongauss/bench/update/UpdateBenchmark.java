package dev.krongauss.bench.update;

import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a steady update costs the thread that makes it: the next batch, its checks, the launch of
 * the graph, the copy of the report, without waiting. On SoftCUDA kernels do nothing meanwhile, so
 * that the graph is an empty one; rows and layers are few, since what the host does depends on
 * neither, but for the rows that it sends. {@code -prof gc} says what it leaves on the heap.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class UpdateBenchmark {
  private static final int ROW = 16;
  private static final int ROWS = 64;
  private static final int BATCH = 8;
  private static final int WARM_UP = 20;

  /** Eight with the last one, as the paper's autoencoder has: a report has a length of each. */
  private static final List<Integer> LAYERS = List.of(1, 1, 1, 1, 1, 1, 1);

  /** More updates than a benchmark makes: all are plain ones. */
  private static final int NEVER = Integer.MAX_VALUE;

  /** Whose updates. */
  @Param({"kfra", "adam"})
  public String optimizer;

  /** Whether batches are sent from the host, or gathered from a data set on the device. */
  @Param({"sent", "resident"})
  public String data;

  private Device device;
  private Batches batches;
  private Network network;
  private Optimizer updates;

  /** Opens the device, and makes updates until they are replayed; from then on kernels are idle. */
  @Setup
  public void open() {
    device = Device.open();
    Dataset rows = Dataset.autoencoder("rows", new float[ROWS], 1);
    batches =
        data.equals("resident")
            ? Batches.resident(device, rows, BATCH, 1)
            : Batches.of(device, rows, BATCH, 1);
    network = NetworkShape.of(1, LAYERS, Activation.TANH, 1).build(device, 1);
    updates =
        optimizer.equals("adam")
            ? Adam.builder().build(network, Loss.bernoulli())
            : GaussNewton.kfra()
                .refreshEvery(NEVER)
                .reductionEvery(NEVER)
                .build(network, Loss.bernoulli());
    for (int k = 0; k < WARM_UP; k++) {
      updates.step(batches.next());
    }
    device.synchronize();
    if (updates.graphNodes() == 0) {
      throw new IllegalStateException("the updates are not replayed: is krongauss.graphs off?");
    }
    if (device.isSoftware()) {
      new SoftwareOptions().set("kernels", "skip");
    }
  }

  /** Frees everything. */
  @TearDown
  public void close() {
    if (device.isSoftware()) {
      new SoftwareOptions().restore("kernels", "run");
    }
    updates.close();
    network.close();
    batches.close();
    device.close();
  }

  /** Enqueues updates without waiting; the queue is emptied between the rows. */
  @Benchmark
  @OperationsPerInvocation(ROW)
  public void advance(Drain drain) {
    drain.after = device;
    for (int i = 0; i < ROW; i++) {
      updates.advance(batches.next());
    }
  }

  /** The same with a report each, which nobody reads. */
  @Benchmark
  @OperationsPerInvocation(ROW)
  public void step(Drain drain) {
    drain.after = device;
    for (int i = 0; i < ROW; i++) {
      updates.step(batches.next());
    }
  }

  /** Empties the queue after each row of updates, outside of the time. */
  @State(Scope.Thread)
  public static class Drain {
    private Device after;

    /** Waits for the row. */
    @TearDown(Level.Invocation)
    public void drain() {
      if (after != null) {
        after.synchronize();
      }
    }
  }
}
