package dev.krongauss.precondition;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceGaussNewton;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The layer for trainers of one's own: foreign matrices, a stream of its own, and no other part of
 * the project.
 */
final class PreconditionerTest {
  private static final double GAMMA = 0.125;
  private static final double SMALL_GAMMA = 0x1p-10;
  private static final long SEED = 61;

  private final Device device = TestDevice.get();
  private final SplittableRandom random = new SplittableRandom(SEED);

  @ParameterizedTest(name = "[{0}] activations, [{1}] units, {2} datapoints, K = {3}")
  @CsvSource({
    "1, 1, 1, 1",
    "4, 3, 10, 1",
    "65, 63, 17, 2",
    "31, 64, 129, 1",
    "7, 97, 5, 3",
    "5, 70, 700, 2"
  })
  void directionMatchesItsFormula(int activations, int units, int N, int K) {
    for (Operations.Mode mode : Problem.modes()) {
      double[][] a = Problem.random(N, activations, random);
      double[][] C = Problem.random(N * K, units, random);
      double[][] g = Problem.random(units, activations, random);
      double[][] Q = Algebra.scale(1.0 / N, Algebra.multiply(Algebra.transpose(a), a));
      double[][] G = Algebra.scale(1.0 / N, Algebra.multiply(Algebra.transpose(C), C));
      try (Stream s = device.newStream();
          Arena arena = device.newArena("preconditioner test");
          Preconditioner rows = preconditioner(activations, units, mode);
          Preconditioner whole = preconditioner(activations, units, mode)) {
        Matrix A = DeviceBatch.foreign(arena, device, a);
        Matrix gradient = DeviceBatch.foreign(arena, device, g);
        Matrix direction = DeviceBatch.foreign(arena, device, Algebra.scale(Double.NaN, g));
        rows.accumulate(0, A, DeviceBatch.foreign(arena, device, C), s);
        compare(rows, Q, G, g, gradient, direction, s);
        // The same with G itself, its upper triangle never read.
        double[][] lower = Algebra.scale(1, G);
        for (int i = 0; i < units; i++) {
          Arrays.fill(lower[i], i + 1, units, Double.NaN);
        }
        whole.accumulateCurvature(0, A, DeviceBatch.foreign(arena, device, lower), s);
        compare(whole, Q, G, g, gradient, direction, s);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aFailedFactorIsNamedAndOthersWork(Operations.Mode mode) {
    try (Arena arena = device.newArena("preconditioner test");
        Preconditioner preconditioner =
            Preconditioner.on(device)
                .layer(3, 2)
                .layer(4, 5)
                .operations(mode)
                .gamma(GAMMA)
                .build()) {
      Stream s = device.stream();
      Matrix good3 = DeviceBatch.foreign(arena, device, Problem.random(6, 3, random));
      Matrix good4 = DeviceBatch.foreign(arena, device, Problem.random(6, 4, random));
      Matrix good2 = DeviceBatch.foreign(arena, device, Problem.random(6, 2, random));
      double[][] spoilt = Problem.random(6, 5, random);
      spoilt[3][2] = Double.NaN;
      preconditioner.accumulate(0, good3, good2, s);
      preconditioner.accumulate(1, good4, DeviceBatch.foreign(arena, device, spoilt), s);
      preconditioner.refresh(s);
      assertThat(preconditioner.failure(s))
          .contains("factor G of layer 2", "not positive definite", "column 3");
      Matrix gradient = DeviceBatch.foreign(arena, device, Problem.random(2, 3, random));
      Matrix direction = arena.matrix(2, 3, "direction");
      preconditioner.apply(0, gradient, direction, s);
      for (float value : direction.download(s)) {
        assertThat(value).isFinite();
      }
    }
  }

  /**
   * G has one negative eigenvalue: the rung that reaches over it is the one whose direction comes
   * out, for all layers, and without it the failure says what was tried.
   */
  @ParameterizedTest(name = "eigenvalue {0} gamma / omega: {1} gamma")
  @CsvSource({"-0.5, 1", "-2, 10", "-9.5, 10", "-20, 100", "-95, 100", "-200, 0"})
  void anIndefiniteFactorClimbsTheLadder(double eigenvalue, int times) {
    for (Operations.Mode mode : Problem.modes()) {
      try (Arena arena = device.newArena("preconditioner test");
          Preconditioner preconditioner =
              Preconditioner.on(device)
                  .layer(3, 2)
                  .layer(4, 5)
                  .operations(mode)
                  .gamma(SMALL_GAMMA)
                  .build()) {
        Stream s = device.stream();
        double[][] a = Problem.random(9, 3, random);
        double[][] b = Problem.random(9, 4, random);
        double[][] C = Problem.random(9, 2, random);
        double[][] Q = Algebra.scale(1.0 / 9, Algebra.multiply(Algebra.transpose(b), b));
        double[][] G = Algebra.scale(5, Algebra.identity(5));
        for (int k = 0; k < 20; k++) { // the eigenvalue moves omega, if only a little
          G[3][3] = eigenvalue * SMALL_GAMMA / ReferenceGaussNewton.omega(Q, G);
        }
        preconditioner.accumulate(
            0, DeviceBatch.foreign(arena, device, a), DeviceBatch.foreign(arena, device, C), s);
        preconditioner.accumulateCurvature(
            1, DeviceBatch.foreign(arena, device, b), DeviceBatch.foreign(arena, device, G), s);
        if (times == 0) {
          preconditioner.refresh(s);
          assertThat(preconditioner.failure(s))
              .contains("factor G of layer 2", "column 4", "even with gamma = 0.0977;");
          continue;
        }
        double gamma = times * SMALL_GAMMA;
        Matrix direction = arena.matrix(5, 4, "direction");
        double[][] g = Problem.random(5, 4, random);
        Matrix gradient = DeviceBatch.foreign(arena, device, g);
        compare(preconditioner, 1, gamma, Q, G, g, gradient, direction, s);
        double[][] Q0 = Algebra.scale(1.0 / 9, Algebra.multiply(Algebra.transpose(a), a));
        double[][] G0 = Algebra.scale(1.0 / 9, Algebra.multiply(Algebra.transpose(C), C));
        double[][] g0 = Problem.random(2, 3, random);
        Matrix gradient0 = DeviceBatch.foreign(arena, device, g0);
        Matrix direction0 = arena.matrix(2, 3, "direction");
        compare(preconditioner, 0, gamma, Q0, G0, g0, gradient0, direction0, s);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void aDeadLayerIsDamped(Operations.Mode mode) {
    // No curvature at all: ω = 1, G + γ I = γ I, and the step stays finite.
    try (Arena arena = device.newArena("preconditioner test");
        Preconditioner preconditioner = preconditioner(3, 2, mode)) {
      Stream s = device.stream();
      double[][] a = Problem.random(5, 3, random);
      double[][] g = Problem.random(2, 3, random);
      preconditioner.accumulate(
          0,
          DeviceBatch.foreign(arena, device, a),
          DeviceBatch.foreign(arena, device, new double[5][2]),
          s);
      double[][] Q = Algebra.scale(0.2, Algebra.multiply(Algebra.transpose(a), a));
      Matrix direction = arena.matrix(2, 3, "direction");
      compare(
          preconditioner,
          Q,
          new double[2][2],
          g,
          DeviceBatch.foreign(arena, device, g),
          direction,
          s);
    }
  }

  private Preconditioner preconditioner(int activations, int units, Operations.Mode mode) {
    return Preconditioner.on(device)
        .layer(activations, units)
        .gamma(GAMMA)
        .operations(mode)
        .build();
  }

  private void compare(
      Preconditioner preconditioner,
      double[][] Q,
      double[][] G,
      double[][] g,
      Matrix gradient,
      Matrix direction,
      Stream s) {
    compare(preconditioner, 0, GAMMA, Q, G, g, gradient, direction, s);
  }

  /** Refreshes and compares the direction with that of this γ. */
  private void compare(
      Preconditioner preconditioner,
      int layer,
      double gamma,
      double[][] Q,
      double[][] G,
      double[][] g,
      Matrix gradient,
      Matrix direction,
      Stream s) {
    preconditioner.refresh(s);
    assertThat(preconditioner.failure(s)).isEmpty();
    preconditioner.apply(layer, gradient, direction, s);
    double omega = ReferenceGaussNewton.omega(Q, G);
    double[][] B = Algebra.combine(1, Q, omega * gamma, Algebra.identity(Q.length));
    double[][] A = Algebra.combine(1, G, gamma / omega, Algebra.identity(G.length));
    double[][] wanted =
        Algebra.scale(
            -1, Algebra.multiply(Algebra.inverse(A), Algebra.multiply(g, Algebra.inverse(B))));
    double norm = Math.sqrt(Algebra.dot(wanted, wanted));
    double bound =
        bound(4, Q.length + G.length + 20, (Algebra.condition(A) + Algebra.condition(B)) * norm);
    Compare.matrix("direction", SEED, wanted, direction.download(s), bound);
  }
}
