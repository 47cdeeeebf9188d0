package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;

/** Scalar products over lists of matrices and sums of vectors. */
abstract class ReduceCase extends KernelCase {
  private final String variant;

  private ReduceCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    return List.of(new Dot(false), new Dot(true), new Many(), new Sum(), new NonFinite());
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

  /** Σ X Y over three matrices of different shapes; X = Y is the squared norm. */
  private static final class Dot extends ReduceCase {
    private final boolean same;

    Dot(boolean same) {
      super(same ? "norm" : "dot");
      this.same = same;
    }

    @Override
    public List<Size> sizes() {
      List<Size> sizes = new ArrayList<>(UpdateCase.elementSizes());
      sizes.add(Size.of("rows", 1009, "columns", 101));
      return sizes;
    }

    /** Three matrices, twice. */
    @Override
    public Work work(Size size) {
      double elements = 0;
      for (int l = 0; l < 3; l++) {
        elements += (size.get("rows") + l) * (size.get("columns") + 2.0 * l);
      }
      return new Work(2 * 2 * elements, 2 * (same ? 4 : 8) * elements);
    }

    @Override
    public void run(Trial trial) {
      List<Host> x = new ArrayList<>();
      List<Host> y = new ArrayList<>();
      List<Matrix> X = new ArrayList<>();
      List<Matrix> Y = new ArrayList<>();
      for (int l = 0; l < 3; l++) {
        int rows = trial.size("rows") + l;
        int columns = trial.size("columns") + 2 * l;
        x.add(trial.random(rows, columns));
        y.add(same ? x.get(l) : trial.random(rows, columns));
        X.add(trial.input(x.get(l)));
        Y.add(same ? X.get(l) : trial.input(y.get(l)));
      }
      Reduce reduce = new Reduce(trial.device());
      Matrix scratch = trial.output(1, reduce.scratchFloats(X));
      Matrix out = trial.output(1, 2);
      trial.launch(
          s -> {
            reduce.dot(s, X, Y, scratch.pointer(), out.pointer());
            reduce.dot(s, X, Y, scratch.pointer(), out.pointer() + 4);
          });
      trial.check("dot", out, (i, j) -> dot(x, y));
      Host twice = trial.download(out);
      trial.check("second run", twice, (i, j) -> Wanted.exactly(twice.at(0, 0)));
    }
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

  /**
   * More matrices than one launch takes: the partial sums of all launches lie one after another.
   */
  private static final class Many extends ReduceCase {
    Many() {
      super("dot-many");
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("pairs", Groups.MOST),
          Size.of("pairs", Groups.MOST + 1),
          Size.of("pairs", 2 * Groups.MOST + 3));
    }

    @Override
    public Work work(Size size) {
      double elements = 0;
      for (int l = 0; l < size.get("pairs"); l++) {
        elements += (double) rows(l) * columns(l);
      }
      return new Work(2 * elements, 8 * elements);
    }

    @Override
    public void run(Trial trial) {
      List<Host> x = new ArrayList<>();
      List<Host> y = new ArrayList<>();
      List<Matrix> X = new ArrayList<>();
      List<Matrix> Y = new ArrayList<>();
      for (int l = 0; l < trial.size("pairs"); l++) {
        x.add(trial.random(rows(l), columns(l)));
        y.add(trial.random(rows(l), columns(l)));
        X.add(trial.input(x.get(l)));
        Y.add(trial.input(y.get(l)));
      }
      Reduce reduce = new Reduce(trial.device());
      Matrix scratch = trial.output(1, reduce.scratchFloats(X));
      Matrix out = trial.output(1, 1);
      trial.launch(s -> reduce.dot(s, X, Y, scratch.pointer(), out.pointer()));
      trial.check("dot", out, (i, j) -> dot(x, y));
    }

    private static int rows(int pair) {
      return 1 + 7 * pair % 19;
    }

    private static int columns(int pair) {
      return 1 + 13 * pair % 71;
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

    /** A product and a sum for each kind of number. */
    @Override
    public Work work(Size size) {
      double elements = (double) size.get("rows") * size.get("columns");
      return new Work(3 * (2 + 4) * elements, 3 * (8 + 4) * elements);
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
        Matrix scratch = trial.output(1, reduce.scratchFloats(X));
        Matrix vector = trial.input(new Host(1, rows * columns, x.values()));
        long to = out.pointer() + 8L * k;
        trial.launch(
            s -> {
              reduce.dot(s, X, Y, scratch.pointer(), to);
              reduce.sum(s, vector.pointer(), rows * columns, 1, to + 4);
            });
      }
      Host got = trial.download(out);
      Host finite = Host.of(1, 2 * bad.length, (i, j) -> Float.isFinite(got.get(0, j)) ? 1 : 0);
      trial.check("finite?", finite, (i, j) -> Wanted.exactly(0));
    }
  }
}
