package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.page.Claim.Verdict;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.PaperProblem;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of costs and of the paper's algorithm. */
final class PaperClaimsTest extends ClaimsFixture {
  @Test
  void costIsARatioOfMilliseconds() {
    curve("kfra", 20, 0.30, 2, 1);
    curve("kfra:paper", 20, 0.30, 2, 1);
    curve("adam", 20, 0.10, 2, 1);
    curve("kfac:paper", 20, 0.20, 2, 1);
    assertThat(verdict("3.3 Adam updates")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(verdict("cost the same")).isEqualTo(Verdict.REFUTED);
    assertThat(claim("cost the same").evidence())
        .startsWith(
            "1.50 times: kfra:paper 300.0 ms, kfac:paper 200.0 ms, means of the runs, on a");
    curve("torch-kfra", 20, 0.36, 2, 1);
    assertThat(verdict("1.3 times as fast as one of torch-kfra")).isEqualTo(Verdict.REFUTED);
    assertThat(claim("backpack-kfra").evidence()).isEqualTo("needs --peer backpack-kfra");
    options.scale = 0.25;
    assertThat(verdict("3.3 Adam updates")).isEqualTo(Verdict.OPEN);
    assertThat(verdict("torch-kfra")).isEqualTo(Verdict.OPEN);
  }

  @Test
  void theSameProductsInPyTorchCostAboutTheSame() {
    curve("kfra", 20, 0.30, 2, 1);
    assertThat(claim("torch-kfra-layers").evidence()).isEqualTo("needs --peer torch-kfra-layers");
    curve("torch-kfra-layers", 20, 0.286, 2, 1);
    assertThat(verdict("0.95 times as fast as one of torch-kfra-layers"))
        .isEqualTo(Verdict.ESTABLISHED);
    curves.remove(1);
    curve("torch-kfra-layers", 20, 0.284, 2, 1);
    assertThat(verdict("torch-kfra-layers")).isEqualTo(Verdict.REFUTED);
    gpu = true;
    assertThat(Claims.of(results())).noneMatch(c -> c.sentence().contains("torch-kfra-layers"));
    assertThat(verdict("10.0 times as fast as one of torch-kfra")).isEqualTo(Verdict.OPEN);
  }

  @Test
  void thePapersClaimsAreAboutThePapersAlgorithm() {
    curve("kfra", 40, 0.1, 100, 20);
    curve("kfac", 40, 0.1, 100, 70);
    for (String part : List.of("KFAC's progress", "cost the same", "momentum")) {
      assertThat(verdict(part)).as(part).isEqualTo(Verdict.OPEN);
      assertThat(claim(part).evidence()).as(part).startsWith("needs kfra:paper");
    }
    options.data = PaperProblem.ODDEVEN;
    assertThat(claim("KFAC and KFLR").evidence()).startsWith("needs kflr:paper in --optimizers");
  }

  @Test
  void aFewUpdatesAreNoMeasurement() {
    curve("kfra:paper", 19, 0.30, 2, 1);
    curve("kfac:paper", 19, 0.20, 2, 1);
    assertThat(claim("cost the same").evidence())
        .isEqualTo("kfra:paper made fewer than 20 updates");
    curves.clear();
    curve("kfra:paper", 9, 0.30, 2, 1);
    curve("kfac:paper", 9, 0.20, 2, 1);
    curve("kfra", 9, 0.20, 2, 1);
    assertThat(claim("KFAC's progress").evidence()).isEqualTo("fewer than 10 updates");
    assertThat(claim("one step length a layer").evidence()).isEqualTo("fewer than 10 updates");
    options.data = PaperProblem.FACES;
    curve("adam", 2, 0.1, 1, 9);
    assertThat(verdict("diverges")).isEqualTo(Verdict.OPEN);
  }

  @Test
  void aFailureIsNoMeasurement() {
    curve("kfra:paper", 40, 0.3, 100, 50);
    curve("kfac:paper", 12, 0.3, 100, 10);
    curves.get(1).failed("after 12 updates: lost");
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(claim("cost the same").evidence())
        .isEqualTo("kfac:paper stopped after 12 updates: lost");
    curve("kfra:paper:momentum", 40, 0.3, 100, Double.NaN);
    assertThat(verdict("momentum")).isEqualTo(Verdict.ESTABLISHED);
    Curve peer = new Curve("torch-kfra", 1);
    peer.failed("after 0 updates: exit status 1");
    curves.add(peer);
    assertThat(verdict("torch-kfra")).isEqualTo(Verdict.OPEN);
    curves.get(0).failed("after 40 updates: lost");
    assertThat(claim("KFAC's progress").evidence())
        .isEqualTo("kfra:paper and kfac:paper both stopped");
  }

  @Test
  void withoutAveragesTheirRunsAreJudged() {
    curve("kfra:paper:no-average", 40, 0.1, 100, 20);
    curve("kfac:paper:no-average", 40, 0.1, 100, 70);
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(claim("KFAC's progress").evidence()).contains("kfra:paper:no-average 2");
    curve("kfra:paper:no-average:momentum", 40, 0.1, 100, 30);
    assertThat(verdict("momentum")).isEqualTo(Verdict.ESTABLISHED);
    curve("kfra:no-average", 40, 0.1, 100, 20);
    assertThat(claim("one step length a layer").evidence())
        .startsWith("kfra:paper:no-average: 1.00 of its time to get there");
  }

  @Test
  void progressIsComparedAtTheLastUpdateOfBoth() {
    curve("kfra:paper", 40, 0.1, 100, 20);
    curve("kfac:paper", 20, 0.1, 100, 70);
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.ESTABLISHED);
    curve("kfra:paper:momentum", 40, 0.1, 100, 19);
    assertThat(verdict("momentum")).isEqualTo(Verdict.REFUTED);
  }

  @Test
  void seedsAreTakenTogetherAndAMissingOneLeavesItOpen() {
    options.seeds = 2;
    curve("kfra:paper", 20, 0.1, 100, 50);
    curve("kfac:paper", 20, 0.1, 100, 60);
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.OPEN);
    curve("kfra:paper", 20, 0.1, 100, 80);
    curve("kfac:paper", 20, 0.1, 100, 60);
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.REFUTED);
    assertThat(claim("KFAC's progress").evidence()).endsWith("; 2 seeds");
  }

  @Test
  void facesAskWhetherAdamDiverges() {
    assertThat(Claims.of(results())).noneMatch(c -> c.sentence().contains("diverges"));
    options.data = PaperProblem.FACES;
    curve("adam", 20, 0.1, 100, 50);
    assertThat(verdict("diverges")).isEqualTo(Verdict.REFUTED);
    curves.clear();
    curve("adam", 20, 0.1, 100, 900);
    assertThat(verdict("diverges")).isEqualTo(Verdict.ESTABLISHED);
  }

  @Test
  void oddEvenHasSentencesOfItsOwn() {
    options.data = PaperProblem.ODDEVEN;
    curve("kflr:paper", 100, 0.1, 1, 0.1);
    curve("kfac:paper", 100, 0.1, 1, 0.11);
    curve("kflr", 100, 0.1, 1, 0.1);
    curve("adam", 100, 0.1, 1, 0.6);
    assertThat(verdict("KFAC and KFLR")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(verdict("KFLR reaches Adam's")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(verdict("KFRA reaches Adam's")).isEqualTo(Verdict.OPEN);
    assertThat(Claims.of(results())).noneMatch(c -> c.sentence().contains("tuned"));
  }
}
