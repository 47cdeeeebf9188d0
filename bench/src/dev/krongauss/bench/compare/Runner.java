package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.bench.update.UpdateCost;
import dev.krongauss.bench.update.UpdateMeter;
import dev.krongauss.data.Batches;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.io.CheckpointException;
import dev.krongauss.model.Resumable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Trains one network with one optimiser after the other. Each gets a network and batches of its
 * own, equal to the others' by their seed.
 */
final class Runner {
  private static final int PROBE_WARM_UP = 3;
  private static final int PROBE_UPDATES = 5;

  private final Setup setup;
  private final Device device;
  private final FixedRows fixedRows;

  Runner(Setup setup) {
    this.setup = setup;
    this.device = setup.device();
    this.fixedRows =
        new FixedRows(device, setup.rows().training(), setup.rows().loss(), setup.batch());
  }

  /**
   * Runs a contender without leaving anything on disk.
   *
   * @param observer told of every point as it comes
   */
  Curve run(
      NetworkShape shape,
      Contender contender,
      long seed,
      TrainingLoop loop,
      Consumer<Curve> observer) {
    Curve curve = new Curve(contender.label(), seed);
    try (Trainer trainer = new Trainer(setup, shape, contender, seed)) {
      loop.run(trainer.updates(), curve, Follower.of(point -> observer.accept(curve)));
    } catch (DeviceException e) {
      curve.failed("before an update: " + e.getMessage());
    }
    return curve;
  }

  /**
   * Runs a contender into a folder: a row an update, a checkpoint now and then, held-out rows
   * judged where there are any, and at the end the weights, when the checkpoint has served, and the
   * model that was best. Goes on from the checkpoint where {@code curve} already has rows.
   *
   * @param curve rows from before the run was stopped, or none; cut to those of the checkpoint
   * @return the whole curve
   */
  Curve runInto(
      RunFolder folder, NetworkShape shape, Contender contender, Curve curve, Following following)
      throws IOException {
    try (Trainer trainer = new Trainer(setup, shape, contender, curve.seed());
        Watch watch = new Watch(setup, trainer, curve, following, folder);
        Progress progress = new Progress(curve.label())) {
      Path checkpoint = folder.checkpoint(curve);
      if (curve.updates() > 0) {
        load(checkpoint, watch.parts());
      }
      CheckpointTimes times = CheckpointTimes.of(following, setup.split(), curve);
      Run run = new Run(folder, curve, following, watch, progress, trainer, times);
      following.loop().run(trainer.updates(), curve, run);
      watch.lookAtTheEnd();
      save(folder.weights(curve), Map.of("weights", Resumable.weights(trainer.network())));
      trainer.evaluate(curve, fixedRows);
      watch.writeModel();
    } catch (DeviceException e) {
      // Not even its memory could be had; the others may need less.
      curve.failed("before an update: " + e.getMessage());
    }
    return curve;
  }

  /** Updates that fit into so many seconds of training, as measured now. */
  long updatesIn(double seconds, NetworkShape shape, Contender contender, long seed) {
    TrainingLoop warmUp = TrainingLoop.ofUpdates(PROBE_WARM_UP);
    TrainingLoop timed = TrainingLoop.ofUpdates(PROBE_UPDATES);
    try (Trainer trainer = new Trainer(setup, shape, contender, seed)) {
      Curve curve = new Curve(contender.label(), seed);
      Follower nobody = point -> {};
      warmUp.run(trainer.updates(), new Curve(contender.label(), seed), nobody);
      timed.run(trainer.updates(), curve, nobody);
      return Math.max(1, Math.round(1e3 * seconds / curve.millisecondsPerUpdate()));
    }
  }

  /** What an update costs of each method that was named, in turns, from two cycles of each sort. */
  List<UpdateCost> costs(NetworkShape shape, CompareOptions options) {
    try (Batches batches =
            Batches.of(device, setup.rows().training(), setup.batch(), options.seed);
        UpdateMeter meter = new UpdateMeter(device, batches::next)) {
      for (Contender each : options.contenders) {
        meter.add(
            each.label(),
            () -> shape.build(device, options.seed),
            n -> each.build(n, setup.rows().loss(), setup.split()));
      }
      return meter.measure(2);
    }
  }

  /** A run into a folder: its rows, its evaluations, its checkpoints. */
  private final class Run implements Follower {
    private final RunFolder folder;
    private final Curve curve;
    private final Following following;
    private final Watch watch;
    private final Progress progress;
    private final Trainer trainer;
    private final CheckpointTimes checkpoints;

    Run(
        RunFolder folder,
        Curve curve,
        Following following,
        Watch watch,
        Progress progress,
        Trainer trainer,
        CheckpointTimes checkpoints) {
      this.folder = folder;
      this.curve = curve;
      this.following = following;
      this.watch = watch;
      this.progress = progress;
      this.trainer = trainer;
      this.checkpoints = checkpoints;
    }

    @Override
    public void point(Curve.Point point) {
      folder.write(curve, point);
      progress.show(following.loop(), point, curve);
    }

    @Override
    public boolean looksBehind(long update) {
      return watch.looksBehind(update) || checkpoints.dueBehind(update);
    }

    @Override
    public boolean due(Curve.Point point) {
      return watch.due(point) || checkpoints.due(point);
    }

    @Override
    public void look(Curve.Point point) {
      watch.look(point);
      if (checkpoints.due(point)) {
        trainer.gather();
        if (setup.split().rank() == 0) {
          folder.sync(); // no checkpoint may know of rows that the tables have lost
          save(folder.checkpoint(curve), watch.parts());
        }
        checkpoints.taken(point);
      }
    }

    @Override
    public boolean goOn() {
      return watch.patient();
    }
  }

  private void load(Path file, Map<String, Resumable> parts) throws IOException {
    try {
      Checkpoint.load(file, device.stream(), parts);
    } catch (CheckpointException e) {
      throw RecordedRun.unusable(file, e);
    }
  }

  private void save(Path file, Map<String, Resumable> parts) {
    try {
      Checkpoint.save(file, device.stream(), parts);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write checkpoint " + file, e);
    }
  }
}
