package dev.krongauss.bench.kernels;

import dev.krongauss.bench.update.Spread;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Event;
import dev.krongauss.device.Stream;
import java.util.ArrayList;
import java.util.List;

/**
 * Times launches with events: two around each, after a fill of device memory that is larger than
 * the cache. The fill empties the cache, and while it runs the host enqueues the launch, so that
 * the events see the device and not Java.
 */
final class Timer implements AutoCloseable {
  private static final int WARM_UP = 3;
  private static final int LEAST_LAUNCHES = 5;
  private static final long FILL_BYTES = 256L << 20;

  private final Stream stream;
  private final Arena arena;
  private final Event start;
  private final Event end;
  private final Buffer fill;
  private final int launches;
  private final double seconds;

  /**
   * @param launches at most so many of each kind are timed
   * @param seconds and, from the fifth on, none after so many seconds
   */
  Timer(Device device, int launches, double seconds) {
    this.stream = device.stream();
    this.launches = launches;
    this.seconds = seconds;
    arena = device.newArena("benchmark");
    fill = device.isSoftware() ? null : arena.floats(FILL_BYTES / Float.BYTES, "cache filler");
    start = device.newEvent();
    end = device.newEvent();
  }

  /**
   * Microseconds of one launch.
   *
   * @param launches how many were timed
   * @param hot median with operands in the cache as the launch before left them; NaN on SoftCUDA
   */
  record Times(int launches, double median, double least, double ninetieth, double hot) {}

  /**
   * @param restore enqueues what undoes a launch; not timed
   * @param launch enqueues the launch
   */
  Times time(Runnable restore, Runnable launch) {
    for (int i = 0; i < (fill == null ? 1 : WARM_UP); i++) {
      restore.run();
      launch.run();
    }
    stream.synchronize();
    Spread cold = Spread.of(measure(restore, launch, false));
    double hot = fill == null ? Double.NaN : Spread.of(measure(restore, launch, true)).median();
    return new Times(cold.samples(), cold.median(), cold.least(), cold.ninetieth(), hot);
  }

  /** Microseconds, a launch each. */
  private List<Double> measure(Runnable restore, Runnable launch, boolean hot) {
    List<Double> times = new ArrayList<>(launches);
    long begin = System.nanoTime();
    while (times.size() < launches
        && (times.size() < LEAST_LAUNCHES || System.nanoTime() - begin < seconds * 1e9)) {
      restore.run();
      if (fill != null) {
        stream.clear(fill.pointer(), fill.bytes());
      }
      if (hot) {
        launch.run();
        restore.run();
      }
      start.record(stream);
      launch.run();
      end.record(stream);
      end.synchronize();
      times.add(1e3 * end.millisecondsSince(start));
    }
    return times;
  }

  @Override
  public void close() {
    start.close();
    end.close();
    arena.close();
  }
}
