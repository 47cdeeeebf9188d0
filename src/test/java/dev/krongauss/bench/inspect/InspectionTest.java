package dev.krongauss.bench.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceGaussNewton;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.reference.ReferenceSecondOrder;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every number that {@code bench/inspect} writes, against the double reference. */
class InspectionTest {
  /** The promise: relative to a matrix' largest entry. */
  private static final double PROMISE = 1e-4;

  private static final double EPSILON = Math.ulp(1f) / 2;

  @TempDir private Path folder;

  static IntStream numbers() {
    return IntStream.range(0, 36);
  }

  static Stream<Arguments> confident() {
    return Arrays.stream(OutputTerms.Kind.values())
        .flatMap(
            loss ->
                IntStream.of(4, 8, 12, 20, 40, 60, 80).mapToObj(gap -> Arguments.of(loss, gap)));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void everyNumberAgreesWithADoubleImplementation(int number) throws Exception {
    agrees(new RandomCase(number));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("confident")
  void soItDoesForConfidentOutputs(OutputTerms.Kind loss, int gap) throws Exception {
    agrees(RandomCase.confident(loss, gap));
  }

  private void agrees(RandomCase random) throws Exception {
    Path file = folder.resolve("case.json");
    Files.writeString(file, JSON.std.asString(random.json));
    Case c = CaseReader.read(Fields.read(file));
    Map<String, Object> written;
    try (Inspection inspection = new Inspection(c, TestDevice.get())) {
      written = JSON.std.mapFrom(JSON.std.asString(inspection.run()));
    }
    ReferenceNetwork network = random.network();
    OutputTerms[] terms = new OutputTerms[random.X.length];
    double loss = 0;
    for (int n = 0; n < terms.length; n++) {
      terms[n] = random.loss.at(network.forward(random.X[n]).output(), random.T[n]);
      loss += terms[n].value() / terms.length;
    }
    ReferenceCurvature curvature =
        new ReferenceCurvature(network, random.X, n -> terms[n].curvature());
    agrees("loss", written.get("loss"), new double[][] {{loss}});
    double[][][] gradient = gradient(network, random, terms);
    List<?> layers = (List<?>) written.get("layers");
    assertThat(layers).hasSize(c.layers());
    for (int l = 0; l < c.layers(); l++) {
      Map<?, ?> layer = (Map<?, ?>) layers.get(l);
      agrees("gradient", layer.get("gradient"), gradient[l]);
      agrees("Q", layer.get("Q"), curvature.Q(l));
      agrees("G_kflr", layer.get("G_kflr"), curvature.kflr(l));
      agrees("G_kfra", layer.get("G_kfra"), curvature.kfra(l));
      if (random.sampled == null) {
        assertThat(layer.containsKey("G_kfac")).isFalse();
      } else {
        agrees("G_kfac", layer.get("G_kfac"), kfac(curvature, random, l));
      }
    }
    blocks(random, network, terms, layers);
    ExactAgreement.check(random, network, terms, gradient, written);
    Map<?, ?> directions = (Map<?, ?>) written.get("direction");
    for (String method : List.of("kflr", "kfra")) {
      Map<?, ?> direction = (Map<?, ?>) directions.get(method);
      double[][][] delta = new double[c.layers()][][];
      double slope = 0;
      double norm2 = 0;
      double worst = 0;
      for (int l = 0; l < c.layers(); l++) {
        double[][] Q = curvature.Q(l);
        double[][] G = method.equals("kflr") ? curvature.kflr(l) : curvature.kfra(l);
        double[][] g = Algebra.combine(1, gradient[l], random.eta, random.W[l]);
        double gamma = Math.sqrt(random.gamma2 + random.eta);
        double[][] dampedQ = damped(Q, gamma * ReferenceGaussNewton.omega(Q, G));
        double[][] dampedG = damped(G, gamma / ReferenceGaussNewton.omega(Q, G));
        delta[l] = solved(dampedQ, dampedG, g);
        // g is rounded to a float; its rounding errors lie along all eigenvectors
        double inherent = EPSILON * Algebra.condition(dampedQ) * Algebra.condition(dampedG);
        worst = Math.max(worst, Math.max(PROMISE, inherent));
        Object writtenDelta = ((List<?>) direction.get("delta")).get(l);
        agrees(method + " delta", writtenDelta, delta[l], Math.max(PROMISE, inherent));
        slope += Algebra.dot(delta[l], g);
        norm2 += Algebra.dot(delta[l], delta[l]);
      }
      double q = curvature.quadratic(delta) + (random.gamma2 + random.eta) * norm2;
      double alpha = norm2 == 0 ? 0 : -slope / q;
      agrees(method + " alpha", direction.get("alpha"), new double[][] {{alpha}}, worst);
    }
  }

  private static double[][][] gradient(
      ReferenceNetwork network, RandomCase random, OutputTerms[] terms) {
    double[][][] sum = new double[network.layers()][][];
    for (int n = 0; n < terms.length; n++) {
      ReferenceNetwork.Pass pass = network.forward(random.X[n]);
      double[][] delta = network.backward(pass, terms[n].gradient());
      for (int l = 0; l < sum.length; l++) {
        double[][] term = Algebra.outer(delta[l], pass.input()[l]);
        sum[l] =
            n == 0
                ? Algebra.scale(1.0 / terms.length, term)
                : Algebra.combine(1, sum[l], 1.0 / terms.length, term);
      }
    }
    return sum;
  }

  /** Blocks are written of layers with at most 512 weights, and of no others. */
  private static void blocks(
      RandomCase random, ReferenceNetwork network, OutputTerms[] terms, List<?> layers) {
    ReferenceSecondOrder gaussNewton =
        new ReferenceSecondOrder(
            network, random.X, n -> terms[n].gradient(), n -> terms[n].curvature());
    ReferenceSecondOrder hessian =
        new ReferenceSecondOrder(
            network, random.X, n -> terms[n].gradient(), n -> terms[n].hessian());
    for (int l = 0; l < layers.size(); l++) {
      Map<?, ?> layer = (Map<?, ?>) layers.get(l);
      if (random.sizes[l + 1] * (random.sizes[l] + 1) <= 512) {
        agrees("ggn_block", layer.get("ggn_block"), gaussNewton.gaussNewtonBlock(l));
        agrees("hessian_block", layer.get("hessian_block"), hessian.hessianBlock(l));
      } else {
        assertThat(layer.containsKey("ggn_block")).isFalse();
        assertThat(layer.containsKey("hessian_block")).isFalse();
      }
    }
  }

  private static double[][] damped(double[][] A, double damping) {
    return Algebra.combine(1, A, damping, Algebra.identity(A.length));
  }

  private static double[][] solved(double[][] Q, double[][] G, double[][] g) {
    double[][] left = Algebra.multiply(Algebra.inverse(G), g);
    return Algebra.scale(-1, Algebra.multiply(left, Algebra.inverse(Q)));
  }

  private static double[][] kfac(ReferenceCurvature curvature, RandomCase random, int layer) {
    double[][] sum = null;
    for (double[][] sample : random.sampled) {
      double[][] G = curvature.kfac(layer, sample);
      sum = sum == null ? G : Algebra.combine(1, sum, 1, G);
    }
    return Algebra.scale(1.0 / random.sampled.length, sum);
  }

  private static void agrees(String name, Object written, double[][] wanted) {
    agrees(name, written, wanted, PROMISE);
  }

  private static void agrees(String name, Object written, double[][] wanted, double relative) {
    double allowed = relative * Math.max(Algebra.largest(wanted), Float.MIN_NORMAL);
    for (int i = 0; i < wanted.length; i++) {
      for (int j = 0; j < wanted[i].length; j++) {
        assertThat(number(written, i, j))
            .as("%s [%d][%d]", name, i, j)
            .isCloseTo(wanted[i][j], org.assertj.core.data.Offset.offset(allowed));
      }
      if (written instanceof List<?> rows) {
        assertThat((List<?>) rows.get(i)).as("row %d of %s", i, name).hasSize(wanted[i].length);
      }
    }
    if (written instanceof List<?> rows) {
      assertThat(rows).as(name).hasSize(wanted.length);
    }
  }

  private static double number(Object written, int i, int j) {
    Object value = written instanceof List<?> rows ? ((List<?>) rows.get(i)).get(j) : written;
    return ((Number) value).doubleValue();
  }
}
