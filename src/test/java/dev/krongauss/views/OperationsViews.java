package dev.krongauss.views;

import static dev.krongauss.views.Table.definite;
import static dev.krongauss.views.Table.inputs;
import static dev.krongauss.views.Table.outputs;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Average;
import dev.krongauss.kernel.Conjugate;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.Host;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.operations.DampedSolver;
import dev.krongauss.kernel.operations.Factorisation;
import dev.krongauss.kernel.operations.NewtonSchulz;
import dev.krongauss.kernel.operations.Operations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What goes to kernels or to libraries: both. */
final class OperationsViews {
  private static final int N = 35;
  private static final int O = 21;
  private static final int I = 45;

  private OperationsViews() {}

  /** An operation in one mode. */
  interface Body {
    void run(Trial t, Operations operations, Stream s);
  }

  static void add(Table table) {
    products(table);
    symmetric(table);
    inverses(table);
  }

  static void both(Table table, String operation, double tolerance, Body body) {
    table.run(
        "kernel.operations." + operation,
        tolerance,
        t -> {
          for (Operations.Mode mode : List.of(Operations.Mode.KERNELS, Operations.Mode.LIBRARIES)) {
            body.run(t, new Operations(t.device(), mode), t.device().stream());
          }
        });
  }

  private static void products(Table table) {
    both(
        table,
        "Operations.product/8",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> in = inputs(t, N, I, O, N);
          op.product(s, true, in.get(0), true, in.get(1), 2, 0, t.output(I, O));
          op.product(s, true, in.get(0), true, in.get(1), 2, 1, t.inOut(t.random(I, O)));
        });
    both(
        table,
        "Operations.forward/7",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> in = inputs(t, N, I + 1, O, I + 1);
          List<Matrix> out = outputs(t, N, O, N, O);
          op.forward(s, in.get(0), in.get(1), Transfer.TANH, 0, out.get(0), out.get(1));
          op.forward(s, in.get(0), in.get(1), Transfer.IDENTITY, 0, t.output(N, O), null);
        });
    both(
        table,
        "Operations.lowrank/6",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> in = inputs(t, N * 3, O, O, I + 1, N, I);
          op.lowrank(s, in.get(0), in.get(1), in.get(2), 3, t.output(N * 3, I));
        });
    both(
        table,
        "Operations.gradients/7",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> delta = inputs(t, N, O, N, I);
          List<Matrix> a = inputs(t, N, I + 1, N, O + 1);
          List<Matrix> W = inputs(t, O, I + 1, I, O + 1);
          op.gradients(s, delta, a, 0.1f, 0, W, outputs(t, O, I + 1, I, O + 1));
          op.gradients(s, delta, a, 0.1f, 0.5f, W, outputs(t, O, I + 1, I, O + 1));
          // Strides that are alike, too.
          op.gradients(s, delta, a, 0.1f, 0.5f, W, W.stream().map(w -> like(t, W, w)).toList());
        });
    both(
        table,
        "Operations.tangent/7",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> in = inputs(t, N, I + 1, O, I + 1, N, I, O, I + 1, N, O);
          op.tangent(s, in.get(0), in.get(1), in.get(2), in.get(3), in.get(4), t.output(N, O));
          op.tangent(s, in.get(0), in.get(1), null, in.get(3), null, t.output(N, O));
        });
    both(
        table,
        "Operations.tangents/2",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> in = inputs(t, N, I + 1, O, I + 1, 2 * N, I, O, I + 1, N, O);
          List<Matrix> out = outputs(t, 3 * N, O, N, O);
          op.tangents(
              s,
              new Link.Tangents(in.get(0), in.get(1), in.get(2), in.get(3), in.get(4), out.get(0)));
          op.tangents(
              s, new Link.Tangents(in.get(0), in.get(1), null, in.get(3), null, out.get(1)));
        });
  }

  /** The output in which the layouts have come round to that of {@code matrix}. */
  private static Matrix like(Trial t, List<Matrix> all, Matrix matrix) {
    Matrix output = t.output(matrix.rows(), matrix.columns());
    while (output.stride() != matrix.stride()) {
      s(t).copy(all.get(all.indexOf(matrix)), output);
      output = t.output(matrix.rows(), matrix.columns());
    }
    return output;
  }

  private static void symmetric(Table table) {
    both(
        table,
        "Operations.recursion/6",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> in = inputs(t, O, O, O, I + 1, I, I);
          List<Matrix> out = outputs(t, O, I, I, I);
          op.recursion(s, in.get(0), in.get(1), in.get(2), out.get(0), out.get(1));
        });
    both(
        table,
        "Operations.gram/5",
        Table.SUMS,
        (t, op, s) -> {
          Matrix X = t.input(t.random(N, I));
          op.gram(s, X, 0.1f, 0, t.output(I, I));
          op.gram(s, X, 0.1f, 1, t.inOut(t.random(I, I)));
        });
    table.run(
        "kernel.operations.Operations.grams/4",
        t -> {
          Operations op = new Operations(t.device(), Operations.Mode.KERNELS);
          List<Matrix> X = inputs(t, N, I, 2000, O);
          try (Arena arena = t.device().newArena("workspace")) {
            Gram.Item first = Gram.Item.fresh(X.get(0), 0.1f, t.output(I, I));
            Gram.Item second =
                Gram.Item.average(X.get(1), 0.1f, Past.always(0.5f), t.inOut(t.random(O, O)));
            op.grams(s(t), List.of(first, second), 0, new Gram.Workspace(arena, I, O));
            s(t).synchronize();
          }
        });
    both(
        table,
        "Operations.averages/3",
        Table.SUMS,
        (t, op, s) -> {
          Matrix X = t.input(t.random(I, I));
          Matrix S = t.inOut(t.random(I, I));
          op.averages(s, List.of(new Average.Item(X, Past.always(0.6f), S)), 0);
          t.verifyUpperUntouched(S);
        });
    both(
        table,
        "Operations.symmetricLeft/5",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> in = inputs(t, O, O, O, I);
          op.symmetricLeft(s, in.get(0), in.get(1), 2, t.output(O, I));
        });
    both(
        table,
        "Operations.symmetricRight/5",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> in = inputs(t, O, I, I, I);
          op.symmetricRight(s, in.get(0), in.get(1), 2, t.output(O, I));
        });
    both(
        table,
        "NewtonSchulz.iterate/6",
        Table.SUMS,
        (t, op, s) -> {
          Matrix X = t.input(t.random(I, O));
          Matrix Y = t.output(I, O);
          try (Arena arena = t.device().newArena("Newton-Schulz")) {
            new NewtonSchulz(op, arena, O).iterate(s, List.of(X), 2, -1, 0.01f, List.of(Y));
            s.synchronize();
          }
        });
    both(
        table,
        "Operations.twoSided/6",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> S = inputs(t, O, O, I, I);
          List<Matrix> B = inputs(t, O, I, I, O);
          List<Matrix> T = inputs(t, I, I, O, O);
          op.twoSided(s, S, B, T, outputs(t, O, I, I, O), outputs(t, O, I, I, O));
        });
    both(
        table,
        "Operations.solves/6",
        Table.SUMS,
        (t, op, s) -> {
          List<Matrix> S = inputs(t, O, O, I, I);
          List<Matrix> B = inputs(t, O, I, I, O);
          List<Matrix> T = inputs(t, I, I, O, O);
          op.solves(s, S, B, T, outputs(t, O, I, I, O), outputs(t, O, I, I, O));
        });
  }

  private static void inverses(Table table) {
    both(
        table,
        "Operations.factorisation/3",
        1e-4,
        (t, op, s) -> {
          List<Matrix> S = List.of(t.input(definite(t, O)), t.input(definite(t, 130)));
          List<List<Matrix>> X = new ArrayList<>();
          for (int c = 0; c < 3; c++) { // strides like those of S, too
            X.add(outputs(t, O, O, 130, 130));
          }
          try (Arena arena = t.device().newArena("factorisation")) {
            run(t, op.factorisation(arena, S, X), arena, 3);
          }
        });
    for (String operation : List.of("ladder/4", "climbing/3")) {
      both(
          table,
          "Operations." + operation,
          1e-4,
          (t, op, s) -> {
            List<Matrix> S = List.of(t.input(definite(t, O)), t.input(definite(t, 130)));
            try (Arena arena = t.device().newArena("ladder")) {
              run(t, op.ladder(arena, S, outputs(t, O, O, 130, 130), 3), arena, 3);
              run(t, op.climbing(arena, S, outputs(t, O, O, 130, 130)), arena, 1);
            }
          });
    }
    for (String operation : List.of("Operations.solver/4", "DampedSolver.solve/4")) {
      table.run("kernel.operations." + operation, 1e-4, OperationsViews::solve);
    }
  }

  /** With a factor, and where only a higher damping makes the matrix positive definite. */
  private static void solve(Trial t) {
    Host values = definite(t, I);
    for (double shift : new double[] {0, -3}) {
      Host S = Host.of(I, I, (i, j) -> values.at(i, j) + (i == j ? shift : 0));
      try (Arena arena = t.device().newArena("solver")) {
        Conjugate conjugate = new Conjugate(t.device(), arena);
        Operations libraries = new Operations(t.device(), Operations.Mode.LIBRARIES);
        DampedSolver solver = libraries.solver(arena, t.input(S), t.output(I, I), 2);
        Matrix dampings = t.input(Host.row(0.25f, 4));
        Buffer infos = t.ints(-1, -1);
        solver.factorise(s(t), dampings.pointer(), infos.pointer());
        conjugate.start(s(t), 0, infos.pointer(), 0);
        solver.solve(s(t), conjugate.going(), t.input(t.random(1, I)), t.output(1, I));
        s(t).synchronize();
      }
    }
  }

  private static void run(Trial t, Factorisation factorisation, Arena arena, int dampings) {
    Buffer damping = arena.floats(2L * dampings, "damping");
    float[] values = new float[2 * dampings];
    Arrays.fill(values, 0.25f);
    damping.upload(values, s(t));
    Buffer info = arena.ints(2L * dampings, "info");
    factorisation.run(s(t), damping.pointer(), info.pointer());
    s(t).synchronize();
    List<Integer> infos = new ArrayList<>();
    for (int value : info.downloadInts(2 * dampings, s(t))) {
      infos.add(value);
    }
    if (!infos.equals(Collections.nCopies(2 * dampings, 0))) {
      throw new AssertionError("infos " + infos);
    }
  }

  private static Stream s(Trial t) {
    return t.device().stream();
  }
}
