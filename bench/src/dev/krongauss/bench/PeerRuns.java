package dev.krongauss.bench;

import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.bench.peers.PeerKind;
import dev.krongauss.bench.peers.PeerProblem;
import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.peers.PeerRun;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.net.Network;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

/** The same training in other frameworks: same rows, first weights and batches, same table. */
final class PeerRuns implements AutoCloseable {
  private final CompareOptions options;
  private final Device device;
  private final Dataset data;
  private final PaperNetwork shape;
  private final Map<PeerKind, Interpreter> interpreters = new EnumMap<>(PeerKind.class);
  private Path problem;
  private long seedOfProblem;

  PeerRuns(CompareOptions options, Device device, Dataset data, PaperNetwork shape) {
    this.options = options;
    this.device = device;
    this.data = data;
    this.shape = shape;
  }

  /**
   * Finds a Python for every peer that was asked for, before anything is trained.
   *
   * @throws dev.krongauss.bench.peers.PeerException if there is none, with all that were tried
   */
  void find() {
    for (PeerKind kind : options.peers) {
      interpreters.put(kind, Interpreter.find(kind).orThrow());
    }
  }

  /**
   * Runs a peer into the folder's metrics.
   *
   * @param curve empty; gets a point an update, and the failure if there is one
   */
  PeerResult run(PeerKind kind, Curve curve, Training training, RunFolder folder)
      throws IOException {
    Limits limits = new Limits(training.maxUpdates(), training.maxSeconds());
    try (Progress progress = new Progress(curve.label())) {
      PeerResult result =
          PeerRun.of(kind, interpreters.get(kind))
              .device(device.isSoftware() ? "cpu" : "cuda")
              .run(
                  problem(curve.seed(), limits),
                  limits,
                  row -> {
                    Curve.Point point = curve.add(row.seconds(), row.objective());
                    folder.write(curve, point);
                    progress.show(training, point, curve);
                  });
      if (result.failed()) {
        curve.failed("after %,d updates: %s".formatted(curve.updates(), result.failure()));
      }
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(kind + " was interrupted");
    }
  }

  /** The files of one seed, shared by all peers; the last seed's are removed. */
  private Path problem(long seed, Limits limits) throws IOException {
    if (problem != null && seedOfProblem == seed) {
      return problem;
    }
    close();
    problem = Files.createTempDirectory("krongauss-peers");
    seedOfProblem = seed;
    float[][] weights;
    try (Network network = shape.build(device, seed)) {
      weights = network.weights();
    }
    new PeerProblem(data, shape.sizes(), weights, options.data.loss(), options.batch, seed)
        .write(problem, limits);
    return problem;
  }

  @Override
  public void close() throws IOException {
    if (problem == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(problem)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
    problem = null;
  }
}
