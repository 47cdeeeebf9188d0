package dev.krongauss.curvature;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Q and G of the three methods and their moving averages against the definitions.
 *
 * <p>Bounds: a factor is a mean of products of two numbers that each took a path through the
 * network: twice {@link Problem.Setup#path()} roundings, relative to its largest element.
 */
final class FactorsTest {
  private static final double C = 2;
  private static final long SEED = 5;

  static Stream<Arguments> cases() {
    return Setups.inModes(Setups.all())
        .flatMap(c -> Stream.of(Method.values()).map(m -> Arguments.of(c.get()[0], c.get()[1], m)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void factorsMatchTheirDefinitions(Problem.Setup setup, Operations.Mode mode, Method method) {
    try (Problem problem = setup.open(mode);
        FactorsFixture fixture = fixture(problem, mode, method, FactorsFixture.AMPLE)) {
      fixture.enter(problem.batch(), 1);
      double[][] sampled = method == Method.KFAC ? fixture.sampled(problem.batch(), SEED, 1) : null;
      ReferenceCurvature reference =
          new ReferenceCurvature(problem.reference(), problem.X(), problem.referenceLoss());
      for (int l = 0; l < fixture.layers(); l++) {
        compare("Q" + l, setup, reference.Q(l), fixture.Q(l));
        compare("G" + l, setup, G(reference, method, l, sampled), fixture.G(l));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void averagesFollowTheirRule(Problem.Setup setup, Operations.Mode mode, Method method) {
    // decay 0.6: batches 1 and 2 weigh equally, from batch 3 on the past weighs 0.6.
    double decay = 0.6f;
    try (Problem problem = setup.open(mode);
        FactorsFixture fixture =
            new FactorsFixture(
                problem.network(),
                problem.loss(),
                mode,
                method,
                (float) decay,
                FactorsFixture.AMPLE,
                SEED)) {
      int top = fixture.layers() - 1;
      double[][] Q = null;
      double[][] G = null;
      for (int k = 1; k <= 4; k++) {
        // A last, smaller batch: each batch counts once, whatever its size.
        double[][][] drawn =
            problem.draw(k == 4 ? (setup.datapoints() + 1) / 2 : setup.datapoints(), 100 + k);
        try (DeviceBatch batch = DeviceBatch.foreign(TestDevice.get(), drawn[0], drawn[1])) {
          fixture.enter(batch, k);
          double[][] sampled = method == Method.KFAC ? fixture.sampled(batch, SEED, k) : null;
          ReferenceCurvature reference =
              new ReferenceCurvature(problem.reference(), drawn[0], problem.referenceLoss());
          double beta = Math.min(1 - 1.0 / k, decay);
          double[][] batchG = G(reference, method, top, sampled);
          Q = k == 1 ? reference.Q(top) : Algebra.combine(beta, Q, 1 - beta, reference.Q(top));
          G = k == 1 ? batchG : Algebra.combine(beta, G, 1 - beta, batchG);
        }
      }
      compare("average of Q", setup, Q, fixture.Q(top));
      compare("average of G", setup, G, fixture.G(top));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("kflr")
  void chunksChangeNothing(Problem.Setup setup, Operations.Mode mode) {
    int widest = 0;
    for (int l = 1; l < setup.sizes().length; l++) {
      widest = Math.max(widest, (setup.sizes()[l] + 31) / 32 * 32);
    }
    int K = setup.sizes()[setup.sizes().length - 1];
    long three = 3L * 2 * 4 * K * widest;
    try (Problem problem = setup.open(mode);
        FactorsFixture whole = fixture(problem, mode, Method.KFLR, FactorsFixture.AMPLE);
        FactorsFixture chunked = fixture(problem, mode, Method.KFLR, three);
        FactorsFixture single = fixture(problem, mode, Method.KFLR, 1)) {
      for (FactorsFixture fixture : new FactorsFixture[] {whole, chunked, single}) {
        fixture.enter(problem.batch(), 1);
        fixture.enter(problem.batch(), 2);
      }
      assertThat(whole.chunk()).isEqualTo(setup.datapoints());
      assertThat(chunked.chunk()).isEqualTo(Math.min(3, setup.datapoints()));
      assertThat(single.chunk()).isEqualTo(1);
      assertThat(chunked.bytes()).isLessThanOrEqualTo(three);
      ReferenceCurvature reference =
          new ReferenceCurvature(problem.reference(), problem.X(), problem.referenceLoss());
      for (int l = 0; l < whole.layers(); l++) {
        double[][] G = reference.kflr(l);
        compare("whole G" + l, setup, G, whole.G(l));
        compare("G" + l + " in chunks of 3", setup, G, chunked.G(l));
        compare("G" + l + " in chunks of 1", setup, G, single.G(l));
      }
    }
  }

  static Stream<Arguments> kflr() {
    return Setups.inModes(Setups.all());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aRestartForgetsWhatIsNotFinite(Operations.Mode mode) {
    Problem.Setup setup = Setups.all().get(3);
    int three = 3 * 2 * 4 * 5 * 32; // datapoints, sides, bytes, K, padded width
    for (Method method : Method.values()) {
      try (Problem problem = setup.open(mode);
          FactorsFixture fixture = fixture(problem, mode, method, three)) {
        double[][] spoilt = problem.draw(setup.datapoints(), 3)[0];
        spoilt[2][1] = Double.NaN;
        try (DeviceBatch bad = DeviceBatch.foreign(TestDevice.get(), spoilt, problem.T())) {
          fixture.enter(bad, 1);
        }
        assertThat(fixture.G(0)).contains(Float.NaN);
        fixture.restart(1);
        fixture.enter(problem.batch(), 2);
        double[][] sampled =
            method == Method.KFAC ? fixture.sampled(problem.batch(), SEED, 2) : null;
        ReferenceCurvature reference =
            new ReferenceCurvature(problem.reference(), problem.X(), problem.referenceLoss());
        for (int l = 0; l < fixture.layers(); l++) {
          compare("Q" + l, setup, reference.Q(l), fixture.Q(l));
          compare(method + " G" + l, setup, G(reference, method, l, sampled), fixture.G(l));
        }
      }
    }
  }

  @Test
  void sampledFactorsAreRepeatable() {
    Problem.Setup setup = Setups.all().get(3);
    for (Operations.Mode mode : Problem.modes()) {
      try (Problem problem = setup.open(mode);
          FactorsFixture one = fixture(problem, mode, Method.KFAC, FactorsFixture.AMPLE);
          FactorsFixture same = fixture(problem, mode, Method.KFAC, FactorsFixture.AMPLE);
          FactorsFixture other =
              new FactorsFixture(
                  problem.network(),
                  problem.loss(),
                  mode,
                  Method.KFAC,
                  0,
                  FactorsFixture.AMPLE,
                  SEED + 1)) {
        one.enter(problem.batch(), 7);
        same.enter(problem.batch(), 7);
        other.enter(problem.batch(), 7);
        float[] first = one.G(1);
        assertThat(same.G(1)).containsExactly(first);
        assertThat(other.G(1)).isNotEqualTo(first);
        one.enter(problem.batch(), 8);
        assertThat(one.G(1)).as("another step draws other targets").isNotEqualTo(first);
      }
    }
  }

  static double[][] G(ReferenceCurvature reference, Method method, int layer, double[][] sampled) {
    return switch (method) {
      case KFAC -> reference.kfac(layer, sampled);
      case KFLR -> reference.kflr(layer);
      case KFRA -> reference.kfra(layer);
    };
  }

  private static FactorsFixture fixture(
      Problem problem, Operations.Mode mode, Method method, long budget) {
    return new FactorsFixture(problem.network(), problem.loss(), mode, method, 0.9f, budget, SEED);
  }

  private static void compare(String what, Problem.Setup setup, double[][] wanted, float[] got) {
    Compare.lower(what, setup.seed(), wanted, got, bound(C, setup.path(), Algebra.largest(wanted)));
  }
}
