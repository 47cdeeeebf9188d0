package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Claim;
import dev.krongauss.bench.page.Claim.Verdict;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.run.Results;
import java.util.ArrayList;
import java.util.List;

/** The sentences judged so far; whoever judges one finds what it needs here. */
final class Verdicts {
  /** The largest share of another's time that is a gain. */
  static final double HALF = 0.5;

  private static final int FULL_BATCH = 1000;

  private final Results results;
  private final Evidence evidence;
  private final List<Claim> claims = new ArrayList<>();

  Verdicts(Results results) {
    this.results = results;
    this.evidence = new Evidence(results);
  }

  /** Makes a claim, or says what it lacks. */
  interface Judgement {
    Claim make() throws Evidence.Missing;
  }

  /** Whether two objectives after as many updates are as a sentence has them. */
  interface Judge {
    boolean holds(double a, double b);
  }

  Results results() {
    return results;
  }

  Evidence evidence() {
    return evidence;
  }

  /** In the order they were judged. */
  List<Claim> claims() {
    return List.copyOf(claims);
  }

  void judge(String sentence, Judgement judgement) {
    try {
      claims.add(judgement.make());
    } catch (Evidence.Missing e) {
      open(sentence, e.getMessage());
    }
  }

  Claim claim(String sentence, boolean holds, String text) {
    return new Claim(sentence, Verdict.of(holds), text + evidence.seeds());
  }

  void open(String sentence, String missing) {
    claims.add(new Claim(sentence, Verdict.OPEN, missing));
  }

  /** Whether one method gets to another's final objective in at most half of its time. */
  void halfTheTime(String sentence, String own, String other) {
    judge(
        sentence,
        () -> {
          List<Curve> others = evidence.runs(other);
          List<Curve> runs = evidence.runs(own);
          Evidence.Share share = TimeShares.atEnd(runs, others);
          return claim(
              sentence, share.value() <= HALF, share.text() + TimeShares.before(runs, others));
        });
  }

  /** Of two methods' objectives after as many updates. */
  void progress(String sentence, String a, String b, Judge judge) {
    judge(
        sentence,
        () -> {
          Evidence.Objectives pair = evidence.objectives(evidence.runs(a), evidence.runs(b));
          return claim(sentence, judge.holds(pair.a(), pair.b()), pair.text());
        });
  }

  /** Whether the run is of the size that sentences about costs are about; else they are open. */
  boolean fullSize(String sentence) {
    boolean full = results.conditions().batch() == FULL_BATCH && results.conditions().scale() == 1;
    if (!full) {
      open(sentence, "it is about --scale 1 --batch 1000");
    }
    return full;
  }
}
