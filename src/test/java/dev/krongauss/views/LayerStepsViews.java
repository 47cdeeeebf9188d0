package dev.krongauss.views;

import static dev.krongauss.views.Table.definite;
import static dev.krongauss.views.Table.homogeneous;
import static dev.krongauss.views.Table.inputs;
import static dev.krongauss.views.Table.outputs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Host;
import dev.krongauss.kernel.LayerUpdate;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.precondition.LayerRule;
import dev.krongauss.precondition.LayerSteps;
import dev.krongauss.precondition.Preconditioner;
import java.util.Arrays;
import java.util.List;

/** Step lengths of layers, for trainers of their own and on somebody else's scalars. */
final class LayerStepsViews {
  /** Of what inverses and the system of the step lengths amplify. */
  private static final double UPDATES = 1e-3;

  private static final int N = 150;
  private static final int I = 12;
  private static final int U = 33;
  private static final int O = 5;

  private LayerStepsViews() {}

  static void add(Table table) {
    table.run("precondition.LayerSteps.sample/4", LayerStepsViews::sample);
    table.writesNothing("precondition.LayerSteps.sample/5", "it is what sample with four does");
    table.run("precondition.LayerSteps.gram/3", LayerStepsViews::gram);
    for (String call : List.of("direction/3", "decide/7", "apply/3", "reduction/3")) {
      table.run("precondition.LayerSteps." + call, UPDATES, LayerStepsViews::update);
    }
    for (String of :
        List.of(
            "LayerRule.new/5", "LayerRule.new/7", "SharedDirections.new/4", "ShardedState.new/4")) {
      table.writesNothing("precondition." + of, "it looks at shapes alone");
    }
    String exchanges = "it shows a state the matrices, as everything resumable does";
    table.writesNothing("precondition.LayerRule.exchange/2", exchanges);
    for (String call : List.of("average/3", "measure/5", "decide/4", "apply/5")) {
      table.run("precondition.LayerRule." + call, UPDATES, LayerStepsViews::rule);
    }
  }

  private static LayerSteps.Builder layers(Trial t) {
    return LayerSteps.on(t.device()).layer(I + 1, U).layer(U + 1, O);
  }

  private static void sample(Trial t) {
    Stream s = t.device().stream();
    int n = LayerSteps.rows(N);
    try (LayerSteps steps = layers(t).build()) {
      steps.sample(N, inputs(t, N, I + 1, N, O), outputs(t, n, I + 1, 2 * n, O), s);
      s.synchronize();
    }
  }

  private static void gram(Trial t) {
    Stream s = t.device().stream();
    try (LayerSteps steps = layers(t).build()) {
      List<Matrix> in = inputs(t, 2 * N, O, 2 * N, O);
      s.copy(steps.gram(in.get(0), in.get(1), s), t.output(2, 2));
      s.synchronize();
    }
  }

  /** A whole update. */
  private static void update(Trial t) {
    Stream s = t.device().stream();
    try (LayerSteps steps = layers(t).averageOfWeights(0.5).build();
        Preconditioner p = preconditioner(t, s)) {
      List<Matrix> W = weights(t);
      List<Matrix> g = inputs(t, U, I + 1, O, U + 1);
      Matrix loss = t.input(Host.of(1, 1, (i, j) -> 2));
      Matrix newLoss = t.input(Host.of(1, 1, (i, j) -> 1));
      steps.begin(s);
      show(t, steps.direction(g, p, s), s);
      steps.decide(W, g, t.input(definite(t, 2)), loss.pointer(), p, true, s);
      steps.apply(W, g, s);
      show(t, steps.averages(), s);
      steps.reduction(W, newLoss.pointer(), s);
      assertThat(steps.report(s).accepted()).as(() -> steps.report(s).toString()).isTrue();
      steps.begin(s);
      s.copy(Matrix.wrap(steps.gammaPointer(), 1, 1, 1), t.output(1, 1)); // follows λ
      s.synchronize();
    }
  }

  /** The rule on a block and with directions of the caller's. */
  private static void rule(Trial t) {
    Stream s = t.device().stream();
    try (Arena arena = t.device().newArena("rule");
        Preconditioner p = preconditioner(t, s)) {
      Buffer block = arena.floats(Control.SLOTS + 2, "scalars");
      block.upload(Arrays.copyOf(LayerRule.blank(), Control.SLOTS + 2), s);
      Control.Rules rules = new Control.Rules(0.125f, 2, 1e8f, true, false, true, false);
      List<Matrix> W = weights(t);
      List<Matrix> g = inputs(t, U, I + 1, O, U + 1);
      List<Matrix> D = weights(t);
      List<Matrix> A = weights(t);
      LayerRule rule = new LayerRule(t.device(), arena, W, block.pointer(), rules);
      rule.begin(true, s);
      rule.average(g, D, s);
      rule.measure(D, g, W, null, s);
      rule.decide(t.input(definite(t, 2)), p, true, s);
      Count applied = new Count(block.at(Control.APPLIED), block.at(Control.APPLIED_HIGH));
      rule.apply(W, D, g, new LayerUpdate.Iterates(A, 0.5f, applied), s);
      assertThat(block.downloadInts(Control.SLOTS, s)[Control.ACCEPTED]).isEqualTo(1);
    }
  }

  private static Preconditioner preconditioner(Trial t, Stream s) {
    Preconditioner p =
        Preconditioner.on(t.device()).layer(I + 1, U).layer(U + 1, O).gamma(0.5).build();
    p.accumulate(0, t.input(homogeneous(t, N, I + 1)), t.input(t.random(2 * N, U)), s);
    p.accumulate(1, t.input(homogeneous(t, N, U + 1)), t.input(t.random(2 * N, O)), s);
    p.refresh(s);
    return p;
  }

  private static List<Matrix> weights(Trial t) {
    return List.of(t.inOut(t.random(U, I + 1)), t.inOut(t.random(O, U + 1)));
  }

  private static void show(Trial t, List<Matrix> matrices, Stream s) {
    for (Matrix matrix : matrices) {
      s.copy(matrix, t.output(matrix.rows(), matrix.columns()));
    }
  }
}
