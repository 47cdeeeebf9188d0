package dev.krongauss.optim;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Event;
import dev.krongauss.device.Repeated;
import dev.krongauss.device.Staging;
import dev.krongauss.device.Stream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A place in a ring of pinned memory, with the scalars of one update until those of another one are
 * copied there. A {@link StepReport} is made of them where somebody asks for it, and keeps them.
 */
final class ReportSlot {
  private final Stream stream;
  private final ByteBuffer numbers;
  private final Event copied;
  private final Runnable copies; // on the device's stream, with the event
  private final int layers;
  private final boolean apart;
  private boolean there = true; // nothing is on its way at first
  private boolean refreshed;
  private StepReport report; // null until somebody asks for it

  /**
   * @param block the scalars, with {@code layers} step lengths behind them where {@code apart}
   * @param place in {@code ring}, from 0
   */
  ReportSlot(Stream stream, Buffer block, Staging ring, int place, int layers, boolean apart) {
    int bytes = 4 * StepReport.numbers(layers, apart);
    int offset = place * bytes;
    this.stream = stream;
    this.numbers = ring.bytes().position(offset).slice().order(ByteOrder.nativeOrder());
    this.copied = stream.device().newEvent();
    Repeated copy = ring.copyingFrom(block.pointer(), offset, bytes, stream);
    Repeated record = copied.recording(stream);
    this.copies =
        () -> {
          copy.run();
          record.run();
        };
    this.layers = layers;
    this.apart = apart;
  }

  /**
   * Enqueues the copy of the scalars; waits for the one before, which a report takes out.
   *
   * @param ofRefresh whether their update has computed factors and inverses anew
   */
  void fill(boolean ofRefresh) {
    await();
    stream.together(copies);
    there = false;
    refreshed = ofRefresh;
    report = null;
  }

  /** Whether the numbers are there; never waits. */
  boolean available() {
    if (!there && copied.done()) {
      arrived();
    }
    return there;
  }

  /** Waits until the numbers are there. */
  void await() {
    if (!available()) {
      copied.synchronize();
      arrived();
    }
  }

  /** A number, as the bits of an int; waits for it, and does not count as a look at the report. */
  int peek(int which) {
    await();
    return numbers.getInt(4 * which);
  }

  /**
   * The report, one for all who ask.
   *
   * @throws IllegalStateException if nobody has before the optimiser, or its device, was closed
   */
  StepReport report() {
    if (report == null) {
      if (copied.isClosed()) {
        throw new IllegalStateException(
            "the report of an optimiser that is closed; ask for it before, it may be kept");
      }
      report = new StepReport(this, layers, apart, refreshed);
      if (there) {
        report.take(numbers);
      }
    }
    return report;
  }

  /** Whether somebody has looked at its report, and it says that the inverses are of no use. */
  boolean knownFactorFailure() {
    return report != null && report.knownFactorFailure();
  }

  /** Waits for the copy, and takes out what a report needs, before the ring is freed. */
  void close() {
    if (!copied.isClosed()) {
      await();
    }
    copied.close();
  }

  private void arrived() {
    there = true;
    if (report != null) {
      report.take(numbers);
    }
  }
}
