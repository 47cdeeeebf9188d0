package dev.krongauss.views;

import static dev.krongauss.views.Table.homogeneous;
import static dev.krongauss.views.Table.inputs;
import static dev.krongauss.views.Table.outputs;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Trial;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.operations.Passes;
import java.util.List;

/** Passes through several layers, by kernels and by libraries. */
final class PassesViews {
  private static final int N = 35;
  private static final int O = 21;
  private static final int I = 45;

  private PassesViews() {}

  static void add(Table table) {
    pass(
        table,
        "forward",
        (t, passes, s) -> {
          Matrix x = t.input(homogeneous(t, N, I + 1));
          List<Matrix> W = inputs(t, O, I + 1, 5, O + 1);
          Matrix a = t.inOut(homogeneous(t, N, O + 1));
          Matrix b = t.output(N, O);
          Link.Forward first = new Link.Forward(x, W.get(0), Transfer.TANH, 0, a.columns(O), b);
          Link.Forward last =
              new Link.Forward(a, W.get(1), Transfer.IDENTITY, 0, t.output(N, 5), null);
          passes.forward(s, List.of(first, last));
        });
    pass(
        table,
        "backward",
        (t, passes, s) -> {
          List<Matrix> in = inputs(t, N, 5, 5, O + 1, N, O, O, I + 1, N, I);
          List<Matrix> out = outputs(t, N, O, N, I);
          passes.backward(
              s,
              List.of(
                  new Link.Backward(in.get(0), in.get(1), in.get(2), out.get(0)),
                  new Link.Backward(out.get(0), in.get(3), in.get(4), out.get(1))));
        });
    pass(
        table,
        "tangent",
        (t, passes, s) -> {
          Matrix x = t.input(homogeneous(t, N, I + 1));
          Matrix a = t.input(homogeneous(t, N, O + 1));
          List<Matrix> W = inputs(t, O, I + 1, 5, O + 1);
          List<Matrix> D = inputs(t, O, I + 1, 5, O + 1);
          Matrix b = t.input(t.random(N, O));
          List<Matrix> out = outputs(t, N, O, N, 5);
          passes.tangent(
              s,
              List.of(
                  new Link.Tangent(x, D.get(0), null, W.get(0), b, out.get(0)),
                  new Link.Tangent(a, D.get(1), out.get(0), W.get(1), null, out.get(1))));
        });
    pass(
        table,
        "tangents",
        (t, passes, s) -> {
          Matrix x = t.input(homogeneous(t, N, I + 1));
          Matrix a = t.input(homogeneous(t, N, O + 1));
          List<Matrix> W = inputs(t, O, I + 1, 5, O + 1);
          List<Matrix> D = inputs(t, O, I + 1, 5, O + 1);
          Matrix b = t.input(t.random(N, O));
          List<Matrix> out = outputs(t, N, O, 2 * N, 5);
          passes.tangents(
              s,
              List.of(
                  new Link.Tangents(x, D.get(0), null, W.get(0), b, out.get(0)),
                  new Link.Tangents(a, D.get(1), out.get(0), W.get(1), null, out.get(1))));
        });
    pass(
        table,
        "recursion",
        (t, passes, s) -> {
          List<Matrix> in = inputs(t, 5, 5, 5, O + 1, O, O, O, I + 1, I, I);
          List<Matrix> products = outputs(t, 5, O, O, I);
          List<Matrix> out = outputs(t, O, O, I, I);
          passes.recursion(
              s,
              List.of(
                  new Link.Recursion(in.get(0), in.get(1), in.get(2), products.get(0), out.get(0)),
                  new Link.Recursion(
                      out.get(0), in.get(3), in.get(4), products.get(1), out.get(1))));
        });
  }

  private interface Pass {
    void run(Trial t, Passes passes, Stream s);
  }

  private static void pass(Table table, String name, Pass body) {
    OperationsViews.both(
        table,
        "Passes." + name + "/2",
        Table.SUMS,
        (t, op, s) -> {
          try (Arena arena = t.device().newArena("passes")) {
            body.run(t, op.passes(arena), s);
            s.synchronize();
          }
        });
  }
}
