package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Loss.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Inner products with the decision in the same launch, of a given stack or of the Hessian's
 * products: the decision is bit for bit that of {@link Coefficients}; two launches with one
 * counter.
 */
final class StackedGramDecideCase extends KernelCase {
  private final Kind kind;

  /**
   * @param kind null for a stack that is given
   */
  private StackedGramDecideCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>(List.of(new StackedGramDecideCase(null)));
    Arrays.stream(Kind.values()).map(StackedGramDecideCase::new).forEach(cases::add);
    return cases;
  }

  @Override
  public String name() {
    return "stacked_gram/decide-" + (kind == null ? "given" : kind.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public List<Size> sizes() {
    List<Size> sizes =
        List.of(
            Size.of("L", 1, "n", 1, "d", 1),
            Size.of("L", 2, "n", 9, "d", 3),
            Size.of("L", 3, "n", 8, "d", 127),
            Size.of("L", 4, "n", 17, "d", 785),
            Size.of("L", 2, "n", 3, "d", 2051));
    if (kind == null) { // a system that does not fit into shared memory
      sizes = new ArrayList<>(sizes);
      sizes.add(Size.of("L", 33, "n", 2, "d", 10));
    }
    return sizes;
  }

  @Override
  public Work work(Size size) {
    double L = size.get("L");
    double chunk = (double) size.get("n") * size.get("d");
    double other = kind == null ? L * chunk : chunk;
    return new Work(2 * (chunk * L * (L + 1) + L * L * L), 8 * (L * chunk + other + L * L));
  }

  @Override
  public void run(Trial trial) {
    int L = trial.size("L");
    int n = trial.size("n");
    int d = trial.size("d");
    Host v = trial.random(L * n, d);
    Host other = kind == null ? trial.random(L * n, d) : LossInputs.logits(trial, n, d);
    Matrix V = trial.input(v);
    Matrix P = trial.input(other);
    Matrix C = trial.output(L, L);
    long arrived = trial.ints(0).pointer();
    Host before = trial.random(1, L, 0.5, 1);
    Host measures =
        Host.of(1, 4 * L, (i, k) -> (k < L ? -1 : 1) * trial.random().nextDouble(0.5, 1));
    Side fused = new Side(trial, measures, before, C);
    StackedGram gram = new StackedGram(trial.device());
    trial.launch(
        s -> {
          for (int k = 0; k < 2; k++) {
            decide(gram, s, V, P, arrived, fused.decision);
          }
        });
    Host got = trial.download(C);
    Wanted[][] p = products(v, other, L, n);
    trial.check("C", got, (i, j) -> mean(v, p, Math.max(i, j), Math.min(i, j), n));
    trial.check("C above its diagonal", got, (i, j) -> Wanted.exactly(got.get(j, i)));
    Side alone = new Side(trial, measures, before, trial.input(got));
    Coefficients coefficients = new Coefficients(trial.device());
    Stream s = trial.device().stream();
    coefficients.decide(s, alone.decision);
    coefficients.decide(s, alone.decision);
    Host steps = trial.download(alone.x);
    trial.check("steps", fused.x, (i, l) -> Wanted.exactly(steps.at(0, l)));
    int[] slots = alone.scalars.downloadInts(Control.SLOTS, s);
    trial.checkInts("scalars", fused.scalars, slots);
  }

  private void decide(
      StackedGram gram,
      Stream s,
      Matrix V,
      Matrix other,
      long arrived,
      Coefficients.Decision decision) {
    if (kind == null) {
      gram.decide(s, V, other, arrived, decision);
    } else {
      gram.decide(s, kind, other, V, arrived, decision);
    }
  }

  /** The rows of P, and how far they may be off. */
  private Wanted[][] products(Host v, Host other, int L, int n) {
    Wanted[][] rows = new Wanted[L * n][v.columns()];
    for (int r = 0; r < rows.length; r++) {
      if (kind == null) {
        for (int c = 0; c < v.columns(); c++) {
          rows[r][c] = Wanted.exactly(other.at(r, c));
        }
      } else {
        rows[r] = new LossReference(kind, other, r % n).curvatureVector(v, r);
      }
    }
    return rows;
  }

  /** 48 roundings of the sum (stacked_gram.cu), and what the terms are off. */
  private static Wanted mean(Host v, Wanted[][] p, int i, int j, int n) {
    double sum = 0;
    double magnitude = 0;
    double error = 0;
    for (int row = 0; row < n; row++) {
      for (int c = 0; c < v.columns(); c++) {
        double x = v.at(i * n + row, c);
        Wanted y = p[j * n + row][c];
        sum += x * y.value();
        magnitude += Math.abs(x * y.value());
        error += Math.abs(x) * y.bound();
      }
    }
    Wanted exact = Wanted.within(sum / n, 48, magnitude / n);
    return new Wanted(exact.value(), exact.bound() + 1.001 * error / n);
  }

  /** What is decided by, and what comes of it. */
  private static final class Side {
    final Coefficients.Decision decision;
    final Buffer scalars;
    final Matrix x;

    Side(Trial trial, Host measures, Host before, Matrix C) {
      int L = C.rows();
      int[] slots = new int[Control.SLOTS];
      slots[Control.LOSS] = Float.floatToRawIntBits(1);
      slots[Control.LAMBDA] = Float.floatToRawIntBits(2);
      slots[Control.KAPPA] = Float.floatToRawIntBits(0.5f);
      slots[Control.PROMISED] = Float.floatToRawIntBits(-0.25f);
      slots[Control.ACCEPTED] = 1;
      slots[Control.APPLIED] = 7;
      scalars = trial.ints(slots);
      x = trial.inOut(before);
      int doubles = Coefficients.scratchDoubles(L);
      long scratch = doubles == 0 ? 0 : trial.ints(new int[2 * doubles]).pointer();
      decision =
          new Coefficients.Decision(
              new Coefficients.Model(C, trial.input(measures).pointer(), scratch),
              trial.input(before).pointer(),
              x.pointer(),
              scalars.pointer(),
              new Control.Dampings(
                  trial.ints(new int[2 * L]).pointer(),
                  trial.input(Host.row(1)).pointer(),
                  1,
                  2 * L),
              new Coefficients.Traces(0, trial.inOut(Host.filled(1, 2 * L, 0)).pointer()),
              new Control.Rules(1e-5f, 2, 1, true, false, true, false));
    }
  }
}
