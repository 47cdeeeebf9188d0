package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.page.Claim;
import dev.krongauss.bench.page.Claim.Verdict;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.PaperNetwork;
import dev.krongauss.bench.problem.Problem;
import dev.krongauss.bench.run.Results;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of a run, on curves whose answer is known. */
final class ClaimsTest {
  private final CompareOptions options = new CompareOptions();
  private final List<Curve> curves = new ArrayList<>();
  private final List<String> tuned = new ArrayList<>();

  ClaimsTest() {
    options.data = Problem.MNIST;
    options.batch = 1000;
    options.scale = 1.0;
    options.grid.scale = 1.0;
    options.grid.updates = 200L;
  }

  @Test
  void halfTheTimeOfTheTunedAdam() {
    curve("kfra", 100, 0.2, 200, 50);
    curve("adam", 200, 0.1, 200, 120);
    assertThat(verdict("half of Adam's time")).isEqualTo(Verdict.OPEN);
    tuned.add("adam");
    // Down to 120 after 10 to 11 of 20 seconds, the mean of ten a little later.
    assertThat(verdict("half of Adam's time")).isEqualTo(Verdict.REFUTED);
    curves.clear();
    curve("kfra", 100, 0.2, 200, 10);
    curve("adam", 200, 0.1, 200, 130);
    assertThat(verdict("half of Adam's time")).isEqualTo(Verdict.ESTABLISHED);
    curve("adam:rate=2^-7", 200, 0.1, 200, 20);
    assertThat(claim("half of Adam's time").evidence()).startsWith("adam:rate=2^-7: 0.9");
    curves.clear();
    curve("kfra", 20, 0.2, 200, 180);
    curve("adam", 200, 0.1, 200, 100);
    assertThat(claim("half of Adam's time").evidence()).contains("ran less than half as long");
    curves.clear();
    curve("kfra", 100, 0.2, 200, 180);
    curve("adam", 200, 0.1, 200, 100);
    assertThat(claim("half of Adam's time").evidence()).contains("did not reach it in 20 s");
    assertThat(verdict("half of Adam's time")).isEqualTo(Verdict.REFUTED);
  }

  @Test
  void onACpuPyTorchsAdamIsARivalToo() {
    tuned.add("adam");
    curve("kfra", 100, 0.2, 200, 10);
    curve("adam", 200, 0.1, 200, 130);
    assertThat(claim("half of Adam's time").evidence()).contains("(--peer torch-adam)");
    curve("torch-adam", 200, 0.09, 200, 130);
    assertThat(verdict("half of Adam's time")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(verdict("3.3 Adam updates")).isEqualTo(Verdict.ESTABLISHED);
    curves.remove(2);
    curve("torch-adam", 200, 0.05, 200, 130);
    assertThat(verdict("half of Adam's time")).isEqualTo(Verdict.REFUTED);
    assertThat(verdict("3.3 Adam updates")).isEqualTo(Verdict.REFUTED);
    assertThat(claim("3.3 Adam updates").evidence())
        .startsWith("2.00 times: kfra 200.0 ms, adam 100.0 ms")
        .contains("4.00 times PyTorch's Adam");
  }

  @Test
  void costIsARatioOfMilliseconds() {
    curve("kfra", 20, 0.30, 2, 1);
    curve("adam", 20, 0.10, 2, 1);
    curve("kfac", 20, 0.20, 2, 1);
    assertThat(verdict("3.3 Adam updates")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(verdict("cost the same")).isEqualTo(Verdict.REFUTED);
    assertThat(claim("cost the same").evidence())
        .startsWith("1.50 times: kfra 300.0 ms, kfac 200.0 ms, means of the runs, on a CPU");
    curve("torch-kfra", 20, 0.36, 2, 1);
    assertThat(verdict("1.3 times as fast as one of torch-kfra")).isEqualTo(Verdict.REFUTED);
    assertThat(claim("backpack-kfra").evidence()).isEqualTo("needs --peer backpack-kfra");
    options.scale = 0.25;
    assertThat(verdict("3.3 Adam updates")).isEqualTo(Verdict.OPEN);
    assertThat(verdict("torch-kfra")).isEqualTo(Verdict.OPEN);
  }

  @Test
  void aFewUpdatesAreNoMeasurement() {
    curve("kfra", 19, 0.30, 2, 1);
    curve("kfac", 19, 0.20, 2, 1);
    assertThat(claim("cost the same").evidence()).isEqualTo("kfra made fewer than 20 updates");
    curves.clear();
    curve("kfra", 9, 0.30, 2, 1);
    curve("kfac", 9, 0.20, 2, 1);
    assertThat(claim("KFAC's progress").evidence()).isEqualTo("fewer than 10 updates");
    options.data = Problem.FACES;
    curve("adam", 2, 0.1, 1, 9);
    assertThat(verdict("diverges")).isEqualTo(Verdict.OPEN);
  }

  /** Whoever goes on is ahead of whoever could not, and a crash says nothing of costs. */
  @Test
  void aFailureIsNoMeasurement() {
    curve("kfra", 40, 0.3, 100, 50);
    curve("kfac", 12, 0.3, 100, 10);
    curves.get(1).failed("after 12 updates: lost");
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(claim("cost the same").evidence()).isEqualTo("kfac stopped after 12 updates: lost");
    curve("kfra:momentum", 40, 0.3, 100, Double.NaN);
    assertThat(verdict("momentum")).isEqualTo(Verdict.ESTABLISHED);
    Curve peer = new Curve("torch-kfra", 1);
    peer.failed("after 0 updates: exit status 1");
    curves.add(peer);
    assertThat(verdict("torch-kfra")).isEqualTo(Verdict.OPEN);
    curves.get(0).failed("after 40 updates: lost");
    assertThat(claim("KFAC's progress").evidence()).isEqualTo("kfra and kfac both stopped");
  }

  @Test
  void withoutAveragesTheirRunsAreJudged() {
    curve("kfra:no-average", 40, 0.1, 100, 20);
    curve("kfac:no-average", 40, 0.1, 100, 70);
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(claim("KFAC's progress").evidence()).contains("kfra:no-average 2");
  }

  @Test
  void progressIsComparedAtTheLastUpdateOfBoth() {
    curve("kfra", 40, 0.1, 100, 20);
    curve("kfac", 20, 0.1, 100, 70);
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.ESTABLISHED);
    curve("kfra:momentum", 40, 0.1, 100, 19);
    assertThat(verdict("momentum")).isEqualTo(Verdict.REFUTED);
  }

  @Test
  void seedsAreTakenTogetherAndAMissingOneLeavesItOpen() {
    options.seeds = 2;
    curve("kfra", 20, 0.1, 100, 50);
    curve("kfac", 20, 0.1, 100, 60);
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.OPEN);
    curve("kfra", 20, 0.1, 100, 80);
    curve("kfac", 20, 0.1, 100, 60);
    assertThat(verdict("KFAC's progress")).isEqualTo(Verdict.REFUTED);
    assertThat(claim("KFAC's progress").evidence()).endsWith("; 2 seeds");
  }

  @Test
  void facesAskWhetherAdamDiverges() {
    assertThat(Claims.of(results())).noneMatch(c -> c.sentence().contains("diverges"));
    options.data = Problem.FACES;
    curve("adam", 20, 0.1, 100, 50);
    assertThat(verdict("diverges")).isEqualTo(Verdict.REFUTED);
    curves.clear();
    curve("adam", 20, 0.1, 100, 900);
    assertThat(verdict("diverges")).isEqualTo(Verdict.ESTABLISHED);
  }

  @Test
  void oddEvenHasSentencesOfItsOwn() {
    options.data = Problem.ODDEVEN;
    curve("kflr", 100, 0.1, 1, 0.1);
    curve("kfac", 100, 0.1, 1, 0.11);
    curve("adam", 100, 0.1, 1, 0.6);
    assertThat(verdict("KFAC and KFLR")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(verdict("KFLR reaches Adam's")).isEqualTo(Verdict.ESTABLISHED);
    assertThat(verdict("KFRA reaches Adam's")).isEqualTo(Verdict.OPEN);
    assertThat(Claims.of(results())).noneMatch(c -> c.sentence().contains("tuned"));
  }

  private Verdict verdict(String part) {
    return claim(part).verdict();
  }

  private Claim claim(String part) {
    return Claims.of(results()).stream()
        .filter(claim -> claim.sentence().contains(part))
        .findFirst()
        .orElseThrow();
  }

  private Results results() {
    return new Results(
        options.conditions(PaperNetwork.autoencoder(784, 1), false),
        curves,
        List.of(),
        tuned,
        List.of(),
        List.of());
  }

  /** A straight line from one objective to another. */
  private void curve(String label, int updates, double seconds, double first, double last) {
    long seed = curves.stream().filter(c -> c.label().equals(label)).count() + 1;
    Curve curve = new Curve(label, seed);
    for (int i = 0; i < updates; i++) {
      curve.add((i + 1) * seconds, first + (last - first) * i / (updates - 1));
    }
    curves.add(curve);
  }
}
