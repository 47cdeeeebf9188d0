package dev.krongauss.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.net.Response;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.Huber;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every activation with every loss, run by ONNX Runtime, against {@code predict} and against a
 * forward pass in double.
 *
 * <p>The bound is 1e-5 of the absolute terms of an output's last sum: 168 units of rounding, and
 * the longest path through these networks has 9 + 17 + 13 products and three activations. A
 * probability moves by at most itself times the error of the logits.
 */
final class LossesTest {
  private static final double BOUND = 1e-5;
  private static final int INPUTS = 9;
  private static final long SEED = 3;
  private static final List<Activation> ACTIVATIONS =
      List.of(
          Activation.IDENTITY,
          Activation.TANH,
          Activation.LOGISTIC,
          Activation.RELU,
          Activation.SOFTPLUS,
          Activation.leakyRelu(0.37f),
          Activation.leakyRelu(-1.5f));

  @TempDir private Path folder;

  /** A loss, its outputs, what its model's output is called and how that comes of the logits. */
  private record Case(LossFunction loss, int outputs, String name, UnaryOperator<double[]> of) {
    /** Whether outputs are logits of probabilities, and whether each alone. */
    boolean logits() {
      return name.startsWith("prob");
    }

    boolean alone() {
      return loss.name().contains("bernoulli");
    }

    @Override
    public String toString() {
      return loss.name() + " " + outputs;
    }
  }

  static List<Arguments> cases() {
    List<Case> losses =
        List.of(
            new Case(Loss.squared(), 5, "value", h -> h),
            new Case(Loss.weighted(Loss.squared()), 1, "value", h -> h),
            new Case(Loss.bernoulli(), 1, "probability", Oracle::logistic),
            new Case(Loss.weighted(Loss.bernoulli()), 4, "probabilities", Oracle::logistic),
            new Case(Loss.softmax(), 6, "probabilities", Oracle::softmax),
            new Case(Loss.mixture(), 3, "probability", Oracle::mixture),
            new Case(Loss.mixture(Loss.Split.LOGIT), 3, "probability", Oracle::mixture),
            new Case(Loss.onHost(new Huber(1)), 2, "outputs", h -> h));
    List<Arguments> cases = new ArrayList<>();
    for (Activation activation : ACTIVATIONS) {
      losses.forEach(loss -> cases.add(Arguments.of(activation, loss)));
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void equalsPredictAndTheOracle(Activation activation, Case loss) throws Exception {
    int[] sizes = {INPUTS, 17, 13, loss.outputs()};
    Oracle oracle = new Oracle(sizes, List.of(activation, activation, Activation.IDENTITY), SEED);
    Path file = folder.resolve("model.onnx");
    try (Network net =
        Network.input(sizes[0])
            .dense(sizes[1], activation)
            .dense(sizes[2], activation)
            .dense(sizes[3], Activation.IDENTITY)
            .build(TestDevice.get(), SEED)) {
      net.setWeights(oracle.weights());
      Onnx.write(net, loss.loss(), file);
      try (Session session = new Session(file)) {
        for (int N : new int[] {1, 7, 1000}) {
          check(loss, net, oracle, session, N);
        }
      }
    }
  }

  private static void check(Case loss, Network net, Oracle oracle, Session session, int N)
      throws Exception {
    float[] rows = Oracle.floats(new SplittableRandom(N), N * INPUTS, 2);
    Session.Outputs got = session.run(Map.of(Naming.INPUTS, rows), N);
    float[] values = got.floats(loss.name());
    Oracle.Outputs wanted = oracle.run(rows, N);
    int m = values.length / N;
    float[] predicted = Response.of(loss.loss()).of(net.predict(rows, N), N, loss.outputs());
    double[][] fromPredict = new double[N][m];
    double[][] fromOracle = new double[N][];
    for (int n = 0; n < N; n++) {
      fromOracle[n] = loss.of().apply(wanted.h()[n]);
      for (int k = 0; k < m; k++) {
        fromPredict[n][k] = predicted[n * m + k];
      }
    }
    Compare.Bound bound = (n, k) -> bound(loss, wanted, fromOracle, n, k);
    Compare.matrix("against predict", N, fromPredict, values, bound);
    Compare.matrix("against the oracle", N, fromOracle, values, bound);
    if (loss.loss().name().equals("softmax")) {
      labels(got.numbers("label"), values, m);
    }
  }

  private static double bound(Case loss, Oracle.Outputs wanted, double[][] results, int n, int k) {
    if (!loss.logits()) {
      return BOUND * wanted.scale()[n][k];
    }
    double scale = loss.alone() ? wanted.scale()[n][k] : wanted.scaleOfRow(n);
    return BOUND * Math.max(1, scale) * results[n][k];
  }

  private static void labels(long[] labels, float[] probabilities, int m) {
    for (int n = 0; n < labels.length; n++) {
      for (int k = 0; k < m; k++) {
        assertThat(probabilities[n * m + k])
            .as("row %d, class %d", n, k)
            .isLessThanOrEqualTo(probabilities[n * m + (int) labels[n]]);
      }
    }
  }

  /**
   * The bound is a few units of the exponential, for logits from one end of floats to the other.
   */
  @Test
  void aSmallProbabilityKeepsItsDigits() throws Exception {
    Path file = folder.resolve("model.onnx");
    try (Network net =
        Network.input(1).dense(1, Activation.IDENTITY).build(TestDevice.get(), SEED)) {
      net.setWeights(new float[][] {{1, 0}});
      Onnx.write(net, Loss.bernoulli(), file);
    }
    float[] h = new float[171];
    double[][] wanted = new double[h.length][];
    for (int i = 0; i < h.length; i++) {
      h[i] = i - 85.25f;
      wanted[i] = Oracle.logistic(new double[] {h[i]});
    }
    try (Session session = new Session(file)) {
      float[] p = session.run(Map.of(Naming.INPUTS, h), h.length).floats("probability");
      Compare.matrix("p", 0, wanted, p, (n, k) -> 1e-6 * wanted[n][k]);
    }
  }

  @Test
  void noRowsGiveNoRows() throws Exception {
    Path file = folder.resolve("model.onnx");
    try (Network net =
        Network.input(1).dense(2, Activation.IDENTITY).build(TestDevice.get(), SEED)) {
      Onnx.write(net, Loss.softmax(), file);
    }
    try (Session session = new Session(file)) {
      Session.Outputs none = session.run(Map.of(Naming.INPUTS, new float[0]), 0);
      assertThat(none.floats("probabilities")).isEmpty();
      assertThat(none.numbers("label")).isEmpty();
    }
  }
}
