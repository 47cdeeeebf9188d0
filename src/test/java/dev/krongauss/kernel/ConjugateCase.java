package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/** Each vector operation of the iteration, with the decisions that it takes. */
final class ConjugateCase extends KernelCase {
  private static final float MU = ConjugateSetting.MU;
  private static final float ETA = 0.05f;
  private static final double UNKNOWN = 1e300;
  private static final int RZ = 0;
  private static final int ALPHA = 1;
  private static final int ENERGY = 2;
  private static final int ERROR2 = 3;
  private static final int ITERATIONS = 4;

  private final Kind kind;

  private enum Kind {
    START,
    START_UNWANTED,
    TIMES,
    TIMES_SCALED,
    TURN_FIRST,
    TURN,
    TURN_DUAL,
    TURN_REACHED,
    TURN_UNTRUSTED,
    TURN_LAST,
    TURN_BROKEN,
    ADVANCE,
    ADVANCE_BROKEN,
    ADVANCE_DUAL,
    ADVANCE_DUAL_REACHED,
    FINISH,
    FINISH_SCALED,
    FINISH_DUAL
  }

  private ConjugateCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(ConjugateCase::new).toList();
  }

  @Override
  public String name() {
    return "conjugate/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("n", 1), Size.of("n", 31), Size.of("n", 33), Size.of("n", 257), Size.of("n", 1030));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double n = size.get("n");
    return name().contains("times")
        ? new Work(2 * n * n, 2 * n * (n + 1) + 16 * n)
        : new Work(8 * n, 40 * n);
  }

  @Override
  public void run(Trial t) {
    try (Arena arena = t.device().newArena("conjugate")) {
      ConjugateSetting setting = new ConjugateSetting(t, arena);
      switch (kind) {
        case START, START_UNWANTED -> setting.start(kind == Kind.START);
        case TIMES, TIMES_SCALED -> times(setting);
        case TURN_FIRST, TURN, TURN_REACHED, TURN_UNTRUSTED, TURN_LAST, TURN_BROKEN ->
            turn(setting);
        case TURN_DUAL -> turnDual(setting);
        case ADVANCE, ADVANCE_BROKEN -> advance(setting);
        case ADVANCE_DUAL, ADVANCE_DUAL_REACHED -> advanceDual(setting);
        case FINISH, FINISH_SCALED -> finish(setting);
        case FINISH_DUAL -> finishDual(setting);
      }
    }
  }

  private void times(ConjugateSetting on) {
    Trial t = on.t;
    int n = on.n;
    Host values = t.random(n, n);
    Host lower = Host.of(n, n, (i, j) -> j > i ? Double.NaN : values.at(i, j));
    Host e = t.random(1, n, 0.5, 2);
    boolean scaled = kind == Kind.TIMES_SCALED;
    Matrix X = t.input(lower);
    Matrix roots = scaled ? Matrix.wrap(t.input(e).pointer(), 1, n, n) : null;
    Doubles z = Doubles.output(t, n);
    t.launch(s -> on.kernel.times(s, X, roots, on.r.pointer(), z.pointer()));
    double[][] wanted = new double[2][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double x = lower.at(Math.max(i, j), Math.min(i, j));
        double term = x * on.r.at(j) * (scaled ? e.at(0, j) * e.at(0, i) : 1);
        wanted[0][i] += term;
        wanted[1][i] += Math.abs(term);
      }
    }
    z.check("z", i -> wanted[0][i], i -> (n + 4) * Doubles.EPSILON * wanted[1][i]);
  }

  /** r and w alike, so that r · w is positive; against each other where it breaks. */
  private void turn(ConjugateSetting on) {
    double rz = sum(on.n, i -> on.r.at(i) * on.r.at(i));
    boolean broken = kind == Kind.TURN_BROKEN;
    double[] w = on.r.before();
    for (int i = 0; broken && i < w.length; i++) {
      w[i] = -w[i];
    }
    Doubles z = Doubles.of(on.t, w);
    double before = kind == Kind.TURN_FIRST ? 0 : 0.7;
    double energy = kind == Kind.TURN_REACHED ? 4.1 * rz : 3.9 * rz; // the tolerance is a half
    on.set(before, 0.6, energy, UNKNOWN, 2, 1);
    if (kind == Kind.TURN_UNTRUSTED) {
      on.set(before, 0.6, 15.6 * rz, UNKNOWN, 2, 0.25); // 16 would be enough
    }
    on.t.launch(
        s ->
            on.kernel.turn(
                s,
                on.n,
                on.r.pointer(),
                z.pointer(),
                on.p.pointer(),
                on.q.pointer(),
                0.5f,
                kind == Kind.TURN_LAST));
    int end =
        switch (kind) {
          case TURN_REACHED -> Conjugate.REACHED;
          case TURN_LAST -> Conjugate.NOT_REACHED;
          case TURN_BROKEN -> Conjugate.BROKEN;
          default -> 0;
        };
    on.ended(end);
    if (end != 0) {
      on.factors(false, false);
    }
    on.state(ERROR2, broken ? UNKNOWN : rz, broken ? 0 : rz);
    if (end != 0) {
      on.p.checkUnchanged("p");
      return;
    }
    on.state(RZ, rz, rz);
    double beta = before > 0 ? -0.6 * sum(on.n, i -> on.q.at(i) * z.at(i)) / before : 0;
    on.moved("p", on.p, i -> z.at(i) + beta * on.p.at(i), i -> on.loose(1 + Math.abs(beta)));
  }

  private void turnDual(ConjugateSetting on) {
    Doubles z = Doubles.random(on.t, on.n);
    Doubles Kp = Doubles.random(on.t, on.n);
    Doubles y = Doubles.random(on.t, on.n);
    Conjugate.Dual v = on.dual(y, z, on.r, Kp); // K z = r: r · K z is positive
    on.set(0.7, 0.6, 0, UNKNOWN, 1);
    on.t.launch(s -> on.kernel.turn(s, v, 0.5f, false));
    double rz = sum(on.n, i -> on.r.at(i) * on.r.at(i));
    double qw = sum(on.n, i -> (Kp.at(i) + MU * on.p.at(i)) * on.r.at(i));
    double beta = -0.6 * qw / 0.7;
    on.ended(0);
    on.state(RZ, rz, rz);
    on.moved("p", on.p, i -> z.at(i) + beta * on.p.at(i), i -> on.loose(1 + Math.abs(beta)));
    on.moved("Kp", Kp, i -> on.r.at(i) + beta * Kp.at(i), i -> on.loose(1 + Math.abs(beta)));
  }

  private void advance(ConjugateSetting on) {
    boolean broken = kind == Kind.ADVANCE_BROKEN;
    double[] product = on.p.before();
    for (int i = 0; i < product.length; i++) {
      product[i] *= broken ? -1 : 1 + 0.5 * (i % 3);
    }
    Doubles q = Doubles.of(on.t, product);
    Doubles x = Doubles.random(on.t, on.n);
    on.set(0.9, 0, 2, 1, 3);
    on.t.launch(
        s -> on.kernel.advance(s, on.n, on.p.pointer(), q.pointer(), x.pointer(), on.r.pointer()));
    double pq = sum(on.n, i -> on.p.at(i) * q.at(i));
    double alpha = broken ? 0 : 0.9 / pq;
    on.ended(broken ? Conjugate.BROKEN : 0);
    on.state(ALPHA, alpha, alpha);
    on.state(ITERATIONS, 4, 0);
    on.state(ENERGY, 2 + 0.9 * alpha, 2 + alpha);
    on.moved("x", x, i -> x.at(i) + alpha * on.p.at(i), i -> on.loose(1 + alpha));
    on.moved("r", on.r, i -> on.r.at(i) - alpha * q.at(i), i -> on.loose(1 + 2 * alpha));
  }

  private void advanceDual(ConjugateSetting on) {
    boolean reached = kind == Kind.ADVANCE_DUAL_REACHED;
    Doubles y = Doubles.random(on.t, on.n);
    Doubles z0 = Doubles.random(on.t, on.n);
    Doubles Kp = Doubles.of(on.t, on.p.before()); // p · p, which is positive
    Conjugate.Dual v = on.dual(y, z0, z0, Kp);
    on.set(0.9, 0, 2, UNKNOWN, 3);
    float tolerance = reached ? 1e6f : 1e-6f;
    on.t.launch(s -> on.kernel.advance(s, v, tolerance));
    double alpha = 0.9 / sum(on.n, i -> on.p.at(i) * on.p.at(i) * (1.0 + MU));
    IntToDoubleFunction whole = i -> y.at(i) + alpha * on.p.at(i);
    IntToDoubleFunction left = i -> on.r.at(i) - alpha * (1 + (double) MU) * on.p.at(i);
    on.moved("y", y, whole, i -> on.loose(1 + alpha));
    on.moved("r", on.r, left, i -> on.loose(1 + 2 * alpha));
    double energy =
        sum(
            on.n,
            i -> {
              double along = left.applyAsDouble(i) - z0.at(i) + MU * whole.applyAsDouble(i);
              return along * along;
            });
    on.state(ENERGY, energy, energy + 10 * on.n * (1 + alpha) * (1 + alpha));
    double rr = sum(on.n, i -> left.applyAsDouble(i) * left.applyAsDouble(i));
    on.ended(reached ? Conjugate.REACHED : 0);
    on.state(ERROR2, reached ? rr : UNKNOWN, reached ? 10 * on.n * (1 + alpha) * (1 + alpha) : 0);
  }

  private void finish(ConjugateSetting on) {
    boolean scaled = kind == Kind.FINISH_SCALED;
    int n = on.n;
    Host e = on.t.random(1, n, 0.5, 2);
    Matrix roots = scaled ? Matrix.wrap(on.t.input(e).pointer(), 1, n, n) : null;
    Doubles x = Doubles.random(on.t, n);
    Doubles g = Doubles.of(on.t, x.before());
    Doubles lost = Doubles.of(on.t, 3e-3, -1e-3, 2e-3);
    Matrix out = on.t.output(1, 3);
    double[] left = x.before();
    for (int i = 0; i < n; i++) {
      left[i] *= -4; // x · (g − r) = 5 x²
    }
    Doubles r = Doubles.of(on.t, left);
    on.set(0, 0, 0, 0.25e-4, 0, scaled ? 0.25 : 1);
    on.t.launch(
        s ->
            on.kernel.finish(
                s,
                n,
                x.pointer(),
                g.pointer(),
                r.pointer(),
                roots,
                ETA,
                on.damping,
                new Conjugate.Rounding(lost.pointer(), 3, 2),
                results(out)));
    double x2 = sum(n, i -> x.at(i) * x.at(i));
    double in = scaled ? sum(n, i -> Math.pow(x.at(i) / e.at(0, i), 2)) : x2;
    double error = (scaled ? 2 : 1) * 5e-3 + Math.sqrt(14e-6 / 2);
    double curvature = 5 * x2 - MU * in - (scaled ? (double) ETA * x2 : 0);
    double[] wanted = {Math.max(curvature, 0), in, error * error};
    on.t.check(
        "curvature, scaled square, squared error",
        out,
        (i, j) -> Wanted.within(wanted[j], 2, Math.abs(wanted[j]) + (j == 0 ? 1e-6 * x2 : 0)));
  }

  private void finishDual(ConjugateSetting on) {
    int n = on.n;
    Doubles y = Doubles.random(on.t, n);
    Doubles z0 = Doubles.random(on.t, n);
    Doubles lost = Doubles.random(on.t, n);
    Matrix out = on.t.inOut(Host.row(1, 2, 3));
    on.set(0, 0, 0, 0.5, 0);
    Conjugate.Dual v = on.dual(y, z0, z0, on.q);
    on.t.launch(
        s -> on.kernel.finish(s, v, new Conjugate.Rounding(lost.pointer(), n, 2), results(out)));
    double along2 = sum(n, i -> Math.pow(on.r.at(i) - z0.at(i) + MU * y.at(i), 2)) / 2;
    double error = 0.5 + Math.sqrt(sum(n, i -> lost.at(i) * lost.at(i)) / 2);
    double[] wanted = {along2, 2, error * error};
    on.t.check(
        "curvature, what stays, squared error",
        out,
        (i, j) -> Wanted.within(wanted[j], 2, wanted[j]));
  }

  private static Conjugate.Results results(Matrix out) {
    return new Conjugate.Results(out.pointer(), out.pointer() + 4, out.pointer() + 8);
  }

  private static double sum(int n, IntToDoubleFunction of) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += of.applyAsDouble(i);
    }
    return sum;
  }
}
