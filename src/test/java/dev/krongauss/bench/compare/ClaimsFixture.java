package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Claim;
import dev.krongauss.bench.page.Claim.Verdict;
import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.NetworkShape;
import dev.krongauss.bench.problem.PaperProblem;
import dev.krongauss.bench.run.Results;
import java.util.ArrayList;
import java.util.List;

/** A run of curves whose answer is known, and what is said of it. */
abstract class ClaimsFixture {
  final CompareOptions options = new CompareOptions();
  final List<Curve> curves = new ArrayList<>();
  final List<String> tuned = new ArrayList<>();
  boolean gpu;

  ClaimsFixture() {
    options.data = PaperProblem.MNIST;
    options.batch = 1000;
    options.scale = 1.0;
    options.grid.scale = 1.0;
    options.grid.updates = 200L;
  }

  Verdict verdict(String part) {
    return claim(part).verdict();
  }

  Claim claim(String part) {
    return Claims.of(results()).stream()
        .filter(claim -> claim.sentence().contains(part))
        .findFirst()
        .orElseThrow();
  }

  Results results() {
    return new Results(
        options.conditions(NetworkShape.autoencoder(784, 1), "loss", gpu),
        curves,
        List.of(),
        tuned,
        List.of(),
        List.of());
  }

  /** A straight line from one objective to another. */
  void curve(String label, int updates, double seconds, double first, double last) {
    long seed = curves.stream().filter(c -> c.label().equals(label)).count() + 1;
    Curve curve = new Curve(label, seed);
    for (int i = 0; i < updates; i++) {
      curve.add((i + 1) * seconds, first + (last - first) * i / (updates - 1));
    }
    curves.add(curve);
  }
}
