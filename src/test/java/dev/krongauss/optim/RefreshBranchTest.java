package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.testing.DriverCalls;
import dev.krongauss.testing.DriverOptions;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A refresh beside backward and gradient, in any order: the bits of one behind them. */
final class RefreshBranchTest {
  private static final int STEPS = 13;
  private static final String PROPERTY = "krongauss.overlap";

  private final Device device = TestDevice.get();

  @ParameterizedTest
  @EnumSource(
      names = {
        "KFRA",
        "KFRA_PAPER",
        "KFRA_AVERAGES",
        "KFLR",
        "KFAC",
        "KFRA_OPTIONS",
        "KFLR_LADDER"
      })
  void bitsAreThoseOfOneStream(ReplayedKind kind) {
    Run serial = run(kind, Operations.Mode.KERNELS, "off");
    Run beside = run(kind, Operations.Mode.KERNELS, "on");
    assertThat(beside.weights()).isDeepEqualTo(serial.weights());
    assertThat(beside.nodes()).as("nodes").isEqualTo(serial.nodes()).isPositive();
    if (DriverCalls.counted(device)) {
      assertThat(serial.waits()).as("waits for events, one stream").isZero();
      assertThat(beside.waits()).as("waits for events").isPositive();
    }
  }

  /** SoftCUDA draws the order of the nodes that no edge orders. */
  @ParameterizedTest
  @CsvSource({"KFRA, 1", "KFRA, 2", "KFAC, 3", "KFRA_GAMMA, 4"})
  void anyOrderThatTheGraphAllowsGivesTheSameBits(ReplayedKind kind, long seed) {
    assumeTrue(device.isSoftware(), "an option of SoftCUDA");
    Run serial = run(kind, Operations.Mode.KERNELS, "off");
    try (DriverOptions order = DriverOptions.seed(device, seed)) {
      assertThat(run(kind, Operations.Mode.KERNELS, "on").weights())
          .as("%s", order)
          .isDeepEqualTo(serial.weights());
    }
  }

  /** A handle of cuBLAS has one workspace. */
  @Test
  void withLibrariesThereIsOneStream() {
    assumeTrue(DriverCalls.counted(device), "only SoftCUDA counts");
    assumeTrue(Problem.modes().get(1) == Operations.Mode.LIBRARIES, "no libraries here");
    assertThat(run(ReplayedKind.KFRA, Operations.Mode.LIBRARIES, "on").waits()).isZero();
  }

  @Test
  void anUnknownSettingIsAnError() {
    assertThatThrownBy(() -> run(ReplayedKind.KFRA, Operations.Mode.KERNELS, "maybe"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("krongauss.overlap is 'maybe'; it must be on or off");
  }

  /**
   * @param nodes of updates that refresh, all kinds together
   * @param waits of streams for events
   */
  private record Run(float[][] weights, int nodes, long waits) {}

  private static Run run(ReplayedKind kind, Operations.Mode mode, String overlap) {
    long before = waits();
    try (Problem problem = Setups.all().get(4).open(mode);
        GaussNewton optimizer = build(kind, problem, mode, overlap)) {
      for (int k = 0; k < STEPS; k++) {
        optimizer.step(problem.batch());
      }
      int nodes = optimizer.graphNodes(true, false) + optimizer.graphNodes(true, true);
      float[][] weights = problem.network().weights();
      return new Run(weights, nodes, waits() - before);
    }
  }

  private static GaussNewton build(
      ReplayedKind kind, Problem problem, Operations.Mode mode, String overlap) {
    String before = System.getProperty(PROPERTY);
    System.setProperty(PROPERTY, overlap);
    try {
      return (GaussNewton) kind.build(problem.network(), problem.loss(), mode);
    } finally {
      if (before == null) {
        System.clearProperty(PROPERTY);
      } else {
        System.setProperty(PROPERTY, before);
      }
    }
  }

  private static long waits() {
    return DriverCalls.counted(TestDevice.get()) ? DriverCalls.of("cuStreamWaitEvent") : 0;
  }
}
