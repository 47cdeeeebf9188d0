package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.ReferenceGaussNewton.Settings;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole updates of KFRA, KFLR and KFAC against the reference, and what must hold between runs. */
final class GaussNewtonTest {
  /** All settings are floats on the device: the reference gets the same numbers. */
  private static final double LAMBDA = 0.01f;

  private static final double L2 = 1e-3f;
  private static final double DECAY = 0.9f;
  private static final double AVERAGE_DECAY = 0.625f;

  private final Device device = TestDevice.get();

  static Stream<Arguments> cases() {
    return Setups.inModes(Setups.small())
        .flatMap(c -> Stream.of(Method.values()).map(m -> Arguments.of(c.get()[0], c.get()[1], m)));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void everyStepRefreshed(Problem.Setup setup, Operations.Mode mode, Method method) {
    follow(setup, mode, method, settings(false, true, 1, 5), 3);
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void refreshedEveryFifthStepWithAdaptedLambda(
      Problem.Setup setup, Operations.Mode mode, Method method) {
    follow(setup, mode, method, settings(true, true, 5, 2), 7);
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void withMomentum(Problem.Setup setup, Operations.Mode mode, Method method) {
    Settings plain = settings(true, true, 2, 2);
    Settings settings =
        new Settings(LAMBDA, 0, L2, DECAY, true, true, 2, 2, plain.omega(), true, AVERAGE_DECAY);
    follow(setup, mode, method, settings, 5);
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void withoutRescaling(Problem.Setup setup, Operations.Mode mode, Method method) {
    follow(setup, mode, method, settings(true, false, 1, 1), 2);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void tileSizedLayers(Operations.Mode mode) {
    Problem.Setup widest = Setups.all().get(Setups.all().size() - 1);
    follow(widest, mode, Method.KFRA, settings(true, true, 1, 1), 1);
    follow(widest, mode, Method.KFLR, settings(true, true, 1, 1), 1);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("methods")
  void theBatchSizeMayChange(Method method, Operations.Mode mode) {
    Problem.Setup setup = Setups.all().get(3);
    try (Problem problem = setup.open(mode);
        Trajectory trajectory = trajectory(problem, mode, method, settings(true, true, 1, 1))) {
      int[] sizes = {17, 5, 17, 1, 23};
      for (int k = 0; k < sizes.length; k++) {
        double[][][] drawn = problem.draw(sizes[k], 50 + k);
        try (DeviceBatch batch = DeviceBatch.foreign(device, drawn[0], drawn[1])) {
          trajectory.step(drawn[0], drawn[1], batch);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("methods")
  void theSameSeedGivesTheSameBits(Method method, Operations.Mode mode) {
    Problem.Setup setup = Setups.all().get(4);
    float[][] first = trained(setup, mode, method);
    float[][] second = trained(setup, mode, method);
    for (int l = 0; l < first.length; l++) {
      assertThat(second[l]).containsExactly(first[l]);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("methods")
  void theObjectiveFalls(Method method, Operations.Mode mode) {
    Problem.Setup setup = Setups.all().get(4);
    try (Problem problem = setup.open(mode);
        GaussNewton optimizer =
            builder(method).operations(mode).build(problem.network(), problem.loss())) {
      double start = optimizer.step(problem.batch()).objective();
      StepReport last = null;
      for (int k = 0; k < 30; k++) {
        last = optimizer.step(problem.batch());
      }
      assertThat(last.objective()).as("%s from %s", last, start).isLessThan(0.5 * start);
    }
  }

  static Stream<Arguments> methods() {
    return Stream.of(Method.values())
        .flatMap(method -> Problem.modes().stream().map(mode -> Arguments.of(method, mode)));
  }

  private void follow(
      Problem.Setup setup, Operations.Mode mode, Method method, Settings settings, int steps) {
    try (Problem problem = setup.open(mode);
        Trajectory trajectory = trajectory(problem, mode, method, settings)) {
      for (int k = 0; k < steps; k++) {
        trajectory.step(problem.X(), problem.T(), problem.batch());
      }
    }
  }

  private static Trajectory trajectory(
      Problem problem, Operations.Mode mode, Method method, Settings settings) {
    return new Trajectory(problem, method, settings, builder(method).operations(mode));
  }

  private static float[][] trained(Problem.Setup setup, Operations.Mode mode, Method method) {
    try (Problem problem = setup.open(mode);
        GaussNewton optimizer =
            builder(method)
                .operations(mode)
                .refreshEvery(2)
                .reductionEvery(2)
                .build(problem.network(), problem.loss())) {
      for (int k = 0; k < 6; k++) {
        optimizer.step(problem.batch());
      }
      return problem.network().weights();
    }
  }

  private static Settings settings(
      boolean adapt, boolean rescaling, int refreshEvery, int reductionEvery) {
    double omega = (float) Math.pow(0.95, reductionEvery);
    return new Settings(
        LAMBDA, 0, L2, DECAY, adapt, rescaling, refreshEvery, reductionEvery, omega);
  }

  static GaussNewton.Builder builder(Method method) {
    return switch (method) {
      case KFAC -> GaussNewton.kfac();
      case KFLR -> GaussNewton.kflr();
      case KFRA -> GaussNewton.kfra();
    };
  }
}
