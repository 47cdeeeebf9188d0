package dev.krongauss.bench.kit;

import dev.krongauss.bench.peers.ExportProblem;
import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.bench.peers.Limits;
import dev.krongauss.bench.peers.PeerKind;
import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.peers.PeerRow;
import dev.krongauss.bench.peers.PeerRun;
import dev.krongauss.bench.process.Child;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The same training in PyTorch and here: network, rows, first weights and batches. */
final class PeersStage {
  private static final double ASK_SECONDS = 60;

  /** In this order, KFRA first: what a session has no time for is at the end. */
  private static final List<PeerKind> KINDS =
      List.of(PeerKind.TORCH_KFRA, PeerKind.TORCH_ADAM, PeerKind.TORCH_ADAM_GRAPH);

  private static final String PAPERS = "kfra:paper";

  private static Interpreter.Search asked;

  private final KitSettings settings;
  private final OurTraining ours;

  PeersStage(KitSettings settings) {
    this.settings = settings;
    this.ours = new OurTraining(settings);
  }

  /** The Python that can do it; importing torch takes long, so one that was found is remembered. */
  static synchronized Interpreter.Search python(boolean software, double seconds) {
    if (asked == null || asked.found() == null) {
      Interpreter.Need need = software ? Interpreter.Need.TORCH : Interpreter.Need.GPU;
      asked = Interpreter.find(Set.of(need), Map.of(), seconds);
    }
    return asked;
  }

  /**
   * Peers, and before them this project's KFRA of the paper, the algorithm of {@link
   * PeerKind#TORCH_KFRA}, and its Adam unless {@code compare} has just run it.
   */
  Outcome peers() throws IOException {
    Deadline deadline = Deadline.in(settings.limitSeconds());
    Report report = new Report(settings, "peers");
    Interpreter.Search python =
        python(settings.software(), Math.min(ASK_SECONDS, settings.limitSeconds() / 2));
    report.put("python", python.asMap());
    if (python.found() == null) {
      return report.skip(python.reason());
    }
    String data = ours.data().get(ours.data().size() - 1);
    Path problem = settings.work().resolve("problem-" + data);
    Outcome outcome = export(data, problem, deadline);
    if (!outcome.failed()) {
      outcome = train(report, python.orThrow(), data, problem, deadline);
    }
    report.end(outcome, TrainingRows.table(report));
    System.out.print(TrainingRows.table(report));
    return outcome;
  }

  private Outcome export(String data, Path folder, Deadline deadline) throws IOException {
    List<String> arguments = new ArrayList<>(ours.problem(data));
    arguments.addAll(List.of("--out", folder.toString()));
    try (Child export =
        settings
            .java("peers", List.of(), List.of(), ExportProblem.class.getName())
            .start(arguments.toArray(String[]::new))) {
      Integer status = OurTraining.drain(export, deadline.secondsLeft());
      return status != null && status == 0
          ? Outcome.of(true)
          : Outcome.broken("the problem could not be exported" + export.logTail());
    }
  }

  private Outcome train(
      Report report, Interpreter python, String data, Path problem, Deadline deadline)
      throws IOException {
    Outcome outcome = Outcome.of(true);
    List<String> own = settings.session() ? List.of(PAPERS) : List.of(PAPERS, "adam");
    int left = own.size() + KINDS.size();
    for (String optimizer : own) {
      double share = deadline.secondsLeft() / (double) left--;
      outcome = outcome.and(ours.train(report, data, optimizer, share));
      report.write(TrainingRows.table(report));
    }
    for (PeerKind kind : KINDS) {
      double share = deadline.secondsLeft() / (double) left--;
      if (kind.needsGpu() && settings.software()) {
        report.put(kind.toString(), "SKIPPED: CUDA graphs need a GPU");
        continue;
      }
      if (deadline.passed()) {
        outcome = outcome.and(Outcome.cut(true, "the time was over", List.of(kind.toString())));
        continue;
      }
      PeerRun run =
          PeerRun.of(kind, python)
              .scripts(settings.home().resolve("peers"))
              .device(settings.software() ? "cpu" : "cuda")
              .patience(Math.max(1, share));
      outcome = outcome.and(peer(report, run, data, problem, ours.seconds(share)));
      report.write(TrainingRows.table(report));
    }
    return outcome;
  }

  private static Outcome peer(Report report, PeerRun run, String data, Path problem, double seconds)
      throws IOException {
    List<PeerRow> points = new ArrayList<>();
    PeerResult result;
    try {
      result = run.run(problem, new Limits(Long.MAX_VALUE, seconds), points::add);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a peer ran");
    }
    report.put(result.name(), result.facts());
    return Outcome.of(TrainingRows.row(report, data, result.name(), points, result.failure()));
  }
}
