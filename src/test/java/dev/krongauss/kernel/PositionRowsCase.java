package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.PositionInputs.Padding;
import dev.krongauss.kernel.PositionRows.Scale;
import dev.krongauss.kernel.argument.PositionSet;
import java.util.List;
import java.util.Locale;

/** Rows for the second moments of shared layers: drawn and scaled, summed, their totals. */
abstract class PositionRowsCase extends KernelCase {
  private final String operation;

  private PositionRowsCase(String operation) {
    this.operation = operation;
  }

  static List<KernelCase> all() {
    return List.of(
        new Take(Padding.NONE),
        new Take(Padding.LENGTHS),
        new Take(Padding.WEIGHTS),
        new Sum(Padding.NONE, false),
        new Sum(Padding.LENGTHS, false),
        new Sum(Padding.MASK, true),
        new Sum(Padding.WEIGHTS, true),
        new Total(Padding.LENGTHS),
        new Total(Padding.WEIGHTS));
  }

  @Override
  public final String name() {
    return "position_rows/" + operation;
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  private static String named(String what, Padding padding) {
    return what + "-" + padding.name().toLowerCase(Locale.ROOT);
  }

  /** Fills rows that do not count with what is not finite. */
  private static Host rows(Trial trial, PositionInputs p, int K, int d) {
    Host x = trial.random(p.N * p.T * K, d);
    for (int row = 0; row < p.N * p.T; row++) {
      if (p.weight(row) == 0) {
        x.set(row * K, row % d, Float.NaN);
        x.set(row * K + K - 1, 0, Float.POSITIVE_INFINITY);
      }
    }
    return x;
  }

  /** f times a row that was drawn, and f where its 1 was. */
  private static final class Take extends PositionRowsCase {
    private final Padding padding;

    Take(Padding padding) {
      super(named("take", padding));
      this.padding = padding;
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 1, "T", 1, "group", 1, "K", 1, "d", 1),
          Size.of("N", 5, "T", 7, "group", 1, "K", 1, "d", 31),
          Size.of("N", 6, "T", 4, "group", 5, "K", 3, "d", 32),
          Size.of("N", 3, "T", 11, "group", 4, "K", 2, "d", 33),
          Size.of("N", 9, "T", 13, "group", 2, "K", 1, "d", 1029));
    }

    @Override
    public Work work(Size size) {
      double rows = size.get("N") * size.get("T") * size.get("K") / (double) size.get("group");
      return new Work(2 * rows * size.get("d"), 16 * rows * size.get("d"));
    }

    @Override
    public void run(Trial trial) {
      int K = trial.size("K");
      int d = trial.size("d");
      PositionInputs p =
          new PositionInputs(trial, trial.size("N"), trial.size("T"), trial.size("group"), padding);
      Host x = rows(trial, p, K, d);
      int members = p.N * p.T;
      int groups = p.set.groups(members);
      int begin = groups / 3;
      Matrix X = trial.input(x);
      Matrix Y = trial.output((groups - begin) * K, d + 1);
      Matrix root = trial.output(groups * K, d);
      PositionRows kernels = new PositionRows(trial.device());
      trial.launch(
          s -> {
            kernels.take(s, p.set, X, begin, new Scale(false, false, false), Y);
            kernels.take(s, p.set, X, 0, new Scale(true, true, false), root);
          });
      trial.check("Y", Y, (i, j) -> wanted(p, x, i + begin * K, j, K, p.Z(), false));
      trial.check("root", root, (i, j) -> wanted(p, x, i, j, K, p.V(), true));
    }

    private Wanted wanted(
        PositionInputs p, Host x, int row, int j, int K, double D, boolean times) {
      int g = row / K;
      int member = p.drawn(g, p.N * p.T);
      double f = PositionInputs.share(p.size(g, p.N * p.T) * p.weight(member), D, times);
      double value = f == 0 ? 0 : j == x.columns() ? f : f * x.at(member * K + row % K, j);
      return Wanted.within(value, 6, Math.abs(value)); // the header's 5, and half of D's rounding
    }
  }

  /** f times sums over positions, plain or beside those of a scale. */
  private static final class Sum extends PositionRowsCase {
    private final Padding padding;
    private final boolean scaled;

    Sum(Padding padding, boolean scaled) {
      super(named(scaled ? "scaled" : "sum", padding));
      this.padding = padding;
      this.scaled = scaled;
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 1, "T", 1, "group", 1, "K", 1, "d", 1),
          Size.of("N", 6, "T", 9, "group", 1, "K", 2, "d", 127),
          Size.of("N", 8, "T", 3, "group", 3, "K", 1, "d", 128),
          Size.of("N", 2, "T", 300, "group", 1, "K", 1, "d", 130),
          Size.of("N", 7, "T", 17, "group", 2, "K", 3, "d", 33));
    }

    @Override
    public Work work(Size size) {
      double rows = size.get("N") * size.get("T") * size.get("K") / (double) size.get("group");
      double operands = scaled ? 2 : 1;
      return new Work(8 * rows * size.get("d"), 8 * operands * rows * size.get("d"));
    }

    @Override
    public void run(Trial trial) {
      int K = trial.size("K");
      int d = trial.size("d");
      PositionInputs p =
          new PositionInputs(trial, trial.size("N"), trial.size("T"), trial.size("group"), padding);
      Host x = rows(trial, p, K, d);
      Host scale = scaled ? rows(trial, p, 1, d) : Host.filled(p.N * p.T, d, 1);
      int groups = p.set.groups(p.N);
      int begin = groups / 2;
      Matrix X = trial.input(x);
      Matrix S = trial.input(scale);
      Matrix first = trial.output((groups - begin) * K, scaled ? 2 * d : d + 1);
      Matrix second = trial.output(groups * K, d);
      PositionRows kernels = new PositionRows(trial.device());
      Scale average = new Scale(true, false, true);
      Scale times = new Scale(false, true, false);
      trial.launch(
          s -> {
            if (scaled) {
              kernels.sum(s, p.set, X, S, begin, times, first);
              kernels.sum(s, p.set, X, S, 0, new Scale(true, false, false), second);
            } else {
              kernels.sum(s, p.set, X, begin, average, first);
              kernels.sum(s, p.set, X, 0, times, second);
            }
          });
      if (scaled) {
        trial.check(
            "both", first, (i, j) -> wanted(p, x, scale, i + begin * K, j, K, p.Z(), times));
        trial.check(
            "scale",
            second,
            (i, j) -> wanted(p, x, scale, i, j, K, p.V(), new Scale(true, false, false)));
      } else {
        trial.check(
            "mean", first, (i, j) -> wanted(p, x, scale, i + begin * K, j, K, p.V(), average));
        trial.check("root", second, (i, j) -> wanted(p, x, scale, i, j, K, p.Z(), times));
      }
    }

    private Wanted wanted(
        PositionInputs p, Host x, Host S, int row, int j, int K, double D, Scale how) {
      int d = x.columns();
      int n = p.drawn(row / K, p.N);
      double weights = p.weights(n);
      double f = weights == 0 ? 0 : PositionInputs.share(p.size(row / K, p.N), D, how.times());
      f = how.average() && weights != 0 ? f / weights : f;
      double sum = 0;
      double magnitude = 0;
      for (int t = 0; t < p.T; t++) {
        double v = p.v[n][t];
        if (v != 0) {
          int at = n * p.T + t;
          boolean one = !scaled && j == d;
          double term = v * (one ? 1 : x.at(at * K + row % K, j % d));
          term *= scaled && j < d ? S.at(at, j) : 1;
          sum += term;
          magnitude += Math.abs(term);
        }
      }
      // the header's, with the weights' own sum and D's rounding
      double factor = p.T / 256.0 + 50 + (p.T / 32.0 + 6) + 2;
      return Wanted.within(f * sum, factor, f * magnitude);
    }
  }

  /** Z and V. */
  private static final class Total extends PositionRowsCase {
    private final Padding padding;

    Total(Padding padding) {
      super(named("total", padding));
      this.padding = padding;
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 1, "T", 1),
          Size.of("N", 9, "T", 33),
          Size.of("N", 257, "T", 5),
          Size.of("N", 3, "T", 1000));
    }

    @Override
    public Work work(Size size) {
      double rows = (double) size.get("N") * size.get("T");
      return new Work(rows, 4 * (padding == Padding.LENGTHS ? size.get("N") : rows) + 8);
    }

    @Override
    public void run(Trial trial) {
      PositionInputs p = new PositionInputs(trial, trial.size("N"), trial.size("T"), 1, padding);
      Matrix totals = trial.output(1, 2);
      PositionSet set =
          new PositionSet(p.N, p.T, p.set.mask(), p.set.lengths(), totals.pointer(), 0, 1, 0, 0);
      Matrix wrong = trial.output(1, 2);
      PositionRows kernels = new PositionRows(trial.device());
      Buffer bad = trial.ints(padding == Padding.LENGTHS ? p.T + 1 : Float.floatToIntBits(-1));
      PositionSet refused =
          new PositionSet(
              1,
              padding == Padding.LENGTHS ? p.T : 1,
              padding == Padding.LENGTHS ? 0 : bad.pointer(),
              padding == Padding.LENGTHS ? bad.pointer() : 0,
              wrong.pointer(),
              0,
              1,
              0,
              0);
      trial.launch(
          s -> {
            kernels.total(s, set);
            kernels.total(s, refused);
          });
      double factor = p.T / 32.0 + p.N / 256.0 + 45;
      boolean exact = padding == Padding.LENGTHS;
      trial.check(
          "totals",
          totals,
          (i, j) ->
              j == 1
                  ? Wanted.exactly(p.V())
                  : exact ? Wanted.exactly(p.Z()) : Wanted.within(p.Z(), factor, p.Z()));
      trial.check("refused", wrong, (i, j) -> Wanted.exactly(j == 0 ? Double.NaN : 0));
    }
  }
}
