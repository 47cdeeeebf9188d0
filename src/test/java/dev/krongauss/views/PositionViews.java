package dev.krongauss.views;

import static dev.krongauss.views.Table.definite;
import static dev.krongauss.views.Table.homogeneous;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Trial;
import dev.krongauss.precondition.Bias;
import dev.krongauss.precondition.LayerWeights;
import dev.krongauss.precondition.Positions;
import dev.krongauss.precondition.Preconditioner;
import dev.krongauss.precondition.Sharing;
import dev.krongauss.precondition.WeightLayout;
import java.util.List;

/** Layers at several positions, and gradients in the layouts of their owner, in both modes. */
final class PositionViews {
  private static final int N = 7;
  private static final int T = 5;
  private static final int I = 12;
  private static final int O = 33;
  private static final String DESCRIBES = "it describes a gradient or a direction";

  private PositionViews() {}

  static void add(Table table) {
    table.writesNothing("precondition.LayerWeights.new/2", DESCRIBES);
    table.writesNothing("precondition.LayerWeights.of/1", DESCRIBES);
    entered(
        table,
        "accumulate/5",
        (t, p, s) -> p.positions().accumulate(0, activations(t), roots(t), positions(t), s));
    entered(
        table,
        "accumulateCurvature/5",
        (t, p, s) ->
            p.positions()
                .accumulateCurvature(0, activations(t), t.input(definite(t, O)), positions(t), s));
    entered(
        table,
        "embedding/5",
        (t, p, s) -> {
          int[] indices = new int[N * T];
          for (int row = 0; row < indices.length; row++) {
            indices[row] = 3 * row % I;
          }
          p.positions().embedding(1, t.ints(indices).pointer(), roots(t), positions(t), s);
        });
    entered(
        table, "scale/5", (t, p, s) -> p.positions().scale(2, roots(t), roots(t), positions(t), s));
    entered(table, "shift/4", (t, p, s) -> p.positions().shift(3, roots(t), positions(t), s));
    table.run("precondition.WeightSolve.apply/3", 1e-3, t -> solved(t, true));
    table.run("precondition.WeightSolve.apply/4", 1e-3, t -> solved(t, false));
  }

  private interface Enter {
    void run(Trial t, Preconditioner p, Stream s);
  }

  private static void entered(Table table, String operation, Enter body) {
    CurvatureViews.both(
        table,
        "precondition.PositionStatistics." + operation,
        1e-4,
        (t, mode, arena, s) -> {
          Preconditioner.Builder builder =
              Preconditioner.on(t.device()).layer(I + 1, O).shared(T, Sharing.REDUCE);
          builder.embedding(I, O).scaleAndShift(O).shift(O).operations(mode);
          try (Preconditioner p = builder.build()) {
            body.run(t, p, s);
            CurvatureViews.show(t, p.factors(), s);
            s.synchronize();
          }
        });
  }

  private static Positions positions(Trial t) {
    int[] lengths = new int[N];
    for (int n = 0; n < N; n++) {
      lengths[n] = n % (T + 1);
    }
    return Positions.of(N, T).lengths(t.ints(lengths).pointer()).oneOf(2);
  }

  private static Matrix activations(Trial t) {
    return t.input(homogeneous(t, N * T, I + 1));
  }

  private static Matrix roots(Trial t) {
    return t.input(t.random(N * T, O));
  }

  private static void solved(Trial t, boolean all) {
    Stream s = t.device().stream();
    Preconditioner.Builder builder = Preconditioner.on(t.device()).gamma(0.5);
    builder.layer(I + 1, O).layout(WeightLayout.IN_OUT, Bias.SEPARATE).scaleAndShift(O);
    try (Preconditioner p = builder.build()) {
      Positions rows = Positions.of(N, T);
      p.positions().accumulate(0, activations(t), roots(t), rows, s);
      p.positions().scale(1, roots(t), roots(t), rows, s);
      p.refresh(s);
      List<LayerWeights> gradients =
          List.of(
              new LayerWeights(t.input(t.random(I, O)), t.input(t.random(1, O))),
              new LayerWeights(t.input(t.random(1, O)), t.input(t.random(1, O))));
      List<LayerWeights> directions =
          List.of(
              new LayerWeights(t.output(I, O), t.output(1, O)),
              new LayerWeights(t.output(1, O), t.output(1, O)));
      if (all) {
        p.weights().apply(gradients, directions, s);
      } else {
        p.weights().apply(0, gradients.get(0), directions.get(0), s);
        p.weights().apply(1, gradients.get(1), directions.get(1), s);
      }
      s.synchronize();
    }
  }
}
