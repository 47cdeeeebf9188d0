package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Claim;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.bench.run.Results;
import dev.krongauss.bench.run.SummaryTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The sentences of a run on other data than the paper's, as a table of one's own: whether each
 * optimiser reaches the best held-out objective of each that was named after it in at most half of
 * its time. Seed by seed, of which the worst counts.
 */
final class TableClaims {
  private final Verdicts verdicts;

  private TableClaims(Results results) {
    this.verdicts = new Verdicts(results);
  }

  /** One sentence a pair, in the order of the runs. */
  static List<Claim> of(Results results) {
    TableClaims claims = new TableClaims(results);
    List<String> labels = new ArrayList<>(results.byLabel().keySet());
    for (int i = 0; i < labels.size(); i++) {
      for (int j = i + 1; j < labels.size(); j++) {
        claims.judge(labels.get(i), labels.get(j));
      }
    }
    return claims.verdicts.claims();
  }

  private void judge(String own, String other) {
    String sentence =
        "%s reaches the best held-out objective of %s in at most half of its time"
            .formatted(own, other);
    verdicts.judge(
        sentence,
        () -> {
          Evidence.Share share =
              share(verdicts.evidence().runs(own), verdicts.evidence().runs(other));
          return verdicts.claim(sentence, share.value() <= Verdicts.HALF, share.text());
        });
  }

  private Evidence.Share share(List<Curve> own, List<Curve> others) throws Evidence.Missing {
    double worst = 0;
    for (int s = 0; s < own.size(); s++) {
      worst = Math.max(worst, share(own.get(s), others.get(s)));
    }
    Curve first = others.get(0);
    HeldOut best = best(first);
    String how =
        Double.isInfinite(worst)
            ? String.format(
                Locale.ROOT, "did not reach it in %.1f s", own.get(own.size() - 1).seconds())
            : Evidence.number(worst) + " of its time to get there";
    return new Evidence.Share(
        worst,
        String.format(
            Locale.ROOT,
            "%s; %s had %s after %.1f s",
            how,
            first.label(),
            SummaryTable.format("%.4g", best.objective()),
            best.seconds()));
  }

  private double share(Curve own, Curve other) throws Evidence.Missing {
    HeldOut theirs = best(other);
    best(own);
    Optional<HeldOut> ours = own.firstHeldOutAt(theirs.objective());
    boolean cutShort = own.failure() == null && !endedByPatience(own);
    if (ours.isEmpty() && cutShort && 2 * own.seconds() < theirs.seconds()) {
      throw new Evidence.Missing(own.label() + " ran less than half as long");
    }
    return ours.isEmpty() ? Double.POSITIVE_INFINITY : ours.get().seconds() / theirs.seconds();
  }

  /** Whether more time would not have made it longer. */
  private boolean endedByPatience(Curve curve) {
    int patience = verdicts.results().conditions().patience();
    return patience > 0 && curve.evaluationsSinceBest() >= patience;
  }

  private static HeldOut best(Curve curve) throws Evidence.Missing {
    return curve
        .bestHeldOut()
        .orElseThrow(
            () ->
                new Evidence.Missing(
                    "%s from seed %d has no held-out objective; hold rows out with --holdout 0.2"
                        .formatted(curve.label(), curve.seed())));
  }
}
