package dev.krongauss.bench.compare;

import dev.krongauss.bench.ProgressLine;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.run.SummaryTable;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/** The progress of one optimiser, as {@link ProgressLine} shows it. */
final class Progress implements AutoCloseable {
  private static final long STEPS = 1000;

  private final ProgressBar bar;

  Progress(String task) {
    // Without its own guess at the end: ours goes by the nearer limit, and ends the line.
    bar = ProgressLine.builder().setTaskName(task).setInitialMax(STEPS).hideEta().build();
  }

  /** One optimiser: its rate and what is left of its time. */
  void show(TrainingLoop loop, Curve.Point point, Curve curve) {
    bar.stepTo((long) (loop.progress(point) * STEPS));
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            "update %,d  objective %s  %.0f ms  %s left",
            curve.updates(),
            SummaryTable.format("%.2f", curve.finalObjective()),
            curve.millisecondsPerUpdate(),
            duration(loop.secondsLeft(point))));
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
