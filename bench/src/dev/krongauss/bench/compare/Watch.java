package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.device.DeviceException;
import dev.krongauss.model.Resumable;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at the held-out rows while one optimiser runs: when it is time, whether patience is at its
 * end, and which weights become the model. Where no rows are held out it does nothing but write the
 * last weights as the model.
 */
final class Watch implements AutoCloseable {
  private final Setup setup;
  private final Trainer trainer;
  private final Curve curve;
  private final Following following;
  private final RunFolder folder;
  private final Schedule schedule;
  private final Optional<Judge> judge;
  private boolean broken;

  /**
   * @param curve with what there is from before the run was stopped
   * @throws DeviceException if there is no memory for what is kept of the best weights
   */
  Watch(Setup setup, Trainer trainer, Curve curve, Following following, RunFolder folder) {
    this.setup = setup;
    this.trainer = trainer;
    this.curve = curve;
    this.following = following;
    this.folder = folder;
    this.schedule = following.schedule();
    schedule.from(curve);
    this.judge = Judge.of(setup, trainer);
  }

  /** What a checkpoint holds. */
  Map<String, Resumable> parts() {
    return trainer.parts(curve, judge);
  }

  /** Whether an update of this number is evaluated behind, whenever that is. */
  boolean looksBehind(long update) {
    return judge.isPresent() && !broken && schedule.dueBehind(update);
  }

  /** Whether it is time for an evaluation. */
  boolean due(Curve.Point point) {
    return judge.isPresent() && !broken && schedule.due(point);
  }

  /** Evaluates behind an update if it is time. */
  void look(Curve.Point point) {
    if (due(point)) {
      evaluate(judge.get(), point);
    }
  }

  /** Evaluates the last update unless that was done. */
  void lookAtTheEnd() {
    if (judge.isEmpty() || broken || curve.updates() == 0) {
      return;
    }
    Curve.Point last = curve.points().get(curve.points().size() - 1);
    boolean done =
        !curve.heldOut().isEmpty()
            && curve.heldOut().get(curve.heldOut().size() - 1).update() == last.update();
    if (!done) {
      evaluate(judge.get(), last);
    }
  }

  /** Whether there is still hope for a better evaluation. */
  boolean patient() {
    return following.patience() == 0 || curve.evaluationsSinceBest() < following.patience();
  }

  /**
   * Writes the weights that were best on held-out rows, else the last ones, as a model. They are
   * the network's from then on.
   *
   * @throws IOException if the file cannot be written
   */
  void writeModel() throws IOException {
    if (curve.updates() > 0) {
      new BestModel(setup, trainer.network(), curve).write(judge, folder.model(curve));
    }
  }

  /** Held-out rows that do not fit beside the training are no reason to end it. */
  private void evaluate(Judge by, Curve.Point point) {
    long start = System.nanoTime();
    try {
      by.judge(curve, point, judged -> folder.write(curve, judged));
    } catch (DeviceException e) {
      broken = true;
      System.err.printf(
          "bench/compare: held-out rows are not evaluated for %s, seed %d, from update %,d on: %s%n",
          curve.label(), curve.seed(), point.update(), e.getMessage());
    }
    schedule.evaluated(point, (System.nanoTime() - start) * 1e-9);
  }

  @Override
  public void close() {
    judge.ifPresent(Judge::close);
  }
}
