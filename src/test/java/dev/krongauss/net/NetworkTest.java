package dev.krongauss.net;

import static dev.krongauss.testing.Compare.bound;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Forward pass, loss, gradient and forward-mode product against the reference.
 *
 * <p>Bounds: a path through the network has {@link Problem.Setup#path()} roundings, each of at most
 * ε times the absolute terms summed there; the scale is those of the last sum. Earlier sums may
 * have cancelled more; that all roundings do not point the same way is the room for it.
 */
final class NetworkTest {
  private static final double C = 1;
  private static final float L2 = 0.125f;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();

  static java.util.stream.Stream<Arguments> cases() {
    return Setups.inModes(Setups.all());
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void passesMatchTheReference(Problem.Setup setup, Operations.Mode mode) {
    try (Problem problem = setup.open(mode)) {
      check(problem, problem.batch());
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void passesMatchTheReferenceOnForeignMemory(Problem.Setup setup, Operations.Mode mode) {
    try (Problem problem = setup.open(mode);
        DeviceBatch foreign = DeviceBatch.foreign(device, problem.X(), problem.T())) {
      check(problem, foreign);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void tangentMatchesTheReference(Problem.Setup setup, Operations.Mode mode) {
    SplittableRandom random = new SplittableRandom(setup.seed() + 1);
    try (Problem problem = setup.open(mode);
        Arena arena = device.newArena("tangent test")) {
      ReferenceNetwork reference = problem.reference();
      double[][][] D = new double[reference.layers()][][];
      List<Matrix> direction = new ArrayList<>();
      for (int l = 0; l < D.length; l++) {
        Matrix W = problem.network().parameters().get(l);
        D[l] = Problem.random(W.rows(), W.columns(), random);
        // Directions may be the caller's: a foreign layout in every other layer.
        direction.add(l % 2 == 0 ? padded(arena, D[l]) : DeviceBatch.foreign(arena, device, D[l]));
      }
      problem.network().forward(problem.batch(), s);
      float[] v = problem.network().tangent(direction, s).download(s);
      double[][] wanted = new double[setup.datapoints()][];
      for (int n = 0; n < wanted.length; n++) {
        wanted[n] = reference.tangent(reference.forward(problem.X()[n]), D);
      }
      Compare.matrix(
          "J Δ", setup.seed(), wanted, v, bound(C, setup.path(), Algebra.largest(wanted)));
    }
  }

  private void check(Problem problem, Batch batch) {
    Problem.Setup setup = problem.setup();
    ReferenceNetwork reference = problem.reference();
    try (Arena arena = device.newArena("network test")) {
      int N = setup.datapoints();
      Matrix delta = arena.matrix(N, reference.outputs(), "delta");
      Buffer losses = arena.floats(N, "losses");
      List<Matrix> gradients = new ArrayList<>();
      for (Matrix W : problem.network().parameters()) {
        gradients.add(arena.matrix(W.rows(), W.columns(), "gradient"));
      }
      Matrix h = problem.network().forward(batch, s);
      problem.loss().on(device).evaluate(h, batch.targets(), delta, losses.pointer(), s);
      problem.network().backward(delta, 0, gradients, s);

      double[][] outputs = new double[N][];
      double[][] values = new double[N][];
      double lossScale = 0;
      for (int n = 0; n < N; n++) {
        outputs[n] = reference.forward(problem.X()[n]).output();
        values[n] = new double[] {problem.referenceLoss().value(outputs[n], problem.T()[n])};
        double norm =
            Algebra.rowSumNorm(
                new double[][] {problem.referenceLoss().gradient(outputs[n], problem.T()[n])});
        lossScale = Math.max(lossScale, values[n][0] + norm * problem.forwardScale(reference));
      }
      double scale = problem.forwardScale(reference);
      Compare.matrix("h", setup.seed(), outputs, h.download(s), bound(C, setup.path(), scale));
      Compare.matrix(
          "loss",
          setup.seed(),
          values,
          losses.downloadFloats(N, s),
          bound(C, setup.path(), lossScale));
      double[][][] wanted = reference.gradient(problem.X(), problem.T(), problem.referenceLoss());
      double[][][] terms =
          reference.gradientScale(problem.X(), problem.T(), problem.referenceLoss());
      for (int l = 0; l < wanted.length; l++) {
        double bound = bound(C, setup.path(), Algebra.largest(terms[l]));
        Compare.matrix(
            "gradient " + (l + 1), setup.seed(), wanted[l], gradients.get(l).download(s), bound);
      }
      problem.network().backward(delta, L2, gradients, s);
      for (int l = 0; l < wanted.length; l++) {
        double[][] W = reference.weights()[l];
        double[][] decayed = Algebra.combine(1, wanted[l], L2, W);
        double bound = bound(C, setup.path(), Algebra.largest(terms[l]) + L2 * Algebra.largest(W));
        Compare.matrix(
            "gradient with L2 " + (l + 1),
            setup.seed(),
            decayed,
            gradients.get(l).download(s),
            bound);
      }
    }
  }

  private Matrix padded(Arena arena, double[][] values) {
    Matrix matrix = arena.matrix(values.length, values[0].length, "direction");
    matrix.upload(DeviceBatch.compact(values), s);
    return matrix;
  }
}
