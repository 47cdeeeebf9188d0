package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.NewtonSchulz;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.optim.Muon.Quintic;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.Eigen;
import dev.krongauss.reference.ReferenceMuon;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Iterations of several matrices together, by kernels and by libraries. */
final class NewtonSchulzTest {
  /** Rows and columns: 1, around a tile of 64, higher than wide, and square. */
  private static final int[][] SHAPES = {{1, 1}, {7, 5}, {63, 63}, {97, 64}, {130, 65}, {70, 1}};

  private static final long SEED = 5;

  static Stream<Operations.Mode> modes() {
    return Problem.modes().stream();
  }

  @ParameterizedTest
  @MethodSource("modes")
  void anIterationIsItsPolynomial(Operations.Mode mode) {
    Quintic q = Quintic.JORDAN;
    ReferenceMuon reference = new ReferenceMuon(0, false, 1, q.a(), q.b(), q.c());
    List<double[][]> starts = starts();
    List<double[][]> got = iterated(mode, starts, q, 1);
    for (int l = 0; l < SHAPES.length; l++) {
      ReferenceMuon.Result wanted = reference.orthogonalized(starts.get(l), 0);
      double error = distance(got.get(l), wanted.X());
      assertThat(error).as("matrix %d, bound %s", l, wanted.error()).isLessThan(wanted.error());
      assertThat(wanted.error()).isLessThan(1e-2 * ReferenceMuon.norm(wanted.X()));
    }
  }

  /** From 0.002 of the norm on; smaller singular values grow by at most 3.4445 an iteration. */
  @ParameterizedTest
  @MethodSource("modes")
  void fiveIterationsBringSingularValuesIntoTheBand(Operations.Mode mode) {
    List<double[][]> starts = starts();
    List<double[][]> got = iterated(mode, starts, Quintic.JORDAN, 5);
    for (int l = 0; l < SHAPES.length; l++) {
      double[] before = Eigen.values(ReferenceMuon.square(starts.get(l)));
      double[] after = Eigen.values(ReferenceMuon.square(got.get(l)));
      assertThat(Math.sqrt(after[0])).as("matrix %d", l).isBetween(0.68, 1.21);
      long large = Arrays.stream(before).filter(each -> each >= 0.002 * 0.002).count();
      long inBand = Arrays.stream(after).filter(each -> each > 0.68 * 0.68).count();
      assertThat(inBand).as("matrix %d", l).isGreaterThanOrEqualTo(large);
    }
  }

  /**
   * At 1 the convergent iteration has no slope: what is left is the rounding of the last one, of
   * its products of r and n terms.
   */
  @ParameterizedTest
  @MethodSource("modes")
  void theConvergentIterationEndsAtAnOrthogonalMatrix(Operations.Mode mode) {
    List<double[][]> starts = starts();
    List<double[][]> got = iterated(mode, starts, Quintic.CONVERGENT, 20);
    for (int l = 0; l < SHAPES.length; l++) {
      int n = SHAPES[l][1];
      double[][] square = ReferenceMuon.square(got.get(l));
      double[] sizes = Eigen.values(ReferenceMuon.square(starts.get(l)));
      assertThat(sizes[n - 1]).as("least of matrix %d", l).isGreaterThan(1e-8);
      double rounding = 4.0 * (SHAPES[l][0] + n + 60) * Wanted.EPSILON * n;
      assertThat(distance(square, Algebra.identity(n))).as("matrix %d", l).isLessThan(rounding);
    }
  }

  /** Random matrices of norm 1. */
  private static List<double[][]> starts() {
    SplittableRandom random = new SplittableRandom(SEED);
    List<double[][]> starts = new ArrayList<>();
    for (int[] shape : SHAPES) {
      double[][] X = Problem.random(shape[0], shape[1], random);
      double norm = ReferenceMuon.norm(X);
      for (double[] row : X) {
        for (int j = 0; j < row.length; j++) {
          row[j] = (float) (row[j] / norm);
        }
      }
      starts.add(X);
    }
    return starts;
  }

  private static List<double[][]> iterated(
      Operations.Mode mode, List<double[][]> starts, Quintic q, int steps) {
    Device device = TestDevice.get();
    try (Arena arena = device.newArena("Newton-Schulz")) {
      List<Matrix> X = new ArrayList<>();
      List<Matrix> Y = new ArrayList<>();
      int[] widths = new int[SHAPES.length];
      for (int l = 0; l < SHAPES.length; l++) {
        int rows = SHAPES[l][0];
        widths[l] = SHAPES[l][1];
        double[][] start = starts.get(l);
        X.add(arena.matrix(rows, widths[l], "X"));
        Y.add(arena.matrix(rows, widths[l], "Y"));
        X.get(l).upload(Host.of(rows, widths[l], (i, j) -> start[i][j]).values(), device.stream());
      }
      NewtonSchulz iteration = new NewtonSchulz(new Operations(device, mode), arena, widths);
      for (int k = 0; k < steps; k++) {
        iteration.iterate(device.stream(), X, (float) q.a(), (float) q.b(), (float) q.c(), Y);
        List<Matrix> result = Y;
        Y = X;
        X = result;
      }
      List<double[][]> values = new ArrayList<>();
      for (Matrix each : X) {
        values.add(Algebra.matrix(each.download(device.stream()), each.rows(), each.columns()));
      }
      return values;
    }
  }

  private static double distance(double[][] A, double[][] B) {
    return ReferenceMuon.norm(Algebra.combine(1, A, -1, B));
  }
}
