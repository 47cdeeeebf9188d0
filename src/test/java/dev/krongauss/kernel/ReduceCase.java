package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.group.Groups;
import java.util.ArrayList;
import java.util.List;

/** Scalar products over lists of matrices and sums of vectors. */
abstract class ReduceCase extends KernelCase {
  private final String variant;

  private ReduceCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    return List.of(
        new Dot("dot", false),
        new Dot("norm", false),
        new Dot("dot", true),
        new Many(),
        new FirstOrderDecisionCase(),
        new Sum(),
        new NonFinite());
  }

  @Override
  public String name() {
    return "reduce/" + variant;
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("rows") * size.get("columns");
    return new Work(2 * elements, 8 * elements);
  }

  /** Σ X Y over three matrices of different shapes, three times; X = Y is the squared norm. */
  private static class Dot extends ReduceCase {
    private final boolean same;
    private final boolean andNorm;

    Dot(String name, boolean andNorm) {
      super(name + (andNorm ? "-and-norm" : ""));
      this.same = name.equals("norm");
      this.andNorm = andNorm;
    }

    @Override
    public Work work(Size size) {
      double flops = 0;
      double bytes = 0;
      for (int l = 0; l < layers(size); l++) {
        double elements = (double) rows(size, l) * columns(size, l);
        flops += (andNorm ? 4 : 2) * elements;
        bytes += (same ? 4 : 8) * elements;
      }
      return new Work(3 * flops, 3 * bytes); // three launches
    }

    @Override
    public List<Size> sizes() {
      List<Size> sizes = new ArrayList<>(UpdateCase.elementSizes());
      sizes.add(Size.of("rows", 691, "columns", 101)); // 261 blocks: a thread adds two sums
      return sizes;
    }

    int layers(Size size) {
      return 3;
    }

    int rows(Size size, int layer) {
      return size.get("rows") + layer;
    }

    int columns(Size size, int layer) {
      return size.get("columns") + 2 * layer;
    }

    /** Three launches with one scratch, as replays of a graph share it. */
    @Override
    public void run(Trial trial) {
      List<Host> x = new ArrayList<>();
      List<Host> y = new ArrayList<>();
      List<Matrix> X = new ArrayList<>();
      List<Matrix> Y = new ArrayList<>();
      for (int l = 0; l < layers(trial.size()); l++) {
        int rows = rows(trial.size(), l);
        int columns = columns(trial.size(), l);
        x.add(trial.random(rows, columns));
        y.add(same ? x.get(l) : trial.random(rows, columns));
        X.add(trial.input(x.get(l)));
        Y.add(same ? X.get(l) : trial.input(y.get(l)));
      }
      Reduce reduce = new Reduce(trial.device());
      long scratch = trial.ints(new int[Reduce.scratchFloats(X)]).pointer();
      Matrix out = trial.output(1, 3);
      Matrix norm = trial.output(1, 3);
      for (int k = 0; k < 3; k++) {
        long to = out.pointer() + 4L * k;
        long normTo = norm.pointer() + 4L * k;
        trial.launch(
            s -> {
              if (andNorm) {
                reduce.dotAndNorm(s, X, Y, scratch, to, normTo);
              } else {
                reduce.dot(s, X, Y, scratch, to);
              }
            });
      }
      check(trial, "dot", out, dot(x, y));
      if (andNorm) {
        check(trial, "norm", norm, dot(x, x));
      }
    }

    private static void check(Trial trial, String what, Matrix out, Wanted wanted) {
      trial.check(what, out, (i, j) -> wanted);
      Host every = trial.download(out);
      trial.check("later launches, " + what, every, (i, j) -> Wanted.exactly(every.at(0, 0)));
    }

    private static Wanted dot(List<Host> x, List<Host> y) {
      double sum = 0;
      double magnitude = 0;
      for (int l = 0; l < x.size(); l++) {
        for (int k = 0; k < x.get(l).values().length; k++) {
          double term = (double) x.get(l).values()[k] * y.get(l).values()[k];
          sum += term;
          magnitude += Math.abs(term);
        }
      }
      // a lane adds up to 32 elements in turn, trees of 5 + 8 twice, a compensated fold
      return Wanted.within(sum, 32 + 13 + 13 + 4, magnitude);
    }
  }

  /** Layers within one launch and across its limit, where the last launch finishes the sum. */
  private static final class Many extends Dot {
    Many() {
      super("many", true);
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("layers", Groups.MOST),
          Size.of("layers", Groups.MOST + 1),
          Size.of("layers", 2 * Groups.MOST + 3));
    }

    @Override
    int layers(Size size) {
      return size.get("layers");
    }

    @Override
    int rows(Size size, int layer) {
      return 1 + 7 * layer % 19;
    }

    @Override
    int columns(Size size, int layer) {
      return layer == 1 ? 1029 : 1 + 13 * layer % 71;
    }
  }

  /** Compensated: the error does not grow with the number of values. */
  private static final class Sum extends ReduceCase {
    Sum() {
      super("sum");
    }

    @Override
    public List<Size> sizes() {
      List<Size> sizes = new ArrayList<>();
      for (int n : new int[] {1, 2, 255, 256, 257, 1000, 100_003}) {
        sizes.add(Size.of("rows", 1, "columns", n));
      }
      return sizes;
    }

    @Override
    public void run(Trial trial) {
      int n = trial.size("columns");
      Host values =
          Host.of(1, n, (i, j) -> (j % 1000 == 999 ? 1e6 : 1) * trial.random().nextDouble());
      // every later addition is lost in a plain sum
      Host creeping = Host.of(1, n, (i, j) -> j < 256 ? 1 : 0x1p-25);
      Matrix vector = trial.input(values);
      Matrix slow = trial.input(creeping);
      Matrix out = trial.output(1, 2);
      Reduce reduce = new Reduce(trial.device());
      trial.launch(
          s -> {
            reduce.sum(s, vector.pointer(), n, 1f / n, out.pointer());
            reduce.sum(s, slow.pointer(), n, 1f / n, out.pointer() + 4);
          });
      trial.check("sum", out, (i, j) -> mean(j == 0 ? values : creeping));
    }

    private static Wanted mean(Host values) {
      double sum = 0;
      for (float x : values.values()) {
        sum += x;
      }
      double mean = sum * (1f / values.columns());
      return Wanted.within(mean, 2 + 13 + 2, mean);
    }
  }

  /** One NaN or infinity anywhere makes the result non-finite. */
  private static final class NonFinite extends ReduceCase {
    NonFinite() {
      super("non-finite");
    }

    @Override
    public List<Size> sizes() {
      return UpdateCase.elementSizes();
    }

    @Override
    public void run(Trial trial) {
      int rows = trial.size("rows");
      int columns = trial.size("columns");
      float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
      Reduce reduce = new Reduce(trial.device());
      Matrix out = trial.output(1, 2 * bad.length);
      for (int k = 0; k < bad.length; k++) {
        Host x = trial.random(rows, columns, 0.5, 1);
        x.set(trial.random().nextInt(rows), trial.random().nextInt(columns), bad[k]);
        List<Matrix> X = List.of(trial.input(x));
        List<Matrix> Y = List.of(trial.input(trial.random(rows, columns, 0.5, 1)));
        long scratch = trial.ints(new int[Reduce.scratchFloats(X)]).pointer();
        Matrix vector = trial.input(new Host(1, rows * columns, x.values()));
        long to = out.pointer() + 8L * k;
        trial.launch(
            s -> {
              reduce.dot(s, X, Y, scratch, to);
              reduce.sum(s, vector.pointer(), rows * columns, 1, to + 4);
            });
      }
      Host got = trial.download(out);
      Host finite = Host.of(1, 2 * bad.length, (i, j) -> Float.isFinite(got.get(0, j)) ? 1 : 0);
      trial.check("finite?", finite, (i, j) -> Wanted.exactly(0));
    }
  }
}
