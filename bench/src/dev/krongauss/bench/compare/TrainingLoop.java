package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.data.Batches;
import dev.krongauss.device.DeviceException;
import dev.krongauss.optim.DivergenceException;
import dev.krongauss.optim.Optimizer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Runs one optimiser to its limit. The report of an update is read when the next one has been
 * launched, so that the device has work while a row is written and a batch is made; one that the
 * next update may depend on is read at once. All are read before anything looks at the network, and
 * at the end.
 *
 * <p>The clock runs for as long as an update does, and while one is being launched. It stands still
 * when nothing is on its way: while the network is looked at.
 */
final class TrainingLoop {
  private final Limits limits;
  private final LongSupplier nanoTime;

  TrainingLoop(Limits limits) {
    this(limits, System::nanoTime);
  }

  /** With a clock of the caller's. */
  TrainingLoop(Limits limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
  }

  /** As many updates, however long they take. */
  static TrainingLoop ofUpdates(long updates) {
    return new TrainingLoop(new Limits(updates, Double.POSITIVE_INFINITY));
  }

  Limits limits() {
    return limits;
  }

  /** One update of an optimiser: fetches a batch and steps; nothing is waited for. */
  static Supplier<Launched> updates(Optimizer optimizer, Batches batches) {
    return () -> Launched.of(optimizer.step(batches.next()));
  }

  /**
   * Runs on to the limit, or to a failure, which ends this optimiser and is noted in its curve.
   *
   * @param step launches an update
   * @param curve gets a point an update; what is in it already counts towards the limit
   */
  void run(Supplier<Launched> step, Curve curve, Follower follower) {
    Run run = new Run(curve, follower);
    try {
      while (run.goesOn()) {
        run.launch(step);
        if (run.rests()) {
          run.rest();
        }
      }
      run.rest();
    } catch (DivergenceException | DeviceException e) {
      run.readWhatCanBe(e);
      curve.failed("after %,d updates: %s".formatted(curve.updates(), e.getMessage()));
    } catch (RuntimeException | Error e) {
      run.readWhatCanBe(e);
      throw e;
    }
  }

  /** One run: what is on its way, and the clock. */
  private final class Run {
    private final Curve curve;
    private final Follower follower;
    private long nanoseconds;
    private long mark; // when the clock was read last, or began to run
    private long longest; // update of late, in nanoseconds
    private Launched waiting; // the last one; null where nothing is on its way
    private boolean due;

    Run(Curve curve, Follower follower) {
      this.curve = curve;
      this.follower = follower;
      this.nanoseconds = Math.round(curve.seconds() * 1e9);
    }

    /** Near the limit of time an update is waited for, to know whether there is another one. */
    boolean goesOn() {
      if (waiting != null && nanoseconds + longest >= limits.seconds() * 1e9) {
        rest();
      }
      return curve.updates() + (waiting == null ? 0 : 1) < limits.updates()
          && nanoseconds < limits.seconds() * 1e9
          && (waiting != null || follower.goOn());
    }

    void launch(Supplier<Launched> step) {
      if (waiting == null) {
        mark = nanoTime.getAsLong();
      }
      Launched next = step.get();
      read();
      waiting = next;
    }

    /** Whether the update that was launched last is waited for before the next one. */
    boolean rests() {
      return due || waiting.readAtOnce() || follower.looksBehind(curve.updates() + 1);
    }

    /** Waits for what is on its way, and has the network looked at if it is time. */
    void rest() {
      if (waiting != null) {
        read();
        if (due || follower.looksBehind(curve.updates())) {
          due = false;
          follower.look(curve.points().get(curve.points().size() - 1));
        }
      }
    }

    private void read() {
      if (waiting == null) {
        return;
      }
      Launched next = waiting;
      waiting = null;
      double objective = next.loss();
      long now = nanoTime.getAsLong();
      longest = Math.max(now - mark, longest - longest / 8);
      nanoseconds += now - mark;
      mark = now;
      Curve.Point point = curve.add(nanoseconds / 1e9, objective);
      follower.point(point);
      due |= follower.due(point);
    }

    /** The update before the one that has failed is a point as all others are. */
    void readWhatCanBe(Throwable failure) {
      try {
        read();
      } catch (DeviceException e) {
        failure.addSuppressed(e); // the device has failed before it
      }
    }
  }

  /** How much of the way is done, 0 to 1. */
  double progress(Curve.Point point) {
    return Math.min(
        1,
        Math.max(point.update() / (double) limits.updates(), point.seconds() / limits.seconds()));
  }

  /** Seconds of training that are left at the present rate. */
  double secondsLeft(Curve.Point point) {
    double byUpdates = (limits.updates() - point.update()) * (point.seconds() / point.update());
    return Math.max(0, Math.min(byUpdates, limits.seconds() - point.seconds()));
  }
}
