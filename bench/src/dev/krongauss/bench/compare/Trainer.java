package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.device.DeviceException;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Network;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Network, batches and optimiser of one run. */
final class Trainer implements AutoCloseable {
  /** Of device memory that a data set may take: more than any of the paper's does. */
  private static final long MOST_RESIDENT_BYTES = 1L << 30;

  private final Network network;
  private final Batches batches;
  private final Optimizer optimizer;

  Trainer(Setup setup, NetworkShape shape, Contender contender, long seed) {
    Network made = shape.build(setup.device(), seed);
    Batches taken = null;
    try {
      taken = batches(setup, seed);
      optimizer = contender.build(made, setup.rows().loss(), setup.split());
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
   * On a GPU from a copy of the data set there, where that is not too large, else read ahead by a
   * thread: the same batches in either case. SoftCUDA has no memory of its own, and no processor to
   * spare for a thread.
   */
  private static Batches batches(Setup setup, long seed) {
    Dataset rows = setup.rows().training();
    Device device = setup.device();
    int batch = setup.batch();
    int ranks = setup.split().size();
    int rank = ranks > 1 ? setup.split().rank() : 0;
    return switch (place(device, rows, ranks)) {
      case "device" -> Batches.resident(device, rows, batch, seed);
      case "streamed" -> Batches.streamed(device, rows, batch, seed, rank, ranks);
      default ->
          ranks > 1
              ? Batches.shard(device, rows, batch, seed, rank, ranks)
              : Batches.of(device, rows, batch, seed);
    };
  }

  private static String place(Device device, Dataset rows, int ranks) {
    String wanted = System.getProperty("krongauss.bench.rows", "auto");
    if (!List.of("auto", "device", "streamed", "host").contains(wanted)) {
      throw new IllegalArgumentException(
          "krongauss.bench.rows is '%s'; it must be auto, device, streamed or host"
              .formatted(wanted));
    }
    if (ranks > 1) {
      return wanted.equals("streamed") ? wanted : "host";
    }
    if (!wanted.equals("auto")) {
      return wanted;
    }
    if (device.isSoftware()) {
      return "host";
    }
    return Batches.residentBytes(rows) <= MOST_RESIDENT_BYTES ? "device" : "streamed";
  }

  Network network() {
    return network;
  }

  /** Launches one update at each call. */
  Supplier<Launched> updates() {
    return TrainingLoop.updates(optimizer, batches);
  }

  /** Before a checkpoint, on all ranks: rank 0 has the state of all of them then. */
  void gather() {
    optimizer.gather();
  }

  /** The optimiser where it keeps averaged weights and has some. */
  Optional<GaussNewton> averaging() {
    return optimizer instanceof GaussNewton own && own.averagesWeights() && own.averages().any()
        ? Optional.of(own)
        : Optional.empty();
  }

  /**
   * Judges the weights at the end on fixed rows, and their average where the optimiser has one.
   * What cannot be judged stays NaN, and the run as it ended.
   */
  void evaluate(Curve curve, FixedRows fixedRows) {
    double last = Double.NaN;
    double average = Double.NaN;
    try {
      last = fixedRows.loss(network);
      Optional<GaussNewton> own = averaging();
      if (own.isPresent()) {
        average = own.get().averages().with(() -> fixedRows.loss(network));
      }
    } catch (DeviceException e) {
      System.err.printf(
          "bench/compare: the weights of %s, seed %d, were not evaluated: %s%n",
          curve.label(), curve.seed(), e.getMessage());
    }
    curve.evaluated(last, average);
  }

  /** What a checkpoint of the run holds, the best weights among it where there is a judge. */
  Map<String, Resumable> parts(Curve curve, Optional<Judge> judge) {
    Map<String, Resumable> parts = new LinkedHashMap<>();
    parts.put(
        RecordedRun.RUN,
        state -> {
          state.same(RecordedRun.UPDATES, Long.toString(curve.updates()));
          state.same(RecordedRun.EVALUATIONS, Integer.toString(curve.heldOut().size()), "0");
        });
    parts.put("weights", Resumable.weights(network));
    parts.put("batches", batches);
    parts.put("optimizer", optimizer);
    judge.ifPresent(each -> parts.put("best", each));
    return parts;
  }

  @Override
  public void close() {
    optimizer.close();
    batches.close();
    network.close();
  }
}
