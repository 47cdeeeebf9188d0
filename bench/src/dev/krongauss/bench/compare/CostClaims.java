package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.OptimizerKind;
import java.util.List;
import java.util.Locale;

/** What an update costs, by those of other methods and of the same methods elsewhere. */
final class CostClaims {
  private static final double COST_BOUND = 3.3;
  private static final double PEER_ON_GPU = 10;
  private static final double PEER_ON_CPU = 1.3;
  private static final double SAME_PRODUCTS = 0.95;
  private static final double SAME_COST = 1.15;

  private final Verdicts verdicts;
  private final Evidence evidence;
  private final boolean gpu;

  CostClaims(Verdicts verdicts) {
    this.verdicts = verdicts;
    this.evidence = verdicts.evidence();
    this.gpu = verdicts.results().conditions().gpu();
  }

  void againstAdam() {
    String sentence =
        "a KFRA update costs at most 3.3 Adam updates at N = 1000, step lengths included";
    if (!verdicts.fullSize(sentence)) {
      return;
    }
    verdicts.judge(
        sentence,
        () -> {
          List<Curve> adam = evidence.runs(OptimizerKind.ADAM.toString());
          double ratio = evidence.costRatio(evidence.runs("kfra"), adam).value();
          String text = evidence.costRatio(evidence.runs("kfra"), adam).text();
          Pace pace = Pace.of(OptimizerKind.ADAM, adam, verdicts);
          return verdicts.claim(
              sentence,
              pace.holds(ratio, COST_BOUND),
              text + pace.text(ratio, "; %s times PyTorch's Adam"));
        });
  }

  /** The same algorithm in plain PyTorch; ours and torch-kfra-layers do the same products. */
  void peers() {
    double bound = gpu ? PEER_ON_GPU : PEER_ON_CPU;
    for (String peer : List.of("torch-kfra", "backpack-kfra")) {
      faster("kfra:paper", peer, bound, "an update of the paper's KFRA");
    }
    if (!gpu) {
      faster("kfra", "torch-kfra-layers", SAME_PRODUCTS, "a KFRA update");
    }
  }

  private void faster(String own, String peer, double bound, String subject) {
    String sentence =
        String.format(
            Locale.ROOT, "%s is at least %s times as fast as one of %s", subject, bound, peer);
    if (verdicts.fullSize(sentence)) {
      verdicts.judge(
          sentence,
          () -> {
            List<Curve> theirs = evidence.runs(peer);
            Evidence.Share ratio = evidence.costRatio(theirs, evidence.runs(own));
            return verdicts.claim(sentence, ratio.value() >= bound, ratio.text());
          });
    }
  }

  void sameCost() {
    String sentence = "the paper's KFRA and KFAC cost the same, to 15 %";
    verdicts.judge(
        sentence,
        () -> {
          Evidence.Share ratio =
              evidence.costRatio(evidence.runs("kfra:paper"), evidence.runs("kfac:paper"));
          boolean holds = ratio.value() <= SAME_COST && ratio.value() >= 1 / SAME_COST;
          return verdicts.claim(sentence, holds, ratio.text());
        });
  }
}
