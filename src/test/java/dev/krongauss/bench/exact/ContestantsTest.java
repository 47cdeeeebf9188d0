package dev.krongauss.bench.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.bench.peers.Interpreter;
import dev.krongauss.net.Network;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All contestants train one network: the same weights, objective and gradient at the start. */
final class ContestantsTest {
  private static final ExactProblem PROBLEM = problem(90, 3, 5, 4, 1);
  private static final ExactProblem FEW_ROWS = problem(20, 3, 5, 4, 1);

  private static Interpreter.Search python;

  @TempDir private Path folder;

  private static ExactProblem problem(int rows, int... sizes) {
    Random random = new Random(7);
    float[] inputs = new float[rows * sizes[0]];
    float[] targets = new float[rows];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) random.nextGaussian();
    }
    for (int n = 0; n < rows; n++) {
      targets[n] = (float) (Math.sin(2 * inputs[n * sizes[0]]) + 0.1 * random.nextGaussian());
    }
    return new ExactProblem("made up", sizes, inputs, targets);
  }

  private Contestant contestant(ExactProblem problem, String name) throws IOException {
    if (name.startsWith("torch")) {
      if (python == null) {
        python = Interpreter.find(Set.of(Interpreter.Need.TORCH), Map.of());
      }
      if (python.found() == null) {
        System.err.println("SKIPPED: " + name + " is not tested: " + python.reason());
      }
      assumeTrue(python.found() != null, python.reason());
    }
    return new Contestants(problem, TestDevice.get(), folder, 1).named(name);
  }

  private static float[][] start(ExactProblem problem) {
    try (Network network = problem.network(TestDevice.get(), 3)) {
      float[][] W = network.weights();
      W[0][3] = 0.25f; // a bias, which starts at 0
      W[1][5] = -0.5f;
      W[2][4] = 0.125f;
      return W;
    }
  }

  @Test
  void theJudgesGradientIsThatOfItsObjective() {
    DoubleNetwork judge = new DoubleNetwork(PROBLEM);
    double[] theta = DoubleNetwork.vector(DoubleNetwork.widened(start(PROBLEM)));
    double[] gradient = judge.gradient(judge.layers(theta));
    for (int p = 0; p < theta.length; p++) {
      double here = theta[p];
      theta[p] = here + 1e-5;
      double above = judge.objective(judge.layers(theta));
      theta[p] = here - 1e-5;
      double below = judge.objective(judge.layers(theta));
      theta[p] = here;
      assertThat(gradient[p]).as("weight %d", p).isCloseTo((above - below) / 2e-5, within(1e-8));
    }
  }

  /** Of floats 1e-5 of the largest; what subtracts weights of about 1 loses no more. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "exact",
        "encog",
        "commons-math",
        "torch:float32",
        "torch:float64",
        "torch:float64:sample",
        "torch:float64:reverse",
        "torch:float64:forward"
      })
  void startsWithTheSameWeightsAndGradient(String name) throws IOException {
    try (Contestant contestant = contestant(PROBLEM, name)) {
      contestant.start(start(PROBLEM));
      double[][] W = DoubleNetwork.widened(start(PROBLEM));
      assertThat(contestant.weights()).isDeepEqualTo(W);
      double[] wanted = new DoubleNetwork(PROBLEM).gradient(W);
      double[] got = contestant.gradient();
      assertThat(got).hasSameSizeAs(wanted);
      double bound = name.equals("exact") || name.contains("float32") ? 1e-6 : 1e-13;
      for (int p = 0; p < wanted.length; p++) {
        assertThat(got[p]).as("weight %d", p).isCloseTo(wanted[p], within(bound));
      }
    }
  }

  /** Each gets on; those with the same rule of lambda do the same, to floats' rounding grown. */
  @Test
  void updatesAreTheSameAlgorithm() throws IOException {
    for (ExactProblem problem : new ExactProblem[] {PROBLEM, FEW_ROWS}) {
      double begin = new DoubleNetwork(problem).objective(DoubleNetwork.widened(start(problem)));
      double ours = after(problem, "exact", 4);
      assertThat(ours).isLessThan(0.9 * begin);
      assertThat(after(problem, "exact:sample", 4)).isCloseTo(ours, within(1e-3 * ours));
      assertThat(after(problem, "exact:parameter", 4)).isCloseTo(ours, within(1e-3 * ours));
      assertThat(after(problem, "encog", 4)).isLessThan(begin);
      assertThat(after(problem, "commons-math", 4)).isLessThan(begin);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch:float64", "torch:float64:sample", "torch:float64:forward"})
  void torchMakesOurUpdates(String name) throws IOException {
    for (ExactProblem problem : new ExactProblem[] {PROBLEM, FEW_ROWS}) {
      double theirs = after(problem, name, 4);
      assertThat(after(problem, "exact", 4)).isCloseTo(theirs, within(1e-3 * theirs));
    }
  }

  private double after(ExactProblem problem, String name, int updates) throws IOException {
    try (Contestant contestant = contestant(problem, name)) {
      contestant.start(start(problem));
      assertThat(contestant.update(updates)).isPositive();
      return new DoubleNetwork(problem).objective(contestant.weights());
    }
  }
}
