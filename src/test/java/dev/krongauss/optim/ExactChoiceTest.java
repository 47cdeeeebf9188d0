package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.io.Checkpoint;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Residuals;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import dev.krongauss.testing.Stacks;
import dev.krongauss.testing.TestDevice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When {@link GaussNewton#auto} takes the exact step, and what it is then. */
final class ExactChoiceTest {
  private static final long BUDGET = 256L << 20;
  private static final int[] SMALL = {3, 4, 2};
  private static final Setup SETUP =
      new Setup(ReferenceLoss.SQUARED, Unit.TANH, 30, 81, 3, 4, 2); // P = 26, N K = 60

  @Test
  void operationsAreCountedTermByTerm() {
    // 3-4-2: P = 26, N = 5, K = 2
    double passes = (12 + 8 * 2) * 5 * (3 * 4 + 4 * 2);
    double roots = 2 * 5 * 2 * 4 * 2;
    double rows = 5 * 2 * 26 * 27;
    double parameter = 3e6 + passes + roots + 0.04 * rows + 0.02 * (26 * 26 * 26);
    assertThat(ExactCost.exact(ExactSpace.PARAMETER, SMALL, 5, 2))
        .isCloseTo(parameter, within(1e-6));
    double grams = 10 * 10 * (3 + 4 + 4 + 2);
    double sample = 3e6 + passes + roots + 0.04 * grams + 0.02 * (10 * 10 * 10);
    assertThat(ExactCost.exact(ExactSpace.SAMPLE, SMALL, 5, 2)).isCloseTo(sample, within(1e-6));
    double share = MethodChoice.share(SMALL, 5, 2, false, 5);
    double kfra = ExactCost.kfra(SMALL, 5, false, 5) - 2e6;
    double kflrsG = 5 * 2 * 16 + 5 * 2 * 4 + 2 * 5 * 2 * 4 * 2;
    assertThat(kfra * (1 + share))
        .isCloseTo(MethodChoice.update(SMALL, 5, false, 5) + kflrsG / 5.0, within(1e-9));
  }

  /** As many residuals as weights are needed, and one more update's worth is too much. */
  @Test
  void theBatchMustDetermineTheWeights() {
    ExactChoice less = ExactChoice.of(SMALL, 12, 2, false, BUDGET);
    assertThat(less.taken()).isFalse();
    assertThat(less.reason())
        .startsWith("not exact(): 24 residuals of a batch do not determine the 26 weights");
    assertThat(ExactChoice.of(SMALL, 13, 2, false, BUDGET).reason())
        .contains("26 residuals of a batch determine the 26 weights");
  }

  @Test
  void threeUpdatesOfKfraAreTheBound() {
    int taken = 0;
    for (int width = 1; width <= 64; width++) {
      int[] widths = {8, width, 1};
      double updates =
          ExactCost.exact(ExactSpace.PARAMETER, widths, 2000, 1)
              / ExactCost.kfra(widths, 2000, true, 5);
      ExactChoice choice = ExactChoice.of(widths, 2000, 1, true, BUDGET);
      assertThat(choice.taken()).as("%s", choice).isEqualTo(updates <= 3);
      taken += choice.taken() ? 1 : 0;
    }
    assertThat(taken).isBetween(1, 63);
  }

  @Test
  void theBudgetDecidesToTheByte() {
    long bytes = ExactMemory.ofOptimizer(ExactSpace.PARAMETER, SETUP.sizes(), 30, 2);
    for (boolean fits : new boolean[] {true, false}) {
      ExactChoice choice = ExactChoice.of(SETUP.sizes(), 30, 2, true, fits ? bytes : bytes - 1);
      assertThat(choice.taken()).as(choice.reason()).isEqualTo(fits);
    }
  }

  /** The optimiser that was chosen makes the updates of the one that one would have built. */
  @Test
  void itIsTheExactStepFromThereOn() {
    try (Problem problem = SETUP.open(Operations.Mode.AUTO);
        Problem twin = SETUP.open(Operations.Mode.AUTO);
        Optimizer auto = GaussNewton.auto().l2(1e-4).build(problem.network(), problem.loss());
        Optimizer direct = GaussNewton.exact().l2(1e-4).build(twin.network(), twin.loss());
        DeviceBatch one =
            DeviceBatch.of(
                TestDevice.get(), Arrays.copyOf(problem.X(), 1), Arrays.copyOf(problem.T(), 1))) {
      assertThat(auto.name()).isEqualTo("auto");
      assertThat(auto.choice()).isEmpty();
      assertThat(auto.graphNodes()).isZero();
      for (int k = 0; k < 4; k++) {
        auto.step(k == 2 ? one : problem.batch());
        direct.step(k == 2 ? one : twin.batch());
      }
      assertThat(auto.name()).isEqualTo("exact");
      assertThat(auto.chosen()).containsInstanceOf(ExactGaussNewton.class);
      assertThat(auto.choice())
          .startsWith("exact: 60 residuals of a batch determine the 26 weights")
          .contains("of KFRA's (at most 3.00)", "MiB (budget 256.0 MiB)");
      assertThat(problem.network().weights()).isDeepEqualTo(twin.network().weights());
      assertThat(direct.chosen()).contains(direct);
      assertThat(direct.choice()).isEmpty();
    }
  }

  /** What only factors have leaves no choice. */
  @Test
  void anOptionOfFactorsDecides() {
    try (Problem problem = SETUP.open(Operations.Mode.AUTO);
        Optimizer auto =
            GaussNewton.auto().averageIterates(0.9).build(problem.network(), problem.loss())) {
      assertThat(auto).isInstanceOf(GaussNewton.class);
      auto.step(problem.batch());
      assertThat(auto.name()).isIn("kfra", "kflr");
    }
  }

  /** A batch that does not fit takes nothing and decides nothing. */
  @Test
  void aWrongFirstBatchLeavesTheChoiceOpen() {
    try (Problem problem = SETUP.open(Operations.Mode.AUTO);
        Optimizer auto = GaussNewton.auto().build(problem.network(), problem.loss());
        DeviceBatch wrong =
            DeviceBatch.of(TestDevice.get(), problem.X(), new double[problem.X().length][3])) {
      long held = TestDevice.get().allocatedBytes();
      assertThatThrownBy(() -> auto.step(wrong)).isInstanceOf(IllegalArgumentException.class);
      assertThat(auto.chosen()).isEmpty();
      assertThat(TestDevice.get().allocatedBytes()).isEqualTo(held);
    }
  }

  @Test
  void coupledRowsTakeTheExactStep() {
    Setup setup = new Setup(ReferenceLoss.SQUARED, Unit.TANH, 6, 82, 3, 4, 2);
    try (Problem problem = setup.open(Operations.Mode.AUTO);
        Optimizer auto =
            GaussNewton.auto()
                .build(
                    problem.network(),
                    Loss.residuals(Residuals.of(new Stacks.Coupled()).stacked(3)))) {
      auto.step(problem.batch());
      assertThat(auto.choice()).contains("couples 3 rows");
      assertThat(auto.name()).isEqualTo("exact");
    }
  }

  /** A file of either kind makes an undecided or a differently decided one go on as its writer. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCheckpointDecides(boolean exact, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("auto.safetensors");
    int rows = exact ? 30 : 9;
    try (Problem writer = SETUP.open(Operations.Mode.AUTO);
        Problem undecided = SETUP.open(Operations.Mode.AUTO);
        Problem decided = SETUP.open(Operations.Mode.AUTO);
        DeviceBatch some = rows(writer, rows);
        DeviceBatch others = rows(writer, exact ? 9 : 30);
        Optimizer first = GaussNewton.auto().build(writer.network(), writer.loss());
        Optimizer second = GaussNewton.auto().build(undecided.network(), writer.loss());
        Optimizer third = GaussNewton.auto().build(decided.network(), writer.loss())) {
      first.step(some);
      first.step(some);
      Checkpoint.save(file, TestDevice.get().stream(), parts(writer, first));
      third.step(others);
      assertThat(third.name().equals("exact")).isEqualTo(!exact);
      first.step(some);
      Checkpoint.load(file, TestDevice.get().stream(), parts(undecided, second));
      Checkpoint.load(file, TestDevice.get().stream(), parts(decided, third));
      for (Optimizer each : new Optimizer[] {second, third}) {
        assertThat(each.name()).isEqualTo(first.name());
        assertThat(each.choice()).isEqualTo(first.choice());
        each.step(some);
      }
      assertThat(first.name().equals("exact")).isEqualTo(exact);
      assertThat(undecided.network().weights()).isDeepEqualTo(writer.network().weights());
      assertThat(decided.network().weights()).isDeepEqualTo(writer.network().weights());
    }
  }

  private static DeviceBatch rows(Problem problem, int N) {
    return DeviceBatch.of(
        TestDevice.get(), Arrays.copyOf(problem.X(), N), Arrays.copyOf(problem.T(), N));
  }

  private static Map<String, Resumable> parts(Problem problem, Optimizer optimizer) {
    return Map.of("weights", Resumable.weights(problem.network()), "optimizer", optimizer);
  }
}
