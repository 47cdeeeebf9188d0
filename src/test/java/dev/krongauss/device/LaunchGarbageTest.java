package dev.krongauss.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.TestDevice;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Thousands of launches a second must leave the collector nothing to do. */
final class LaunchGarbageTest {
  private static final int LAUNCHES = 2000;
  private static final int ROUNDS = 30;

  /** Of a launch; one object would be 16. */
  private static final double BYTES = 8;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void aLaunchAllocatesNothingOnceItIsCompiled() {
    Device device = TestDevice.get();
    Stream s = device.stream();
    Function kernel = device.function("control", "control_begin");
    double least = Double.POSITIVE_INFINITY;
    try (Arena arena = device.newArena("garbage")) {
      Buffer scalars = arena.floats(1024, "scalars");
      for (int round = 0; round < ROUNDS && least > BYTES; round++) {
        long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < LAUNCHES; i++) {
          kernel.on(s).grid(1, 1, 1).pointer(scalars.pointer()).f32(0).i32(0).launch();
        }
        long after = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        s.synchronize();
        least = Math.min(least, (after - before) / (double) LAUNCHES);
      }
    }
    assertThat(least).as("bytes of the Java heap a launch").isLessThan(BYTES);
  }
}
