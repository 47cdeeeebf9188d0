package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Claim;
import dev.krongauss.bench.page.Claim.Verdict;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.OptimizerKind;
import dev.krongauss.bench.problem.Problem;
import dev.krongauss.bench.run.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The sentences that a comparison is made for, each with what this run says of it. A run that lacks
 * what a sentence needs says which option would give it.
 */
final class Claims {
  private static final double HALF = 0.5;
  private static final double COST_BOUND = 3.3;
  private static final double PEER_ON_GPU = 10;
  private static final double PEER_ON_CPU = 1.3;
  private static final double SAME_COST = 1.15;
  private static final double SAME_OBJECTIVE = 1.25;
  private static final int FULL_BATCH = 1000;
  private static final String ADAM = OptimizerKind.ADAM.toString();
  private static final String TORCH_ADAM = "torch-adam";

  private final Results results;
  private final Evidence evidence;
  private final List<Claim> claims = new ArrayList<>();

  private Claims(Results results) {
    this.results = results;
    this.evidence = new Evidence(results);
  }

  /** All sentences that are about this run's data. */
  static List<Claim> of(Results results) {
    Claims claims = new Claims(results);
    boolean oddEven = results.conditions().problem() == Problem.ODDEVEN;
    if (!oddEven) {
      claims.halfTheTimeOfTunedAdam();
      claims.cost();
      claims.peers();
      claims.progressPerUpdate();
    }
    claims.sameCost();
    if (results.conditions().problem() == Problem.FACES) {
      claims.adamDiverges();
    }
    if (oddEven) {
      claims.kflrIsKfac();
      claims.secondOrderAgainstAdam();
    }
    claims.momentum();
    return claims.claims;
  }

  /** By the best setting of Adam that ran, of which the grid's best must be one. */
  private void halfTheTimeOfTunedAdam() {
    String sentence =
        "KFRA at its default reaches the tuned Adam's final objective in at most half of Adam's"
            + " time";
    if (results.tuned().stream().noneMatch(label -> label.split(":")[0].equals(ADAM))) {
      open(sentence, "Adam was not tuned; give --grid");
      return;
    }
    judge(
        sentence,
        () -> {
          List<Curve> adam = evidence.best(ADAM);
          Evidence.Share share = evidence.timeShare(evidence.runs("kfra"), adam);
          String text = share.text() + tunedAt();
          boolean holds = share.value() <= HALF;
          Optional<Double> pace = torchPace(adam);
          if (pace.isPresent()) {
            double atItsPace = share.value() / pace.get();
            holds &= atItsPace <= HALF;
            text += "; %s of it at PyTorch's pace".formatted(Evidence.number(atItsPace));
          }
          return claim(sentence, holds, text + torchMissing(pace));
        });
  }

  /** The grid's networks may be smaller: then that is said. */
  private String tunedAt() {
    double scale = results.conditions().gridScale();
    return scale == results.conditions().scale() ? "" : "; tuned at scale " + scale;
  }

  private void cost() {
    String sentence =
        "a KFRA update costs at most 3.3 Adam updates at N = 1000, rescaling included";
    if (!fullSize(sentence)) {
      return;
    }
    judge(
        sentence,
        () -> {
          List<Curve> adam = evidence.runs(ADAM);
          Evidence.Share ratio = evidence.costRatio(evidence.runs("kfra"), adam);
          boolean holds = ratio.value() <= COST_BOUND;
          String text = ratio.text();
          Optional<Double> pace = torchPace(adam);
          if (pace.isPresent()) {
            double byTorch = ratio.value() / pace.get();
            holds &= byTorch <= COST_BOUND;
            text += "; %s times PyTorch's Adam".formatted(Evidence.number(byTorch));
          }
          return claim(sentence, holds, text + torchMissing(pace));
        });
  }

  /**
   * PyTorch's milliseconds an Adam update by ours. On a CPU an interpreter slows our Adam more than
   * the others, so that ours alone would be too easy a rival.
   */
  private Optional<Double> torchPace(List<Curve> adam) throws Evidence.Missing {
    if (results.conditions().gpu() || results.of(TORCH_ADAM).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(evidence.costRatio(evidence.runs(TORCH_ADAM), adam).value());
  }

  private String torchMissing(Optional<Double> pace) {
    return results.conditions().gpu() || pace.isPresent()
        ? ""
        : "; PyTorch's Adam did not run beside it (--peer " + TORCH_ADAM + ")";
  }

  private void peers() {
    double bound = results.conditions().gpu() ? PEER_ON_GPU : PEER_ON_CPU;
    for (String peer : List.of("torch-kfra", "backpack-kfra")) {
      String sentence =
          String.format(
              Locale.ROOT, "a KFRA update is at least %s times as fast as one of %s", bound, peer);
      if (fullSize(sentence)) {
        judge(
            sentence,
            () -> {
              Evidence.Share ratio = evidence.costRatio(evidence.runs(peer), evidence.runs("kfra"));
              return claim(sentence, ratio.value() >= bound, ratio.text());
            });
      }
    }
  }

  /** Whether the run is of the size that sentences about costs are about. */
  private boolean fullSize(String sentence) {
    boolean full = results.conditions().batch() == FULL_BATCH && results.conditions().scale() == 1;
    if (!full) {
      open(sentence, "it is about --scale 1 --batch 1000");
    }
    return full;
  }

  private void sameCost() {
    String sentence = "KFRA and KFAC cost the same, to 15 %";
    judge(
        sentence,
        () -> {
          Evidence.Share ratio = evidence.costRatio(evidence.runs("kfra"), evidence.runs("kfac"));
          boolean holds = ratio.value() <= SAME_COST && ratio.value() >= 1 / SAME_COST;
          return claim(sentence, holds, ratio.text());
        });
  }

  private void progressPerUpdate() {
    progress("KFRA makes at least KFAC's progress per update", "kfra", "kfac", (a, b) -> a <= b);
  }

  private void momentum() {
    progress(
        "momentum on second-order updates does not help",
        "kfra:momentum",
        "kfra",
        (a, b) -> a >= b);
  }

  private void kflrIsKfac() {
    progress(
        "KFAC and KFLR make the same progress on odd/even, to a quarter",
        "kflr",
        "kfac",
        (a, b) -> a / b <= SAME_OBJECTIVE && b / a <= SAME_OBJECTIVE);
  }

  private interface Judge {
    boolean holds(double a, double b);
  }

  private void progress(String sentence, String a, String b, Judge judge) {
    judge(
        sentence,
        () -> {
          Evidence.Objectives pair = evidence.objectives(evidence.runs(a), evidence.runs(b));
          return claim(sentence, judge.holds(pair.a(), pair.b()), pair.text());
        });
  }

  private void secondOrderAgainstAdam() {
    for (String label : List.of("kflr", "kfac", "kfra")) {
      String sentence =
          "%s reaches Adam's final objective on odd/even in at most half of Adam's time, on %s"
              .formatted(
                  label.toUpperCase(Locale.ROOT), results.conditions().gpu() ? "a GPU" : "a CPU");
      judge(
          sentence,
          () -> {
            Evidence.Share share = evidence.timeShare(evidence.runs(label), evidence.best(ADAM));
            return claim(sentence, share.value() <= HALF, share.text());
          });
    }
  }

  private void adamDiverges() {
    String sentence = "Adam at 1e-3 diverges on FACES";
    judge(
        sentence,
        () -> {
          Evidence.Growth growth = evidence.growth(evidence.runs(ADAM));
          return claim(sentence, growth.diverged(), growth.text());
        });
  }

  private interface Judgement {
    Claim make() throws Evidence.Missing;
  }

  private void judge(String sentence, Judgement judgement) {
    try {
      claims.add(judgement.make());
    } catch (Evidence.Missing e) {
      open(sentence, e.getMessage());
    }
  }

  private Claim claim(String sentence, boolean holds, String text) {
    return new Claim(sentence, Verdict.of(holds), text + evidence.seeds());
  }

  private void open(String sentence, String missing) {
    claims.add(new Claim(sentence, Verdict.OPEN, missing));
  }
}
