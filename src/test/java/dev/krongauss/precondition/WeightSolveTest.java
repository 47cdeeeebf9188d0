package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.Algebra;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layout's direction is that of the plain one, bit for bit, where its owner keeps it. */
final class WeightSolveTest {
  private static final int N = 40;
  private static final int I = 7;
  private static final int O = 5;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();

  /** The layouts of a dense layer, and how its matrix [O][I + 1] falls into them. */
  private enum Kept {
    OUT_IN(WeightLayout.OUT_IN, Bias.COLUMN),
    IN_OUT(WeightLayout.IN_OUT, Bias.COLUMN),
    OUT_IN_APART(WeightLayout.OUT_IN, Bias.SEPARATE),
    IN_OUT_APART(WeightLayout.IN_OUT, Bias.SEPARATE);

    final WeightLayout layout;
    final Bias bias;

    Kept(WeightLayout layout, Bias bias) {
      this.layout = layout;
      this.bias = bias;
    }

    double[][] weights(double[][] matrix) {
      double[][] body = bias == Bias.SEPARATE ? Algebra.withoutLastColumn(matrix) : matrix;
      return layout == WeightLayout.IN_OUT ? Algebra.transpose(body) : body;
    }

    double[][] bias(double[][] matrix) {
      double[][] last = new double[1][matrix.length];
      Arrays.setAll(last[0], i -> matrix[i][matrix[0].length - 1]);
      return bias == Bias.SEPARATE ? last : null;
    }
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void directionsLieAsTheirGradients(Operations.Mode mode) {
    SplittableRandom random = new SplittableRandom(3);
    double[][] a = Problem.random(N, I + 1, random);
    double[][] C = Problem.random(N, O, random);
    double[][] x = Problem.random(N, I, random);
    double[][] cx = Problem.random(N, I, random);
    double[][] g = Problem.random(O, I + 1, random);
    double[][] norm = Problem.random(2 * I, 1, random);
    for (boolean inPlace : new boolean[] {false, true}) {
      try (Arena arena = device.newArena("layouts");
          Preconditioner p = build(mode)) {
        for (int l = 0; l < Kept.values().length; l++) {
          Matrix activations = DeviceBatch.foreign(arena, device, a);
          p.positions()
              .accumulate(
                  l, activations, DeviceBatch.foreign(arena, device, C), Positions.of(N, 1), s);
        }
        Matrix scaled = DeviceBatch.foreign(arena, device, x);
        Matrix roots = DeviceBatch.foreign(arena, device, cx);
        p.positions().scale(4, scaled, roots, Positions.of(N, 1), s);
        p.positions().shift(5, roots, Positions.of(N, 1), s);
        p.refresh(s);
        double[][] wanted = plain(p, arena, 0, g);
        double[][] wantedNorm = plain(p, arena, 4, norm);
        double[][] wantedShift = plain(p, arena, 5, Arrays.copyOf(norm, I));
        WeightSolve solve = p.weights();
        List<LayerWeights> gradients = new ArrayList<>();
        for (Kept kept : Kept.values()) {
          gradients.add(pieces(arena, kept.weights(g), kept.bias(g)));
        }
        double[][] row = Algebra.transpose(norm);
        double[][] first = {Arrays.copyOf(row[0], I)};
        double[][] second = {Arrays.copyOfRange(row[0], I, 2 * I)};
        gradients.add(pieces(arena, first, second));
        gradients.add(pieces(arena, first, null));
        long taken = device.allocatedBytes();
        List<LayerWeights> directions = inPlace ? gradients : like(arena, gradients);
        long before = device.allocatedBytes();
        solve.apply(gradients, directions, s);
        assertThat(device.allocatedBytes()).isEqualTo(before).isGreaterThanOrEqualTo(taken);
        check(directions, wanted, wantedNorm, wantedShift);
        if (!inPlace) {
          List<LayerWeights> single = like(arena, gradients);
          for (int l = 0; l < single.size(); l++) {
            solve.apply(l, gradients.get(l), single.get(l), s);
          }
          check(single, wanted, wantedNorm, wantedShift);
        }
      }
    }
  }

  private void check(
      List<LayerWeights> directions,
      double[][] wanted,
      double[][] wantedNorm,
      double[][] wantedShift) {
    for (Kept kept : Kept.values()) {
      LayerWeights got = directions.get(kept.ordinal());
      assertThat(got.weights().download(s))
          .as(kept.name())
          .isEqualTo(DeviceBatch.compact(kept.weights(wanted)));
      if (kept.bias == Bias.SEPARATE) {
        assertThat(got.bias().download(s)).isEqualTo(DeviceBatch.compact(kept.bias(wanted)));
      }
    }
    float[] norm = DeviceBatch.compact(wantedNorm);
    LayerWeights both = directions.get(4);
    assertThat(both.weights().download(s)).isEqualTo(Arrays.copyOf(norm, I));
    assertThat(both.bias().download(s)).isEqualTo(Arrays.copyOfRange(norm, I, 2 * I));
    assertThat(directions.get(5).weights().download(s)).isEqualTo(DeviceBatch.compact(wantedShift));
  }

  private Preconditioner build(Operations.Mode mode) {
    Preconditioner.Builder builder = Preconditioner.on(device).operations(mode).gamma(0.25);
    for (Kept kept : Kept.values()) {
      builder.layer(I + 1, O).layout(kept.layout, kept.bias);
    }
    return builder.scaleAndShift(I).shift(I).build();
  }

  private double[][] plain(Preconditioner p, Arena arena, int layer, double[][] gradient) {
    Matrix direction = arena.matrix(gradient.length, gradient[0].length, "direction");
    p.apply(layer, DeviceBatch.foreign(arena, device, gradient), direction, s);
    return Algebra.matrix(direction.download(s), gradient.length, gradient[0].length);
  }

  private LayerWeights pieces(Arena arena, double[][] weights, double[][] bias) {
    return new LayerWeights(
        DeviceBatch.foreign(arena, device, weights),
        bias == null ? null : DeviceBatch.foreign(arena, device, bias));
  }

  private static List<LayerWeights> like(Arena arena, List<LayerWeights> pieces) {
    return pieces.stream()
        .map(w -> new LayerWeights(like(arena, w.weights()), like(arena, w.bias())))
        .toList();
  }

  private static Matrix like(Arena arena, Matrix m) {
    return m == null ? null : arena.matrix(m.rows(), m.columns(), "direction");
  }

  @ParameterizedTest
  @MethodSource("dev.krongauss.testing.Setups#modes")
  void anotherLayoutIsRefused(Operations.Mode mode) {
    try (Arena arena = device.newArena("refused");
        Preconditioner p = build(mode)) {
      WeightSolve solve = p.weights();
      LayerWeights plain = LayerWeights.of(arena.matrix(O, I + 1, "plain"));
      assertThatThrownBy(() -> solve.apply(0, plain, plain, s))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("refresh");
      Matrix a = arena.matrix(N, I + 1, "a");
      for (int l = 0; l < 4; l++) {
        p.positions().accumulate(l, a, arena.matrix(N, O, "C"), Positions.of(N, 1), s);
      }
      Matrix x = arena.matrix(N, I, "x");
      p.positions().scale(4, x, x, Positions.of(N, 1), s);
      p.positions().shift(5, x, Positions.of(N, 1), s);
      p.refresh(s);
      solve.apply(0, plain, plain, s);
      for (int l = 1; l < 6; l++) {
        int layer = l;
        assertThatThrownBy(() -> solve.apply(layer, plain, plain, s))
            .as("layer %d", l)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("layer " + layer);
      }
      assertThatThrownBy(() -> solve.apply(List.of(plain), List.of(plain), s))
          .hasMessageContaining("1 gradients and 1 directions for 6 layers");
    }
  }
}
