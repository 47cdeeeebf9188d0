package dev.krongauss.views;

import static dev.krongauss.views.Table.homogeneous;
import static dev.krongauss.views.Table.inputs;
import static dev.krongauss.views.Table.outputs;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.curvature.ExactSystem;
import dev.krongauss.curvature.JacobianRows;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.ControlExact;
import dev.krongauss.kernel.Host;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.SampleProducts;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.optim.ExactGaussNewton;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.views.LossViews.GivenBatch;
import java.util.List;

/** The exact step, in both spaces and both modes. */
final class ExactViews {
  private static final int N = 9;
  private static final int I = 12;
  private static final int U = 17;
  private static final int O = 3;
  private static final float DAMPING = 0.5f;

  private ExactViews() {}

  static void add(Table table) {
    table.writesNothing("curvature.ExactMemory.widths/1", "it counts on the host");
    String counts = "it counts memory on the host, by shapes";
    table.writesNothing("device.ArenaSize.like/1", counts);
    table.writesNothing("kernel.operations.OperationsSize.ladder/1", counts);
    table.writesNothing("kernel.operations.OperationsSize.factorisation/2", counts);
    table.writesNothing("kernel.operations.OperationsSize.climbing/1", counts);
    table.writesNothing("precondition.SharedDirections.count/3", counts);
    table.writesNothing("precondition.PreconditionerMemory.new/1", counts);
    table.writesNothing("curvature.ExactSystem.Point.new/4", "it says where a batch is");
    table.writesNothing("curvature.ExactSystem.of/7", "it takes memory of its own");
    table.writesNothing("curvature.ExactCut.leaves/2", "it takes memory of its own, for a sum");
    table.writesNothing("curvature.JacobianRows.new/5", "it takes memory of its own");
    for (String operation : List.of("gradient/2", "form/2", "solve/4", "accelerate/4")) {
      CurvatureViews.both(
          table,
          "curvature.ExactSystem." + operation,
          1e-4,
          (t, mode, arena, s) -> {
            step(t, ExactSpace.SAMPLE, false, mode, arena, s);
            step(t, ExactSpace.PARAMETER, false, mode, arena, s);
            step(t, ExactSpace.PARAMETER, true, mode, arena, s);
          });
    }
    table.writesNothing(
        "optim.ExactGaussNewton.Builder.build/2",
        "it takes a model; its updates are a case of step");
    table.writesNothing("optim.ExactGaussNewton.advance/1", "it is step without a report");
    table.run("optim.ExactGaussNewton.step/2", TrainerViews.UPDATES, ExactViews::updates);
    table.run("optim.ExactGaussNewton.covariance/1", 1e-3, ExactViews::covariance);
    table.run("optim.Covariance.predictions/1", 1e-3, ExactViews::covariance);
    CurvatureViews.both(table, "curvature.JacobianRows.of/4", Table.SUMS, ExactViews::rows);
    OperationsViews.both(
        table,
        "SampleProducts.gram/5",
        Table.SUMS,
        (t, operations, s) -> {
          List<Matrix> a = inputs(t, N, I, N, U);
          List<Matrix> C = inputs(t, N * O, U, N * O, O);
          try (Arena arena = t.device().newArena("sample products")) {
            Matrix M = arena.matrix(N * O, N * O, "M");
            new SampleProducts(operations, arena, N).gram(s, a, C, 0.5f, M);
            show(t, M, s);
          }
        });
  }

  private static void step(
      Trial t, ExactSpace space, boolean marquardt, Operations.Mode mode, Arena arena, Stream s) {
    Operations operations = new Operations(t.device(), mode);
    LossFunction function = Loss.softmax();
    try (ViewModel model = new ViewModel(t, operations, N, I, U, O);
        LossFunction.OnDevice loss = function.on(t.device());
        ExactSystem system =
            ExactSystem.of(
                space,
                model,
                function,
                loss,
                operations,
                new ExactSystem.Settings(0.25f, 1, marquardt, true),
                N)) {
      GivenBatch batch = batch(t);
      Matrix h = model.forward(batch, s);
      Matrix gradient = t.output(N, O);
      loss.evaluate(h, batch.targets(), gradient, arena.floats(N, "losses").pointer(), s);
      List<Matrix> gradients = outputs(t, U, I + 1, O, U + 1);
      model.backward(gradient, 0.25f, gradients, s);
      ExactSystem.Point at = new ExactSystem.Point(h, batch.targets(), gradient, gradients);
      Buffer dampings = arena.floats(ControlExact.RUNGS, "dampings");
      Buffer infos = arena.ints(ControlExact.RUNGS, "infos");
      Buffer places = arena.floats(5, "places");
      dampings.upload(new float[] {DAMPING, 10 * DAMPING, 100 * DAMPING}, s);
      places.upload(new float[] {DAMPING, 0, 0, 0, 1}, s);
      system.gradient(at, s);
      system.form(at, s);
      system.factorise(dampings.pointer(), infos.pointer(), s);
      system.solve(
          at,
          new ExactSystem.Places(
              places.at(0), places.at(1), places.at(2), places.at(3), places.at(4)),
          outputs(t, U, I + 1, O, U + 1),
          s);
      system.accelerate(
          new ExactSystem.Places(
              places.at(0), places.at(1), places.at(2), places.at(3), places.at(4)),
          wanted(arena, s),
          outputs(t, U, I + 1, O, U + 1),
          s);
      s.synchronize();
    }
  }

  /** Address of an int that says yes. */
  private static long wanted(Arena arena, Stream s) {
    Buffer wanted = arena.ints(1, "wanted");
    wanted.uploadInts(new int[] {1}, s);
    return wanted.pointer();
  }

  private static void updates(Trial t) {
    for (ExactSpace space : List.of(ExactSpace.SAMPLE, ExactSpace.PARAMETER)) {
      TrainerViews.train(
          t,
          (model, loss, mode) ->
              GaussNewton.exact()
                  .lambda(DAMPING)
                  .l2(0.25)
                  .space(space)
                  .operations(mode)
                  .build(model, loss),
          Loss.weighted(Loss.squared()));
    }
  }

  private static void covariance(Trial t) {
    Operations operations = new Operations(t.device(), Operations.Mode.KERNELS);
    try (ViewModel model = new ViewModel(t, operations, N, I, U, O);
        ExactGaussNewton optimizer = GaussNewton.exact().l2(1).build(model, Loss.squared())) {
      double[] variances = optimizer.covariance(batch(t)).predictions(batch(t));
      float[] values = new float[variances.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) variances[i];
      }
      t.output(N, O).upload(values, t.device().stream());
    }
  }

  private static void rows(Trial t, Operations.Mode mode, Arena arena, Stream s) {
    Operations operations = new Operations(t.device(), mode);
    try (ViewModel model = new ViewModel(t, operations, N, I, U, O)) {
      model.forward(batch(t), s);
      Matrix top = t.input(t.random(2 * 4, O));
      Matrix J = new JacobianRows(arena, operations, model, 2 * 4, 1).of(top, 3, 4, s);
      t.output(J.rows(), J.columns()).upload(J.download(s), s);
    }
  }

  private static GivenBatch batch(Trial t) {
    Matrix x = t.input(homogeneous(t, N, I + 1));
    return new GivenBatch(x, t.input(Host.of(N, O, (i, j) -> j == i % O ? 1 : 0)));
  }

  /** The lower triangle, which alone means something. */
  private static void show(Trial t, Matrix M, Stream s) {
    float[] values = M.download(s);
    int n = M.rows();
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        values[i * n + j] = 0;
      }
    }
    t.output(n, n).upload(values, s);
  }
}
