package dev.krongauss.precondition;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.TraceDamping;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceGaussNewton;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A layer that keeps the diagonal of G alone does what one does that keeps diag(g) whole. */
final class DiagonalLayerTest {
  private static final double GAMMA = 0x1p-10;
  private static final long SEED = 67;
  private static final int N = 9;

  /** Activations of the first layer, which keeps all of G, and of the second, which does not. */
  private static final int[] INPUTS = {3, 66};

  private static final int[] UNITS = {5, 70};

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final double[][] firstG = positive(UNITS[0]);
  private final double[] g = new double[UNITS[1]];

  DiagonalLayerTest() {
    for (int i = 0; i < g.length; i++) {
      g[i] = (float) (0.01 + random.nextDouble());
    }
  }

  /** Two layers, of which the second keeps its diagonal or the whole matrix of it. */
  private final class Layers implements AutoCloseable {
    final Arena arena = device.newArena("diagonal layers");
    final boolean diagonal;
    final Preconditioner preconditioner;
    final List<double[][]> activations = new ArrayList<>();
    final List<Matrix> onDevice = new ArrayList<>();
    final List<double[][]> gradients = new ArrayList<>();
    final List<Matrix> gradient = new ArrayList<>();
    final List<Matrix> direction = new ArrayList<>();

    Layers(Operations.Mode mode, boolean diagonal, long seed) {
      this.diagonal = diagonal;
      Preconditioner.Builder builder =
          Preconditioner.on(device).layer(INPUTS[0], UNITS[0]).operations(mode).gamma(GAMMA);
      preconditioner =
          (diagonal
                  ? builder.diagonalLayer(INPUTS[1], UNITS[1])
                  : builder.layer(INPUTS[1], UNITS[1]))
              .build();
      SplittableRandom own = new SplittableRandom(seed);
      for (int l = 0; l < 2; l++) {
        activations.add(Problem.random(N, INPUTS[l], own));
        gradients.add(Problem.random(UNITS[l], INPUTS[l], own));
        onDevice.add(DeviceBatch.foreign(arena, device, activations.get(l)));
        gradient.add(DeviceBatch.foreign(arena, device, gradients.get(l)));
        direction.add(arena.matrix(UNITS[l], INPUTS[l], "direction"));
      }
    }

    void accumulate() {
      preconditioner.accumulateCurvature(
          0, onDevice.get(0), DeviceBatch.foreign(arena, device, firstG), s);
      if (diagonal) {
        Matrix row = DeviceBatch.foreign(arena, device, new double[][] {g});
        preconditioner.accumulateCurvatureDiagonal(1, onDevice.get(1), row, s);
      } else {
        Matrix whole = DeviceBatch.foreign(arena, device, matrix());
        preconditioner.accumulateCurvature(1, onDevice.get(1), whole, s);
      }
    }

    double[][] Q(int layer) {
      double[][] a = activations.get(layer);
      return Algebra.scale(1.0 / N, Algebra.multiply(Algebra.transpose(a), a));
    }

    double[][] G(int layer) {
      return layer == 0 ? firstG : matrix();
    }

    /** Compares a layer's direction with the formula for this γ. */
    void compare(int l, double gamma, Matrix got) {
      double omega = ReferenceGaussNewton.omega(Q(l), G(l));
      double[][] B = Algebra.combine(1, Q(l), omega * gamma, Algebra.identity(INPUTS[l]));
      double[][] A = Algebra.combine(1, G(l), gamma / omega, Algebra.identity(UNITS[l]));
      double[][] right = Algebra.multiply(gradients.get(l), Algebra.inverse(B));
      double[][] wanted = Algebra.scale(-1, Algebra.multiply(Algebra.inverse(A), right));
      double norm = Math.sqrt(Algebra.dot(wanted, wanted));
      double error = (Algebra.condition(A) + Algebra.condition(B)) * norm;
      String name = (diagonal ? "diagonal, layer " : "whole, layer ") + l;
      Compare.matrix(
          name, SEED, wanted, got.download(s), bound(4, INPUTS[l] + UNITS[l] + 20, error));
    }

    @Override
    public void close() {
      preconditioner.close();
      arena.close();
    }
  }

  private double[][] matrix() {
    double[][] G = new double[g.length][g.length];
    for (int i = 0; i < g.length; i++) {
      G[i][i] = g[i];
    }
    return G;
  }

  private double[][] positive(int n) {
    double[][] C = Problem.random(2 * n, n, random);
    return Algebra.multiply(Algebra.transpose(C), C);
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void directionsAreThoseOfTheWholeMatrix(Operations.Mode mode) {
    try (Layers vector = new Layers(mode, true, 1);
        Layers whole = new Layers(mode, false, 1)) {
      assertThat(vector.preconditioner.factors().G(1).rows()).isEqualTo(1);
      for (Layers layers : List.of(whole, vector)) {
        layers.accumulate();
        layers.preconditioner.refresh(s);
        assertThat(layers.preconditioner.failure(s)).isEmpty();
        layers.preconditioner.apply(layers.gradient, layers.direction, s);
        for (int l = 0; l < 2; l++) {
          layers.compare(l, GAMMA, layers.direction.get(l));
        }
      }
      // The diagonal is exact, so that nothing but its inverse may differ: one division's rounding.
      float[] got = vector.preconditioner.factors().G(1).download(s);
      float[] wanted = whole.preconditioner.factors().G(1).download(s);
      for (int i = 0; i < g.length; i++) {
        assertThat(got[i]).isEqualTo(wanted[i * g.length + i]).isEqualTo((float) g[i]);
      }
      // One at a time, and in the gradient's place.
      float[][] both = {vector.direction.get(0).download(s), vector.direction.get(1).download(s)};
      for (int l = 0; l < 2; l++) {
        vector.preconditioner.apply(l, vector.gradient.get(l), vector.direction.get(l), s);
        assertThat(vector.direction.get(l).download(s)).isEqualTo(both[l]);
      }
      vector.preconditioner.apply(vector.gradient, vector.gradient, s);
      for (int l = 0; l < 2; l++) {
        assertThat(vector.gradient.get(l).download(s)).isEqualTo(both[l]);
      }
    }
  }

  /** Of a diagonal with a negative element the rung that reaches over it holds for all layers. */
  @ParameterizedTest(name = "element {0} gamma / omega: {1} gamma")
  @CsvSource({"-0.5, 1", "-2, 10", "-9.5, 10", "-20, 100", "-95, 100", "-200, 0"})
  void aNegativeElementClimbsTheLadder(double element, int times) {
    for (Operations.Mode mode : Problem.modes()) {
      try (Layers layers = new Layers(mode, true, 2)) {
        for (int k = 0; k < 20; k++) { // it moves omega, if only a little
          g[40] = element * GAMMA / ReferenceGaussNewton.omega(layers.Q(1), matrix());
        }
        climb(layers, times, "factor G of layer 2", "column 41");
      }
    }
  }

  /** Where another factor fails, the diagonal's inverse is of the higher rung as well. */
  @ParameterizedTest(name = "eigenvalue {0} gamma / omega: {1} gamma")
  @CsvSource({"-0.5, 1", "-2, 10", "-20, 100", "-200, 0"})
  void anotherFactorTakesTheDiagonalAlong(double eigenvalue, int times) {
    for (Operations.Mode mode : Problem.modes()) {
      try (Layers layers = new Layers(mode, true, 3)) {
        for (int i = 0; i < UNITS[0]; i++) {
          for (int j = 0; j < UNITS[0]; j++) {
            firstG[i][j] = i == j ? 5 : 0;
          }
        }
        for (int k = 0; k < 20; k++) {
          firstG[3][3] = eigenvalue * GAMMA / ReferenceGaussNewton.omega(layers.Q(0), firstG);
        }
        climb(layers, times, "factor G of layer 1", "column 4");
      }
    }
  }

  private void climb(Layers layers, int times, String factor, String column) {
    layers.accumulate();
    layers.preconditioner.refresh(s);
    if (times == 0) {
      assertThat(layers.preconditioner.rung(s)).isEqualTo(-1);
      assertThat(layers.preconditioner.failure(s)).contains(factor, column, "gamma = 0.0977;");
      return;
    }
    assertThat(layers.preconditioner.failure(s)).isEmpty();
    assertThat(layers.preconditioner.rung(s)).isEqualTo((int) Math.log10(times));
    layers.preconditioner.apply(layers.gradient, layers.direction, s);
    for (int l = 0; l < 2; l++) {
      layers.compare(l, times * GAMMA, layers.direction.get(l));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void anElementThatIsNotANumberIsNamedAndForgotten(Operations.Mode mode) {
    try (Layers layers = new Layers(mode, true, 4)) {
      double before = g[7];
      g[7] = Double.NaN;
      layers.accumulate();
      layers.preconditioner.refresh(s);
      assertThat(layers.preconditioner.failure(s)).contains("factor G of layer 2", "column 8");
      layers.preconditioner.apply(0, layers.gradient.get(0), layers.direction.get(0), s);
      for (float value : layers.direction.get(0).download(s)) {
        assertThat(value).isFinite();
      }
      g[7] = before;
      layers.preconditioner.restart();
      layers.accumulate();
      layers.preconditioner.refresh(s);
      assertThat(layers.preconditioner.failure(s)).isEmpty();
      layers.preconditioner.apply(1, layers.gradient.get(1), layers.direction.get(1), s);
      layers.compare(1, GAMMA, layers.direction.get(1));
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void candidatesHaveADiagonalEach(Operations.Mode mode) {
    float[] factors = {1, 16, 256};
    try (Layers layers = new Layers(mode, true, 5)) {
      DampingCandidates candidates =
          layers.preconditioner.candidates(
              new TraceDamping.Candidates(factors[1], factors[2], 0, Float.POSITIVE_INFINITY));
      layers.accumulate();
      candidates.refresh(s);
      List<List<Matrix>> directions = new ArrayList<>();
      for (int c = 0; c < factors.length; c++) {
        List<Matrix> each = new ArrayList<>();
        for (int l = 0; l < 2; l++) {
          each.add(layers.arena.matrix(UNITS[l], INPUTS[l], "direction"));
        }
        directions.add(each);
        candidates.apply(c, layers.gradient, each, s);
        for (int l = 0; l < 2; l++) {
          layers.compare(l, factors[c] * GAMMA, each.get(l));
        }
      }
      var choice = layers.arena.ints(1, "choice");
      choice.uploadInts(new int[] {2}, s);
      candidates.take(choice.pointer(), directions, s);
      layers.preconditioner.apply(layers.gradient, layers.direction, s);
      for (int l = 0; l < 2; l++) {
        layers.compare(l, factors[2] * GAMMA, layers.direction.get(l));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void eachKindOfLayerHasItsOwnCall(Operations.Mode mode) {
    try (Layers layers = new Layers(mode, true, 6)) {
      Preconditioner p = layers.preconditioner;
      Matrix row = DeviceBatch.foreign(layers.arena, device, new double[][] {g});
      Matrix whole = DeviceBatch.foreign(layers.arena, device, matrix());
      Matrix roots = layers.arena.matrix(N, UNITS[1], "roots");
      Matrix a = layers.onDevice.get(1);
      assertThatThrownBy(() -> p.accumulate(1, a, roots, s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("accumulateCurvatureDiagonal");
      assertThatThrownBy(() -> p.accumulateCurvature(1, a, whole, s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("accumulateCurvatureDiagonal");
      assertThatThrownBy(() -> p.accumulateCurvatureDiagonal(1, a, whole, s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[1][70]");
      assertThatThrownBy(() -> p.accumulateCurvatureDiagonal(0, layers.onDevice.get(0), row, s))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("diagonalLayer");
      assertThatThrownBy(() -> p.refresh(s)).isInstanceOf(IllegalStateException.class);
    }
  }
}
