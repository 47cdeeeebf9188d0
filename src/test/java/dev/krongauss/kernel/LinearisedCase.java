package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Linearised.Layer;
import dev.krongauss.kernel.Linearised.Term;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/** Passes in double: each element within the roundings of its own terms. */
final class LinearisedCase extends KernelCase {
  private static final float SHIFT = 0.375f;
  private static final float DAMPING = 0.1f;

  private final Kind kind;

  private enum Kind {
    /** With a layer below and slopes. */
    TANGENT,
    /** The first layer, which is the last one too. */
    TANGENT_ALONE,
    BEND,
    /** The first layer, whose input does not move. */
    BEND_FIRST,
    /** The last layer has no slopes. */
    BEND_LAST,
    BACKWARD,
    /** All of it leaves at once. */
    STOPPED
  }

  private LinearisedCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(LinearisedCase::new).toList();
  }

  @Override
  public String name() {
    return "linearised/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "I", 1, "d", 1),
        Size.of("N", 7, "I", 5, "d", 3),
        Size.of("N", 31, "I", 32, "d", 33),
        Size.of("N", 32, "I", 33, "d", 31),
        Size.of("N", 70, "I", 65, "d", 97));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double N = size.get("N");
    double I = size.get("I");
    double d = size.get("d");
    return new Work(4 * N * d * I, 8 * N * (I + d) + 4 * d * I + 12 * N * d);
  }

  @Override
  public void run(Trial t) {
    int N = t.size("N");
    int I = t.size("I");
    int d = t.size("d");
    boolean last = kind == Kind.TANGENT_ALONE || kind == Kind.BEND_LAST;
    boolean first = kind == Kind.TANGENT_ALONE || kind == Kind.BEND_FIRST;
    Sides m = new Sides(t, N, I, d);
    Matrix b = last ? null : t.input(m.b);
    Layer layer = new Layer(t.input(m.W), t.input(m.a), b, m.place);
    Buffer stop = t.ints(kind == Kind.STOPPED ? 1 : 0);
    Linearised kernel = new Linearised(t.device());
    long below = first ? 0 : m.below.pointer();
    if (kind == Kind.BACKWARD) {
      Doubles D = Doubles.random(t, N * d);
      Doubles out = Doubles.output(t, N * I);
      Host slopes = t.random(N, I);
      Matrix under = t.input(slopes);
      t.launch(s -> kernel.backward(s, stop.pointer(), layer, D.pointer(), under, out.pointer()));
      out.check(
          "D of the layer below",
          at -> slopes.at(at / I, at % I) * m.back(D, at / I, at % I)[0],
          at -> (d + 3) * Doubles.EPSILON * m.back(D, at / I, at % I)[1]);
      return;
    }
    Doubles H =
        kind.name().startsWith("BEND") ? Doubles.random(t, N * d) : Doubles.output(t, N * d);
    Doubles out = Doubles.output(t, N * d);
    if (!kind.name().startsWith("BEND")) {
      t.launch(
          s ->
              kernel.tangent(
                  s, stop.pointer(), layer, below, m.x.pointer(), H.pointer(), out.pointer()));
      if (kind == Kind.STOPPED) {
        H.checkUnchanged("H");
        out.checkUnchanged("T");
        return;
      }
      H.check("H", at -> m.along(at, first)[0], at -> m.bound(m.along(at, first)[1]));
      out.check(
          "T",
          at -> slope(m, at, last) * m.along(at, first)[0],
          at -> m.bound(m.along(at, first)[1]));
      return;
    }
    Matrix second = last ? null : t.input(m.second);
    long moved = first ? 0 : m.moved.pointer();
    t.launch(
        s ->
            kernel.bend(
                s,
                stop.pointer(),
                layer,
                below,
                moved,
                m.x.pointer(),
                H.pointer(),
                second,
                out.pointer()));
    IntToDoubleFunction square = at -> last ? 0 : m.second.at(at / d, at % d) * H.at(at) * H.at(at);
    out.check(
        "U",
        at -> slope(m, at, last) * m.bend(at, first)[0] + square.applyAsDouble(at),
        at -> m.bound(m.bend(at, first)[1] + Math.abs(square.applyAsDouble(at))));
  }

  private static double slope(Sides m, int at, boolean last) {
    return last ? 1 : m.b.at(at / m.d, at % m.d);
  }

  /** Inputs of a layer on both sides; the direction has other weights before it. */
  private static final class Sides {
    final int I;
    final int d;
    final int place = 5;
    final Host W;
    final Host a;
    final Host b;
    final Host second;
    final Doubles x;
    final Doubles below;
    final Doubles moved;

    Sides(Trial t, int N, int I, int d) {
      this.I = I;
      this.d = d;
      W = t.random(d, I + 1);
      a = t.random(N, I + 1);
      b = t.random(N, d);
      second = t.random(N, d);
      x = Doubles.random(t, place + d * (I + 1));
      below = Doubles.random(t, N * I);
      moved = Doubles.random(t, N * I);
    }

    double bound(double absolute) {
      return (2 * I + 6) * Doubles.EPSILON * absolute;
    }

    /** The sum of an element, and that of its absolute terms. */
    double[] along(int at, boolean first) {
      int n = at / d;
      int i = at % d;
      double[] sum = new double[2];
      for (int j = 0; j <= I; j++) {
        add(sum, a.at(n, j) * x.at(place + i * (I + 1) + j));
      }
      for (int j = 0; !first && j < I; j++) {
        add(sum, below.at(n * I + j) * W.at(i, j));
      }
      return sum;
    }

    double[] bend(int at, boolean first) {
      int n = at / d;
      int i = at % d;
      double[] sum = new double[2];
      for (int j = 0; !first && j < I; j++) {
        add(sum, 2 * moved.at(n * I + j) * x.at(place + i * (I + 1) + j));
        add(sum, below.at(n * I + j) * W.at(i, j));
      }
      return sum;
    }

    double[] back(Doubles D, int n, int j) {
      double[] sum = new double[2];
      for (int i = 0; i < d; i++) {
        add(sum, D.at(n * d + i) * W.at(i, j));
      }
      return sum;
    }

    private static void add(double[] sum, double term) {
      sum[0] += term;
      sum[1] += Math.abs(term);
    }
  }

  /** A term as the sums take it, for the cases of sums. */
  static Term term(boolean inverted, long damping, Matrix e, long x) {
    return new Term(SHIFT, damping, inverted, e, x);
  }

  /** μ of {@link #term}, plus the shift. */
  static double factor(boolean inverted, double e) {
    return SHIFT + (inverted ? -1.0 / DAMPING : DAMPING / (e * e));
  }

  static float damping() {
    return DAMPING;
  }
}
