package dev.krongauss.bench;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Progress on standard error: a bar where that is a terminal, else a line every ten seconds, so
 * that a log file stays readable.
 */
public final class ProgressLine {
  /**
   * Columns of the terminal; 0 or not set: standard error is no terminal; less: nothing is shown.
   */
  public static final String TERMINAL_PROPERTY = "krongauss.bench.terminal";

  private static final int TERMINAL_MILLISECONDS = 250;
  private static final int LOG_MILLISECONDS = 10_000;
  private static final int LOG_COLUMNS = 120;

  private ProgressLine() {}

  /** A bar with its style, place and pace; what it counts is the caller's. */
  public static ProgressBarBuilder builder() {
    int columns = Integer.getInteger(TERMINAL_PROPERTY, 0);
    ProgressBarConsumer consumer =
        columns > 0
            ? new ConsoleProgressBarConsumer(System.err, columns - 1)
            : new DelegatingProgressBarConsumer(
                columns < 0 ? line -> {} : System.err::println, LOG_COLUMNS);
    return new ProgressBarBuilder()
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(columns > 0 ? TERMINAL_MILLISECONDS : LOG_MILLISECONDS)
        .setConsumer(consumer);
  }
}
