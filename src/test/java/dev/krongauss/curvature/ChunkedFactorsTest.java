package dev.krongauss.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Loss;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Factors from means over chunks against the definitions, with the bound of {@link FactorsTest}:
 * each mean has its roundings, and their sum is taken in double here.
 */
final class ChunkedFactorsTest {
  private static final int CHUNKS = 3;
  private final Device device = TestDevice.get();
  private final Stream s = device.stream();

  private record Rows(int size, Matrix inputs, Matrix targets) implements Batch {
    static Rows of(Batch batch, int first, int n) {
      return new Rows(n, batch.inputs().rows(first, n), batch.targets().rows(first, n));
    }
  }

  static java.util.stream.Stream<Arguments> cases() {
    return Setups.inModes(Setups.all())
        .filter(c -> ((Problem.Setup) c.get()[0]).datapoints() >= CHUNKS)
        .flatMap(
            c ->
                java.util.stream.Stream.of(Method.KFRA, Method.KFLR)
                    .map(m -> Arguments.of(c.get()[0], c.get()[1], m)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void meansOverChunksGiveTheFactors(Problem.Setup setup, Operations.Mode mode, Method method) {
    try (Problem problem = setup.open(mode);
        Arena arena = device.newArena("chunked factors test")) {
      Operations operations = new Operations(device, mode);
      List<Matrix> W = problem.network().parameters();
      int[] inputs = W.stream().mapToInt(Matrix::columns).toArray();
      int[] outputs = W.stream().mapToInt(Matrix::rows).toArray();
      boolean[] diagonal = new boolean[W.size()];
      Factors factors = new Factors(arena, operations, inputs, outputs, diagonal, 0.5f, 0);
      try (ChunkedFactors chunked =
          new ChunkedFactors(
              new ChunkedFactors.Settings(operations, method, problem.loss(), W, 1 << 20, 1, false),
              factors)) {
        sum(problem, chunked, arena);
        chunked.enter(factors, s);
      }
      ReferenceCurvature reference =
          new ReferenceCurvature(problem.reference(), problem.X(), problem.referenceLoss());
      for (int l = 0; l < W.size(); l++) {
        compare("Q" + l, setup, reference.Q(l), factors.Q(l).download(s));
        double[][] G = method == Method.KFRA ? reference.kfra(l) : reference.kflr(l);
        compare("G" + l, setup, G, factors.G(l).download(s));
      }
    }
  }

  private void sum(Problem problem, ChunkedFactors chunked, Arena arena) {
    int N = problem.X().length;
    List<double[]> sums = new ArrayList<>();
    chunked.sums().forEach(sum -> sums.add(new double[sum.rows() * sum.columns()]));
    long step = arena.ints(1, "step").pointer();
    chunked.prepare(N / CHUNKS + 1);
    for (int c = 0; c < CHUNKS; c++) {
      int first = c * N / CHUNKS;
      int n = (c + 1) * N / CHUNKS - first;
      Rows rows = Rows.of(problem.batch(), first, n);
      Matrix h = problem.network().forward(rows, s);
      List<Matrix> means = new ArrayList<>();
      chunked.sums().forEach(sum -> means.add(arena.matrix(sum.rows(), sum.columns(), "mean")));
      chunked.statistics(problem.network().traces(), c, h, rows.targets(), step, means, s);
      for (int i = 0; i < sums.size(); i++) {
        float[] mean = means.get(i).download(s);
        for (int k = 0; k < mean.length; k++) {
          sums.get(i)[k] += (double) n / N * mean[k];
        }
      }
    }
    for (int i = 0; i < sums.size(); i++) {
      float[] values = new float[sums.get(i).length];
      for (int k = 0; k < values.length; k++) {
        values[k] = (float) sums.get(i)[k];
      }
      chunked.sums().get(i).upload(values, s);
    }
  }

  private static void compare(String what, Problem.Setup setup, double[][] wanted, float[] got) {
    double bound = Compare.bound(2, setup.path(), Algebra.largest(wanted));
    Compare.lower(what + " of " + setup, setup.seed(), wanted, got, bound);
  }

  /**
   * What ranks must not do: the mean of the chunks' own KFRA curvatures is another matrix, by a
   * fortieth of it here. The mean of exact G is the exact G.
   */
  @Test
  void theMeanOfRecursionsIsNoRecursion() {
    Problem.Setup setup = Setups.all().get(3);
    try (Problem problem = setup.open(Operations.Mode.KERNELS)) {
      double[][] X = Arrays.stream(problem.X()).map(double[]::clone).toArray(double[][]::new);
      int half = X.length / 2;
      for (int n = 0; n < X.length; n++) { // loud and quiet datapoints, in a chunk each
        double scale = n < half ? 1000 : 0.25;
        X[n] = Arrays.stream(X[n]).map(x -> scale * x).toArray();
      }
      ReferenceCurvature whole = curvature(problem, X);
      ReferenceCurvature first = curvature(problem, Arrays.copyOfRange(X, 0, half));
      ReferenceCurvature second = curvature(problem, Arrays.copyOfRange(X, half, X.length));
      double share = (double) half / X.length;
      double[][] kfra = Algebra.combine(share, first.kfra(0), 1 - share, second.kfra(0));
      double[][] kflr = Algebra.combine(share, first.kflr(0), 1 - share, second.kflr(0));
      assertThat(distance(kfra, whole.kfra(0))).isGreaterThan(0.02);
      assertThat(distance(kflr, whole.kflr(0))).isLessThan(1e-12);
    }
  }

  private static ReferenceCurvature curvature(Problem problem, double[][] X) {
    return new ReferenceCurvature(problem.reference(), X, problem.referenceLoss());
  }

  private static double distance(double[][] A, double[][] B) {
    return Algebra.largest(Algebra.combine(1, A, -1, B)) / Algebra.largest(B);
  }

  @Test
  void weightsOfDatapointsAreRefused() {
    Problem.Setup setup = Setups.all().get(3);
    try (Problem problem = setup.open(Operations.Mode.KERNELS);
        Arena arena = device.newArena("weighted")) {
      Operations operations = new Operations(device, Operations.Mode.KERNELS);
      List<Matrix> W = problem.network().parameters();
      int[] inputs = W.stream().mapToInt(Matrix::columns).toArray();
      int[] outputs = W.stream().mapToInt(Matrix::rows).toArray();
      Factors factors =
          new Factors(arena, operations, inputs, outputs, new boolean[W.size()], 0, 0);
      try (ChunkedFactors chunked =
          new ChunkedFactors(
              new ChunkedFactors.Settings(
                  operations, Method.KFRA, Loss.weighted(problem.loss()), W, 1 << 20, 1, false),
              factors)) {
        Matrix h = problem.network().forward(problem.batch(), s);
        Matrix t = arena.matrix(h.rows(), h.columns() + 1, "targets and weights");
        assertThatThrownBy(
                () -> chunked.statistics(problem.network().traces(), 0, h, t, 4, chunked.sums(), s))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("weights of datapoints");
      }
    }
  }
}
