package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.page.Claim;
import dev.krongauss.bench.page.Claim.Verdict;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.page.HeldOut;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.TableProblem;
import dev.krongauss.bench.run.Conditions;
import dev.krongauss.bench.run.Results;
import dev.krongauss.net.Activation;
import dev.krongauss.table.Tabular;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said of a table: who reaches whose best held-out value in what share of the time. */
final class TableClaimsTest {
  @Test
  void aShareOfTheOthersTimeToItsBest() {
    Curve kfra = curve("kfra", 1, 0.9, 0.4, 0.3);
    Curve adam = curve("adam", 2, 0.8, 0.5, 0.6);
    Curve muon = curve("muon", 2, 0.9, 0.9, 0.95);
    List<Claim> claims = Claims.of(results(1, kfra, adam, muon));
    assertThat(claims)
        .extracting(Claim::sentence)
        .containsExactly(
            "kfra reaches the best held-out objective of adam in at most half of its time",
            "kfra reaches the best held-out objective of muon in at most half of its time",
            "adam reaches the best held-out objective of muon in at most half of its time");
    // Adam's best is its second, after 4 s; KFRA is there with its second, after 2 s.
    assertThat(claims.get(0).verdict()).isEqualTo(Verdict.ESTABLISHED);
    assertThat(claims.get(0).evidence())
        .isEqualTo("0.50 of its time to get there; adam had 0.5000 after 4.0 s; one seed");
    // Adam is below 0.9 with its first evaluation after 2 s, as soon as Muon.
    assertThat(claims.get(2).verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(claims.get(2).evidence()).startsWith("1.00 of its time");
  }

  @Test
  void whoDoesNotGetThereIsRefutedAndWhoRanShorterIsNot() {
    Curve slow = curve("kfra", 2, 0.9, 0.8, 0.7);
    Curve adam = curve("adam", 1, 0.9, 0.6, 0.5);
    assertThat(Claims.of(results(1, slow, adam)).get(0).verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(Claims.of(results(1, slow, adam)).get(0).evidence())
        .startsWith("did not reach it in 6.0 s; adam had 0.5000 after 3.0 s");
    Curve brief = curve("kfra", 1, 0.9);
    Claim open = Claims.of(results(1, brief, adam)).get(0);
    assertThat(open.verdict()).isEqualTo(Verdict.OPEN);
    assertThat(open.evidence()).isEqualTo("kfra ran less than half as long");
  }

  /** Two evaluations without a better one are where patience of two ends a run. */
  @Test
  void whoEndedByPatienceIsRefutedHoweverShortItRan() {
    Curve ended = curve("kfra", 0.1, 0.9, 0.95, 0.97);
    Curve adam = curve("adam", 1, 0.9, 0.6, 0.5);
    assertThat(Claims.of(results(1, 2, ended, adam)).get(0).verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(Claims.of(results(1, 3, ended, adam)).get(0).verdict()).isEqualTo(Verdict.OPEN);
  }

  @Test
  void theWorstSeedCounts() {
    Curve first = curve("kfra", 1, 0.4);
    Curve second = new Curve("kfra", 2);
    Curve adam = curve("adam", 4, 0.5);
    Curve adams = new Curve("adam", 2);
    second.add(3, 1);
    second.add(judged(1, 3, 0.4));
    adams.add(4, 1);
    adams.add(judged(1, 4, 0.5));
    Claim claim = Claims.of(results(2, first, second, adam, adams)).get(0);
    assertThat(claim.verdict()).isEqualTo(Verdict.REFUTED);
    assertThat(claim.evidence()).startsWith("0.75 of its time").endsWith("2 seeds");
  }

  @Test
  void withoutHeldOutRowsNothingIsSaid() {
    Claim claim = Claims.of(results(1, curve("kfra", 1), curve("adam", 1))).get(0);
    assertThat(claim.verdict()).isEqualTo(Verdict.OPEN);
    assertThat(claim.evidence()).contains("hold rows out with --holdout 0.2");
  }

  /** An evaluation behind every update. */
  private static Curve curve(String label, double seconds, double... heldOut) {
    Curve curve = new Curve(label, 1);
    curve.add(seconds, 1);
    for (int i = 1; i <= heldOut.length; i++) {
      if (i > 1) {
        curve.add(seconds * i, 1);
      }
      curve.add(judged(i, seconds * i, heldOut[i - 1]));
    }
    return curve;
  }

  private static HeldOut judged(long update, double seconds, double objective) {
    double none = Double.NaN;
    return new HeldOut(update, seconds, false, objective, none, none, none, none, none);
  }

  private static Results results(int seeds, Curve... curves) {
    return results(seeds, 0, curves);
  }

  private static Results results(int seeds, int patience, Curve... curves) {
    TableProblem problem =
        new TableProblem(
            Compare.commandLine(),
            "prices.csv",
            Tabular.csv(Path.of("prices.csv")),
            Optional.empty(),
            Activation.TANH);
    NetworkShape shape = NetworkShape.of(5, List.of(20), Activation.TANH, 1);
    Conditions conditions =
        new Conditions(problem, "squared error", shape, 1, 100, 1, seeds, false, 1, 200, patience);
    return new Results(conditions, List.of(curves), List.of(), List.of(), List.of(), List.of());
  }
}
