package dev.krongauss.bench.compare;

import dev.krongauss.bench.RunException;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.Drawing;
import dev.krongauss.bench.page.Picture;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.bench.peers.PeerChoice;
import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.problem.Contender;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.bench.run.Conditions;
import dev.krongauss.bench.run.GridResult;
import dev.krongauss.bench.run.RecordedRun;
import dev.krongauss.bench.run.Results;
import dev.krongauss.bench.run.RunConfig;
import dev.krongauss.bench.run.RunFolder;
import dev.krongauss.bench.update.UpdateCost;
import dev.krongauss.device.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * The runs of a comparison, one after the other: the grid, then every contender from every seed.
 * After each one the results are written, so that a run that is stopped has shown what it finished.
 */
final class Experiment {
  private static final Pattern PAPERS = Pattern.compile("^\\w+");

  private final CompareOptions options;
  private final NetworkShape shape;
  private final NetworkShape gridShape;
  private final Conditions conditions;
  private final RunFolder folder;
  private final RunConfig config;
  private final RecordedRun recorded;
  private final PeerRuns peerRuns;
  private final Following following;
  private final Runner runner;
  private final Drawing drawing = new Drawing("bench/compare");
  private final List<Curve> done = new ArrayList<>();
  private final List<PeerResult> peers = new ArrayList<>();
  private List<UpdateCost> costs = List.of();
  private List<GridResult> grid;

  /**
   * @param recorded what the folder tells of a run that is to go on; null for a new one
   * @param peerRuns runs the peers
   */
  Experiment(
      CompareOptions options,
      Setup setup,
      RunFolder folder,
      RunConfig config,
      RecordedRun recorded,
      PeerRuns peerRuns) {
    this.options = options;
    this.folder = folder;
    this.config = config;
    this.recorded = recorded;
    this.peerRuns = peerRuns;
    this.shape = setup.rows().network(options.scale);
    this.gridShape = setup.rows().network(options.grid.scale);
    this.conditions =
        options.conditions(shape, setup.rows().lossName(), !setup.device().isSoftware());
    this.following = following(setup);
    this.runner = new Runner(setup);
    this.grid = recorded == null ? List.of() : recorded.grid();
  }

  /** Runs what is left, to the end. */
  Results run() throws IOException {
    if (recorded != null) {
      done.addAll(recorded.finished());
      peers.addAll(config.peers());
    }
    // Empty at first: whatever could keep results from being written fails before an hour of
    // training, not after it. Empty results have no picture, so text is drawn for its own sake.
    if (!options.noPictures) {
      drawing.rehearse();
    }
    finished();
    if (options.grid.on) {
      grid = new GridSearch(runner, gridShape, options).run(folder, grid);
    }
    runContenders();
    runPeers();
    measureCosts();
    return results();
  }

  /** Comes last: what fails here has cost no run. */
  private void measureCosts() throws IOException {
    if (options.noCosts) {
      return;
    }
    try {
      costs = runner.costs(shape, options);
      config.setCosts(costs);
      writeResults();
    } catch (DeviceException e) {
      System.err.println("bench/compare: what an update costs was not measured: " + e.getMessage());
    }
  }

  private void runContenders() throws IOException {
    List<Curve> stopped = recorded == null ? List.of() : recorded.stopped();
    for (String label : contenders()) {
      for (long seed : seeds()) {
        Curve fresh = new Curve(label, seed);
        if (isDone(fresh)) {
          continue;
        }
        checkAlgorithm(fresh);
        Curve curve = stopped.stream().filter(fresh::sameRun).findFirst().orElse(fresh);
        done.add(runner.runInto(folder, shape, Contender.parse(label), curve, following));
        finished();
      }
    }
  }

  /** No table mixes runs of two algorithms under names of one kind. */
  private void checkAlgorithm(Curve run) throws RunException {
    Contender contender = Contender.parse(run.label());
    if (!contender.firstOrder() && !contender.paper() && !config.stepLengthsPerLayer()) {
      throw new RunException(
          ("the run in %s is from before 2026-11-29, when '%s' was the paper's algorithm, and has"
                  + " not run it from seed %d to the end; run its command anew, into another folder,"
                  + " with '%s'")
              .formatted(
                  folder.path(),
                  run.label(),
                  run.seed(),
                  PAPERS.matcher(run.label()).replaceFirst("$0:paper")));
    }
  }

  /**
   * First the summary, which says that a run is finished; only then its checkpoint is of no use.
   */
  private void finished() throws IOException {
    writeResults();
    for (Curve curve : done) {
      Files.deleteIfExists(folder.checkpoint(curve));
    }
  }

  private void runPeers() throws IOException {
    for (long seed : seeds()) {
      for (PeerChoice choice : options.peers) {
        Curve curve = new Curve(choice.label(), seed);
        if (isDone(curve)) {
          continue;
        }
        PeerResult result = peerRuns.run(choice, curve, following, folder, shape);
        done.add(curve);
        config.addPeer(result, seed);
        peers.clear();
        peers.addAll(config.peers());
        writeResults();
      }
    }
    peerRuns.removeProblem(folder);
  }

  private boolean isDone(Curve run) {
    return done.stream().anyMatch(run::sameRun);
  }

  private List<Long> seeds() {
    return LongStream.range(options.seed, options.seed + options.seeds).boxed().toList();
  }

  /** With patience, an evaluation a pass over the rows where nothing else is said. */
  private Following following(Setup setup) {
    TrainingLoop loop =
        new TrainingLoop(
            new Limits(
                options.updates == null ? Long.MAX_VALUE : options.updates,
                options.seconds == null ? Double.POSITIVE_INFINITY : options.seconds));
    int patience = options.evaluation.patience == null ? 0 : options.evaluation.patience;
    long pass = setup.rows().training().size() / setup.batch();
    long every = patience > 0 ? pass : 0;
    return new Following(
        loop,
        options.checkpointSeconds,
        options.evaluation.every == null ? every : options.evaluation.every,
        patience);
  }

  /** What runs: as named, and behind each method that was tuned the best settings of its grid. */
  private List<String> contenders() throws IOException {
    if (config.contenders() != null) {
      return config.contenders();
    }
    Set<String> labels = new LinkedHashSet<>();
    Set<String> tuned = new LinkedHashSet<>();
    for (Contender each : options.contenders) {
      labels.add(each.label());
      if (options.grid.on && each.firstOrder() && lastOfItsKind(each)) {
        tuned.addAll(bestOfGrid(each.kind()));
        labels.addAll(tuned);
      }
    }
    config.setContenders(List.copyOf(labels), List.copyOf(tuned));
    return config.contenders();
  }

  private boolean lastOfItsKind(Contender contender) {
    List<Contender> same =
        options.contenders.stream().filter(c -> c.kind() == contender.kind()).toList();
    return same.get(same.size() - 1).equals(contender);
  }

  private List<String> bestOfGrid(OptimizerKind kind) {
    long updates = updates(Contender.of(kind));
    return Grid.ranked(grid, kind).stream()
        .filter(result -> Double.isFinite(result.objective()))
        .limit(options.grid.best)
        .map(result -> result.setting().contender(updates).label())
        .toList();
  }

  /** Updates that a contender will make: its halvings are a share of them. */
  private long updates(Contender contender) {
    long byTime =
        options.seconds == null
            ? Long.MAX_VALUE
            : runner.updatesIn(options.seconds, shape, contender, options.seed);
    return options.updates == null ? byTime : Math.min(byTime, options.updates);
  }

  private Results results() {
    return new Results(
        conditions,
        List.copyOf(done),
        List.copyOf(grid),
        config.tuned(),
        List.copyOf(peers),
        costs);
  }

  private void writeResults() throws IOException {
    folder.writeSummary(done);
    if (options.noPictures) {
      return;
    }
    Results results = results();
    drawing.draw(() -> Picture.writeAll(folder.path(), results.title(), done));
    String where = "%s, %s".formatted(config.device(), config.day());
    folder.writePage(ComparisonPage.of(results, config.command(), where).html(drawing));
  }
}
