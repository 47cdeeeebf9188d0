package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Linearised.Layer;
import java.util.List;
import java.util.Locale;

/** Sums over datapoints, between outputs and residuals, and between floats and doubles. */
final class LinearisedSumsCase extends KernelCase {
  private final Kind kind;

  private enum Kind {
    GRADIENT,
    SUM_DAMPED,
    SUM_INVERTED,
    PROJECT,
    COMBINE,
    WIDEN_AND_ROUND
  }

  private LinearisedSumsCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(LinearisedSumsCase::new).toList();
  }

  @Override
  public String name() {
    return "linearised/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** N around a slice of 128 and a tile of 32. */
  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "I", 1, "d", 1, "K", 1),
        Size.of("N", 31, "I", 33, "d", 7, "K", 2),
        Size.of("N", 129, "I", 31, "d", 33, "K", 3),
        Size.of("N", 300, "I", 5, "d", 40, "K", 1),
        Size.of("N", 40, "I", 90, "d", 100, "K", 2));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double N = size.get("N");
    double P = size.get("d") * (size.get("I") + 1.0);
    return switch (kind) {
      case GRADIENT -> new Work(2 * N * P, 8 * N * size.get("d") + 4 * N * (size.get("I") + 1));
      case SUM_DAMPED, SUM_INVERTED -> new Work(3 * P, 28 * P);
      case PROJECT, COMBINE -> roots(size);
      case WIDEN_AND_ROUND -> new Work(P, 36 * P);
    };
  }

  private static Work roots(Size size) {
    double N = size.get("N");
    double d = size.get("d");
    double K = size.get("K");
    return new Work(2 * N * d * K, 4 * N * d * K + 8 * N * (d + K));
  }

  @Override
  public void run(Trial t) {
    switch (kind) {
      case GRADIENT -> gradient(t);
      case SUM_DAMPED -> sum(t, false);
      case SUM_INVERTED -> sum(t, true);
      case PROJECT -> project(t);
      case COMBINE -> combine(t);
      case WIDEN_AND_ROUND -> widenAndRound(t);
    }
  }

  /** Two layers of different shapes side by side. */
  private static void gradient(Trial t) {
    int N = t.size("N");
    int I = t.size("I");
    int d = t.size("d");
    int slices = Linearised.slices(N);
    Host[] a = {t.random(N, I + 1), t.random(N, d + 1)};
    int[] units = {d, I + 2};
    int[] places = {0, d * (I + 1)};
    int P = places[1] + (I + 2) * (d + 1);
    Doubles[] D = {Doubles.random(t, N * units[0]), Doubles.random(t, N * units[1])};
    List<Layer> layers =
        List.of(
            new Layer(t.input(t.random(d, I + 1)), t.input(a[0]), null, places[0]),
            new Layer(t.input(t.random(I + 2, d + 1)), t.input(a[1]), null, places[1]));
    Doubles partial = Doubles.output(t, slices * P);
    Buffer stop = t.ints(0);
    Linearised kernel = new Linearised(t.device());
    List<Long> deltas = List.of(D[0].pointer(), D[1].pointer());
    t.launch(s -> kernel.gradient(s, stop.pointer(), layers, deltas, partial.pointer(), P));
    int slice = Linearised.slice(N);
    double[][] wanted = new double[2][slices * P];
    for (int l = 0; l < 2; l++) {
      int columns = a[l].columns();
      for (int n = 0; n < N; n++) {
        for (int w = 0; w < units[l] * columns; w++) {
          double term = D[l].at(n * units[l] + w / columns) * a[l].at(n, w % columns);
          int at = n / slice * P + places[l] + w;
          wanted[0][at] += term;
          wanted[1][at] += Math.abs(term);
        }
      }
    }
    partial.check(
        "partial sums", at -> wanted[0][at], at -> (slice + 2) * Doubles.EPSILON * wanted[1][at]);
  }

  /** Of two slices, with what is added; the same place twice. */
  private static void sum(Trial t, boolean inverted) {
    int P = t.size("d") * (t.size("I") + 1);
    int N = t.size("N");
    int slices = Linearised.slices(N);
    Doubles partial = Doubles.random(t, slices * P);
    Doubles x = Doubles.random(t, P);
    Host e = t.random(1, P, 0.5, 2);
    Matrix roots = inverted ? null : Matrix.wrap(t.input(e).pointer(), 1, P, P);
    long damping = t.input(Host.row(LinearisedCase.damping())).pointer();
    Buffer stop = t.ints(0);
    Linearised kernel = new Linearised(t.device());
    t.launch(
        s ->
            kernel.sum(
                s,
                stop.pointer(),
                partial.pointer(),
                P,
                -N,
                LinearisedCase.term(inverted, damping, roots, x.pointer()),
                x.pointer()));
    x.check(
        "the sum",
        p -> total(partial, slices, P, p)[0] / -N + added(e, x, inverted, p),
        p ->
            (slices + 8)
                * Doubles.EPSILON
                * (total(partial, slices, P, p)[1] / N + Math.abs(2 * added(e, x, inverted, p))));
  }

  private static double added(Host e, Doubles x, boolean inverted, int p) {
    return LinearisedCase.factor(inverted, inverted ? 1 : e.at(0, p)) * x.at(p);
  }

  private static double[] total(Doubles partial, int slices, int P, int p) {
    double[] sum = new double[2];
    for (int k = 0; k < slices; k++) {
      sum[0] += partial.at(k * P + p);
      sum[1] += Math.abs(partial.at(k * P + p));
    }
    return sum;
  }

  private static void project(Trial t) {
    int N = t.size("N");
    int K = t.size("K");
    int d = t.size("d");
    Host c = t.random(N * K, d);
    Matrix C = t.input(c);
    Doubles v = Doubles.random(t, N * d);
    Doubles r = Doubles.output(t, N * K);
    Linearised kernel = new Linearised(t.device());
    t.launch(s -> kernel.project(s, 0, C, N, v.pointer(), r.pointer()));
    double[][] wanted = new double[2][N * K];
    for (int at = 0; at < N * K; at++) {
      for (int j = 0; j < d; j++) {
        double term = c.at(at % N * K + at / N, j) * v.at(at % N * d + j);
        wanted[0][at] += term;
        wanted[1][at] += Math.abs(term);
      }
    }
    r.check("r", at -> wanted[0][at], at -> (d + 2) * Doubles.EPSILON * wanted[1][at]);
  }

  private static void combine(Trial t) {
    int N = t.size("N");
    int K = t.size("K");
    int d = t.size("d");
    Host c = t.random(N * K, d);
    Matrix C = t.input(c);
    Doubles r = Doubles.random(t, N * K);
    Doubles v = Doubles.output(t, N * d);
    Linearised kernel = new Linearised(t.device());
    t.launch(s -> kernel.combine(s, 0, C, N, r.pointer(), v.pointer()));
    double[][] wanted = new double[2][N * d];
    for (int at = 0; at < N * d; at++) {
      for (int k = 0; k < K; k++) {
        double term = c.at(at / d * K + k, at % d) * r.at(k * N + at / d);
        wanted[0][at] += term;
        wanted[1][at] += Math.abs(term);
      }
    }
    v.check("v", at -> wanted[0][at], at -> (K + 1) * Doubles.EPSILON * wanted[1][at]);
  }

  /** Two matrices to one vector; another vector to the matrices, and what that loses. */
  private static void widenAndRound(Trial t) {
    int I = t.size("I");
    int d = t.size("d");
    Host first = t.random(d, I);
    Host second = t.random(I, d + 3);
    int P = d * I + I * (d + 3);
    List<Matrix> in = List.of(t.input(first), t.input(second));
    List<Matrix> out = List.of(t.output(d, I), t.output(I, d + 3));
    Doubles wide = Doubles.output(t, P);
    Doubles x = Doubles.random(t, P);
    Doubles lost = Doubles.output(t, P);
    Linearised kernel = new Linearised(t.device());
    t.launch(
        s -> {
          kernel.widen(s, in, wide.pointer());
          kernel.round(s, 0, x.pointer(), out, lost.pointer());
        });
    wide.check(
        "widened",
        p ->
            p < d * I
                ? first.at(p / I, p % I)
                : second.at((p - d * I) / (d + 3), (p - d * I) % (d + 3)),
        p -> 0);
    t.check("rounded 1", out.get(0), (i, j) -> Wanted.exactly((float) x.at(i * I + j)));
    t.check(
        "rounded 2", out.get(1), (i, j) -> Wanted.exactly((float) x.at(d * I + i * (d + 3) + j)));
    lost.check("lost", p -> (float) x.at(p) - x.at(p), p -> 0);
  }
}
