package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.PaperNetwork;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.bench.update.UpdateCost;
import dev.krongauss.bench.update.UpdateMeter;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.io.CheckpointException;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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

  private final Device device;
  private final Dataset data;
  private final LossFunction loss;
  private final int batch;
  private final FixedRows fixedRows;

  Runner(Device device, Dataset data, LossFunction loss, int batch) {
    this.device = device;
    this.data = data;
    this.loss = loss;
    this.batch = batch;
    this.fixedRows = new FixedRows(device, data, loss, batch);
  }

  /**
   * Runs a contender without leaving anything on disk.
   *
   * @param observer told of every point as it comes
   */
  Curve run(
      PaperNetwork shape,
      Contender contender,
      long seed,
      TrainingLoop loop,
      Consumer<Curve> observer) {
    Curve curve = new Curve(contender.label(), seed);
    try (Trainer trainer = new Trainer(shape, contender, seed)) {
      loop.run(
          TrainingLoop.updates(trainer.optimizer, trainer.batches),
          curve,
          point -> observer.accept(curve));
    } catch (DeviceException e) {
      curve.failed("before an update: " + e.getMessage());
    }
    return curve;
  }

  /**
   * Runs a contender into a folder: a row an update, a checkpoint now and then, the weights at the
   * end, when the checkpoint has served. Goes on from the checkpoint where {@code curve} already
   * has rows.
   *
   * @param curve rows from before the run was stopped, or none; cut to those of the checkpoint
   * @param checkpointSeconds between checkpoints; 0 for none
   * @return the whole curve
   */
  Curve runInto(
      RunFolder folder,
      PaperNetwork shape,
      Contender contender,
      Curve curve,
      TrainingLoop loop,
      double checkpointSeconds)
      throws IOException {
    Path checkpoint = folder.checkpoint(curve);
    try (Trainer trainer = new Trainer(shape, contender, curve.seed());
        Progress progress = new Progress(curve.label())) {
      if (curve.updates() > 0) {
        load(checkpoint, trainer.parts(curve));
      }
      double[] next = {curve.seconds() + checkpointSeconds};
      loop.run(
          TrainingLoop.updates(trainer.optimizer, trainer.batches),
          curve,
          point -> {
            folder.write(curve, point);
            progress.show(loop, point, curve);
            if (checkpointSeconds > 0 && point.seconds() >= next[0]) {
              next[0] = point.seconds() + checkpointSeconds;
              folder.sync(); // no checkpoint may know of updates that the table has lost
              save(checkpoint, trainer.parts(curve));
            }
          });
      save(folder.weights(curve), Map.of("weights", Resumable.weights(trainer.network)));
      trainer.evaluate(curve);
    } catch (DeviceException e) {
      // Not even its memory could be had; the others may need less.
      curve.failed("before an update: " + e.getMessage());
    }
    return curve;
  }

  /** Updates that fit into so many seconds of training, as measured now. */
  long updatesIn(double seconds, PaperNetwork shape, Contender contender, long seed) {
    TrainingLoop warmUp = TrainingLoop.ofUpdates(PROBE_WARM_UP);
    TrainingLoop timed = TrainingLoop.ofUpdates(PROBE_UPDATES);
    try (Trainer trainer = new Trainer(shape, contender, seed)) {
      Curve curve = new Curve(contender.label(), seed);
      warmUp.run(
          TrainingLoop.updates(trainer.optimizer, trainer.batches),
          new Curve(contender.label(), seed),
          point -> {});
      timed.run(TrainingLoop.updates(trainer.optimizer, trainer.batches), curve, point -> {});
      return Math.max(1, Math.round(1e3 * seconds / curve.millisecondsPerUpdate()));
    }
  }

  /** What an update costs of each method that was named, in turns, from two cycles of each sort. */
  List<UpdateCost> costs(PaperNetwork shape, CompareOptions options) {
    try (Batches batches = Batches.of(device, data, batch, options.seed);
        UpdateMeter meter = new UpdateMeter(device, batches::next)) {
      for (Contender each : options.contenders) {
        meter.add(each.label(), () -> shape.build(device, options.seed), n -> each.build(n, loss));
      }
      return meter.measure(2);
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

  /** Network, batches and optimiser of one run. */
  private final class Trainer implements AutoCloseable {
    private final Network network;
    private final Batches batches;
    private final Optimizer optimizer;

    Trainer(PaperNetwork shape, Contender contender, long seed) {
      Network made = shape.build(device, seed);
      Batches taken = null;
      try {
        taken = Batches.of(device, data, batch, seed);
        optimizer = contender.build(made, loss);
      } catch (RuntimeException e) {
        if (taken != null) {
          taken.close();
        }
        made.close();
        throw e;
      }
      network = made;
      batches = taken;
    }

    /**
     * Judges the weights at the end, and their average where the optimiser has one. What cannot be
     * judged stays NaN, and the run as it ended.
     */
    void evaluate(Curve curve) {
      double last = Double.NaN;
      double average = Double.NaN;
      try {
        last = fixedRows.loss(network);
        if (optimizer instanceof GaussNewton own && own.averagesWeights() && own.averages().any()) {
          average = own.averages().with(() -> fixedRows.loss(network));
        }
      } catch (DeviceException e) {
        System.err.printf(
            "bench/compare: the weights of %s, seed %d, were not evaluated: %s%n",
            curve.label(), curve.seed(), e.getMessage());
      }
      curve.evaluated(last, average);
    }

    Map<String, Resumable> parts(Curve curve) {
      Map<String, Resumable> parts = new LinkedHashMap<>();
      parts.put(
          RecordedRun.RUN,
          state -> state.same(RecordedRun.UPDATES, Long.toString(curve.updates())));
      parts.put("weights", Resumable.weights(network));
      parts.put("batches", batches);
      parts.put("optimizer", optimizer);
      return parts;
    }

    @Override
    public void close() {
      optimizer.close();
      batches.close();
      network.close();
    }
  }
}
