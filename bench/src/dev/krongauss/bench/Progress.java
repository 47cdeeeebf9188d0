package dev.krongauss.bench;

import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * The progress of one optimiser on standard error: a bar where that is a terminal, else a line
 * every ten seconds, so that a log file stays readable.
 */
final class Progress implements AutoCloseable {
  /** Columns of the terminal; 0 or not set: standard error is no terminal. */
  static final String TERMINAL_PROPERTY = "krongauss.bench.terminal";

  private static final long STEPS = 1000;
  private static final int TERMINAL_MILLISECONDS = 250;
  private static final int LOG_MILLISECONDS = 10_000;
  private static final int LOG_COLUMNS = 120;

  private final ProgressBar bar;

  Progress(String task) {
    int columns = Integer.getInteger(TERMINAL_PROPERTY, 0);
    ProgressBarConsumer consumer =
        columns > 0
            ? new ConsoleProgressBarConsumer(System.err, columns - 1)
            : new DelegatingProgressBarConsumer(System.err::println, LOG_COLUMNS);
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(STEPS)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(columns > 0 ? TERMINAL_MILLISECONDS : LOG_MILLISECONDS)
            .hideEta() // ours goes by the nearer limit, and is at the end of the line
            .setConsumer(consumer)
            .build();
  }

  /** One optimiser: its rate and what is left of its time. */
  void show(Training training, Curve.Point point, Curve curve) {
    bar.stepTo((long) (training.progress(point) * STEPS));
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            "update %,d  objective %s  %.0f ms  %s left",
            curve.updates(),
            SummaryTable.format("%.2f", curve.finalObjective()),
            curve.millisecondsPerUpdate(),
            duration(training.secondsLeft(point))));
  }

  /** A number of jobs of the same size. */
  void show(int done, int all, double seconds, String message) {
    bar.stepTo(STEPS * done / all);
    bar.setExtraMessage(
        done == 0
            ? message
            : "%d of %d  %s  %s left"
                .formatted(done, all, message, duration(seconds / done * (all - done))));
  }

  private static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? "%d:%02d".formatted(whole / 60, whole % 60)
        : "%d:%02d h".formatted(whole / 3600, whole / 60 % 60);
  }

  @Override
  public void close() {
    bar.close();
  }
}
