package dev.krongauss.views;

import static dev.krongauss.views.Table.definite;
import static dev.krongauss.views.Table.homogeneous;
import static dev.krongauss.views.Table.inputs;
import static dev.krongauss.views.Table.outputs;

import dev.krongauss.curvature.CurvatureBlocks;
import dev.krongauss.curvature.CurvatureProduct;
import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.Factors;
import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.curvature.HessianProduct;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Loss;
import dev.krongauss.views.LossViews.GivenBatch;
import java.util.List;

/** Factors and products with curvature, in both modes. */
final class CurvatureViews {
  static final int N = 23;
  static final int I = 12;
  static final int U = 33;
  static final int O = 5;

  private CurvatureViews() {}

  interface Body {
    void run(Trial t, Operations.Mode mode, Arena arena, Stream s);
  }

  static void both(Table table, String operation, double tolerance, Body body) {
    table.run(
        operation,
        tolerance,
        t -> {
          for (Operations.Mode mode : List.of(Operations.Mode.KERNELS, Operations.Mode.LIBRARIES)) {
            try (Arena arena = t.device().newArena("curvature")) {
              body.run(t, mode, arena, t.device().stream());
              t.device().stream().synchronize();
            }
          }
        });
  }

  static void add(Table table) {
    factors(table);
    products(table);
  }

  private static void factors(Table table) {
    entered(
        table,
        "enterActivations/3",
        (t, factors, s) -> {
          factors.enterActivations(0, t.input(homogeneous(t, N, I + 1)), s);
          factors.enterActivations(1, t.input(homogeneous(t, N, U + 1)), s);
        });
    entered(
        table,
        "enterActivations/4",
        (t, factors, s) ->
            factors.enterActivations(
                inputs(t, N, I + 1, N, U + 1), inputs(t, N, U), outputs(t, U, U), s));
    entered(
        table,
        "enterSquareRoot/4",
        (t, factors, s) -> {
          factors.enterSquareRoot(0, t.input(t.random(N * 2, U)), N, s);
          factors.enterSquareRoot(1, t.input(t.random(N * 2, O)), N, s);
        });
    entered(
        table,
        "enterRows/6",
        (t, factors, s) -> {
          factors.enterRows(0, t.input(t.random(N, I + 1)), 0.25f, true, false, s);
          factors.enterRows(0, t.input(t.random(2 * N, I + 1)), 0.25f, false, true, s);
          factors.enterRows(3, t.input(t.random(N, O)), 0.5f, true, true, s);
        });
    entered(
        table,
        "enterChunk/5",
        (t, factors, s) -> {
          factors.reserveChunks();
          factors.enterChunk(0, t.input(t.random(N * 2, U)), N, true, s);
          factors.enterChunk(0, t.input(t.random(N, U)), N, false, s);
          factors.enterChunk(1, t.input(t.random(N * 2, O)), N, true, s);
          factors.endChunks(s);
        });
    entered(
        table,
        "enterCurvature/3",
        (t, factors, s) -> factors.enterCurvature(0, t.input(definite(t, U)), s));
    entered(
        table,
        "enterCurvatures/2",
        (t, factors, s) ->
            factors.enterCurvatures(List.of(t.input(definite(t, U)), t.input(definite(t, O))), s));
    both(
        table,
        "curvature.FactorEngine.enter/6",
        Table.SUMS,
        (t, mode, arena, s) -> {
          for (Method method : Method.values()) {
            for (LossFunction loss : List.of(Loss.softmax(), Loss.weighted(Loss.bernoulli()))) {
              engine(t, mode, method, loss, arena, s);
            }
          }
        });
  }

  private interface Enter {
    void run(Trial t, Factors factors, Stream s);
  }

  /** Twice, so that there is a past; the averages come out as results. */
  private static void entered(Table table, String operation, Enter enter) {
    both(
        table,
        "curvature.Factors." + operation,
        Table.SUMS,
        (t, mode, arena, s) -> {
          Factors factors = averages(t, mode, arena);
          enter.run(t, factors, s);
          enter.run(t, factors, s);
          show(t, factors, s);
        });
  }

  static Factors averages(Trial t, Operations.Mode mode, Arena arena) {
    Operations operations = new Operations(t.device(), mode);
    return new Factors(
        arena, operations, new int[] {I + 1, U + 1}, new int[] {U, O}, new boolean[2], 0.5f, 0);
  }

  /** Their lower triangles, which alone mean something. */
  static void show(Trial t, Factors factors, Stream s) {
    for (int l = 0; l < factors.layers(); l++) {
      lower(t, factors.Q(l), s);
      lower(t, factors.G(l), s);
    }
  }

  private static void lower(Trial t, Matrix symmetric, Stream s) {
    float[] values = symmetric.download(s);
    int n = symmetric.rows(); // 1 of a diagonal
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        values[i * n + j] = 0;
      }
    }
    t.output(n, symmetric.columns()).upload(values, s);
  }

  private static void engine(
      Trial t, Operations.Mode mode, Method method, LossFunction loss, Arena arena, Stream s) {
    Operations operations = new Operations(t.device(), mode);
    Factors factors = averages(t, mode, arena);
    long step = t.ints(2).pointer();
    try (ViewModel model = new ViewModel(t, operations, N, I, U, O);
        FactorEngine engine =
            new FactorEngine(t.device(), operations, method, loss, 1 << 20, 3, false)) {
      GivenBatch batch = batch(t, loss);
      Matrix h = model.forward(batch, s);
      engine.enter(model.traces(), h, batch.targets(), step, factors, s);
      show(t, factors, s);
    }
  }

  /** Inputs, and targets between 0 and 1 that sum to 1. */
  static GivenBatch batch(Trial t, LossFunction loss) {
    Matrix x = t.input(homogeneous(t, N, I + 1));
    int m = loss.targets(O);
    return new GivenBatch(
        x, t.input(dev.krongauss.kernel.Host.of(N, m, (i, j) -> j == i % O ? 1 : 0.25 * (j / O))));
  }

  private interface Point {
    void run(Trial t, ViewModel model, GivenBatch batch, Matrix h, Arena arena, Stream s);
  }

  private static void at(Table table, String operation, Point body) {
    both(
        table,
        "curvature." + operation,
        1e-4,
        (t, mode, arena, s) -> {
          Operations operations = new Operations(t.device(), mode);
          try (ViewModel model = new ViewModel(t, operations, N, I, U, O)) {
            GivenBatch batch = batch(t, Loss.softmax());
            body.run(t, model, batch, model.forward(batch, s), arena, s);
          }
        });
  }

  private static void products(Table table) {
    for (String product : List.of("GaussNewtonProduct", "HessianProduct", "CurvatureProduct")) {
      at(
          table,
          product + ".at/3",
          (t, model, batch, h, arena, s) -> multiply(t, product, model, batch, h, s));
      at(
          table,
          product + ".apply/4",
          (t, model, batch, h, arena, s) -> multiply(t, product, model, batch, h, s));
    }
    String nothing = "it takes a model and enqueues nothing";
    table.writesNothing("curvature.GaussNewtonProduct.new/2", nothing);
    table.writesNothing("curvature.HessianProduct.new/2", nothing);
    table.writesNothing("curvature.HessianProduct.new/3", nothing);
    table.writesNothing("curvature.CurvatureBlocks.new/5", nothing + ": as that with 7");
    at(
        table,
        "GaussNewtonProduct.quadratic/9",
        (t, model, batch, h, arena, s) -> {
          List<Matrix> D = inputs(t, U, I + 1, O, U + 1);
          Buffer each = arena.floats(N, "each");
          try (LossFunction.OnDevice loss = Loss.softmax().on(t.device())) {
            Reduce reduce = new Reduce(t.device());
            long out = t.output(1, 1).pointer();
            GaussNewtonProduct.quadratic(model, loss, reduce, D, h, batch.targets(), each, out, s);
          }
        });
    at(
        table,
        "GaussNewtonProduct.curvature/8",
        (t, model, batch, h, arena, s) -> {
          Matrix v = t.input(t.random(N, O));
          Buffer each = arena.floats(N, "each");
          try (LossFunction.OnDevice loss = Loss.softmax().on(t.device())) {
            long out = t.output(1, 1).pointer();
            GaussNewtonProduct.curvature(
                loss, new Reduce(t.device()), v, h, batch.targets(), each, out, s);
          }
        });
    at(
        table,
        "CurvatureBlocks.new/7",
        (t, model, batch, h, arena, s) -> {
          Operations operations = Operations.of(t.device());
          try (CurvatureBlocks blocks =
              new CurvatureBlocks(
                  model, Loss.softmax(), h, batch.targets(), s, operations, 1 << 28)) {
            for (Matrix block : List.of(blocks.gaussNewtonBlock(1), blocks.hessianBlock(0))) {
              t.output(block.rows(), block.columns()).upload(block.download(s), s);
            }
          }
        });
  }

  private static void multiply(
      Trial t, String kind, ViewModel model, GivenBatch batch, Matrix h, Stream s) {
    try (CurvatureProduct product =
        kind.startsWith("Hessian")
            ? new HessianProduct(model, Loss.softmax())
            : new GaussNewtonProduct(model, Loss.softmax())) {
      product.at(h, batch.targets(), s);
      List<Matrix> D = inputs(t, U, I + 1, O, U + 1);
      product.apply(D, 0, outputs(t, U, I + 1, O, U + 1), s);
      product.apply(D, 0.5f, outputs(t, U, I + 1, O, U + 1, 1, 1).subList(0, 2), s);
      s.synchronize();
    }
  }
}
