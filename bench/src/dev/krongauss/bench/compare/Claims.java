package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Claim;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.peers.PeerKind;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.bench.problem.PaperProblem;
import dev.krongauss.bench.run.Results;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The sentences that a comparison is made for, each with what this run says of it: of the default,
 * one step length a layer, and of the paper's algorithm, one length for all. A run that lacks what
 * a sentence needs says which option would give it.
 */
final class Claims {
  private static final double SAME_OBJECTIVE = 1.25;

  private final Results results;
  private final Verdicts verdicts;
  private final Evidence evidence;

  private Claims(Results results) {
    this.results = results;
    this.verdicts = new Verdicts(results);
    this.evidence = verdicts.evidence();
  }

  /** All sentences that are about this run's data. */
  static List<Claim> of(Results results) {
    if (!results.conditions().problem().isThePapers()) {
      return TableClaims.of(results);
    }
    Claims claims = new Claims(results);
    if (results.conditions().problem() == PaperProblem.ODDEVEN) {
      claims.oddEven();
    } else {
      claims.autoencoder();
    }
    return claims.verdicts.claims();
  }

  private void autoencoder() {
    CostClaims costs = new CostClaims(verdicts);
    halfTheTimeOfKfacJax();
    halfTheTimeOfTuned(OptimizerKind.ADAM);
    halfTheTimeOfTuned(OptimizerKind.MUON);
    layersAgainstPaper();
    averages();
    costs.againstAdam();
    costs.peers();
    verdicts.progress(
        "the paper's KFRA makes at least its KFAC's progress per update",
        "kfra:paper",
        "kfac:paper",
        (a, b) -> a <= b);
    costs.sameCost();
    if (results.conditions().problem() == PaperProblem.FACES) {
      adamDiverges();
    }
    momentum();
  }

  private void oddEven() {
    layersAgainstPaper();
    averages();
    new CostClaims(verdicts).sameCost();
    verdicts.progress(
        "the paper's KFAC and KFLR make the same progress on odd/even, to a quarter",
        "kflr:paper",
        "kfac:paper",
        (a, b) -> a / b <= SAME_OBJECTIVE && b / a <= SAME_OBJECTIVE);
    secondOrderAgainstAdam();
    momentum();
  }

  /**
   * By the best setting of kfac-jax that ran; how many initial dampings did is told, and whether
   * its authors advise against it.
   */
  private void halfTheTimeOfKfacJax() {
    String sentence =
        "KFRA at its default reaches the best kfac-jax's final objective in at most half of its"
            + " time";
    verdicts.judge(
        sentence,
        () -> {
          List<Curve> theirs = evidence.best(PeerKind.KFAC_JAX.toString());
          List<Curve> ours = evidence.runs("kfra");
          Evidence.Share share = TimeShares.atEnd(ours, theirs);
          return verdicts.claim(
              sentence,
              share.value() <= Verdicts.HALF,
              share.text() + TimeShares.before(ours, theirs) + settings(theirs));
        });
  }

  private String settings(List<Curve> best) {
    PeerKind kind = PeerKind.KFAC_JAX;
    String advice =
        best.get(0).label().contains(":rate=")
            ? ""
            : " of its automatic rate and momentum, against which its authors advise for"
                + " mini-batches";
    return "; %d of %d initial dampings ran%s"
        .formatted(
            evidence.values(kind.toString(), "damping", PeerKind.DEFAULT_DAMPING),
            kind.grid().size(),
            advice.isEmpty() ? "" : "; the best is" + advice);
  }

  /**
   * By the best setting that ran, of which the grid's best must be one, and by the best in PyTorch
   * where one ran.
   */
  private void halfTheTimeOfTuned(OptimizerKind kind) {
    String name = Pace.name(kind);
    String sentence =
        "KFRA at its default reaches the tuned %s's final objective in at most half of %s's time"
            .formatted(name, name);
    if (!evidence.ran(kind.toString())) {
      verdicts.open(sentence, "needs " + kind + " in --optimizers, and --grid");
      return;
    }
    if (results.tuned().stream().noneMatch(l -> l.split(":")[0].equals(kind.toString()))) {
      verdicts.open(sentence, name + " was not tuned; give --grid");
      return;
    }
    verdicts.judge(
        sentence,
        () -> {
          List<Curve> theirs = evidence.best(kind.toString());
          List<Curve> ours = evidence.runs("kfra");
          Evidence.Share share = TimeShares.atEnd(ours, theirs);
          Pace pace = Pace.of(kind, theirs, verdicts);
          boolean holds = pace.holds(share.value(), Verdicts.HALF);
          String text =
              share.text() + tunedAt() + pace.text(share.value(), "; %s of it at PyTorch's pace");
          Optional<List<Curve>> peers = evidence.bestInPyTorch(kind);
          if (peers.isPresent()) {
            Evidence.Share beside = TimeShares.atEnd(ours, peers.get());
            holds &= beside.value() <= Verdicts.HALF;
            text += "; " + beside.text();
          }
          return verdicts.claim(sentence, holds, text);
        });
  }

  /** The grid's networks may be smaller: then that is said. */
  private String tunedAt() {
    double scale = results.conditions().gridScale();
    return scale == results.conditions().scale() ? "" : "; tuned at scale " + scale;
  }

  private void layersAgainstPaper() {
    verdicts.halfTheTime(
        "one step length a layer reaches the paper's KFRA's final objective in at most half of its"
            + " time",
        "kfra",
        "kfra:paper");
  }

  private void averages() {
    String sentence = "the averaged weights are at least as good as the last ones, on fixed rows";
    verdicts.judge(
        sentence,
        () -> {
          Evidence.Share difference = evidence.averages(evidence.runs("kfra"));
          return verdicts.claim(sentence, difference.value() <= 0, difference.text());
        });
  }

  private void momentum() {
    verdicts.progress(
        "momentum on the paper's second-order updates does not help",
        "kfra:paper:momentum",
        "kfra:paper",
        (a, b) -> a >= b);
  }

  private void secondOrderAgainstAdam() {
    for (String label : List.of("kflr", "kfac", "kfra")) {
      String sentence =
          "%s reaches Adam's final objective on odd/even in at most half of Adam's time, on %s"
              .formatted(
                  label.toUpperCase(Locale.ROOT), results.conditions().gpu() ? "a GPU" : "a CPU");
      verdicts.judge(
          sentence,
          () -> {
            List<Curve> ours = evidence.runs(label);
            List<Curve> adam = evidence.best(OptimizerKind.ADAM.toString());
            Evidence.Share share = TimeShares.atEnd(ours, adam);
            return verdicts.claim(sentence, share.value() <= Verdicts.HALF, share.text());
          });
    }
  }

  private void adamDiverges() {
    String sentence = "Adam at 1e-3 diverges on FACES";
    verdicts.judge(
        sentence,
        () -> {
          Evidence.Growth growth = evidence.growth(evidence.runs(OptimizerKind.ADAM.toString()));
          return verdicts.claim(sentence, growth.diverged(), growth.text());
        });
  }
}
