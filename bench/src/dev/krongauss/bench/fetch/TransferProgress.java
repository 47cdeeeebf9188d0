package dev.krongauss.bench.fetch;

import dev.krongauss.bench.ProgressLine;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/** Bytes received, their rate and the time that remains, on standard error. */
final class TransferProgress implements AutoCloseable {
  private static final long KILOBYTE = 1000;

  private final ProgressBar bar;

  /**
   * Begins.
   *
   * @param have bytes received earlier, which the rate leaves out
   * @param total all bytes, -1 if that is not known
   */
  TransferProgress(long have, long total) {
    DecimalFormat rate = new DecimalFormat("0", DecimalFormatSymbols.getInstance(Locale.ROOT));
    bar =
        ProgressLine.builder()
            .setTaskName(" ")
            .setInitialMax(total)
            .startsFrom(have, Duration.ZERO)
            .setUnit(" kB", KILOBYTE)
            .showSpeed(rate)
            .build();
  }

  void show(long received) {
    bar.stepTo(received);
  }

  @Override
  public void close() {
    bar.close();
  }
}
