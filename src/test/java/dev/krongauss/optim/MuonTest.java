package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceFirstOrder;
import dev.krongauss.reference.ReferenceMuon;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.Setups;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Muon against its definition in double: the reference takes weights and gradients of the device
 * before every step, and has momentum and moments of its own throughout.
 */
final class MuonTest {
  private static final double RATE = 0x1p-5;
  private static final double ADAM_RATE = 0x1p-8;
  private static final double DECAY = 0.25;
  private static final int HALVE_EVERY = 2;
  private static final int STEPS = 4;

  /** Settings that differ in everything. */
  enum Setting {
    DEFAULT(0.95, true, 5, Muon.Quintic.JORDAN, Muon.Scale.SPECTRAL, Muon.Ends.MUON),
    RMS(0.9, false, 3, Muon.Quintic.JORDAN, Muon.Scale.RMS, Muon.Ends.MUON),
    ENDS(0.5, true, 2, Muon.Quintic.CONVERGENT, Muon.Scale.RMS, Muon.Ends.ADAM),
    NO_MOMENTUM(0, false, 1, Muon.Quintic.JORDAN, Muon.Scale.SPECTRAL, Muon.Ends.MUON);

    private final double mu;
    private final boolean nesterov;
    private final int steps;
    private final Muon.Quintic quintic;
    private final Muon.Scale scale;
    private final Muon.Ends ends;

    Setting(
        double mu,
        boolean nesterov,
        int steps,
        Muon.Quintic quintic,
        Muon.Scale scale,
        Muon.Ends ends) {
      this.mu = mu;
      this.nesterov = nesterov;
      this.steps = steps;
      this.quintic = quintic;
      this.scale = scale;
      this.ends = ends;
    }

    Muon build(Problem problem, Operations.Mode mode) {
      return Muon.builder()
          .operations(mode)
          .learningRate(RATE)
          .halveEvery(HALVE_EVERY)
          .adamRate(ADAM_RATE)
          .weightDecay(DECAY)
          .momentum(mu)
          .nesterov(nesterov)
          .nsSteps(steps)
          .coefficients(quintic)
          .scale(scale)
          .ends(ends)
          .build(problem.network(), problem.loss());
    }

    ReferenceMuon reference() {
      return new ReferenceMuon(mu, nesterov, steps, quintic.a(), quintic.b(), quintic.c());
    }

    boolean moves(int layer, int layers) {
      return ends == Muon.Ends.MUON || 0 < layer && layer < layers - 1;
    }

    /** By its definition, written anew. */
    double factor(int outputs, int inputs) {
      return scale == Muon.Scale.RMS
          ? 0.2 * Math.sqrt(Math.max(outputs, inputs))
          : outputs > inputs ? Math.sqrt(outputs / (double) inputs) : 1;
    }
  }

  static Stream<Arguments> cases() {
    return Setups.inModes(Setups.small())
        .flatMap(
            c ->
                Arrays.stream(Setting.values())
                    .map(setting -> Arguments.of(c.get()[0], c.get()[1], setting)))
        .filter(c -> c.get()[2] != Setting.ENDS || ((Problem.Setup) c.get()[0]).sizes().length > 3);
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void followsItsDefinition(Problem.Setup setup, Operations.Mode mode, Setting setting) {
    try (Problem problem = setup.open(mode);
        Optimizer optimizer = setting.build(problem, mode)) {
      int layers = setup.sizes().length - 1;
      List<ReferenceMuon> muon = Stream.generate(setting::reference).limit(layers).toList();
      ReferenceFirstOrder adam =
          new ReferenceFirstOrder(ReferenceFirstOrder.Rule.ADAM, ADAM_RATE, HALVE_EVERY, 0);
      for (int t = 1; t <= STEPS; t++) {
        double[][][] W = problem.reference().weights();
        double[][][] g = gradients(problem);
        StepReport report = optimizer.step(problem.batch());
        assertThat(report.accepted()).as(report::toString).isTrue();
        double rate = RATE * Math.pow(0.5, (t - 1) / HALVE_EVERY);
        assertThat(report.alpha()).isEqualTo(rate);
        double[][][] wanted = adam.step(W, g);
        float[][] got = problem.network().weights();
        for (int l = 0; l < layers; l++) {
          double allowed = bound(3, 1, Algebra.largest(W[l])) + 16 * Compare.EPSILON * adam.rate();
          if (setting.moves(l, layers)) {
            allowed += move(setting, muon.get(l), W[l], g[l], rate, wanted[l]);
          }
          String what = setting + " W" + l + " after step " + t;
          Compare.matrix(what, setup.seed(), wanted[l], got[l], allowed);
        }
      }
    }
  }

  /** Replaces all but the bias in {@code wanted}; gives the bound of the move's error. */
  private static double move(
      Setting setting,
      ReferenceMuon muon,
      double[][] W,
      double[][] g,
      double rate,
      double[][] wanted) {
    ReferenceMuon.Result result = muon.direction(Algebra.withoutLastColumn(g));
    double step = rate * setting.factor(W.length, W[0].length - 1);
    for (int i = 0; i < W.length; i++) {
      for (int j = 0; j < W[0].length - 1; j++) {
        wanted[i][j] = (1 - rate * DECAY) * W[i][j] - step * result.X()[i][j];
      }
    }
    return step * (result.error() + 3 * Compare.EPSILON * Algebra.largest(result.X()));
  }

  /** What the optimiser will compute: the same calls in the same order. */
  private static double[][][] gradients(Problem problem) {
    Device device = TestDevice.get();
    int[] sizes = problem.setup().sizes();
    int N = problem.batch().size();
    try (Arena arena = device.newArena("gradients");
        LossFunction.OnDevice loss = problem.loss().on(device)) {
      Matrix h = problem.network().forward(problem.batch(), device.stream());
      Matrix delta = arena.matrix(N, sizes[sizes.length - 1], "delta");
      Buffer losses = arena.floats(N, "losses");
      loss.evaluate(h, problem.batch().targets(), delta, losses.pointer(), device.stream());
      List<Matrix> g = FirstOrder.like(problem.network().parameters(), arena, "gradient");
      problem.network().backward(delta, 0, g, device.stream());
      List<double[][]> values = new ArrayList<>();
      for (Matrix each : g) {
        values.add(Algebra.matrix(each.download(device.stream()), each.rows(), each.columns()));
      }
      return values.toArray(double[][][]::new);
    }
  }

  /** Momentum, moments and Adam's count are those of before a batch that was rejected. */
  @ParameterizedTest
  @EnumSource(Operations.Mode.class)
  void aRejectedUpdateLeavesNothingBehind(Operations.Mode mode) {
    assertThat(trained(mode, true)).isDeepEqualTo(trained(mode, false));
  }

  private static float[][] trained(Operations.Mode mode, boolean spoilt) {
    try (Problem problem = Setups.all().get(3).open(mode);
        Optimizer optimizer =
            Muon.builder().operations(mode).build(problem.network(), problem.loss());
        DeviceBatch bad = spoilt(problem)) {
      for (int t = 0; t < 6; t++) {
        if (spoilt && t != 1) { // first, once call by call, and replayed
          assertThat(optimizer.step(bad).accepted()).isFalse();
        }
        assertThat(optimizer.step(problem.batch()).accepted()).isTrue();
      }
      return problem.network().weights();
    }
  }

  private static DeviceBatch spoilt(Problem problem) {
    double[][] X = Arrays.stream(problem.X()).map(double[]::clone).toArray(double[][]::new);
    X[0][0] = Double.NaN;
    return DeviceBatch.of(TestDevice.get(), X, problem.T());
  }

  @Test
  void theDefaultRateIsThatOfItsDocumentation() {
    try (Problem problem = Setups.all().get(3).open(Operations.Mode.AUTO);
        Optimizer optimizer = Muon.builder().build(problem.network(), problem.loss())) {
      assertThat(optimizer.step(problem.batch()).alpha()).isEqualTo(0x1p-4);
    }
  }

  @Test
  void aNetworkWithoutHiddenMatricesCannotLeaveTheEndsToAdam() {
    try (Problem problem = Setups.all().get(2).open(Operations.Mode.AUTO)) {
      Muon.Builder builder = Muon.builder().ends(Muon.Ends.ADAM);
      assertThatThrownBy(() -> builder.build(problem.network(), problem.loss()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a network of 2 layers has none between");
    }
  }
}
