package dev.krongauss.bench;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/** The progress of one optimiser, as {@link ProgressLine} shows it. */
final class Progress implements AutoCloseable {
  private static final long STEPS = 1000;

  private final ProgressBar bar;

  Progress(String task) {
    bar = ProgressLine.builder().setTaskName(task).setInitialMax(STEPS).build();
  }

  void show(double fraction, Curve curve) {
    bar.stepTo((long) (fraction * STEPS));
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            "update %,d  objective %s  %.0f ms",
            curve.updates(),
            SummaryTable.format("%.2f", curve.finalObjective()),
            curve.millisecondsPerUpdate()));
  }

  @Override
  public void close() {
    bar.close();
  }
}
