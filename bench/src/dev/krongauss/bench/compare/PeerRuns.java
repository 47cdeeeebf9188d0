package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.bench.peers.PeerChoice;
import dev.krongauss.bench.peers.PeerException;
import dev.krongauss.bench.peers.PeerKind;
import dev.krongauss.bench.peers.PeerProblem;
import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.peers.PeerRun;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.ProblemData;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.device.Device;
import dev.krongauss.net.Network;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The same training in other frameworks: same rows, first weights and batches, same table. */
final class PeerRuns {
  /** In the run folder: the files that peers read, which go at the end, their logs and facts. */
  private static final String FOLDER = "peers";

  private final CompareOptions options;
  private final Device device;
  private final ProblemData data;
  private final Units units;
  private final Map<PeerKind, Interpreter> interpreters = new EnumMap<>(PeerKind.class);
  private Long seedOfProblem;

  /**
   * Finds a Python for every peer that was asked for, before anything is trained or written.
   *
   * @throws PeerException if there is none, with all that were tried, or one needs a GPU
   * @throws IllegalArgumentException if one cannot train this loss, activation or kind of data
   */
  PeerRuns(CompareOptions options, Device device, ProblemData data) {
    this.options = options;
    this.device = device;
    this.data = data;
    this.units = Units.of(data);
    List<PeerKind> kinds = options.peers.stream().map(PeerChoice::kind).distinct().toList();
    if (!kinds.isEmpty()) {
      PeerProblem problem = problem(data.network(options.scale), options.seed, 0);
      kinds.forEach(kind -> kind.check(problem));
    }
    for (PeerKind kind : kinds) {
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
      PeerChoice choice, Curve curve, Following following, RunFolder folder, NetworkShape shape)
      throws IOException {
    TrainingLoop loop = following.loop();
    writeProblem(folder, curve.seed(), following, shape);
    try (Progress progress = new Progress(curve.label())) {
      PeerResult result =
          peer(choice, following.patience())
              .evaluations(
                  row -> {
                    HeldOut judged = units.heldOut(row);
                    curve.add(judged);
                    folder.write(curve, judged);
                  })
              .run(
                  folder.file(FOLDER),
                  loop.limits(),
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

  private PeerRun peer(PeerChoice choice, int patience) {
    PeerRun run =
        choice.run(interpreters.get(choice.kind())).device(device.isSoftware() ? "cpu" : "cuda");
    return patience > 0 ? run.stopAfter(patience) : run;
  }

  /** Removes what the peers have read; logs and facts stay. */
  void removeProblem(RunFolder folder) throws IOException {
    PeerProblem.remove(folder.file(FOLDER));
  }

  /** The files of one seed, shared by all peers. */
  private void writeProblem(RunFolder folder, long seed, Following following, NetworkShape shape)
      throws IOException {
    if (seedOfProblem != null && seedOfProblem == seed) {
      return;
    }
    problem(shape, seed, following.evaluateEvery())
        .write(folder.file(FOLDER), following.loop().limits());
    seedOfProblem = seed;
  }

  /**
   * What they train, evaluating the held-out rows once a pass where nothing is said: what that
   * costs them is not known before.
   */
  private PeerProblem problem(NetworkShape shape, long seed, long evaluateEvery) {
    float[][] weights;
    try (Network network = shape.build(device, seed)) {
      weights = network.weights();
    }
    long pass = data.training().size() / options.batch;
    long every = evaluateEvery > 0 ? evaluateEvery : pass;
    return new PeerProblem(
        data.training(),
        data.heldOut(),
        data.heldOut().isPresent() ? every : 0,
        shape.sizes(),
        shape.activation().text(),
        weights,
        data.loss(),
        options.batch,
        seed);
  }
}
