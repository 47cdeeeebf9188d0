package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.bench.peers.PeerChoice;
import dev.krongauss.bench.peers.PeerException;
import dev.krongauss.bench.peers.PeerKind;
import dev.krongauss.bench.peers.PeerProblem;
import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.problem.PaperNetwork;
import dev.krongauss.bench.problem.TrainingProblem;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** The same training in other frameworks: same rows, first weights and batches, same table. */
final class PeerRuns {
  /** In the run folder: the files that peers read, which go at the end, their logs and facts. */
  private static final String FOLDER = "peers";

  private final CompareOptions options;
  private final Device device;
  private final Dataset data;
  private final Map<PeerKind, Interpreter> interpreters = new EnumMap<>(PeerKind.class);
  private Long seedOfProblem;

  /**
   * Finds a Python for every peer that was asked for, before anything is trained or written.
   *
   * @throws PeerException if there is none, with all that were tried, or one needs a GPU
   */
  PeerRuns(CompareOptions options, Device device, Dataset data) {
    this.options = options;
    this.device = device;
    this.data = data;
    for (PeerKind kind : options.peers.stream().map(PeerChoice::kind).distinct().toList()) {
      if (kind.needsGpu() && device.isSoftware()) {
        throw new PeerException(
            "--peer %s needs a GPU, and this run is on %s; leave it out".formatted(kind, device));
      }
      Set<Interpreter.Need> needs = EnumSet.copyOf(kind.needs());
      if (!device.isSoftware()) {
        needs.add(Interpreter.Need.GPU);
      }
      interpreters.put(kind, Interpreter.find(needs, Map.of()).orThrow());
    }
  }

  /**
   * Runs a peer into the folder's metrics.
   *
   * @param curve empty; gets a point an update, and the failure if there is one
   */
  PeerResult run(
      PeerChoice choice, Curve curve, TrainingLoop loop, RunFolder folder, PaperNetwork shape)
      throws IOException {
    Limits limits = loop.limits();
    writeProblem(folder, curve.seed(), limits, shape);
    try (Progress progress = new Progress(curve.label())) {
      PeerResult result =
          choice
              .run(interpreters.get(choice.kind()))
              .device(device.isSoftware() ? "cpu" : "cuda")
              .run(
                  folder.file(FOLDER),
                  limits,
                  row -> {
                    Curve.Point point = curve.add(row.seconds(), row.objective());
                    folder.write(curve, point);
                    progress.show(loop, point, curve);
                  });
      if (result.failed()) {
        curve.failed("after %,d updates: %s".formatted(curve.updates(), result.failure()));
      }
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(choice + " was interrupted");
    }
  }

  /** Removes what the peers have read; logs and facts stay. */
  void removeProblem(RunFolder folder) throws IOException {
    PeerProblem.remove(folder.file(FOLDER));
  }

  /** The files of one seed, shared by all peers. */
  private void writeProblem(RunFolder folder, long seed, Limits limits, PaperNetwork shape)
      throws IOException {
    if (seedOfProblem != null && seedOfProblem == seed) {
      return;
    }
    TrainingProblem problem = new TrainingProblem(data, options.data.loss(), shape.sizes());
    float[][] weights = problem.weights(device, seed);
    new PeerProblem(data, shape.sizes(), weights, problem.loss(), options.batch, seed)
        .write(folder.file(FOLDER), limits);
    seedOfProblem = seed;
  }
}
