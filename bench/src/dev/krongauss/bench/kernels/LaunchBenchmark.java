package dev.krongauss.bench.kernels;

import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.HeldLaunch;
import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.kernel.Size;
import java.util.Comparator;
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
 * What a launch costs the host: checks, arguments, JCuda, driver. On SoftCUDA the driver is the CPU
 * path, so the kernel's execution is part of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LaunchBenchmark {
  private static final int ROW = 64;

  /** Which case; {@code -p kernel=NAME,NAME} replaces the list. */
  @Param({"matmul/nn", "matmul/forward-tanh", "gram/fresh", "reduce/dot", "update"})
  public String kernel;

  /** Which of the case's test sizes. */
  @Param({"smallest", "largest"})
  public String size;

  private Device device;
  private HeldLaunch launch;

  /** Opens the device and runs the case up to its launch. */
  @Setup
  public void open() {
    KernelCase found =
        KernelCases.all().stream()
            .filter(c -> c.name().startsWith(kernel))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "no case begins with '"
                            + kernel
                            + "'; there are "
                            + KernelCases.all().stream().map(KernelCase::name).toList()));
    Comparator<Size> byWork =
        Comparator.comparingDouble(s -> found.work(s).flops() + found.work(s).bytes());
    Size chosen =
        found.sizes().stream()
            .max(size.equals("largest") ? byWork : byWork.reversed())
            .orElseThrow();
    device = Device.open();
    launch = HeldLaunch.open(found, chosen, device);
  }

  /** Frees the device. */
  @TearDown
  public void close() {
    launch.close();
    device.close();
  }

  /** Enqueues without waiting: the launch path alone; the queue is emptied between the rows. */
  @Benchmark
  @OperationsPerInvocation(ROW)
  public void enqueue(Drain drain) {
    drain.after = launch.stream();
    for (int i = 0; i < ROW; i++) {
      launch.launch();
    }
  }

  /** Enqueues and waits. */
  @Benchmark
  public void complete() {
    launch.launch();
    launch.stream().synchronize();
  }

  /** Empties the queue after each row of launches, outside of the time. */
  @State(Scope.Thread)
  public static class Drain {
    private Stream after;

    /** Waits for the row. */
    @TearDown(Level.Invocation)
    public void drain() {
      if (after != null) {
        after.synchronize();
      }
    }
  }
}
